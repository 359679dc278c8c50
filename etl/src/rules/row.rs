//! Parses a record into a row.

use crate::csv::record::{Record, Shape};
use crate::rules::outcome::{RejectReason, Rejection};
use crate::rules::values::{Value, parse_value};
use crate::schema::{ColumnType, MAX_COLUMNS, TableSchema};

/// Row with parsed values. Its keys are not checked until [`product`](Self::product) is set.
#[derive(Debug, Default)]
pub struct Row<'r> {
    /// Primary key.
    pub id: u32,
    /// Values in the order of the schema, followed by NULLs.
    pub values: [Value<'r>; MAX_COLUMNS],
    /// Whether any value was corrected.
    pub repaired: bool,
    /// Product that it belongs to through its first parent. A product belongs to itself. 0 until the keys are checked.
    pub product: u32,
    /// Whether it is a reported review or belongs to one, and so is excluded from aggregates.
    pub reported: bool,
}

/// Parses all values of a record into a default row. Of several defects, returns the first in the order of tests:
/// columns, id, missing texts and URLs, other values from left to right.
pub(crate) fn parse_row<'r>(
    table: &TableSchema,
    record: &Record<'r>,
    row: &mut Row<'r>,
) -> Result<(), Rejection> {
    if record.shape != Shape::Complete {
        return Err(Rejection {
            reason: RejectReason::Columns,
            column: None,
        });
    }
    row.repaired = record.repaired;
    let mut first: Option<(u8, Rejection)> = None;
    for (index, column) in table.columns.iter().enumerate() {
        let Some(field) = record.field(index) else {
            continue;
        };
        match parse_value(column.kind, record.text, field, &mut row.repaired) {
            Ok(value) => row.values[index] = value,
            Err(reason) => {
                let rank = rank(column.kind, reason);
                let column = Some(index);
                if first.is_none_or(|(before, _)| rank < before) {
                    first = Some((rank, Rejection { reason, column }));
                }
            }
        }
    }
    if let Some((_, rejection)) = first {
        return Err(rejection);
    }
    row.id = row.key(0).unwrap_or_default();
    Ok(())
}

/// Returns the rank of a defect in the order of tests. The lowest one is reported.
fn rank(kind: ColumnType, reason: RejectReason) -> u8 {
    match (kind, reason) {
        (ColumnType::Id, _) => 0,
        (ColumnType::Rating, RejectReason::Required) => 2,
        (_, RejectReason::Required) => 1,
        _ => 2,
    }
}

impl Row<'_> {
    /// Returns the key in a column, or `None` for NULL and invalid ids. 0 is returned as it is.
    pub(crate) fn key(&self, column: usize) -> Option<u32> {
        u32::try_from(self.int(column)?).ok()
    }

    /// Returns the number in a column.
    pub(crate) fn int(&self, column: usize) -> Option<i64> {
        match self.values[column] {
            Value::Int(number) => Some(number),
            _ => None,
        }
    }

    /// Whether the column is true.
    pub(crate) fn flag(&self, column: usize) -> bool {
        matches!(self.values[column], Value::Bool(true))
    }

    /// Returns the text in a column.
    pub(crate) fn text(&self, column: usize) -> Option<&str> {
        match &self.values[column] {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Takes the text out of a column.
    pub(crate) fn take_text(&mut self, column: usize) -> Option<String> {
        match std::mem::take(&mut self.values[column]) {
            Value::Text(text) => Some(text.into_owned()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csv::record::Records;
    use crate::schema::LegacyFile;

    fn rejection(file: LegacyFile, line: &str) -> Option<(&'static str, Option<&'static str>)> {
        let table = file.schema();
        let mut records = Records::new(table, line.as_bytes()).expect("data");
        let record = records.next().expect("readable").expect("a record");
        let rejection = parse_row(table, &record, &mut Row::default()).err()?;
        let column = rejection.column.map(|index| table.columns[index].name);
        Some((rejection.reason.as_str(), column))
    }

    #[test]
    fn first_defect_in_the_order_of_tests_is_reported() {
        use LegacyFile::{Features, Photos, Questions, Reviews, Styles};
        #[rustfmt::skip]
        let table = [
            (Features, r#"7,1,"""#, ("COLUMNS", None)),
            (Features, r#"0,1,"",null"#, ("ID", Some("id"))),
            (Styles, r#"1,1,"",x,null,7"#, ("REQUIRED", Some("name"))),
            (Styles, r#"1,1,"a",x,null,7"#, ("PRICE", Some("sale_price"))),
            (Styles, r#"1,1,"a",null,null,7"#, ("PRICE", Some("original_price"))),
            (Photos, r#"1,1,null,"x""#, ("REQUIRED", Some("url"))),
            (Photos, r#"1,1,"y","x""#, ("URL", Some("url"))),
            (Photos, r#"1,1,"http://a","x""#, ("URL", Some("thumbnail_url"))),
            // A missing rating is tested with the other values, a missing body before them.
            (Reviews, r#"1,1,null,x,""," ",y,z,"n","e@x.y",null,0"#, ("REQUIRED", Some("body"))),
            (Reviews, r#"1,1,9,x,""," ",y,z,"n","e@x.y",null,0"#, ("REQUIRED", Some("body"))),
            (Reviews, r#"1,1,null,x,"","b",y,z,"n","e@x.y",null,0"#, ("REQUIRED", Some("rating"))),
            (Reviews, r#"1,1,5,x,"","b",y,z,"n","e@x.y",null,0"#, ("DATE", Some("date"))),
            (Questions, r#"1,null,"b",1593600000000,"n","e@x.y",2,x"#, ("BOOL", Some("reported"))),
        ];
        for (file, line, expected) in table {
            assert_eq!(rejection(file, line), Some(expected), "{line}");
        }
        // A missing parent is left to the constraints.
        let line = r#"1,null,"b",1593600000000,"n","e@x.y",1,x"#;
        assert_eq!(rejection(Questions, line), None);
    }

    #[test]
    fn columns_are_matched_by_name() {
        let text = "value,feature,ID,productId\nnull,\"Sole\",7,3\n";
        let table = LegacyFile::Features.schema();
        let mut records = Records::new(table, text.as_bytes()).expect("a header");
        let record = records.next().expect("readable").expect("a record");
        let mut row = Row::default();
        parse_row(table, &record, &mut row).expect("a valid row");
        assert_eq!(
            (row.id, row.key(1), row.text(2), &row.values[3]),
            (7, Some(3), Some("Sole"), &Value::Null)
        );
        assert!(!row.repaired, "another order of columns is no repair");
    }
}
