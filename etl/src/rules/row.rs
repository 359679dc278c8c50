//! From a record to a row: one loop for the columns of every file.

use crate::csv::record::{Record, Shape};
use crate::rules::outcome::{Defect, Reason};
use crate::rules::values::{self as value, Value};
use crate::schema::{Kind, Layout, MAX_COLUMNS};

/// A record whose values could be read. Whether its parents are there is not known yet.
#[derive(Debug, Default)]
pub struct Row<'r> {
    /// The key.
    pub id: u32,
    /// A value for each column of the layout, in its order; NULL behind the last column.
    pub values: [Value<'r>; MAX_COLUMNS],
    /// Something had to be put right.
    pub repaired: bool,
    /// The product it belongs to by its first parent; a product belongs to itself. 0 until its parents were looked for.
    pub product: u32,
    /// A review that is reported, or a row that belongs to one: it counts in no figure.
    pub reported: bool,
}

/// Reads all values of a record into a row that is [`Row::default`]. Of several defects the one found is the first in the
/// order of the data set: columns, id, missing texts and urls, other values from left to right.
pub(crate) fn clean<'r>(
    layout: &Layout,
    record: &Record<'r>,
    row: &mut Row<'r>,
) -> Result<(), Defect> {
    if record.shape != Shape::Whole {
        return Err(Defect {
            reason: Reason::Columns,
            column: None,
        });
    }
    row.repaired = record.repaired;
    let mut first: Option<(u8, Defect)> = None;
    for (at, column) in layout.columns.iter().enumerate() {
        let Some(field) = record.field(at) else {
            continue;
        };
        match value::read(column.kind, record.text, field, &mut row.repaired) {
            Ok(value) => row.values[at] = value,
            Err(reason) => {
                let rank = rank(column.kind, reason);
                if first.is_none_or(|(before, _)| rank < before) {
                    first = Some((
                        rank,
                        Defect {
                            reason,
                            column: Some(at),
                        },
                    ));
                }
            }
        }
    }
    if let Some((_, defect)) = first {
        return Err(defect);
    }
    row.id = row.key(0).unwrap_or_default();
    Ok(())
}

/// Which test a defect belongs to; a lower one comes first.
fn rank(kind: Kind, reason: Reason) -> u8 {
    match (kind, reason) {
        (Kind::Id, _) => 0,
        (Kind::Rating, Reason::Required) => 2,
        (_, Reason::Required) => 1,
        _ => 2,
    }
}

impl Row<'_> {
    /// The id in a column of keys: `None` for NULL and for what can be no id, 0 included as itself.
    pub(crate) fn key(&self, column: usize) -> Option<u32> {
        u32::try_from(self.int(column)?).ok()
    }

    /// The number or amount in a column.
    pub(crate) fn int(&self, column: usize) -> Option<i64> {
        if let Value::Int(number) = self.values[column] {
            Some(number)
        } else {
            None
        }
    }

    /// True when the column holds a true.
    pub(crate) fn flag(&self, column: usize) -> bool {
        matches!(self.values[column], Value::Bool(true))
    }

    /// The text in a column.
    pub(crate) fn text(&self, column: usize) -> Option<&str> {
        if let Value::Text(text) = &self.values[column] {
            Some(text)
        } else {
            None
        }
    }

    /// The text in a column, to keep.
    pub(crate) fn take_text(&mut self, column: usize) -> Option<String> {
        if let Value::Text(text) = std::mem::take(&mut self.values[column]) {
            Some(text.into_owned())
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csv::record::Records;
    use crate::schema::LegacyFile;

    fn defect(file: LegacyFile, line: &str) -> Option<(&'static str, Option<&'static str>)> {
        let mut records = Records::new(file.layout(), line.as_bytes()).expect("data");
        let record = records.next().expect("readable").expect("a record");
        let defect = clean(file.layout(), &record, &mut Row::default()).err()?;
        Some((
            defect.reason.as_str(),
            defect.column.map(|at| file.layout().columns[at].name),
        ))
    }

    #[test]
    fn of_several_defects_the_first_in_the_order_of_tests_counts() {
        use LegacyFile::{Features, Photos, Questions, Reviews, Styles};
        for (file, line, expected) in [
            (Features, "7,1,\"\"", ("COLUMNS", None)),
            (Features, "0,1,\"\",null", ("ID", Some("id"))),
            (Styles, "1,1,\"\",x,null,7", ("REQUIRED", Some("name"))),
            (Styles, "1,1,\"a\",x,null,7", ("PRICE", Some("sale_price"))),
            (
                Styles,
                "1,1,\"a\",null,null,7",
                ("PRICE", Some("original_price")),
            ),
            (Photos, "1,1,null,\"x\"", ("REQUIRED", Some("url"))),
            (Photos, "1,1,\"y\",\"x\"", ("URL", Some("url"))),
            (
                Photos,
                "1,1,\"http://a\",\"x\"",
                ("URL", Some("thumbnail_url")),
            ),
            // A missing rating is tested with the values, a missing body before them.
            (
                Reviews,
                "1,1,null,x,\"\",\" \",y,z,\"n\",\"e@x.y\",null,0",
                ("REQUIRED", Some("body")),
            ),
            (
                Reviews,
                "1,1,9,x,\"\",\" \",y,z,\"n\",\"e@x.y\",null,0",
                ("REQUIRED", Some("body")),
            ),
            (
                Reviews,
                "1,1,null,x,\"\",\"b\",y,z,\"n\",\"e@x.y\",null,0",
                ("REQUIRED", Some("rating")),
            ),
            (
                Reviews,
                "1,1,5,x,\"\",\"b\",y,z,\"n\",\"e@x.y\",null,0",
                ("DATE", Some("date")),
            ),
            (
                Questions,
                "1,null,\"b\",1593600000000,\"n\",\"e@x.y\",2,x",
                ("BOOL", Some("reported")),
            ),
        ] {
            assert_eq!(defect(file, line), Some(expected), "{line}");
        }
        // Parents are the business of the key checks.
        assert_eq!(
            defect(Questions, "1,null,\"b\",1593600000000,\"n\",\"e@x.y\",1,x"),
            None
        );
    }

    #[test]
    fn columns_are_taken_by_name() {
        let text = "value,feature,ID,productId\nnull,\"Sole\",7,3\n";
        let layout = LegacyFile::Features.layout();
        let mut records = Records::new(layout, text.as_bytes()).expect("a header");
        let record = records.next().expect("readable").expect("a record");
        let mut row = Row::default();
        clean(layout, &record, &mut row).expect("a clean row");
        assert_eq!(
            (row.id, row.key(1), row.text(2), &row.values[3]),
            (7, Some(3), Some("Sole"), &Value::Null)
        );
        assert!(!row.repaired, "the order of columns is no repair");
    }
}
