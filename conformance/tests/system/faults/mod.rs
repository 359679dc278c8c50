//! Requests while the database or the network to it fails.
//!
//! The tests run one at a time, because they assert time limits; no asserted limit is shorter than the documented one.

mod black_hole;
mod client_disconnects;
mod client_disconnects_during_lock;
mod cut_connections;
mod db_restart;
mod idle_connections;
mod invalidation_log;
mod locked_row;
mod long_outage;
mod pool_exhausted;
mod slow_route;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use atelier_conformance::matrix::{RUNTIME, StoreKind, Transport};
use atelier_conformance::rows::ask;
use atelier_conformance::{TestApp, TestResponse, parsed, url_text};
use atelier_core::DatabaseUrl;
use atelier_core::http::HttpSettings;
use atelier_test_support::fault_proxy::FaultProxy;
use atelier_test_support::{pause, until};
use http::Method;
use serde_json::json;
use sqlx::{Connection, PgConnection};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// Limit of an immediate answer, on a busy machine.
const AT_ONCE: Duration = Duration::from_millis(600);

/// Limit of every answer: queue and response timeouts together.
const ANY: Duration = Duration::from_millis(5_200);

/// Reads that are cached before the fault, of rows that no test changes.
const CACHED: [&str; 4] = [
    "/products/501",
    "/products/501/styles",
    "/reviews?product_id=501",
    "/reviews/meta?product_id=501",
];

/// A server whose database is behind a fault proxy.
struct Stage {
    proxy: FaultProxy,
    shop: TestApp,
    /// A server of the same database without the proxy.
    past: TestApp,
}

fn exclusively<F: Future<Output = ()>>(case: F) {
    static LOCK: Mutex<()> = Mutex::const_new(());
    RUNTIME.block_on(async {
        let _guard = LOCK.lock().await;
        case.await;
    });
}

/// Runs `case` with `settings`.
fn staged(settings: HttpSettings, case: impl AsyncFnOnce(&Stage)) {
    exclusively(async {
        let past = TestApp::open(StoreKind::Postgres, Transport::Core).await;
        let proxy = FaultProxy::before(&url_text(&past.url));
        let shop = TestApp::over(parsed(proxy.url()), Transport::Warp).await;
        let shop = shop.configured(settings);
        let stage = Stage { proxy, shop, past };
        case(&stage).await;
        stage.shop.store.close().await;
        stage.past.store.close().await;
    });
}

/// Settings without a cache: each read is a statement.
fn without_cache() -> HttpSettings {
    HttpSettings {
        cache_bytes: 0,
        ..HttpSettings::default()
    }
}

/// Returns a number that is unique in this process.
fn new() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(1_000);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Returns a read that is not cached, of a product without reviews.
fn fresh() -> String {
    format!("/reviews?product_id={}", new())
}

/// Fills the cache with the answers of [`CACHED`].
async fn fill_cache(shop: &TestApp) {
    for target in CACHED {
        assert_eq!(shop.get(target).await.status, 200, "{target}");
    }
}

/// Asserts that every read of [`CACHED`] is answered immediately.
async fn assert_cached(shop: &TestApp) {
    for target in CACHED.into_iter().chain(["/live"]) {
        let (reply, took) = timed(shop.get(target)).await;
        assert_eq!(reply.status, 200, "{target}");
        assert!(took <= AT_ONCE, "{target} took {took:?}");
    }
}

async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let begun = Instant::now();
    (work.await, begun.elapsed())
}

/// Returns the body of a question with this text.
fn question(text: &str) -> String {
    format!(r#"{{"product_id":503,"body":"{text}","name":"n","email":"e@example.org"}}"#)
}

/// Posts a question under a key that equals its text.
async fn ask_under_key(shop: &TestApp, text: &str) -> TestResponse {
    let body = question(text);
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", text),
    ];
    shop.request(Method::POST, "/qa/questions", &headers, body.as_bytes())
        .await
}

/// Posts a question until it is acknowledged, and asserts that all other answers are 503.
async fn ask_until_stored(shop: &TestApp, text: &str) {
    let asking = async {
        loop {
            let reply = ask_under_key(shop, text).await;
            if reply.status == 201 {
                return;
            }
            assert_busy(&reply);
            pause().await;
        }
    };
    let stored = timeout(Duration::from_mins(1), asking).await;
    stored.unwrap_or_else(|_| panic!("timed out: {text} is not stored"));
}

/// Returns the texts of the stored questions, sorted.
async fn stored(url: &DatabaseUrl) -> Vec<String> {
    ask(
        url,
        "select body from questions where product_id = 503 order by body collate \"C\"",
        "",
    )
    .await
}

/// Asserts that it is a 503 with a `Retry-After` of one to five seconds.
fn assert_busy(reply: &TestResponse) {
    let text = "Error: the service is busy, try again later";
    assert_eq!(reply.parts(), (503, text));
    let seconds = reply.header("retry-after").map(str::parse);
    assert!(matches!(seconds, Some(Ok(1..=5_u8))), "{seconds:?}");
}

/// Asserts that it has this status, or is such a 503.
fn assert_status_or_busy(reply: &TestResponse, status: u16) {
    if reply.status != status {
        assert_busy(reply);
    }
}

async fn connect(url: &DatabaseUrl) -> PgConnection {
    let DatabaseUrl::Postgres(url) = url else {
        panic!("a PostgreSQL shop")
    };
    PgConnection::connect(url.expose()).await.expect("connects")
}

async fn execute(connection: &mut PgConnection, statements: &'static str) {
    let done = sqlx::raw_sql(statements).execute(connection).await;
    done.expect(statements);
}

/// Counts the rows of a query.
async fn count(url: &DatabaseUrl, query: &'static str) -> usize {
    ask(url, query, "").await.len()
}

/// Sends as many concurrent requests as there are connections at most, and returns whether all succeed.
async fn all_succeed(shop: &TestApp) -> bool {
    let requests = (0..max_connections()).map(|place| async move {
        if place % 2 == 0 {
            shop.get(&fresh()).await.status == 200
        } else {
            let name = format!("whole-{}", new());
            ask_under_key(shop, &name).await.status == 201
        }
    });
    let good = futures_util::future::join_all(requests).await;
    good.into_iter().all(|good| good)
}

/// Returns the maximum number of connections of a server.
fn max_connections() -> usize {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let reads = (2 * cores).clamp(4, 16);
    reads + (2 * reads).min(16)
}

/// All connections of the servers.
const CONNECTED: &str = "select pid::text from pg_stat_activity
    where datname = current_database() and application_name = 'atelier'";

/// A random number generator with a fixed seed.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        // xorshift; the seed is any but 0.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}
