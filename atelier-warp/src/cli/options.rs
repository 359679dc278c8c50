//! What the settings come to.

use std::net::SocketAddr;
use std::time::Duration;

use atelier_core::http::HttpSettings;
use atelier_core::{DatabaseUrl, Limits, StoreOptions};
use atelier_warp::serve::ServerConfig;
use tracing_subscriber::filter::LevelFilter;

/// All that a command may want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    /// None for the embedded file.
    pub(crate) database: Option<DatabaseUrl>,
    pub(crate) store: StoreOptions,
    /// How long to wait for a database that can't be reached; none is for ever.
    pub(crate) wait: Option<Duration>,
    /// Products of the demo; none is as the database says.
    pub(crate) demo: Option<u32>,
    /// Of `atelier migrate`: change nothing.
    pub(crate) check: bool,
    pub(crate) listen: SocketAddr,
    /// Where probes are answered, if not there.
    pub(crate) admin: Option<Admin>,
    pub(crate) production: bool,
    /// What is logged.
    pub(crate) log: String,
    /// That of which `log` says nothing else, and the requests.
    pub(crate) log_level: LevelFilter,
    pub(crate) log_format: LogFormat,
    /// Of how many requests that went well one is logged; 0 logs none.
    pub(crate) log_sample: u64,
    pub(crate) limits: Limits,
    pub(crate) settings: HttpSettings,
    pub(crate) serving: ServerConfig,
}

/// Where probes are answered, away from the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admin {
    At(SocketAddr),
    /// On 127.0.0.1, at the port of the API plus this: one setting for all servers of a machine.
    Above(u16),
}

impl Admin {
    /// The address, where the API is at `api`; none when there is no such port.
    pub(crate) fn address(self, api: SocketAddr) -> Option<SocketAddr> {
        match self {
            Self::At(address) => Some(address),
            Self::Above(offset) => {
                let port = api.port().checked_add(offset)?;
                Some(SocketAddr::from(([127, 0, 0, 1], port)))
            }
        }
    }
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For a person on a terminal, else for a program.
    Auto,
    Pretty,
    Json,
}

/// What holds where nothing is set: what the library does, and where.
impl Default for Options {
    fn default() -> Self {
        Self {
            database: None,
            store: StoreOptions::default(),
            wait: None,
            demo: None,
            check: false,
            listen: SocketAddr::from(([127, 0, 0, 1], 3_000)),
            admin: None,
            production: false,
            log: "info,sqlx=warn".to_owned(),
            log_level: LevelFilter::INFO,
            log_format: LogFormat::Auto,
            log_sample: 1,
            limits: Limits::default(),
            settings: HttpSettings::default(),
            serving: ServerConfig::default(),
        }
    }
}

impl Options {
    /// The database that is meant.
    pub(crate) fn url(&self) -> DatabaseUrl {
        // An embedded file has a place whatever is set.
        let embedded = || DatabaseUrl::or_embedded(None);
        match &self.database {
            Some(url) => url.clone(),
            None => embedded().unwrap_or_else(|_| DatabaseUrl::sqlite("atelier/demo.db")),
        }
    }
}
