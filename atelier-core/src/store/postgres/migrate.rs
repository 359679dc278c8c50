//! Schema migrations of a PostgreSQL database, through sqlx's migrator.

use atelier_sql::load;
use atelier_sql::migrations::{self, OLDEST_PROGRAM, POSTGRES};
use sqlx::SqlSafeStr;
use sqlx::migrate::{AppliedMigration, Migrate, MigrateError, Migration, MigrationType, Migrator};
use sqlx::postgres::PgConnection;

use crate::model::error::{Error, Failure, Result};
use crate::store::postgres::error;
use crate::store::schema;

/// Applies missing migrations and returns their number. Concurrent migrations wait for each other. [`Error::Schema`] when the
/// schema is newer than this program and not compatible with it.
pub(crate) async fn migrate(connection: &mut PgConnection) -> Result<usize> {
    let list = async {
        // The lock also protects the creation of the table of migrations. The migrator takes the same lock again.
        connection.lock().await?;
        connection.ensure_migrations_table(schema::TABLE).await?;
        connection.list_applied_migrations(schema::TABLE).await
    };
    let applied = versions(&list.await.map_err(failed)?);
    ensure_compatible(connection, &applied).await?;
    let run = async {
        let mut migrator = Migrator::with_migrations(POSTGRES.iter().map(migration).collect());
        // Unknown migrations are compatible.
        migrator.set_ignore_missing(true);
        migrator.run_direct(None, connection, false).await?;
        connection.unlock().await
    };
    run.await.map_err(failed)?;
    Ok(schema::missing(&applied, POSTGRES).count())
}

fn versions(applied: &[AppliedMigration]) -> Vec<i64> {
    applied.iter().map(|applied| applied.version).collect()
}

async fn ensure_compatible(connection: &mut PgConnection, applied: &[i64]) -> Result<()> {
    let Some(newest) = schema::newest_unknown(applied, POSTGRES) else {
        return Ok(());
    };
    let fact = sqlx::query_scalar(load::FACT).bind(OLDEST_PROGRAM);
    let oldest: Option<String> = fact
        .fetch_optional(connection)
        .await
        .map_err(|error| error::convert("schema", error))?;
    schema::ensure_compatible(newest, oldest.as_deref(), POSTGRES)
}

fn migration(migration: &'static migrations::Migration) -> Migration {
    Migration::new(
        migration.version,
        migration.name.into(),
        MigrationType::Simple,
        migration.text.into_sql_str(),
        false,
    )
}

/// Converts an error of a migration.
pub(crate) fn failed(error: MigrateError) -> Error {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            error::convert("migrate", error)
        }
        error => Error::Schema(
            Failure::new(format!("The database can't be migrated: {error}")).with_source(error),
        ),
    }
}

/// Checks that all migrations were applied, and that a newer schema is compatible. [`Error::Schema`] when not.
pub(crate) async fn check(connection: &mut PgConnection) -> Result<()> {
    let unreadable = |error: MigrateError| match error {
        MigrateError::Execute(sqlx::Error::Database(error))
            if error.code().is_some_and(|code| code == UNDEFINED_TABLE) =>
        {
            schema::not_initialized()
        }
        MigrateError::Execute(error) => error::convert("schema", error),
        error => Error::Schema(
            Failure::new(format!("The schema can't be read: {error}")).with_source(error),
        ),
    };
    let applied = connection
        .list_applied_migrations(schema::TABLE)
        .await
        .map_err(unreadable)?;
    let applied = versions(&applied);
    ensure_compatible(connection, &applied).await?;
    schema::ensure_complete(&applied, POSTGRES)
}

/// SQLSTATE `undefined_table`.
const UNDEFINED_TABLE: &str = "42P01";
