//! Reads the legacy CSV files: every row is loaded, repaired by a stated rule, or rejected for a stated reason, and the
//! sum over all lines closes.
//!
//! A file goes through these steps, each a module: `lines`, `record` (over `decode`, `header` and `quotes`), `clean`
//! (over `value`, `price` and `date`), `keys`, and [`Judge`], which yields the outcome of each record. [`LAYOUTS`] is the
//! table that all of them follow. [`load`] groups the rows and fills a store, [`check`] tells what it would do.

mod csv;
mod error;
mod generate;
mod load;
mod messages;
mod report;
mod rules;
mod schema;
mod spill;

pub use csv::record::{Record, Records, Shape};
pub use error::{Error, Failed, ReadError};
pub use generate::{Generate, GenerateError, Manifest, Vintage, generate};
pub use load::check::{Check, check};
pub use load::pipeline::{Load, load};
pub use report::counts::{FileReport, Report, Sum};
pub use rules::outcome::{Defect, Outcome, Reason, Skip, Warning};
pub use rules::row::Row;
pub use rules::validator::Judge;
pub use rules::values::Value;
pub use schema::{Column, Kind, LAYOUTS, Layout, LegacyFile, Spelling};
pub use spill::dir::Scratch;
