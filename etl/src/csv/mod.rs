//! CSV reading: physical lines, their encoding, records and fields.
//!
//! Lines come from [`lines`] and are decoded by [`encoding`]. [`parser`] splits them into fields, strictly by RFC 4180
//! or leniently if the quotes are damaged, and [`record`] decides which lines form a record. [`header`] maps the
//! columns.

pub(crate) mod encoding;
pub(crate) mod header;
pub(crate) mod lines;
pub(crate) mod parser;
pub(crate) mod raw_field;
pub(crate) mod record;
