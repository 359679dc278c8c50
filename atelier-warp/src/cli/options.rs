//! Options of each command. clap derives parser, help and environment variables from these structs; `--print-config` and
//! `docs/settings.md` are generated from the same definitions.
//!
//! The first line of a doc comment is the help text. An option without `default_value` ends it with `[default: ..]` if the
//! default is worth a word.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use atelier_core::http::HttpSettings;
use atelier_core::{DatabaseUrl, Limits, PoolSize, StoreOptions};
use atelier_warp::serve::ServerConfig;
use clap::builder::{NonEmptyStringValueParser, RangedU64ValueParser};
use clap::{ArgAction, Args, ValueEnum, value_parser};
use ipnet::IpNet;

use super::base_path::{base_path, load_test_token};
use super::values::{
    AdminAddress, LogFilter, TokenFile, admin_address, database_url, duration, listen_address,
    log_filter, network, size, switch, token, token_file, wait,
};
use super::{CliError, exit};

/// The admin address with `--production` where the API is public.
const PRODUCTION_ADMIN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 3_001);

/// Products of the demo in the embedded file.
pub(crate) const DEMO_PRODUCTS: u32 = 1_000;

/// Which database.
#[derive(Clone, Args)]
#[command(next_help_heading = "Database")]
pub(crate) struct DatabaseOptions {
    /// `sqlite:PATH`, `sqlite:PATH?mode=ro` to open it read-only and share it with other processes, or
    /// `postgres://..` [default: the embedded file `atelier/demo.db` in `$XDG_DATA_HOME` or `~/.local/share`]
    #[arg(long, env = "DATABASE_URL", value_name = "URL", value_parser = database_url)]
    pub(crate) database_url: Option<DatabaseUrl>,
}

impl DatabaseOptions {
    /// Returns the database, by default the embedded file.
    pub(crate) fn url(&self) -> DatabaseUrl {
        let embedded = || DatabaseUrl::or_embedded(None);
        match &self.database_url {
            Some(url) => url.clone(),
            None => embedded().unwrap_or_else(|_| DatabaseUrl::sqlite("atelier/demo.db")),
        }
    }
}

/// Connections to the database, and waiting for it.
#[derive(Clone, Args)]
#[command(next_help_heading = "Database")]
pub(crate) struct PoolOptions {
    /// Hot standby that serves reads while it is at most a second behind, and writes once it is promoted; the address
    /// of a single server
    #[arg(long, env = "DATABASE_READ_URL", value_name = "URL", value_delimiter = ',', value_parser = database_url)]
    pub(crate) database_read_url: Vec<DatabaseUrl>,
    /// Maximum connections to the PostgreSQL server and to each standby; with standbys, health checks use one more to
    /// each. The sum over all processes must stay below `max_connections` [default: by CPU cores: 12 with two, at
    /// most 32]
    #[arg(long, env = "ATELIER_POOL_SIZE", value_name = "N",
        value_parser = value_parser!(u32).range(i64::from(PoolSize::MIN)..=i64::from(PoolSize::MAX)))]
    pub(crate) pool_size: Option<u32>,
    // With the 3 s of a statement it must stay within the 5 s of a request.
    /// Maximum time that a request waits for a PostgreSQL connection before 503; a request that would wait longer, by
    /// the measured service rate, gets 503 at once
    #[arg(long, env = "ATELIER_QUEUE_TIMEOUT", value_name = "TIME", default_value = "2s",
        value_parser = duration("10ms", "2s"))]
    pub(crate) queue_timeout: Duration,
    /// How long to wait at startup for a PostgreSQL server that is down; `/live` answers meanwhile. Permanent errors
    /// such as a wrong password exit at once. 0 disables waiting
    #[arg(long, env = "ATELIER_WAIT_FOR_DATABASE", value_name = "TIME", default_value = "forever", value_parser = wait)]
    pub(crate) wait_for_database: Duration,
    /// Fill an empty database with demo data of this many products [default: 1000 for the embedded file, else 0]
    #[arg(long, env = "ATELIER_DEMO", value_name = "N", value_parser = value_parser!(u32).range(0..=100_000))]
    pub(crate) demo: Option<u32>,
}

