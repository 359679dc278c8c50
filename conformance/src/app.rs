//! A server of the API over a store of its own, and a client for it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use atelier_core::bulk::Batch;
use atelier_core::http::{FromTrustedProxy, HttpApi, HttpSettings};
use atelier_core::store::{self, Provenance};
use atelier_core::{Atelier, Clock, DatabaseUrl, Limits, ManualClock, Store, StoreOptions};
use atelier_lambda::Function;
use atelier_test_support::TempStore;
use atelier_test_support::postgres::Template;
use atelier_warp::health::Health;
use atelier_warp::observe::Telemetry;
use atelier_warp::serve::{self, ServerConfig, Shutdown};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{OnceCell, oneshot};

use crate::TestResponse;
use crate::lambda::Lambda;
use crate::matrix::{StoreKind, Transport};
use crate::seed;

/// Settings of a [`TestApp`]: those of the typed API and of the HTTP API.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Limits of the typed API.
    pub limits: Limits,
    /// Settings of the HTTP API.
    pub http: HttpSettings,
}

impl From<Limits> for Settings {
    fn from(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }
}

impl From<HttpSettings> for Settings {
    fn from(http: HttpSettings) -> Self {
        Self {
            http,
            ..Self::default()
        }
    }
}

/// The API over a store of its own with the rows of [`seed`], and a client that reaches it over one transport.
pub struct TestApp {
    /// The typed API.
    pub api: HttpApi,
    /// The store behind it.
    pub store: Arc<dyn Store>,
    /// The URL of the store.
    pub url: DatabaseUrl,
    clock: Arc<ManualClock>,
    carrier: Carrier,
    _store: Option<TempStore>,
}

#[expect(clippy::large_enum_variant, reason = "there is one in a test")]
enum Carrier {
    Core,
    Warp {
        address: SocketAddr,
        client: Client<HttpConnector, Full<Bytes>>,
        /// Connects from the address of a trusted proxy.
        proxy: Client<HttpConnector, Full<Bytes>>,
        _stop: oneshot::Sender<Shutdown>,
    },
    Lambda(Lambda),
}

impl TestApp {
    /// Opens a store of its own with the rows of [`seed`].
    pub async fn open(store: StoreKind, transport: Transport) -> Self {
        let store = match store {
            StoreKind::Sqlite => seeded_file().await,
            StoreKind::Postgres => seeded_database().await,
        };
        Self::at(url_of(&store), Some(store), transport).await
    }

    /// Opens a store of its own with `rows` and no others.
    pub async fn with_rows(store: StoreKind, transport: Transport, rows: Batch) -> Self {
        let (url, store) = empty(store).await;
        fill(&url, rows).await;
        Self::at(url, Some(store), transport).await
    }

    /// Opens the existing store of `url`, which remains afterwards.
    pub async fn over(url: DatabaseUrl, transport: Transport) -> Self {
        Self::at(url, None, transport).await
    }

    /// Opens an existing store with standbys that serve reads.
    pub async fn with_readers(
        url: DatabaseUrl,
        readers: &[DatabaseUrl],
        transport: Transport,
    ) -> Self {
        let options = StoreOptions {
            readers: readers.to_vec(),
            ..StoreOptions::default()
        };
        Self::with(url, &options, transport).await
    }

    /// Opens an existing store with options.
    pub async fn with(url: DatabaseUrl, options: &StoreOptions, transport: Transport) -> Self {
        let store = atelier_core::open(&url, options).await;
        let store = store.expect("the store opens");
        Self::of(store, url, None, transport)
    }

    async fn at(url: DatabaseUrl, temp: Option<TempStore>, transport: Transport) -> Self {
        let store = atelier_core::open(&url, &atelier_core::StoreOptions::default())
            .await
            .expect("the store opens");
        Self::of(store, url, temp, transport)
    }

    fn of(
        store: Arc<dyn Store>,
        url: DatabaseUrl,
        temp: Option<TempStore>,
        transport: Transport,
    ) -> Self {
        let clock = ManualClock::new(seed::NOW);
        let settings = Settings::default();
        let (api, carrier) = carried(transport, &store, settings, &clock);
        Self {
            api,
            store,
            url,
            clock,
            carrier,
            _store: temp,
        }
    }

