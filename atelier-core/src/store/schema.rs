//! Comparing the migrations that a database has with those of this program.

use atelier_sql::migrations::Migration;

use crate::model::error::{Error, Failure, Result};

/// The table of applied migrations, in both databases.
pub(crate) const TABLE: &str = "_sqlx_migrations";

/// Checks that all migrations of this program were applied. [`Error::Schema`] when not.
pub(crate) fn ensure_complete(applied: &[i64], migrations: &[Migration]) -> Result<()> {
    match missing(applied, migrations).next() {
        None => Ok(()),
        Some(Migration { version, name, .. }) => Err(Error::Schema(Failure::new(format!(
            "The database lacks migration {version} ({name}), which this program needs. Run: atelier migrate"
        )))),
    }
}

/// Returns the migrations of this program that were not applied.
pub(crate) fn missing<'a>(
    applied: &'a [i64],
    migrations: &'a [Migration],
) -> impl Iterator<Item = &'a Migration> {
    migrations
        .iter()
        .filter(|migration| !applied.contains(&migration.version))
}

/// Returns the latest applied migration that this program does not know, if there is one: the schema is newer than the program.
pub(crate) fn newest_unknown(applied: &[i64], migrations: &[Migration]) -> Option<i64> {
    let unknown = applied
        .iter()
        .filter(|version| migrations.iter().all(|known| known.version != **version));
    unknown.max().copied()
}

/// Checks that this program can serve a newer schema. `oldest_program` is the fact of that name. [`Error::Schema`] when not.
pub(crate) fn ensure_compatible(
    newest: i64,
    oldest_program: Option<&str>,
    migrations: &[Migration],
) -> Result<()> {
    let program = migrations.iter().map(|migration| migration.version).max();
    let oldest: Option<i64> = oldest_program.and_then(|version| version.parse().ok());
    if oldest.is_none() || oldest > program {
        return Err(Error::Schema(Failure::new(format!(
            "The database has migration {newest}, which this program does not know: it is older than the database. \
             Upgrade the program."
        ))));
    }
    tracing::warn!(
        database = newest,
        program = program.unwrap_or_default(),
        "the schema of the database is newer than this program, and compatible with it"
    );
    Ok(())
}

/// The error for a database without a table of applied migrations.
pub(crate) fn not_initialized() -> Error {
    Error::Schema(Failure::new(
        "The database holds no tables of Atelier. Run: atelier migrate",
    ))
}