/// Addresses of the server.
#[derive(Clone, Args)]
#[command(next_help_heading = "Addresses")]
pub(crate) struct AddressOptions {
    /// Address of the API, unless a supervisor passes a socket (`LISTEN_FDS`). A port alone means 127.0.0.1; the
    /// variable `PORT` of hosting platforms means 0.0.0.0
    #[arg(long, short_alias = 'p', alias = "port", env = "ATELIER_LISTEN", value_name = "ADDR",
        default_value = "127.0.0.1:3000", value_parser = listen_address)]
    pub(crate) listen: SocketAddr,
    /// Separate address for `/live`, `/ready`, `/health` and `/metrics`. `+10000` means 127.0.0.1 and the API's port
    /// plus 10000, so that several servers can share the setting [default: none; 127.0.0.1:3001 with `--production`
    /// if the API is public]
    #[arg(long, env = "ATELIER_ADMIN_ADDR", value_name = "ADDR", value_parser = admin_address)]
    pub(crate) admin_addr: Option<AdminAddress>,
    /// Refuse to start with unsafe settings: demo data, a database across a network without verified TLS, any client
    /// as trusted proxy. Move probes of a public API to `--admin-addr`
    #[arg(long, env = "ATELIER_PRODUCTION", help_heading = "Security", value_name = "on|off", num_args = 0..=1,
        require_equals = true, default_value = "off", default_missing_value = "on",
        value_parser = switch, action = ArgAction::Set)]
    pub(crate) production: bool,
}

impl AddressOptions {
    /// Returns the admin address, which `--production` adds if the API is public. Servers behind a proxy listen on loopback, and
    /// keep their probes: each would need another admin port.
    pub(crate) fn admin(&self) -> Option<AdminAddress> {
        let public = !self.listen.ip().is_loopback();
        let production = AdminAddress::Fixed(PRODUCTION_ADMIN);
        self.admin_addr
            .or((self.production && public).then_some(production))
    }
}

/// What the API serves.
#[derive(Clone, Args)]
#[command(next_help_heading = "API")]
pub(crate) struct ApiOptions {
    /// Path of the API; `{name}` matches any one segment. Paths below `/live`, `/ready`, `/health`, `/metrics`,
    /// `/docs`, `/storefront` and below the first segments of the API's routes are taken
    #[arg(long, env = "ATELIER_BASE_PATH", value_name = "PATH", value_delimiter = ',',
        default_value = "/,/api/fec2/{campus}", value_parser = base_path)]
    pub(crate) base_path: Vec<String>,
    /// Value of `campus` in products
    #[arg(long, env = "ATELIER_CAMPUS", value_name = "NAME", default_value = "hr-rfp",
        value_parser = NonEmptyStringValueParser::new())]
    pub(crate) campus: String,
    /// Memory for cached responses; 0 disables the cache
    #[arg(long, env = "ATELIER_CACHE_BYTES", value_name = "SIZE", default_value = "128MiB",
        value_parser = size("0", "1024GiB"))]
    pub(crate) cache_bytes: usize,
    /// Maximum rows of a list response, however large `count` is
    #[arg(long, env = "ATELIER_MAX_ROWS", value_name = "N", default_value = "10000",
        value_parser = value_parser!(i64).range(1..=1_000_000))]
    pub(crate) max_rows: i64,
    // A store reads no more at once.
    /// Maximum size of a list response before compression; longer lists are truncated at a row
    #[arg(long, alias = "max-answer-bytes", env = "ATELIER_MAX_RESPONSE_BYTES", value_name = "SIZE",
        default_value = "16MiB", value_parser = size("64KiB", "16MiB"))]
    pub(crate) max_response_bytes: usize,
    /// Refuse every change with 403, for a public demo
    #[arg(long, env = "ATELIER_READ_ONLY", value_name = "on|off", num_args = 0..=1, require_equals = true,
        default_value = "off", default_missing_value = "on", value_parser = switch,
        action = ArgAction::Set)]
    pub(crate) read_only: bool,
    /// Serve the storefront at `/` and the API explorer at `/docs`, which need the API at the root [default: on; off
    /// if `--base-path` lacks `/`]
    #[arg(long, env = "ATELIER_PAGES", value_name = "on|off", num_args = 0..=1, require_equals = true,
        default_missing_value = "on", value_parser = switch, action = ArgAction::Set)]
    pub(crate) pages: Option<bool>,
    /// Token by which a hosted load tester verifies that the server is yours, served at `/TOKEN/`, `/TOKEN.txt` and
    /// `/TOKEN.html`
    #[arg(long, env = "ATELIER_LOAD_TEST_TOKEN", value_name = "TOKEN", value_delimiter = ',',
        value_parser = load_test_token)]
    pub(crate) load_test_token: Vec<String>,
}

