//! What was measured, as a table for people and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::load::Errors;

/// Where the ratio of ours to the limit should be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

/// One measurement of both sides, next to each other in time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Round {
    pub(crate) ours: f64,
    pub(crate) limit: f64,
    /// Other figures, such as what the limit is made of.
    pub(crate) parts: Vec<(&'static str, f64)>,
}

/// A line of the table.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) what: String,
    /// Under what circumstances, the cache among them.
    pub(crate) setting: String,
    pub(crate) unit: &'static str,
    pub(crate) goal: Goal,
    pub(crate) rounds: Vec<Round>,
    pub(crate) errors: Errors,
}

impl Goal {
    fn is_met(self, ratio: f64) -> bool {
        match self {
            Self::AtLeast(goal) => ratio >= goal,
            Self::AtMost(goal) => ratio <= goal,
        }
    }

    fn text(self) -> String {
        match self {
            Self::AtLeast(goal) => format!(">= {goal:.2}"),
            Self::AtMost(goal) => format!("<= {goal:.2}"),
        }
    }
}

impl Row {
    fn median(&self, of: impl Fn(&Round) -> f64) -> f64 {
        median(self.rounds.iter().map(of).collect())
    }

    /// The median of the rounds' ratios, which is not the ratio of the medians.
    fn ratio(&self) -> f64 {
        self.median(|round| round.ours / round.limit)
    }

    fn verdict(&self) -> String {
        match &self.errors {
            Errors { count: 0, .. } if self.goal.is_met(self.ratio()) => "ok".to_owned(),
            Errors { count: 0, .. } => "short".to_owned(),
            Errors { count, .. } => format!("{count} errors"),
        }
    }

