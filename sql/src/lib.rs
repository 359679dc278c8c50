//! Every SQL text of Atelier, and nothing else: queries by noun, bulk loading, the migrations of both dialects.
//!
//! Rules of the texts:
//! * Values are bound (`$1`, `$2`, ..), never written into a text; a text is a constant.
//! * One text serves PostgreSQL and SQLite. Where that can't be, the file says why, and there is one for each.
//! * Shared texts use `bigint`, `boolean` and `text`, `on conflict`, `returning` and no function that only one has.
//!
//! A test of the conformance suite prepares every text of [`READS`], [`WRITES`], [`changes`], [`nodes`], [`setup`] and [`load`] on
//! the databases it is for.

#![forbid(unsafe_code)]

pub mod answers;
pub mod cart;
pub mod changes;
pub mod idempotency;
pub mod interactions;
pub mod load;
pub mod migrations;
pub mod nodes;
pub mod products;
pub mod questions;
pub mod reviews;
pub mod setup;

/// A query that changes nothing, valid in both dialects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// The noun and the question, such as `reviews/meta`: how logs and metrics name it.
    pub name: &'static str,
    /// The text.
    pub text: &'static str,
    /// The text for SQLite: the same, where it has no other way to have the rows in that order.
    pub sqlite: &'static str,
    /// The text by which PostgreSQL answers several such questions at once, of a read by key.
    ///
    /// Its binds are those of `text`, numbers all, each as a `bigint[]` with an element for each question. Its columns
    /// are those of `text`, then the question's place, from 1; its rows are sorted by that, and then as `text` has them.
    /// Of a list the second bind is how many rows to skip and the third how many to bring at most.
    pub together: Option<&'static str>,
}

/// A change, whole or not at all.
///
/// PostgreSQL makes several such changes in one statement: each bind of one change is an array with an element for each of
/// them. A row that comes back begins with the places of the changes it is about, from 1, as a `bigint[]`; the numbers
/// behind that are those of a single change.
///
/// SQLite, where a statement writes one table, takes several statements for one change, in a transaction: they share
/// their binds, and where the first returns no row the others are not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Write {
    /// The resource and the operation, such as `reviews/add`.
    pub name: &'static str,
    /// The statement for PostgreSQL, which makes several such changes.
    pub postgres: &'static str,
    /// The statements for SQLite, in their order.
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

/// A read by its file's name under `queries/`; `together` when there is a second file that answers several at once, `sqlite`
/// when there is one for SQLite.
macro_rules! read {
    ($name:literal) => {
        $crate::Read {
            name: $name,
            text: include_str!(concat!("../queries/", $name, ".sql")),
            sqlite: include_str!(concat!("../queries/", $name, ".sql")),
            together: None,
        }
    };
    ($name:literal, together) => {
        $crate::Read {
            together: Some(include_str!(concat!(
                "../queries/",
                $name,
                ".together.postgres.sql"
            ))),
            ..$crate::read!($name)
        }
    };
    ($name:literal, together, sqlite) => {
        $crate::Read {
            sqlite: include_str!(concat!("../queries/", $name, ".sqlite.sql")),
            ..$crate::read!($name, together)
        }
    };
}

/// A write by its folder's name under `queries/`, with the steps that SQLite takes.
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