impl ApiOptions {
    fn has_root(&self) -> bool {
        self.base_path.iter().any(|path| path == "/")
    }

    /// Whether the pages are served. They request the API at the root.
    pub(crate) fn pages(&self) -> bool {
        self.pages.unwrap_or(true) && self.has_root()
    }
}

/// Limits of connections and requests.
#[derive(Clone, Args)]
#[command(next_help_heading = "Connections")]
pub(crate) struct ConnectionOptions {
    /// Maximum open connections; further ones are closed at once
    #[arg(long, env = "ATELIER_MAX_CONNECTIONS", value_name = "N", default_value = "10000",
        value_parser = RangedU64ValueParser::<usize>::new().range(1..=1_000_000))]
    pub(crate) max_connections: usize,
    /// Maximum size of a request body
    #[arg(long, env = "ATELIER_MAX_BODY", value_name = "SIZE", default_value = "1MiB",
        value_parser = size("1KiB", "64MiB"))]
    pub(crate) max_body: usize,
    /// Maximum time for request headers, and for an idle connection: choose it longer than the keep-alive of a proxy
    /// in front
    #[arg(long, env = "ATELIER_HEADER_TIMEOUT", value_name = "TIME", default_value = "10s",
        value_parser = duration("1ms", "1d"))]
    pub(crate) header_timeout: Duration,
    /// Maximum time for a request body
    #[arg(long, env = "ATELIER_BODY_TIMEOUT", value_name = "TIME", default_value = "10s",
        value_parser = duration("1ms", "1d"))]
    pub(crate) body_timeout: Duration,
}

/// Graceful shutdown.
#[derive(Clone, Args)]
#[command(next_help_heading = "Shutdown")]
pub(crate) struct ShutdownOptions {
    /// How long new connections are accepted after SIGTERM, until every proxy has noticed that the server is not ready
    #[arg(long, env = "ATELIER_DRAIN_DELAY", value_name = "TIME", default_value = "6s",
        value_parser = duration("0", "1d"))]
    pub(crate) drain_delay: Duration,
    /// How long requests in flight may take after that
    #[arg(long, env = "ATELIER_SHUTDOWN_TIMEOUT", value_name = "TIME", default_value = "20s",
        value_parser = duration("0", "1d"))]
    pub(crate) shutdown_timeout: Duration,
}

