//! The schema of a database, and the steps that bring it up to date.

use atelier_sql::load;
use atelier_sql::migrations::{Migration as Step, OLDEST_PROGRAM};
use sqlx::migrate::{AppliedMigration, Migrate, MigrateError, Migration, MigrationType, Migrator};
use sqlx::{PgConnection, SqlSafeStr, SqliteConnection};

use crate::model::error::{Error, Failure, Result};

/// The table in which the applied steps are written down.
const TABLE: &str = "_sqlx_migrations";

/// A connection to a database with a schema.
pub(crate) trait SchemaConnection: Migrate {
    /// The oldest schema version that a program may be made for to serve the database.
    fn oldest_program(
        &mut self,
    ) -> impl Future<Output = Result<Option<String>, sqlx::Error>> + Send;
}

impl SchemaConnection for PgConnection {
    async fn oldest_program(&mut self) -> Result<Option<String>, sqlx::Error> {
        let fact = sqlx::query_scalar(load::FACT).bind(OLDEST_PROGRAM);
        fact.fetch_optional(self).await
    }
}

impl SchemaConnection for SqliteConnection {
    async fn oldest_program(&mut self) -> Result<Option<String>, sqlx::Error> {
        let fact = sqlx::query_scalar(load::FACT).bind(OLDEST_PROGRAM);
        fact.fetch_optional(self).await
    }
}

/// Applies the steps that are missing, and returns their number. Other processes that migrate the same PostgreSQL
/// database meanwhile wait. [`Error::Schema`] when the database is newer than this program, and not compatible with it.
pub(crate) async fn migrate<C: SchemaConnection>(
    connection: &mut C,
    steps: &'static [Step],
) -> Result<usize> {
    let list = async {
        // Before the table of steps is made, which two processes can't do at once. The migrator takes the same lock again.
        connection.lock().await?;
        connection.ensure_migrations_table(TABLE).await?;
        connection.list_applied_migrations(TABLE).await
    };
    let applied = list.await.map_err(failed)?;
    ensure_compatible(connection, &applied, steps).await?;
    let run = async {
        migrator(steps).run_direct(None, connection, false).await?;
        connection.unlock().await
    };
    run.await.map_err(failed)?;
    let missing = steps.iter().filter(|step| !has(&applied, step));
    Ok(missing.count())
}

fn has(applied: &[AppliedMigration], step: &Step) -> bool {
    applied
        .iter()
        .any(|applied| applied.version == step.version)
}

/// Checks that a program of these steps can serve the database, where that has later ones: it is newer than the oldest program
/// that the last of them allows.
async fn ensure_compatible<C: SchemaConnection>(
    connection: &mut C,
    applied: &[AppliedMigration],
    steps: &[Step],
) -> Result<()> {
    let program = steps.iter().map(|step| step.version).max();
    let unknown = applied.iter().map(|applied| applied.version);
    let unknown = unknown.filter(|version| steps.iter().all(|step| step.version != *version));
    let Some(database) = unknown.max() else {
        return Ok(());
    };
    let oldest = connection.oldest_program().await;
    let oldest = oldest.map_err(|error| super::failure::from("schema", error))?;
    let oldest: Option<i64> = oldest.and_then(|version| version.parse().ok());
    if oldest.is_none() || oldest > program {
        return Err(newer(database));
    }
    tracing::warn!(
        database,
        program = program.unwrap_or_default(),
        "the schema of the database is newer than this program, and compatible with it"
    );
    Ok(())
}

/// The failure of a migration.
pub(crate) fn failed(error: MigrateError) -> Error {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            crate::store::failure::from("migrate", error)
        }
        error => Error::Schema(
            Failure::new(format!("The database can't be migrated: {error}")).with_source(error),
        ),
    }
}

/// Whether all steps have been applied, and no later ones that are not compatible. [`Error::Schema`] when not.
pub(crate) async fn check<C: SchemaConnection>(connection: &mut C, steps: &[Step]) -> Result<()> {
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
    ensure_compatible(connection, &applied, steps).await?;
    match steps.iter().find(|step| !has(&applied, step)) {
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
    let mut migrator = Migrator::with_migrations(steps.iter().map(migration).collect());
    // Later ones are compatible, see `ensure_compatible`.
    migrator.set_ignore_missing(true);
    migrator
}

#[cfg(test)]
mod tests {
    use atelier_sql::migrations::SQLITE;
    use sqlx::Connection;

    use super::*;

    async fn execute(connection: &mut SqliteConnection, statement: &'static str) {
        let executed = sqlx::query(statement).execute(connection).await;
        executed.unwrap_or_else(|error| panic!("{error}: {statement}"));
    }

    #[tokio::test]
    async fn program_of_the_previous_schema_serves_until_a_step_excludes_it() {
        let mut database = SqliteConnection::connect("sqlite::memory:")
            .await
            .expect("opens");
        let (old, new) = (&SQLITE[..1], &SQLITE[..2]);
        assert_eq!(migrate(&mut database, old).await.expect("migrates"), 1);
        let add = "insert into cart_items (owner, sku_id, id, count) values ('x', (select count(*) from cart_items), 1, 1)";
        execute(&mut database, add).await;
        assert!(check(&mut database, new).await.is_err());
        assert_eq!(migrate(&mut database, new).await.expect("migrates"), 1);
        check(&mut database, new).await.expect("is up to date");

        check(&mut database, old).await.expect("is compatible");
        assert_eq!(migrate(&mut database, old).await.expect("nothing to do"), 0);
        execute(&mut database, add).await;
        let dated = "select count(*) from cart_items where changed_on = unixepoch() / 86400";
        let dated = sqlx::query_scalar(dated).fetch_one(&mut database).await;
        assert_eq!(
            dated.ok(),
            Some(2),
            "a line that was there, and one of the old program"
        );

        for exclude in [
            "update store_facts set value = '3' where name = 'oldest_program'",
            "delete from store_facts",
        ] {
            execute(&mut database, exclude).await;
            for refused in [
                check(&mut database, old).await,
                migrate(&mut database, old).await.map(drop),
            ] {
                assert!(matches!(refused, Err(Error::Schema(_))), "{refused:?}");
            }
        }
    }
}
