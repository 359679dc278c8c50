//! The databases that are read: those that were named, or throwaway ones, made and filled when they are first needed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use atelier_test_support::postgres::{self, Database};
use clap::ValueEnum;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, PgConnection, SqliteConnection};
use tempfile::TempDir;
use tokio::process::Command;

use crate::Result;
use crate::server::beside;
use crate::targets::Ids;

/// The largest ids, and how many products there are.
const IDS: &str = "select coalesce((select max(id) from products), 0), \
    coalesce((select max(id) from reviews), 0), coalesce((select max(id) from questions), 0), \
    coalesce((select max(id) from answers), 0), (select count(*) from products)";

/// The first and the last characteristic of each product that has any.
const CHARACTERISTICS: &str =
    "select product_id, min(id), max(id) from characteristics group by product_id";

/// What a fresh load leaves to the server's own housekeeping, which would come in the middle of the measuring.
const SETTLE: &str = "vacuum (analyze)";

type CharacteristicRows = Vec<(i64, i64, i64)>;

/// What to measure over, as it was asked for: never by `DATABASE_URL`, which may be the shop's own.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Given {
    /// A PostgreSQL database with products; `mix`, `sweep` and `scenarios` write votes, reviews, questions, answers, carts
    /// and interactions into it. Without one a throwaway server is filled, which lives in memory where there is room: name one for a full set
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// One with few products, for `scale`; only read. Made without one
    #[arg(long, value_name = "URL")]
    small_database_url: Option<String>,
    /// An SQLite file with the same products, of which a copy is measured, in $TMPDIR or /tmp. Made without one
    #[arg(long, value_name = "PATH")]
    sqlite: Option<PathBuf>,
    /// Products of the databases that are made; 1000011 is the full set
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(10..))]
    products: u64,
}

/// The store under Atelier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Store {
    Postgres,
    Sqlite,
}

impl Store {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::Sqlite => "SQLite",
        }
    }
}

/// A database with rows.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) url: String,
    pub(crate) ids: Ids,
    _kept: Option<Database>,
}

/// Where databases come from. Dropping it removes the files it made.
pub(crate) struct Data {
    given: Given,
    folder: TempDir,
}

