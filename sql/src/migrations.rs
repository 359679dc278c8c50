//! The schema migrations of both databases. A released migration is never edited, because databases store its checksum.
//!
//! Servers of the previous schema keep serving during and after a migration: a migration adds (expand); what the previous program
//! needs is dropped by a migration of a later release (contract). Each migration from 3 on records [`OLDEST_PROGRAM`].

/// A schema migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// Ascending. The same version is the same change in both databases; a database that does not need it skips the number.
    pub version: i64,
    /// A short name, for messages.
    pub name: &'static str,
    /// The statements.
    pub text: &'static str,
}

/// The fact in `store_facts` with the oldest schema version whose programs can serve the database.
pub const OLDEST_PROGRAM: &str = "oldest_program";

/// The schema of PostgreSQL.
pub const POSTGRES: &[Migration] = &[
    Migration {
        version: 1,
        name: "init",
        text: include_str!("../postgres/0001_init.sql"),
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

/// The schema of SQLite. A file has one server, so it needs no table `changes`.
pub const SQLITE: &[Migration] = &[
    Migration {
        version: 1,
        name: "init",
        text: include_str!("../sqlite/0001_init.sql"),
    },
    Migration {
        version: 3,
        name: "cart_dates",
        text: include_str!("../sqlite/0003_cart_dates.sql"),
    },
];

/// SQLite: whether a file has tables but no table of applied migrations.
pub const FOREIGN_SQLITE: &str = "select exists (select 1 from sqlite_master where type = 'table') \
    and not exists (select 1 from sqlite_master where name = '_sqlx_migrations')";

/// SQLite: creates the table of applied migrations, as sqlx's migrator does.
pub const CREATE_MIGRATIONS_SQLITE: &str = "create table if not exists _sqlx_migrations (
    version bigint primary key,
    description text not null,
    installed_on timestamp not null default current_timestamp,
    success boolean not null,
    checksum blob not null,
    execution_time bigint not null
)";
/// SQLite: versions and checksums of applied migrations.
pub const APPLIED_SQLITE: &str =
    "select version, checksum from _sqlx_migrations where success order by version";
/// SQLite: records a migration: `$1` version, `$2` name, `$3` checksum, `$4` duration in nanoseconds.
pub const RECORD_MIGRATION_SQLITE: &str = "insert into _sqlx_migrations \
    (version, description, success, checksum, execution_time) values ($1, $2, true, $3, $4)";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_migration_records_the_oldest_program() {
        let record = format!("insert into store_facts (name, value) values ('{OLDEST_PROGRAM}', '");
        for migration in [POSTGRES, SQLITE].concat() {
            // The first two were released before the fact was introduced.
            let is_recorded = migration.text.contains(&record);
            assert_eq!(is_recorded, migration.version > 2, "{}", migration.name);
        }
    }
}