/// Access and trust.
#[derive(Clone, Args)]
#[command(next_help_heading = "Security")]
pub(crate) struct SecurityOptions {
    /// Token that requests must send in `Authorization`, without a scheme. Other users of the machine can see a
    /// command line [default: none: no token is needed]
    #[arg(long, env = "ATELIER_TOKEN", value_name = "TOKEN", value_delimiter = ',', value_parser = token)]
    pub(crate) token: Vec<String>,
    /// File with one more token on each line; lines that begin with `#` are comments
    #[arg(long, env = "ATELIER_TOKEN_FILE", value_name = "FILE", value_parser = token_file)]
    pub(crate) token_file: Option<TokenFile>,
    /// Address or network of a proxy in front; requests that it retries with the same `Atelier-Retry-Key` are
    /// executed once
    #[arg(long, env = "ATELIER_TRUSTED_PROXIES", value_name = "NETWORK", value_delimiter = ',', value_parser = network)]
    pub(crate) trusted_proxies: Vec<IpNet>,
}

/// How long data is kept.
#[derive(Clone, Args)]
#[command(next_help_heading = "Retention")]
pub(crate) struct RetentionOptions {
    /// How long an `Idempotency-Key` is remembered
    #[arg(long, env = "ATELIER_IDEMPOTENCY_TTL", value_name = "TIME", default_value = "24h",
        value_parser = duration("1s", "365d"))]
    pub(crate) idempotency_ttl: Duration,
    /// Delete interactions after this many days; 0 keeps them forever
    #[arg(long, env = "ATELIER_KEEP_INTERACTIONS", value_name = "DAYS", default_value = "0",
        value_parser = value_parser!(u32).range(0..=36_500))]
    pub(crate) keep_interactions: u32,
    /// Delete a line of a cart if no unit was added to it for this many days; 0 keeps it forever
    #[arg(long, env = "ATELIER_KEEP_CARTS", value_name = "DAYS", default_value = "0",
        value_parser = value_parser!(u32).range(0..=36_500))]
    pub(crate) keep_carts: u32,
}

/// The log.
#[derive(Clone, Args)]
#[command(next_help_heading = "Log")]
pub(crate) struct LogOptions {
    /// Log level: `error`, `warn`, `info`, `debug` or `trace`, also by target, as in `warn,sqlx=debug`
    #[arg(long, env = "ATELIER_LOG", value_name = "LEVELS", default_value = "info,sqlx=warn",
        value_parser = log_filter)]
    pub(crate) log: LogFilter,
    /// Format of the log on standard error: `auto` is `pretty` on a terminal, else `json`, one object per line
    #[arg(
        long,
        env = "ATELIER_LOG_FORMAT",
        value_name = "FORMAT",
        default_value = "auto"
    )]
    pub(crate) log_format: LogFormat,
}

/// Format of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Auto,
    Pretty,
    Json,
}

/// Options of `atelier serve`.
#[derive(Clone, Args)]
pub(crate) struct ServeOptions {
    /// Print every setting, its value and its source, then exit
    #[arg(long)]
    pub(crate) print_config: bool,
    #[command(flatten)]
    pub(crate) database: DatabaseOptions,
    #[command(flatten)]
    pub(crate) pool: PoolOptions,
    #[command(flatten)]
    pub(crate) addresses: AddressOptions,
    #[command(flatten)]
    pub(crate) api: ApiOptions,
    #[command(flatten)]
    pub(crate) connections: ConnectionOptions,
    #[command(flatten)]
    pub(crate) shutdown: ShutdownOptions,
    #[command(flatten)]
    pub(crate) security: SecurityOptions,
    #[command(flatten)]
    pub(crate) retention: RetentionOptions,
    #[command(flatten)]
    pub(crate) log: LogOptions,
    /// Log one in N successful requests, and every failed one; 0 logs no requests
    #[arg(long, env = "ATELIER_LOG_SAMPLE", value_name = "N", help_heading = "Log", default_value = "1",
        value_parser = value_parser!(u64).range(0..=1_000_000))]
    pub(crate) log_sample: u64,
}