    /// Serves the same store with other settings.
    #[must_use]
    pub fn configured(self, settings: impl Into<Settings>) -> Self {
        let settings = settings.into();
        let (api, carrier) = carried(self.transport(), &self.store, settings, &self.clock);
        Self {
            api,
            carrier,
            ..self
        }
    }

    /// Advances the clock, in milliseconds.
    pub fn advance(&self, millis: u64) {
        self.clock.advance(Duration::from_millis(millis));
    }

    /// Sets the date forward or back, in milliseconds, while no time passes.
    pub fn set_date(&self, millis: i64) {
        self.clock.shift(millis);
    }

    /// Returns the transport of requests.
    pub fn transport(&self) -> Transport {
        match self.carrier {
            Carrier::Core => Transport::Core,
            Carrier::Warp { .. } => Transport::Warp,
            Carrier::Lambda(_) => Transport::Lambda,
        }
    }

    /// Returns the address of the server when requests cross a socket.
    pub fn address(&self) -> Option<SocketAddr> {
        match &self.carrier {
            Carrier::Core | Carrier::Lambda(_) => None,
            Carrier::Warp { address, .. } => Some(*address),
        }
    }

    /// Sends a request whose target is a path with a query.
    ///
    /// Its request id is `case` unless it has one, so that equal responses compare equal.
    pub async fn send(&self, mut request: Request<Bytes>) -> TestResponse {
        let id = request.headers_mut().entry("x-request-id");
        id.or_insert(HeaderValue::from_static("case"));
        let response: Response<Bytes> = match &self.carrier {
            Carrier::Core => self.api.handle(request).await,
            // A Lambda function has no trusted proxy.
            Carrier::Lambda(_) if request.extensions().get::<FromTrustedProxy>().is_some() => {
                self.api.handle(request).await
            }
            Carrier::Lambda(lambda) => lambda.send(&request).await,
            Carrier::Warp {
                address,
                client,
                proxy,
                ..
            } => {
                let target = format!("http://{address}{}", request.uri());
                *request.uri_mut() = target.parse().expect("an address");
                let proxied = request.extensions().get::<FromTrustedProxy>();
                let sender = if proxied.is_some() { proxy } else { client };
                let response = sender
                    .request(request.map(Full::new))
                    .await
                    .expect("the server answers");
                let (parts, body) = response.into_parts();
                Response::from_parts(
                    parts,
                    body.collect().await.expect("a whole body").to_bytes(),
                )
            }
        };
        let (mut parts, body) = response.into_parts();
        // The transport sets these, so they differ between transports.
        for connection in ["date", "connection", "transfer-encoding"] {
            parts.headers.remove(connection);
        }
        TestResponse {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// Sends a request with these headers.
    pub async fn request(
        &self,
        method: Method,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> TestResponse {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(
            request
                .body(Bytes::copy_from_slice(body))
                .expect("a request"),
        )
        .await
    }

    /// `GET`.
    pub async fn get(&self, target: &str) -> TestResponse {
        self.request(Method::GET, target, &[], b"").await
    }

    /// `POST` of JSON.
    pub async fn post(&self, target: &str, body: &Value) -> TestResponse {
        self.request(
            Method::POST,
            target,
            &[("content-type", "application/json")],
            body.to_string().as_bytes(),
        )
        .await
    }

    /// `POST` without a content type.
    pub async fn post_text(&self, target: &str, body: impl AsRef<[u8]>) -> TestResponse {
        self.request(Method::POST, target, &[], body.as_ref()).await
    }

    /// `PUT` without a body.
    pub async fn put(&self, target: &str) -> TestResponse {
        self.request(Method::PUT, target, &[], b"").await
    }

    /// Sends bytes over a connection of their own and returns what the server sends until it closes the connection; `None`
    /// without a socket.
    pub async fn send_raw(&self, bytes: &[u8]) -> Option<String> {
        let connection = TcpStream::connect(self.address()?)
            .await
            .expect("the server is there");
        let (mut answers, mut asks) = connection.into_split();
        let mut said = Vec::new();
        // Concurrently: a client that is still sending must receive an early refusal. The assertions see failures.
        let exchange =
            async { tokio::join!(asks.write_all(bytes), answers.read_to_end(&mut said)) };
        let ended = tokio::time::timeout(Duration::from_secs(20), exchange).await;
        ended.map(drop).expect("the server ends the connection");
        Some(String::from_utf8_lossy(&said).into_owned())
    }
}

/// Address of the trusted proxy; all other clients connect from 127.0.0.1.
const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// Creates the API over a store, and the transport to it.
fn carried(
    transport: Transport,
    store: &Arc<dyn Store>,
    settings: Settings,
    clock: &Arc<ManualClock>,
) -> (HttpApi, Carrier) {
    let clock = Clock::Manual(Arc::clone(clock));
    let Settings { limits, http } = settings;
    let atelier = Atelier::with(Arc::clone(store), limits, clock);
    let api = HttpApi::new(atelier.clone(), http.clone());
    let carrier = match transport {
        Transport::Core => Carrier::Core,
        Transport::Warp => warp(api.clone()),
        Transport::Lambda => {
            // Like the program: a function that can be frozen caches nothing.
            let settings = HttpSettings {
                cache_bytes: 0,
                ..http
            };
            let function = Function::new(atelier, settings);
            Carrier::Lambda(Lambda::new(function))
        }
    };
    (api, carrier)
}

fn warp(api: HttpApi) -> Carrier {
    let listener = serve::listen(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel();
    // A dropped sender stops the server as well, so it ends with the value.
    let stopped = async { stopped.await.unwrap_or(Shutdown::Immediate) };
    let health = Health::default();
    tokio::spawn(serve::serve(
        api,
        listener,
        health,
        ServerConfig {
            trusted_proxies: vec![PROXY.into()],
            ..ServerConfig::default()
        },
        Telemetry::default(),
        stopped,
    ));
    let mut from_proxy = HttpConnector::new();
    from_proxy.set_local_address(Some(PROXY));
    Carrier::Warp {
        address,
        client: Client::builder(TokioExecutor::new()).build_http(),
        proxy: Client::builder(TokioExecutor::new()).build(from_proxy),
        _stop: stop,
    }
}

async fn seeded_file() -> TempStore {
    // The bytes, because a `static` is never dropped: a file would remain after the process has ended.
    static SEEDED: OnceCell<Vec<u8>> = OnceCell::const_new();
    let seeded = SEEDED.get_or_init(|| async {
        let (url, _store) = empty(StoreKind::Sqlite).await;
        fill(&url, seed::rows()).await;
        std::fs::read(path(&url)).expect("the file is read")
    });
    let (url, store) = empty(StoreKind::Sqlite).await;
    std::fs::write(path(&url), seeded.await).expect("the file is written");
    store
}

fn path(url: &DatabaseUrl) -> &Path {
    let DatabaseUrl::Sqlite(path) = url else {
        panic!("a SQLite file")
    };
    path
}

/// Creates a store without tables, which is removed when the second value is dropped.
pub async fn empty(store: StoreKind) -> (DatabaseUrl, TempStore) {
    let store = TempStore::empty(store).await;
    (url_of(&store), store)
}

async fn seeded_database() -> TempStore {
    static SEEDED: OnceCell<Template> = OnceCell::const_new();
    let fill_template = async |url: &str| fill(&parsed(url), seed::rows()).await;
    let seeded = SEEDED.get_or_init(|| Template::shared(fill_template)).await;
    seeded.copy().await.into()
}

fn url_of(store: &TempStore) -> DatabaseUrl {
    parsed(store.url())
}

/// Parses a URL of `atelier-test-support`.
pub fn parsed(url: &str) -> DatabaseUrl {
    DatabaseUrl::parse(url).expect("a database URL")
}

/// Returns a URL with its password, for programs and for connections past the API.
pub fn url_text(url: &DatabaseUrl) -> String {
    match url {
        DatabaseUrl::Postgres(url) => url.expose().to_owned(),
        file => file.to_string(),
    }
}

async fn fill(url: &DatabaseUrl, rows: Batch) {
    store::fill(url, rows, Provenance::Loaded("the test"))
        .await
        .expect("the rows are loaded");
}
