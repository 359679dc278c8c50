//! Schema migrations of a SQLite file.
//!
//! The table of applied migrations is that of sqlx's migrator, with the same checksums: earlier versions migrated files with it.

use std::time::Instant;

use atelier_sql::load;
use atelier_sql::migrations::{self, Migration, OLDEST_PROGRAM};
use rusqlite::{Connection, OptionalExtension, Row};
use sha2::{Digest, Sha384};

use crate::model::error::{Error, Failure, Result};
use crate::store::schema;
use crate::store::sqlite::error;

/// A row of the table of applied migrations.
struct Applied {
    version: i64,
    checksum: Vec<u8>,
}

/// Applies missing migrations, each in a transaction, and returns their number. [`Error::Schema`] when the schema is newer than
/// this program and not compatible with it, or when an applied migration is not the one of this program.
pub(crate) fn migrate(connection: &mut Connection, migrations: &[Migration]) -> Result<usize> {
    let failed = |error| error::convert("migrate", &error);
    connection
        .execute_batch(migrations::CREATE_MIGRATIONS_SQLITE)
        .map_err(failed)?;
    let applied = applied(connection).map_err(failed)?;
    let versions = versions(&applied);
    ensure_compatible(connection, &versions, migrations)?;
    for Applied { version, checksum } in &applied {
        let known = migrations.iter().find(|known| known.version == *version);
        if known.is_some_and(|known| self::checksum(known) != *checksum) {
            return Err(Error::Schema(Failure::new(format!(
                "The database can't be migrated: its migration {version} is not the one of this program."
            ))));
        }
    }
    for migration in schema::missing(&versions, migrations) {
        apply(connection, migration).map_err(failed)?;
    }
    Ok(schema::missing(&versions, migrations).count())
}

fn ensure_compatible(
    connection: &Connection,
    applied: &[i64],
    migrations: &[Migration],
) -> Result<()> {
    let Some(newest) = schema::newest_unknown(applied, migrations) else {
        return Ok(());
    };
    let oldest: Option<String> = connection
        .query_row(load::FACT, [OLDEST_PROGRAM], |row| row.get(0))
        .optional()
        .map_err(|error| error::convert("schema", &error))?;
    schema::ensure_compatible(newest, oldest.as_deref(), migrations)
}

fn apply(connection: &mut Connection, migration: &Migration) -> rusqlite::Result<()> {
    let begun = Instant::now();
    let transaction = connection.transaction()?;
    transaction.execute_batch(migration.text)?;
    let nanoseconds = i64::try_from(begun.elapsed().as_nanos()).unwrap_or(i64::MAX);
    transaction.execute(
        migrations::RECORD_MIGRATION_SQLITE,
        (
            migration.version,
            migration.name,
            checksum(migration),
            nanoseconds,
        ),
    )?;
    transaction.commit()
}

/// Checks that all migrations were applied, and that a newer schema is compatible. [`Error::Schema`] when not.
pub(crate) fn check(connection: &Connection, migrations: &[Migration]) -> Result<()> {
    let failed = |error| error::convert("schema", &error);
    if !connection
        .table_exists(None, schema::TABLE)
        .map_err(failed)?
    {
        return Err(schema::not_initialized());
    }
    let applied = versions(&applied(connection).map_err(failed)?);
    ensure_compatible(connection, &applied, migrations)?;
    schema::ensure_complete(&applied, migrations)
}

fn applied(connection: &Connection) -> rusqlite::Result<Vec<Applied>> {
    let applied = |row: &Row<'_>| {
        Ok(Applied {
            version: row.get(0)?,
            checksum: row.get(1)?,
        })
    };
    let mut statement = connection.prepare(migrations::APPLIED_SQLITE)?;
    statement.query_map([], applied)?.collect()
}

fn versions(applied: &[Applied]) -> Vec<i64> {
    applied.iter().map(|applied| applied.version).collect()
}

fn checksum(migration: &Migration) -> Vec<u8> {
    Sha384::digest(migration.text).to_vec()
}

#[cfg(test)]
mod tests {
    use atelier_sql::migrations::SQLITE;

    use super::*;

    /// The checksum that sqlx recorded for the first migration. It must never change, or existing files can't be opened.
    const FIRST_CHECKSUM: &str = "24a2db3c531d0d925e519f15192f44de96e856f681a69d856ef6f39910168933945a24e59832172d817ac4fc9d75b0f5";

    fn execute(connection: &Connection, statement: &str) {
        let executed = connection.execute_batch(statement);
        executed.unwrap_or_else(|error| panic!("{error}: {statement}"));
    }

    #[test]
    fn recorded_checksum_is_that_of_sqlx() {
        let mut connection = Connection::open_in_memory().expect("opens");
        let refused = check(&connection, SQLITE);
        assert!(matches!(refused, Err(Error::Schema(_))), "{refused:?}");
        migrate(&mut connection, SQLITE).expect("migrates");
        let first = "select lower(hex(checksum)) from _sqlx_migrations where version = 1";
        let first: String = connection
            .query_row(first, [], |row| row.get(0))
            .expect("a row");
        assert_eq!(first, FIRST_CHECKSUM);
        execute(&connection, "update _sqlx_migrations set checksum = x'00'");
        let refused = migrate(&mut connection, SQLITE);
        assert!(matches!(refused, Err(Error::Schema(_))), "{refused:?}");
    }

    #[test]
    fn program_of_the_previous_schema_serves_until_a_migration_excludes_it() {
        let mut database = Connection::open_in_memory().expect("opens");
        let (old, new) = (&SQLITE[..1], &SQLITE[..2]);
        assert_eq!(migrate(&mut database, old).expect("migrates"), 1);
        let add = "insert into cart_items (owner, sku_id, id, count) values ('x', (select count(*) from cart_items), 1, 1)";
        execute(&database, add);
        assert!(check(&database, new).is_err());
        assert_eq!(migrate(&mut database, new).expect("migrates"), 1);
        check(&database, new).expect("is up to date");

        check(&database, old).expect("is compatible");
        assert_eq!(migrate(&mut database, old).expect("nothing to do"), 0);
        execute(&database, add);
        let dated = "select count(*) from cart_items where changed_on = unixepoch() / 86400";
        let dated = database.query_row(dated, [], |row| row.get(0));
        assert_eq!(dated, Ok(2), "an existing item, and one of the old program");

        for exclude in [
            "update store_facts set value = '3' where name = 'oldest_program'",
            "delete from store_facts",
        ] {
            execute(&database, exclude);
            for refused in [check(&database, old), migrate(&mut database, old).map(drop)] {
                assert!(matches!(refused, Err(Error::Schema(_))), "{refused:?}");
            }
        }
    }
}
