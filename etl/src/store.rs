//! The one place where rows leave this crate.

use std::sync::Arc;

use atelier_core::bulk::Batch;
use atelier_core::{DatabaseUrl, Store};

use crate::error::Error;

/// A store that may be filled.
pub(crate) struct Target {
    url: DatabaseUrl,
    store: Arc<dyn Store>,
}

impl Target {
    /// Opens the store at `url`. [`Error::NotEmpty`] when it holds more than a demo catalogue.
    pub(crate) async fn open(url: DatabaseUrl) -> Result<Self, Error> {
        let failed = |source| Error::Store {
            url: url.clone(),
            source,
        };
        let store = atelier_core::open(&url).await.map_err(failed)?;
        let content = store.content().await.map_err(failed)?;
        if content.products && !content.demo {
            store.close().await;
            return Err(Error::NotEmpty { url });
        }
        Ok(Self { url, store })
    }

    /// Fills the store, whole or not at all, and closes it; tells which store that was.
    pub(crate) async fn fill(self, batch: Batch) -> Result<DatabaseUrl, Error> {
        let filled = self.store.load(batch, false).await;
        self.store.close().await;
        match filled {
            Ok(()) => Ok(self.url),
            Err(source) => Err(Error::Store {
                url: self.url,
                source,
            }),
        }
    }
}
