//! Loads the legacy CSV files into a store. Each record is loaded, repaired by a rule, or rejected for a reason, and
//! every line is accounted for.
//!
//! Layers, from the bottom: [`schema`] describes the files. [`csv`] reads records, [`rules`] validates them, [`spill`]
//! keeps on disk what exceeds the memory. [`report`] has progress and results, [`generate`] writes test data, and
//! [`load`] has the commands `load` and `check`. A module imports only from its own layer and those below.
#![expect(rustdoc::private_intra_doc_links, reason = "the layers are private")]

mod csv;
mod error;
mod format;
mod generate;
mod load;
mod report;
mod rules;
mod schema;
mod spill;

pub use csv::record::{Record, Records, Shape};
pub use error::{Error, LoadError, ReadError};
pub use generate::{FormatVersion, Generate, GenerateError, Manifest, generate};
pub use load::check::{Check, check};
pub use load::options::Load;
pub use load::pipeline::load;
pub use report::load_report::Report;
pub use rules::outcome::{Outcome, RejectReason, Rejection, Skip, Warning};
pub use rules::row::Row;
pub use rules::row_counts::{FileReport, RowCounts};
pub use rules::validator::RowValidator;
pub use rules::values::Value;
pub use schema::{BoolFormat, Column, ColumnType, LegacyFile, TABLES, TableSchema};
pub use spill::dir::SpillDir;