impl Data {
    pub(crate) fn new(given: Given) -> Result<Self> {
        let folder =
            tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
        Ok(Self { given, folder })
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A store with all products.
    pub(crate) async fn place(&self, store: Store) -> Result<Place> {
        match store {
            Store::Postgres => self.postgres().await,
            Store::Sqlite => self.sqlite().await,
        }
    }

    /// PostgreSQL with all products.
    pub(crate) async fn postgres(&self) -> Result<Place> {
        self.on_postgres(self.given.database_url.as_deref(), self.given.products)
            .await
    }

    /// PostgreSQL with few: 10,000, or a tenth where there are no more.
    pub(crate) async fn small(&self, all: Ids) -> Result<Place> {
        let few = if all.products > 10_000 {
            10_000
        } else {
            all.products.div_ceil(10)
        };
        self.on_postgres(self.given.small_database_url.as_deref(), few)
            .await
    }

    async fn on_postgres(&self, url: Option<&str>, products: u64) -> Result<Place> {
        let (url, kept) = if let Some(url) = url {
            (url.to_owned(), None)
        } else {
            let database = postgres::database().await;
            self.fill(&database.url(), products).await?;
            (database.url(), Some(database))
        };
        // Not its URL in the words of a failure: it may hold a password.
        let failed = |error: sqlx::Error| format!("the PostgreSQL database can't be read: {error}");
        let mut connection = PgConnection::connect(&url).await.map_err(failed)?;
        if kept.is_some() {
            sqlx::query(SETTLE)
                .execute(&mut connection)
                .await
                .map_err(failed)?;
        }
        let row: (i64, i64, i64, i64, i64) = sqlx::query_as(IDS)
            .fetch_one(&mut connection)
            .await
            .map_err(failed)?;
        connection.close().await.map_err(failed)?;
        let ids = ids(row)?;
        Ok(Place {
            url,
            ids,
            _kept: kept,
        })
    }

    /// SQLite with all products.
    pub(crate) async fn sqlite(&self) -> Result<Place> {
        let path = self.folder().join("load.db");
        let url = format!("sqlite:{}", path.display());
        if let Some(given) = &self.given.sqlite {
            eprintln!("copying {}", given.display());
            let log = given.with_file_name(format!(
                "{}-wal",
                given.file_name().unwrap_or_default().to_string_lossy()
            ));
            if log.metadata().is_ok_and(|log| log.len() > 0) {
                return Err(format!("{} is in use: stop its server", given.display()));
            }
            let (from, to) = (given.clone(), path.clone());
            let copied = tokio::task::spawn_blocking(move || std::fs::copy(from, to)).await;
            let copied = copied.map_err(|error| error.to_string())?;
            copied.map_err(|error| format!("{} can't be copied: {error}", given.display()))?;
        } else {
            self.fill(&url, self.given.products).await?;
        }
        let failed = |error: sqlx::Error| format!("the SQLite file can't be read: {error}");
        let options = SqliteConnectOptions::new().filename(&path);
        let mut connection = SqliteConnection::connect_with(&options)
            .await
            .map_err(failed)?;
        let row: (i64, i64, i64, i64, i64) = sqlx::query_as(IDS)
            .fetch_one(&mut connection)
            .await
            .map_err(failed)?;
        connection.close().await.map_err(failed)?;
        let ids = ids(row)?;
        Ok(Place {
            url,
            ids,
            _kept: None,
        })
    }

    /// Loads that many generated products; the files are reused by later runs.
    async fn fill(&self, url: &str, products: u64) -> Result<()> {
        eprintln!("creating a database of {products} products");
        let files = self.folder().join(format!("csv-{products}"));
        if !files.exists() {
            let count = products.to_string();
            let arguments = ["--products", &count];
            etl(Command::new(beside("atelier-etl")?)
                .arg("generate")
                .arg(&files)
                .args(arguments))
            .await?;
        }
        let mut load = Command::new(beside("atelier-etl")?);
        load.arg("load").arg(&files).env("DATABASE_URL", url);
        load.arg("--rejects").arg(self.folder().join("rejects.csv"));
        etl(&mut load).await
    }
}

impl Place {
    /// Reads two characteristics of each product, zeros for a product without any: what a review rates.
    pub(crate) async fn characteristics(&self) -> Result<Arc<[[u64; 2]]>> {
        let rows = if self.url.starts_with("sqlite:") {
            sqlite_characteristics(&self.url).await
        } else {
            postgres_characteristics(&self.url).await
        };
        let rows = rows.map_err(|error| format!("characteristics can't be read: {error}"))?;
        let products = usize::try_from(self.ids.products).map_err(|error| error.to_string())?;
        let mut characteristics = vec![[0; 2]; products];
        for (product, first, last) in rows {
            let place = usize::try_from(product - 1).unwrap_or(usize::MAX);
            if let Some(pair) = characteristics.get_mut(place) {
                *pair = [first, last].map(|id| u64::try_from(id).unwrap_or(0));
            }
        }
        Ok(characteristics.into())
    }
}

async fn postgres_characteristics(url: &str) -> sqlx::Result<CharacteristicRows> {
    let mut connection = PgConnection::connect(url).await?;
    let rows = sqlx::query_as(CHARACTERISTICS)
        .fetch_all(&mut connection)
        .await;
    connection.close().await?;
    rows
}

async fn sqlite_characteristics(url: &str) -> sqlx::Result<CharacteristicRows> {
    let mut connection = SqliteConnection::connect(url).await?;
    let rows = sqlx::query_as(CHARACTERISTICS)
        .fetch_all(&mut connection)
        .await;
    connection.close().await?;
    rows
}

async fn etl(command: &mut Command) -> Result<()> {
    let output = command.kill_on_drop(true).output().await;
    let output = output.map_err(|error| format!("atelier-etl can't be started: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "atelier-etl failed: {}",
        String::from_utf8_lossy(&output.stderr)
    ))
}

fn ids((products, reviews, questions, answers, count): (i64, i64, i64, i64, i64)) -> Result<Ids> {
    let [products, reviews, questions, answers, count] =
        [products, reviews, questions, answers, count].map(|id| u64::try_from(id).unwrap_or(0));
    if products != count {
        return Err(format!(
            "{count} products, and the largest id is {products}: ids must be without gaps"
        ));
    }
    if [products, reviews, questions, answers].contains(&0) {
        return Err("the database lacks products, reviews, questions or answers".to_owned());
    }
    Ok(Ids {
        products,
        reviews,
        questions,
        answers,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_with_gaps_or_without_rows_are_refused() {
        let expected = Ids {
            products: 5,
            reviews: 9,
            questions: 7,
            answers: 8,
        };
        assert_eq!(ids((5, 9, 7, 8, 5)), Ok(expected));
        ids((5, 9, 7, 8, 4)).expect_err("a gap");
        ids((0, 0, 0, 0, 0)).expect_err("no rows");
    }
}
