//! Commands that load files into a store, or check what a load would do.

pub(crate) mod aggregates;
pub(crate) mod check;
pub(crate) mod grouping;
pub(crate) mod inputs;
pub(crate) mod options;
pub(crate) mod pipeline;
pub(crate) mod reader;
pub(crate) mod resume;
pub(crate) mod row_codec;
pub(crate) mod sink;
pub(crate) mod task;
