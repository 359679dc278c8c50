//! Rules of loading: how a record becomes a valid row, is repaired, or is rejected.
//!
//! [`values`] parses fields by their column type, with [`numbers`], [`prices`] and [`dates`]. [`row`] parses all fields
//! of a record, [`constraints`] checks keys against the rows before, and [`validator`] runs a whole file. Each record
//! has an [`outcome`], counted in [`row_counts`].

pub(crate) mod constraints;
pub(crate) mod dates;
pub(crate) mod numbers;
pub(crate) mod outcome;
pub(crate) mod prices;
pub(crate) mod row;
pub(crate) mod row_counts;
pub(crate) mod validator;
pub(crate) mod values;
