//! The SQL of Atelier: queries by resource, bulk loading, and the migrations of both databases.
//!
//! Rules:
//! * Every text is a constant, and values are bound (`$1`, `$2`, ...).
//! * One text serves PostgreSQL and SQLite where possible. Otherwise there is one for each, and the file says why.
//! * Shared texts use `bigint`, `boolean`, `text`, `on conflict`, `returning`, and only functions that both databases have.
//!
//! A test of the conformance suite prepares every text of [`READS`], [`WRITES`], [`changes`], [`cluster`], [`setup`] and [`load`]
//! on its databases.

#![forbid(unsafe_code)]

pub mod answers;
pub mod cart;
pub mod changes;
pub mod cluster;
pub mod idempotency;
pub mod interactions;
pub mod load;
pub mod migrations;
pub mod products;
pub mod questions;
pub mod reviews;
pub mod setup;

/// A query that changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// The resource and the query, such as `reviews/meta`: the name in logs and metrics.
    pub name: &'static str,
    /// The text for PostgreSQL.
    pub text: &'static str,
    /// The text for SQLite: the same one, unless SQLite needs another plan to return the rows in that order.
    pub sqlite: &'static str,
    /// The text with which PostgreSQL executes several such reads in one statement.
    ///
    /// Each parameter of `text` is a `bigint[]` with one element per read. The columns are those of `text`, followed by the
    /// ordinal of the read, from 1. Rows are sorted by the ordinal, then as `text` sorts them. The second and third
    /// parameter of a list are offset and limit.
    pub batch: Option<&'static str>,
}

/// An atomic write.
///
/// PostgreSQL executes several such writes in one statement: each parameter is an array with one element per write. The first
/// column of a returned row is a `bigint[]` with the ordinals, from 1, of the writes that the row belongs to; the other columns
/// are numbers, as a single write returns them.
///
/// SQLite executes several statements in a transaction, because a statement writes only one table. They share their
/// parameters. When the first statement returns no row, the others are not executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Write {
    /// The resource and the operation, such as `reviews/add`.
    pub name: &'static str,
    /// The statement for PostgreSQL, which executes several such writes.
    pub postgres: &'static str,
    /// The statements for SQLite, in order.
    pub sqlite: &'static [&'static str],
}

/// Every read.
pub const READS: &[Read] = &[
    products::LIST,
    products::ONE,
    products::STYLES,
    products::RELATED,
    products::CONTENT,
    reviews::LIST_HELPFUL,
    reviews::LIST_NEWEST,
    reviews::META,
    questions::LIST,
    questions::EXISTS,
    answers::LIST,
    cart::LIST,
    idempotency::BODY,
];

/// Every write.
pub const WRITES: &[Write] = &[
    reviews::ADD,
    reviews::HELPFUL,
    reviews::REPORT,
    questions::ADD,
    questions::HELPFUL,
    questions::REPORT,
    answers::ADD,
    answers::HELPFUL,
    answers::REPORT,
    cart::ADD,
    cart::SWEEP,
    interactions::ADD,
    interactions::SWEEP,
    idempotency::SWEEP,
];

/// Defines a read by the name of its file in `queries/`; with `batch` when there is a file for batches, with `sqlite` when there
/// is a file for SQLite.
macro_rules! read {
    ($name:literal) => {
        $crate::Read {
            name: $name,
            text: include_str!(concat!("../queries/", $name, ".sql")),
            sqlite: include_str!(concat!("../queries/", $name, ".sql")),
            batch: None,
        }
    };
    ($name:literal, batch) => {
        $crate::Read {
            batch: Some(include_str!(concat!(
                "../queries/",
                $name,
                ".batch.postgres.sql"
            ))),
            ..$crate::read!($name)
        }
    };
    ($name:literal, batch, sqlite) => {
        $crate::Read {
            sqlite: include_str!(concat!("../queries/", $name, ".sqlite.sql")),
            ..$crate::read!($name, batch)
        }
    };
}

/// Defines a write by the name of its folder in `queries/`, with the statements for SQLite.
macro_rules! write {
    ($name:literal, $($step:literal),+) => {
        $crate::Write {
            name: $name,
            postgres: include_str!(concat!("../queries/", $name, "/postgres.sql")),
            sqlite: &[$(include_str!(concat!("../queries/", $name, "/sqlite/", $step, ".sql"))),+],
        }
    };
}
pub(crate) use {read, write};
