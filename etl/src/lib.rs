//! Reads the legacy CSV files: every row is loaded, repaired by a stated rule, or rejected for a stated reason, and the
//! sum over all lines closes.
//!
//! A file goes through these steps, each a module: `lines`, `record` (over `decode`, `header` and `quotes`), `clean`
//! (over `value`, `price` and `date`), `keys`, and [`Judge`], which yields the outcome of each record. [`LAYOUTS`] is the
//! table that all of them follow. [`load`] groups the rows and fills a store, [`check`] tells what it would do.

mod check;
mod clean;
mod date;
mod decode;
mod error;
mod figures;
mod files;
mod form;
mod generate;
mod group;
mod header;
mod ids;
mod input;
mod judge;
mod keys;
mod lines;
mod load;
mod messages;
mod number;
mod outcome;
mod packed;
mod part;
mod price;
mod progress;
mod quotes;
mod read;
mod record;
mod rejects;
mod report;
mod resume;
mod scratch;
mod show;
mod sorter;
mod store;
mod summary;
mod value;

pub use check::{Check, check};
pub use clean::Row;
pub use error::{Error, Failed, ReadError};
pub use files::{Column, Kind, LAYOUTS, Layout, LegacyFile, Spelling};
pub use generate::{Generate, GenerateError, Manifest, Vintage, generate};
pub use judge::Judge;
pub use load::{Load, load};
pub use outcome::{Defect, Outcome, Reason, Skip, Warning};
pub use record::{Record, Records, Shape};
pub use report::{FileReport, Report, Sum};
pub use scratch::Scratch;
pub use value::Value;
