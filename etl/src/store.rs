//! The one place where rows leave this crate.

use atelier_core::DatabaseUrl;
use atelier_core::bulk::Batch;
use atelier_core::store::{BulkLoad, Mark, bulk_load};

use crate::error::Error;
use crate::input::{Content, Input};

/// The store that is loaded.
pub(crate) struct Target {
    pub(crate) url: DatabaseUrl,
    load: Box<dyn BulkLoad>,
}

impl Target {
    /// Claims the store at `url`.
    pub(crate) async fn open(url: DatabaseUrl) -> Result<Self, Error> {
        match bulk_load(&url).await {
            Ok(load) => Ok(Self { url, load }),
            Err(source) => Err(Error::Store { url, source }),
        }
    }

    /// Whether these files are what it holds. [`Error::NotEmpty`] when it holds anything else that is no demo.
    pub(crate) async fn holds(&self, inputs: &[Input]) -> Result<bool, Error> {
        let content = self.load.content().await.map_err(|e| self.failed(e))?;
        if !content.products || content.demo {
            return Ok(false);
        }
        let loaded = self.load.loaded().await.map_err(|e| self.failed(e))?;
        match loaded {
            Some(known) if Content::is_of(&known, inputs)? => Ok(true),
            _ => Err(Error::NotEmpty {
                url: self.url.clone(),
            }),
        }
    }

    pub(crate) async fn begin(&self, of: &str, resume: bool) -> Result<(), Error> {
        let begun = if resume {
            self.load.resume(of).await
        } else {
            self.load.begin(of).await
        };
        begun.map_err(|e| self.failed(e))
    }

    pub(crate) async fn put(&self, rows: Batch) -> Result<(), Error> {
        self.load.put(rows).await.map_err(|e| self.failed(e))
    }

    /// Exchanges what is served for what was put; `content` tells what that was.
    pub(crate) async fn finish(&self, content: &str) -> Result<(), Error> {
        let mark = Mark::Loaded(content);
        self.load.finish(mark).await.map_err(|e| self.failed(e))
    }

    fn failed(&self, source: atelier_core::Error) -> Error {
        Error::Store {
            url: self.url.clone(),
            source,
        }
    }
}
