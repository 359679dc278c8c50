//! What was measured, as a table for people.

use std::fmt::Write;

/// A line of the table.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    what: String,
    unit: &'static str,
    most: Option<f64>,
    figures: Vec<f64>,
    more: String,
}

impl Row {
    /// Figures of which the median should be `most` at most.
    pub(crate) fn new(
        what: impl Into<String>,
        unit: &'static str,
        most: Option<f64>,
        figures: Vec<f64>,
    ) -> Self {
        Self {
            what: what.into(),
            unit,
            most,
            figures,
            more: String::new(),
        }
    }

    /// With something to know beside.
    pub(crate) fn with(self, more: String) -> Self {
        Self { more, ..self }
    }

    fn cells(&self) -> [String; 5] {
        let median = median(&self.figures);
        let figure = |value: f64| {
            let digits = if self.unit == "ms" && value.abs() < 10.0 {
                3
            } else {
                1
            };
            format!("{value:.digits$} {}", self.unit)
        };
        let (most, verdict) = match self.most {
            Some(most) if median <= most => (format!("<= {most} {}", self.unit), "ok"),
            Some(most) => (format!("<= {most} {}", self.unit), "over"),
            None => (String::new(), ""),
        };
        let range = match (&self.figures[..], self.more.as_str()) {
            ([_], more) => more.to_owned(),
            (_, "") => self.range(figure),
            (_, more) => format!("{}; {more}", self.range(figure)),
        };
        [
            self.what.clone(),
            figure(median),
            most,
            verdict.to_owned(),
            range,
        ]
    }

    /// Between which figures nine of ten lie.
    fn range(&self, figure: impl Fn(f64) -> String) -> String {
        let mut sorted = self.figures.clone();
        sorted.sort_by(f64::total_cmp);
        let at = |part: usize| sorted.get((sorted.len().max(1) - 1) * part / 20);
        let at = |part: usize| figure(at(part).copied().unwrap_or(f64::NAN));
        format!("90 % within {} .. {}", at(1), at(19))
    }
}

/// The one in the middle.
pub(crate) fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

/// All rows, in Markdown.
pub(crate) fn text(rows: &[Row]) -> String {
    let mut cells = vec![["", "median", "limit", "", ""].map(str::to_owned)];
    cells.extend(rows.iter().map(Row::cells));
    let width = |column: usize| {
        let lengths = cells.iter().map(|row| row[column].chars().count());
        lengths.max().unwrap_or(0)
    };
    let widths: [usize; 5] = std::array::from_fn(width);
    let mut text = String::new();
    for (number, row) in cells.iter().enumerate() {
        for (cell, width) in row.iter().zip(widths) {
            // Writing into a text never fails.
            let _ = write!(text, "| {cell:width$} ");
        }
        text.push_str("|\n");
        if number == 0 {
            for width in widths {
                let _ = write!(text, "|{:-<1$}", "", width + 2);
            }
            text.push_str("|\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_held_against_its_limit() {
        let row = |most, figures: &[f64]| Row::new("a start", "ms", most, figures.to_vec());
        let cells = row(Some(2.0), &[9.0, 1.0, 2.0]).cells();
        assert_eq!(cells[1..4], ["2.000 ms", "<= 2 ms", "ok"]);
        assert_eq!(row(Some(1.9), &[9.0, 1.0, 2.0]).cells()[3], "over");
        assert_eq!(row(None, &[12.34]).cells()[1..], ["12.3 ms", "", "", ""]);
        let more = row(None, &[1.0]).with("beside".to_owned());
        assert_eq!(more.cells()[4], "beside");
        assert!((median(&[4.0, 1.0, 2.0, 9.0]) - 3.0).abs() < 1e-9);
    }

    #[test]
    fn the_table_is_markdown_with_straight_columns() {
        let text = text(&[
            Row::new("a", "ms", None, vec![1.0]),
            Row::new("longer", "MB", Some(8.0), vec![12.0, 14.0]),
        ]);
        let bars: Vec<Vec<usize>> = text
            .lines()
            .map(|line| line.match_indices('|').map(|(place, _)| place).collect())
            .collect();
        assert!(
            bars.iter().all(|line| *line == bars[0] && line.len() == 6),
            "{text}"
        );
    }
}
