//! Encoding of parameters.

use sqlx::Arguments;
use sqlx::postgres::PgArguments;

use crate::store::rows::Value;

/// Encodes the parameters of a statement.
pub(crate) fn arguments(binds: Vec<Value>) -> PgArguments {
    let mut arguments = PgArguments::default();
    for bind in binds {
        // Encoding a number or a text never fails.
        let _ = match bind {
            Value::Int(value) => arguments.add(value),
            Value::Bool(value) => arguments.add(value),
            Value::Text(value) => arguments.add(value),
            Value::Null => arguments.add(None::<String>),
        };
    }
    arguments
}

/// Encodes the parameters of several writes: each one as an array with one element per write.
pub(crate) fn write_arrays(changes: &[&[Value]]) -> PgArguments {
    let mut arguments = PgArguments::default();
    let binds = changes.first().map_or(0, |binds| binds.len());
    for bind in 0..binds {
        let column = || changes.iter().map(|binds| &binds[bind]);
        let mut values = column().filter(|value| !matches!(value, Value::Null));
        // Encoding numbers and texts never fails.
        let _ = match values.next() {
            Some(Value::Int(_)) => arguments.add(column().map(Value::as_int).collect::<Vec<_>>()),
            Some(Value::Bool(_)) => arguments.add(column().map(Value::as_bool).collect::<Vec<_>>()),
            _ => arguments.add(column().map(Value::as_text).collect::<Vec<_>>()),
        };
    }
    arguments
}

/// Encodes the parameters of several reads: each one as an array with one element per read.
pub(crate) fn integer_arrays(reads: &[Vec<i64>]) -> PgArguments {
    let mut arguments = PgArguments::default();
    let binds = reads.first().map_or(0, Vec::len);
    for bind in 0..binds {
        let column: Vec<i64> = reads.iter().map(|read| read[bind]).collect();
        // Encoding numbers never fails.
        let _ = arguments.add(column);
    }
    arguments
}
