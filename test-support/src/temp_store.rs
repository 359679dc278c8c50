//! Stores that exist as long as one test.

use tempfile::TempDir;

use crate::postgres::{self, Database};

/// The database behind a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum StoreKind {
    Sqlite,
    Postgres,
}

/// A SQLite file or a PostgreSQL database that is removed when the value is dropped.
#[derive(Debug)]
pub struct TempStore {
    url: String,
    _owned: Owned,
}

#[derive(Debug)]
#[expect(dead_code, reason = "dropped with the store")]
enum Owned {
    Directory(TempDir),
    Database(Database),
}

impl TempStore {
    /// Creates a store without tables: a path at which there is no file yet, or an empty database.
    pub async fn empty(kind: StoreKind) -> Self {
        match kind {
            StoreKind::Sqlite => {
                let directory = tempfile::tempdir().expect("a directory");
                let path = directory.path().join("shop.db");
                Self {
                    url: format!("sqlite:{}", path.display()),
                    _owned: Owned::Directory(directory),
                }
            }
            StoreKind::Postgres => postgres::database().await.into(),
        }
    }

    /// Returns its URL: `sqlite:PATH` or `postgres://…`.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl From<Database> for TempStore {
    fn from(database: Database) -> Self {
        Self {
            url: database.url(),
            _owned: Owned::Database(database),
        }
    }
}
