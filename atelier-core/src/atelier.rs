//! The API itself.

use std::sync::Arc;

use crate::store::Store;
use crate::{Clock, Result};

/// The whole API. Cheap to clone; clones share one store.
#[derive(Clone)]
pub struct Atelier(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    settings: Settings,
    clock: Clock,
    #[cfg(feature = "http")]
    base_paths: Vec<Vec<crate::http::BaseSegment>>,
}

/// What the contract lets the operator choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The campus that products show, whatever address they were asked under.
    pub campus: String,
    /// Most rows of one list in one answer, however large a `count` is asked.
    pub max_rows: i64,
    /// Most bytes of a POST body.
    pub max_body: usize,
    /// Where the API is reachable: each begins with a slash, `{name}` stands for any one segment, `/` is the root.
    pub base_paths: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            campus: "hr-rfp".to_owned(),
            max_rows: 10_000,
            max_body: 1_048_576,
            base_paths: vec!["/".to_owned(), "/api/fec2/{campus}".to_owned()],
        }
    }
}

impl Atelier {
    /// The API over `store`, with the default settings and the machine's clock.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self::with(store, Settings::default(), Clock::default())
    }

    /// The API over `store`.
    pub fn with(store: Arc<dyn Store>, settings: Settings, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            store,
            #[cfg(feature = "http")]
            base_paths: settings
                .base_paths
                .iter()
                .map(|path| crate::http::BaseSegment::parse(path))
                .collect(),
            settings,
            clock,
        }))
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Whether the store answers: asks it one small question.
    pub async fn ready(&self) -> Result<()> {
        self.store().ready().await
    }

    #[cfg(feature = "http")]
    pub(crate) fn base_paths(&self) -> &[Vec<crate::http::BaseSegment>] {
        &self.0.base_paths
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.0.store
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }
}
