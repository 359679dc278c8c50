//! The schema, as a list of steps for each dialect. A step that has been released is never edited.
//!
//! Servers of the previous schema serve while a new one is brought in, and after it: a step adds (expand), and what the previous
//! program needs is dropped by a step of a later release (contract). Each step from 3 on records [`OLDEST_PROGRAM`].

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

/// The fact in `store_facts` that names the oldest schema version that a program may be made for to serve the database.
pub const OLDEST_PROGRAM: &str = "oldest_program";

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
    Migration {
        version: 3,
        name: "cart_dates",
        text: include_str!("../postgres/0003_cart_dates.sql"),
    },
];

/// The schema of SQLite, where a file has one server, which has nobody to tell of changes.
pub const SQLITE: &[Migration] = &[
    Migration {
        version: 1,
        name: "nouns",
        text: include_str!("../sqlite/0001_nouns.sql"),
    },
    Migration {
        version: 3,
        name: "cart_dates",
        text: include_str!("../sqlite/0003_cart_dates.sql"),
    },
];

/// SQLite: whether a file has tables, and none that says which steps were applied to it.
pub const FOREIGN_SQLITE: &str = "select exists (select 1 from sqlite_master where type = 'table') \
    and not exists (select 1 from sqlite_master where name = '_sqlx_migrations')";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_records_the_oldest_program() {
        let record = format!("insert into store_facts (name, value) values ('{OLDEST_PROGRAM}', '");
        for step in [POSTGRES, SQLITE].concat() {
            // The first two were released before there was such a fact.
            let is_recorded = step.text.contains(&record);
            assert_eq!(is_recorded, step.version > 2, "{}", step.name);
        }
    }
}
