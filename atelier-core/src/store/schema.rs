//! The schema of a database, and the steps that bring it up to date.

use atelier_sql::migrations::Migration as Step;
use sqlx::SqlSafeStr;
use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};

use crate::model::error::{Error, Failure, Result};

/// The table in which the applied steps are written down.
const TABLE: &str = "_sqlx_migrations";

/// Applies the steps that are missing, and tells how many there were. Other processes that migrate the same PostgreSQL
/// database meanwhile wait. [`Error::Schema`] when the database has steps this program does not know.
pub(crate) async fn migrate<C: Migrate>(
    connection: &mut C,
    steps: &'static [Step],
) -> Result<usize> {
    let run = async {
        // Before the table of steps is made, which two processes can't do at once. The migrator takes the same lock again.
        connection.lock().await?;
        connection.ensure_migrations_table(TABLE).await?;
        let before = connection.list_applied_migrations(TABLE).await?.len();
        migrator(steps).run_direct(None, connection, false).await?;
        connection.unlock().await?;
        Ok(steps.len().saturating_sub(before))
    };
    run.await.map_err(failed)
}

/// The failure of a migration.
pub(crate) fn failed(error: MigrateError) -> Error {
    match error {
        MigrateError::VersionMissing(version) => newer(version),
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            crate::store::failure::from("migrate", error)
        }
        error => Error::Schema(
            Failure::new(format!("The database can't be migrated: {error}")).with_source(error),
        ),
    }
}

/// Whether all steps have been applied. [`Error::Schema`] when not.
pub(crate) async fn check<C: Migrate>(connection: &mut C, steps: &[Step]) -> Result<()> {
    let unknown = |error: MigrateError| match error {
        // No such table, on PostgreSQL and on SQLite.
        MigrateError::Execute(sqlx::Error::Database(error))
            if error
                .code()
                .is_some_and(|code| code == "42P01" || code == "1") =>
        {
            Error::Schema(Failure::new(
                "The database holds no tables of Atelier. Run: atelier migrate",
            ))
        }
        MigrateError::Execute(error) => crate::store::failure::from("schema", error),
        error => Error::Schema(
            Failure::new(format!("The schema can't be read: {error}")).with_source(error),
        ),
    };
    let applied = connection
        .list_applied_migrations(TABLE)
        .await
        .map_err(unknown)?;
    if let Some(ahead) = applied
        .iter()
        .find(|applied| steps.iter().all(|step| step.version != applied.version))
    {
        return Err(newer(ahead.version));
    }
    match steps.iter().find(|step| {
        applied
            .iter()
            .all(|applied| applied.version != step.version)
    }) {
        None => Ok(()),
        Some(Step { version, name, .. }) => Err(Error::Schema(Failure::new(format!(
            "The database lacks migration {version} ({name}), which this program needs. Run: atelier migrate"
        )))),
    }
}

fn newer(version: i64) -> Error {
    Error::Schema(Failure::new(format!(
        "The database has migration {version}, which this program does not know: it is older than the database. \
         Upgrade the program."
    )))
}

fn migrator(steps: &'static [Step]) -> Migrator {
    let migration = |step: &'static Step| {
        Migration::new(
            step.version,
            step.name.into(),
            MigrationType::Simple,
            step.text.into_sql_str(),
            false,
        )
    };
    Migrator::with_migrations(steps.iter().map(migration).collect())
}
