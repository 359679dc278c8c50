//! Encodes rows as bytes, for sorting on disk.

use std::borrow::Cow;

use crate::rules::row::Row;
use crate::rules::values::Value;

const NULL: u8 = 0;
const TEXT: u8 = 1;
const INT: u8 = 2;
const FALSE: u8 = 3;
const TRUE: u8 = 4;

/// Appends the id and the values of a row.
pub(crate) fn encode(row: &Row<'_>, columns: usize, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(&row.id.to_le_bytes());
    for value in &row.values[1..columns] {
        match value {
            Value::Null => bytes.push(NULL),
            Value::Text(text) => {
                bytes.push(TEXT);
                // Lines are limited to 64 MiB, so the length fits.
                let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
                bytes.extend_from_slice(&length.to_le_bytes());
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

/// Decodes a row that [`encode`] has written. Returns `None` for other bytes.
pub(crate) fn decode(mut bytes: &[u8]) -> Option<Row<'_>> {
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
                Value::Text(Cow::Borrowed(str::from_utf8(text).ok()?))
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
    fn decoding_returns_the_encoded_row() {
        let mut row = Row {
            id: 7,
            ..Row::default()
        };
        row.values[1] = Value::Text(Cow::Borrowed("a \"b\"\nç"));
        row.values[3] = Value::Int(-1_593_600_000_000);
        row.values[4] = Value::Bool(true);
        row.values[5] = Value::Bool(false);
        row.values[6] = Value::Text(Cow::Borrowed(""));
        let mut bytes = Vec::new();
        encode(&row, 7, &mut bytes);
        let decoded = decode(&bytes).expect("a row");
        assert_eq!((decoded.id, decoded.values), (row.id, row.values));
        assert!(decode(&bytes[..bytes.len() - 1]).is_none());
    }
}
