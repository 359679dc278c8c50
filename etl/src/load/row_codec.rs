//! Rows as bytes, for the time they lie on disk.

use std::borrow::Cow;

use crate::rules::row::Row;
use crate::rules::values::Value;

const NULL: u8 = 0;
const TEXT: u8 = 1;
const INT: u8 = 2;
const FALSE: u8 = 3;
const TRUE: u8 = 4;

/// Appends the values of a row behind its id.
pub(crate) fn pack(row: &Row<'_>, columns: usize, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(&row.id.to_le_bytes());
    for value in &row.values[1..columns] {
        match value {
            Value::Null => bytes.push(NULL),
            Value::Text(text) => {
                bytes.push(TEXT);
                // A text is shorter than its line, which is bounded.
                bytes.extend_from_slice(
                    &u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes(),
                );
                bytes.extend_from_slice(text.as_bytes());
            }
            Value::Int(number) => {
                bytes.push(INT);
                bytes.extend_from_slice(&number.to_le_bytes());
            }
            Value::Bool(value) => bytes.push(if *value { TRUE } else { FALSE }),
        }
    }
}

/// The row that [`pack`] has made these bytes of; `None` when they are of another kind.
pub(crate) fn unpack(mut bytes: &[u8]) -> Option<Row<'_>> {
    let mut row = Row {
        id: u32::from_le_bytes(take(&mut bytes)?),
        ..Row::default()
    };
    let mut values = row.values[1..].iter_mut();
    while !bytes.is_empty() {
        let [tag] = take(&mut bytes)?;
        *values.next()? = match tag {
            NULL => Value::Null,
            TEXT => {
                let length = u32::from_le_bytes(take(&mut bytes)?) as usize;
                let (text, rest) = bytes.split_at_checked(length)?;
                bytes = rest;
                Value::Text(Cow::Borrowed(std::str::from_utf8(text).ok()?))
            }
            INT => Value::Int(i64::from_le_bytes(take(&mut bytes)?)),
            FALSE => Value::Bool(false),
            TRUE => Value::Bool(true),
            _ => return None,
        };
    }
    Some(row)
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_comes_back_as_it_was() {
        let mut row = Row {
            id: 7,
            ..Row::default()
        };
        row.values[1] = Value::Text(Cow::Borrowed("a \"b\"\nç"));
        row.values[2] = Value::Null;
        row.values[3] = Value::Int(-1_593_600_000_000);
        row.values[4] = Value::Bool(true);
        row.values[5] = Value::Bool(false);
        row.values[6] = Value::Text(Cow::Borrowed(""));
        let mut bytes = Vec::new();
        pack(&row, 7, &mut bytes);
        let back = unpack(&bytes).expect("a row");
        assert_eq!((back.id, back.values), (row.id, row.values));
        assert!(unpack(&bytes[..bytes.len() - 1]).is_none());
    }
}
