//! What happens to requests when the database, or the way to it, fails. Tests are named by the rows of the list of
//! failures whose promises they hold.
//!
//! One runs at a time, since promises are of times; none asserts a time that is shorter than its promise.

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
use atelier_core::{DatabaseUrl, Settings};
use atelier_test_support::fault_proxy::FaultProxy;
use atelier_test_support::{pause, until};
use http::Method;
use serde_json::json;
use sqlx::{Connection, PgConnection};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// Who promises an answer at once may take as long as a busy machine does.
const AT_ONCE: Duration = Duration::from_millis(600);

/// Longest that any answer takes.
const ANY: Duration = Duration::from_millis(5_200);

/// Reads whose answers are kept before anything fails, of what no test changes.
const KEPT: [&str; 4] = [
    "/products/501",
    "/products/501/styles",
    "/reviews?product_id=501",
    "/reviews/meta?product_id=501",
];

/// A shop on a socket whose database is behind a proxy.
struct Stage {
    proxy: FaultProxy,
    shop: TestApp,
    /// The same database, past the proxy.
    past: TestApp,
}

fn in_turn<F: Future<Output = ()>>(case: F) {
    static TURN: Mutex<()> = Mutex::const_new(());
    RUNTIME.block_on(async {
        let _turn = TURN.lock().await;
        case.await;
    });
}

/// Runs `case` where `settings` are in force.
fn staged(settings: Settings, case: impl AsyncFnOnce(&Stage)) {
    in_turn(async {
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

/// Where no answer is kept, each read is a question to the database.
fn without_cache() -> Settings {
    Settings {
        cache: 0,
        ..Settings::default()
    }
}

/// A number that nothing in this process had before.
fn new() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(1_000);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A read that nobody has made before, of reviews there are none of.
fn fresh() -> String {
    format!("/reviews?product_id={}", new())
}

/// Has the answers of [`KEPT`] kept.
async fn keep(shop: &TestApp) {
    for target in KEPT {
        assert_eq!(shop.get(target).await.status, 200, "{target}");
    }
}

/// That every answer of [`KEPT`] is given, and at once.
async fn assert_kept(shop: &TestApp) {
    for target in KEPT.into_iter().chain(["/live"]) {
        let (reply, took) = timed(shop.get(target)).await;
        assert_eq!(reply.status, 200, "{target}");
        assert!(took <= AT_ONCE, "{target} took {took:?}");
    }
}

async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let begun = Instant::now();
    (work.await, begun.elapsed())
}

/// A question with this text, as it is posted.
fn question(text: &str) -> String {
    format!(r#"{{"product_id":503,"body":"{text}","name":"n","email":"e@example.org"}}"#)
}

/// A question that is posted under a key, which is its text as well.
async fn ask_under_key(shop: &TestApp, text: &str) -> TestResponse {
    let body = question(text);
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", text),
    ];
    shop.request(Method::POST, "/qa/questions", &headers, body.as_bytes())
        .await
}

/// The same, until it is acknowledged: meanwhile nothing but 503 is said.
async fn ask_until_stored(shop: &TestApp, text: &str) {
    let asking = async {
        loop {
            let reply = ask_under_key(shop, text).await;
            if reply.status == 201 {
                return;
            }
            assert_later(&reply);
            pause().await;
        }
    };
    let stored = timeout(Duration::from_mins(1), asking).await;
    stored.unwrap_or_else(|_| panic!("timed out: {text} is not stored"));
}

/// The texts of the questions that were posted so, in their order.
async fn stored(url: &DatabaseUrl) -> Vec<String> {
    ask(
        url,
        "select body from questions where product_id = 503 order by body collate \"C\"",
        "",
    )
    .await
}

/// That it is a refusal until later, in one to five seconds.
fn assert_later(reply: &TestResponse) {
    let text = "Error: the service is busy, try again later";
    assert_eq!(reply.parts(), (503, text));
    let seconds = reply.header("retry-after").map(str::parse);
    assert!(matches!(seconds, Some(Ok(1..=5_u8))), "{seconds:?}");
}

/// That it is an answer with this status, or a refusal until later.
fn assert_or_later(reply: &TestResponse, status: u16) {
    if reply.status != status {
        assert_later(reply);
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

/// How many rows a query has.
async fn count(url: &DatabaseUrl, query: &'static str) -> usize {
    ask(url, query, "").await.len()
}

/// As many requests at once as there can be connections, and more, all of which are answered well.
async fn whole(shop: &TestApp) -> bool {
    let requests = (0..most_connections()).map(|place| async move {
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

/// How many connections a server has to its database at most.
fn most_connections() -> usize {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let reads = (2 * cores).clamp(4, 16);
    reads + (2 * reads).min(16)
}

/// The servers' connections to the database, whatever they do.
const CONNECTED: &str = "select pid::text from pg_stat_activity
    where datname = current_database() and application_name = 'atelier'";

/// Chance that repeats.
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