impl ServeOptions {
    /// Fails if options contradict each other.
    pub(crate) fn check(&self) -> Result<(), CliError> {
        if self.api.pages == Some(true) && !self.api.has_root() {
            return Err(CliError::new(
                "--pages cannot be on.",
                "The pages request the API at the root, and --base-path lacks /.",
                "Add it, as in --base-path /,/shop, or omit --pages.",
            )
            .with_code(exit::SETTING));
        }
        Ok(())
    }

    /// Products of the demo for an empty database.
    pub(crate) fn demo_products(&self) -> u32 {
        let embedded = self.database.database_url.is_none();
        let default = if embedded { DEMO_PRODUCTS } else { 0 };
        self.pool.demo.unwrap_or(default)
    }

    pub(crate) fn pool_size(&self) -> PoolSize {
        let size = self.pool.pool_size.and_then(PoolSize::new);
        size.unwrap_or_default()
    }

    /// Returns the store's part of the options.
    pub(crate) fn store_options(&self) -> StoreOptions {
        StoreOptions {
            readers: self.pool.database_read_url.clone(),
            pool_size: self.pool_size(),
            queue_timeout: self.pool.queue_timeout,
            ..StoreOptions::default()
        }
    }

    /// Returns the limits of the typed API.
    pub(crate) fn limits(&self) -> Limits {
        let days = |days: u32| (days > 0).then(|| Duration::from_hours(24 * u64::from(days)));
        let ttl = self.retention.idempotency_ttl.as_millis();
        Limits {
            max_rows: self.api.max_rows,
            idempotency_ttl: i64::try_from(ttl).unwrap_or(i64::MAX),
            keep_interactions: days(self.retention.keep_interactions),
            keep_carts: days(self.retention.keep_carts),
            read_only: self.api.read_only,
        }
    }

    /// Returns the settings of the HTTP API.
    pub(crate) fn http_settings(&self) -> HttpSettings {
        let (api, security) = (&self.api, &self.security);
        let from_file = security.token_file.iter().flat_map(|file| &file.0);
        HttpSettings {
            campus: api.campus.clone(),
            max_response_bytes: api.max_response_bytes,
            max_body_bytes: self.connections.max_body,
            tokens: security.token.iter().chain(from_file).cloned().collect(),
            cache_bytes: api.cache_bytes,
            base_paths: api.base_path.clone(),
        }
    }

    /// Whether probes and metrics share the API's port.
    pub(crate) fn probes_on_api_port(&self) -> bool {
        self.addresses.admin().is_none()
    }

    /// Returns the server's part of the options.
    pub(crate) fn server_config(&self) -> ServerConfig {
        let mut config = ServerConfig {
            max_connections: self.connections.max_connections,
            header_timeout: self.connections.header_timeout,
            drain_delay: self.shutdown.drain_delay,
            shutdown_timeout: self.shutdown.shutdown_timeout,
            trusted_proxies: self.security.trusted_proxies.clone(),
            pages: self.api.pages(),
            probes: self.probes_on_api_port(),
            load_test_tokens: self.api.load_test_token.clone(),
            ..ServerConfig::default()
        };
        config.limits.body_timeout = self.connections.body_timeout;
        config
    }
}

/// Options of `atelier migrate`.
#[derive(Clone, Args)]
pub(crate) struct MigrateOptions {
    /// Change nothing; exit with 4 if migrations are pending, else with 0
    #[arg(long)]
    pub(crate) check: bool,
    #[command(flatten)]
    pub(crate) database: DatabaseOptions,
    #[command(flatten)]
    pub(crate) log: LogOptions,
}

/// Options of `atelier demo reset`.
#[derive(Clone, Args)]
pub(crate) struct ResetOptions {
    /// Number of products
    #[arg(long, env = "ATELIER_DEMO", value_name = "N", default_value_t = DEMO_PRODUCTS,
        value_parser = value_parser!(u32).range(0..=100_000))]
    pub(crate) demo: u32,
    #[command(flatten)]
    pub(crate) database: DatabaseOptions,
    #[command(flatten)]
    pub(crate) log: LogOptions,
}
