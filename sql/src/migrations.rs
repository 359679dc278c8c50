//! The schema, as a list of steps for each dialect. A step that has been released is never edited.

/// One step of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// Ascending. A number is the same step in both dialects, or is missing in one that needs no such step.
    pub version: i64,
    /// What it brings.
    pub name: &'static str,
    /// The statements.
    pub text: &'static str,
}

/// The schema of PostgreSQL.
pub const POSTGRES: &[Migration] = &[
    Migration {
        version: 1,
        name: "nouns",
        text: include_str!("../postgres/0001_nouns.sql"),
    },
    Migration {
        version: 2,
        name: "changes",
        text: include_str!("../postgres/0002_changes.sql"),
    },
];

/// The schema of SQLite, where a file has one server, which has nobody to tell of changes.
pub const SQLITE: &[Migration] = &[Migration {
    version: 1,
    name: "nouns",
    text: include_str!("../sqlite/0001_nouns.sql"),
}];

/// SQLite: whether a file has tables, and none that says which steps were applied to it.
pub const FOREIGN_SQLITE: &str = "select exists (select 1 from sqlite_master where type = 'table') \
    and not exists (select 1 from sqlite_master where name = '_sqlx_migrations')";