    /// The medians of the other figures.
    fn parts(&self) -> Vec<(&'static str, f64)> {
        let first = self.rounds.first().map_or(&[][..], |round| &round.parts);
        let of = |(place, (name, _)): (usize, &(&'static str, f64))| {
            (
                *name,
                self.median(|round| round.parts.get(place).map_or(f64::NAN, |part| part.1)),
            )
        };
        first.iter().enumerate().map(of).collect()
    }

    fn cells(&self) -> [String; 9] {
        let parts: Vec<_> = self
            .parts()
            .iter()
            .map(|(name, value)| format!("{name} {}", short(*value)))
            .collect();
        [
            self.what.clone(),
            self.setting.clone(),
            format!("{} {}", short(self.median(|round| round.ours)), self.unit),
            format!("{} {}", short(self.median(|round| round.limit)), self.unit),
            format!("{:.2}", self.ratio()),
            self.goal.text(),
            self.errors.text(),
            self.verdict(),
            parts.join(", "),
        ]
    }

    fn json(&self) -> Value {
        let parts = |parts: &[(&'static str, f64)]| -> Value {
            let named = parts
                .iter()
                .map(|(name, value)| ((*name).to_owned(), json!(value)));
            Value::Object(named.collect())
        };
        let rounds = self.rounds.iter().map(|round| {
            json!({
                "ours": round.ours, "limit": round.limit, "ratio": round.ours / round.limit,
                "parts": parts(&round.parts),
            })
        });
        json!({
            "what": self.what, "setting": self.setting, "unit": self.unit,
            "ours": self.median(|round| round.ours), "limit": self.median(|round| round.limit),
            "ratio": self.ratio(), "goal": self.goal.text(), "verdict": self.verdict(),
            "errors": self.errors.count, "failed_share": self.errors.share(), "first_error": self.errors.first,
            "parts": parts(&self.parts()), "rounds": rounds.collect::<Vec<_>>(),
        })
    }
}

/// The middle one, or the mean of the two in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

/// Three digits or all that stand before the point.
fn short(value: f64) -> String {
    let places = match value.abs() {
        100.0.. => 0,
        10.0..100.0 => 1,
        _ => 2,
    };
    format!("{value:.places$}")
}

/// The table as text, a row a line.
pub(crate) fn text(rows: &[Row]) -> String {
    const HEAD: [&str; 9] = [
        "what", "setting", "ours", "limit", "ratio", "goal", "failed", "", "of which",
    ];
    const NUMBERS: [bool; 9] = [false, false, true, true, true, true, true, false, false];
    let mut lines = vec![HEAD.map(str::to_owned)];
    lines.extend(rows.iter().map(Row::cells));
    let widths: [usize; 9] = std::array::from_fn(|column| {
        let lengths = lines.iter().map(|line| line[column].chars().count());
        lengths.max().unwrap_or(0)
    });
    let mut text = String::new();
    for line in lines {
        let mut words = String::new();
        for (column, cell) in line.iter().enumerate() {
            let width = widths[column];
            // Writing into memory never fails.
            let _ = if NUMBERS[column] {
                write!(words, "{cell:>width$}  ")
            } else {
                write!(words, "{cell:<width$}  ")
            };
        }
        text.push_str(words.trim_end());
        text.push('\n');
    }
    for row in rows {
        if let Some(first) = &row.errors.first {
            let _ = writeln!(text, "{}, {}: {first}", row.what, row.setting);
        }
    }
    text
}

/// The rows with all their rounds.
pub(crate) fn json(rows: &[Row]) -> Value {
    rows.iter().map(Row::json).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(rounds: &[(f64, f64)], goal: Goal) -> Row {
        let round = |(ours, limit): &(f64, f64)| Round {
            ours: *ours,
            limit: *limit,
            parts: vec![("bare", limit * 2.0)],
        };
        Row {
            what: "reads".to_owned(),
            setting: "cache 0".to_owned(),
            unit: "r/s",
            goal,
            rounds: rounds.iter().map(round).collect(),
            errors: Errors::default(),
        }
    }

    #[test]
    fn the_ratio_is_the_median_of_the_rounds_ratios() {
        // Ratios 0.5, 2 and 0.9; the medians are 100 and 100.
        let row = row(
            &[(50.0, 100.0), (100.0, 50.0), (135.0, 150.0)],
            Goal::AtLeast(0.9),
        );
        assert!((row.ratio() - 0.9).abs() < 1e-9, "{}", row.ratio());
        assert_eq!(row.verdict(), "ok");
        assert_eq!(row.cells()[2..6], ["100 r/s", "100 r/s", "0.90", ">= 0.90"]);
        assert_eq!(row.cells()[8], "bare 200");
        assert_eq!(row.json()["rounds"][1]["ratio"], 2.0);
    }

    #[test]
    fn goals_have_a_direction_and_an_error_is_no_success() {
        let verdict = |ours, goal| row(&[(ours, 1.0)], goal).verdict();
        assert_eq!(verdict(0.84, Goal::AtLeast(0.85)), "short");
        assert_eq!(verdict(1.31, Goal::AtMost(1.3)), "short");
        assert_eq!(verdict(1.3, Goal::AtMost(1.3)), "ok");
        let mut broken = row(&[(2.0, 1.0)], Goal::AtLeast(1.0));
        broken.errors.requests = 60;
        broken.errors.add(3, || "500".to_owned());
        assert_eq!(broken.cells()[6..8], ["5.0 %", "3 errors"]);
        assert!(text(&[broken]).ends_with("reads, cache 0: 500\n"));
    }

    #[test]
    fn an_even_number_of_rounds_has_its_median_in_between() {
        assert!((median(vec![4.0, 1.0, 2.0, 9.0]) - 3.0).abs() < 1e-9);
        assert!(median(vec![]).is_nan());
    }

    #[test]
    fn columns_stand_below_each_other() {
        let rows = [
            row(&[(1.0, 2.0)], Goal::AtMost(1.0)),
            row(&[(12_345.0, 2.0)], Goal::AtMost(1.0)),
        ];
        let text = text(&rows);
        let ends: Vec<_> = text.lines().skip(1).map(|line| line.find(" r/s")).collect();
        assert_eq!(ends[0], ends[1], "{text}");
    }
}
