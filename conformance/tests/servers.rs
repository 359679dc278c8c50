//! Servers that share a database: what is changed through one is soon seen by the others, whose clocks stand still
//! here, so that nothing they keep goes out of date by itself. Alone in its process, because it listens to what all of
//! it logs.

use std::fmt::Debug;
use std::sync::Mutex;
use std::time::Duration;

use atelier_conformance::matrix::{StoreKind, Transport, run};
use atelier_conformance::rows::ask;
use atelier_conformance::{Reply, Shop};
use atelier_core::store::Topic;
use atelier_core::{DatabaseUrl, ProductId, open};
use http::Method;
use serde_json::json;
use sqlx::{Connection, PgConnection};
use tokio::task::yield_now;
use tokio::time::timeout;
use tracing::field::Field;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Runs `case` with two servers over one database.
fn two(case: impl AsyncFnOnce(&Shop, &Shop)) {
    run(StoreKind::Postgres, Transport::Core, |one| async move {
        let other = Shop::over(one.url.clone(), Transport::Core).await;
        case(&one, &other).await;
        // A database that is dropped under a server would be logged.
        other.store.close().await;
        one.store.close().await;
    });
}

async fn connect(url: &DatabaseUrl) -> PgConnection {
    let DatabaseUrl::Postgres(url) = url else {
        panic!("a PostgreSQL shop")
    };
    PgConnection::connect(url.expose()).await.expect("connects")
}

async fn execute(connection: &mut PgConnection, statement: &'static str) {
    let done = sqlx::raw_sql(statement).execute(connection).await;
    done.expect(statement);
}

/// Waits for what must come; a test that waits in vain fails.
async fn until<F: Future<Output = bool>>(what: &str, seen: impl Fn() -> F) {
    let waiting = async {
        while !seen().await {
            yield_now().await;
        }
    };
    let waited = timeout(Duration::from_mins(1), waiting).await;
    waited.unwrap_or_else(|_| panic!("in vain: {what}"));
}

/// Waits until `shop` has noted one change more of `topic` than `before`, and no other.
async fn noted(shop: &Shop, topic: Topic, before: u64) {
    until("a change is noted", || async {
        shop.store.changes(topic) > before
    })
    .await;
    assert_eq!(shop.store.changes(topic), before + 1, "{topic:?}");
}

#[test]
fn every_write_is_seen_by_the_other_server() {
    const REVIEWS: &str = "/reviews?product_id=501&count=99";
    const META: &str = "/reviews/meta?product_id=501";
    const QUESTIONS: &str = "/qa/questions?product_id=501&count=99";
    const ANSWERS: &str = "/qa/questions/71/answers?count=99";
    two(async |one, other| {
        let review = json!({"product_id": 501, "rating": 4, "body": "b", "recommend": true, "name": "n",
            "email": "e@example.org"});
        let question =
            json!({"product_id": 501, "body": "b", "name": "n", "email": "e@example.org"});
        let none = json!(null);
        for (place, (method, target, body, shown)) in [
            (Method::POST, "/reviews", &review, [REVIEWS, META]),
            (Method::PUT, "/reviews/31/helpful", &none, [REVIEWS; 2]),
            (Method::PUT, "/reviews/31/report", &none, [REVIEWS, META]),
            (Method::POST, "/qa/questions", &question, [QUESTIONS; 2]),
            (
                Method::PUT,
                "/qa/questions/71/helpful",
                &none,
                [QUESTIONS; 2],
            ),
            (
                Method::POST,
                "/qa/questions/71/answers",
                &question,
                [QUESTIONS, ANSWERS],
            ),
            (
                Method::PUT,
                "/qa/answers/81/helpful",
                &none,
                [QUESTIONS, ANSWERS],
            ),
            (
                Method::PUT,
                "/qa/answers/81/report",
                &none,
                [QUESTIONS, ANSWERS],
            ),
            (
                Method::PUT,
                "/qa/questions/71/report",
                &none,
                [QUESTIONS; 2],
            ),
        ]
        .into_iter()
        .enumerate()
        {
            let (writer, reader) = if place % 2 == 0 {
                (one, other)
            } else {
                (other, one)
            };
            let mut before: Vec<Reply> = vec![];
            for shown in shown {
                before.push(writer.get(shown).await);
                // It may not have heard of the last write yet.
                until(target, || async {
                    &reader.get(shown).await == before.last().expect("a reply")
                })
                .await;
            }
            let body = body.to_string();
            let headers = [("content-type", "application/json")];
            let written = writer
                .request(method, target, &headers, body.as_bytes())
                .await;
            assert!(written.status.is_success(), "{target}: {}", written.text());
            for (shown, before) in shown.into_iter().zip(before) {
                let after = writer.get(shown).await;
                assert_ne!(
                    after.text(),
                    before.text(),
                    "{target}, {shown}: at once, of one's own"
                );
                until(target, || async { reader.get(shown).await == after }).await;
            }
        }
    });
}

#[test]
fn a_change_is_noted_once_by_each() {
    two(async |one, other| {
        let (of_501, of_502) = (
            Topic::Reviews(ProductId(501)),
            Topic::Questions(ProductId(502)),
        );
        let count = |shop: &Shop| [of_501, of_502].map(|topic| shop.store.changes(topic));
        let before = (count(one), count(other));
        assert_eq!(one.put("/reviews/31/helpful").await.status, 204);
        assert_eq!(count(one)[0], before.0[0] + 1, "at once, of one's own");
        noted(other, of_501, before.1[0]).await;
        let question =
            json!({"product_id": 502, "body": "b", "name": "n", "email": "e@example.org"});
        assert_eq!(other.post("/qa/questions", &question).await.status, 201);
        noted(one, of_502, before.0[1]).await;
        // Whoever has heard of the second has had the first before its eyes again.
        assert_eq!(count(one), before.0.map(|count| count + 1));
        assert_eq!(count(other), before.1.map(|count| count + 1));
    });
}

#[test]
fn what_is_committed_late_is_noted_as_well_and_nothing_twice() {
    two(async |one, other| {
        let [late, first, second] = [501, 502, 507].map(|id| Topic::Questions(ProductId(id)));
        let count = |topic| one.store.changes(topic);
        let before = [late, first, second].map(count);
        let mut connection = connect(&one.url).await;
        let begun = "begin; insert into changes (origin, kind, subject) values (1, 2, 501)";
        execute(&mut connection, begun).await;
        for (product, topic, before) in [(502, first, before[1]), (507, second, before[2])] {
            let question =
                json!({"product_id": product, "body": "b", "name": "n", "email": "e@example.org"});
            assert_eq!(other.post("/qa/questions", &question).await.status, 201);
            noted(one, topic, before).await;
        }
        assert_eq!(count(late), before[0], "nothing of it is visible");
        execute(&mut connection, "commit").await;
        noted(one, late, before[0]).await;
        assert_eq!(
            [late, first, second].map(count),
            before.map(|count| count + 1)
        );
    });
}

#[test]
fn the_sweep_forgets_old_changes_and_no_others() {
    two(async |one, _| {
        let mut connection = connect(&one.url).await;
        // More than go in one statement, 11 minutes old, and some that are 9 minutes old.
        let rows = "delete from changes;
            insert into changes (origin, kind, subject, at)
            select 1, 1, n,
              (extract(epoch from now()) * 1000)::bigint - case when n <= 20001 then 660000 else 540000 end
            from generate_series(1, 20004) n";
        execute(&mut connection, rows).await;
        one.atelier.sweep().await.expect("sweeps");
        let left = "select concat_ws(' ', count(*), min(subject), max(subject)) from changes";
        assert_eq!(ask(&one.url, left, "").await, ["3 20002 20004"]);
    });
}

#[test]
fn who_closes_tells_what_it_was_told_and_lets_go() {
    run(StoreKind::Postgres, Transport::Core, |shop| async move {
        let shop = &shop;
        let told = "select concat_ws(' ', kind, subject) from changes where origin <> 0";
        assert_eq!(shop.put("/reviews/31/helpful").await.status, 204);
        shop.store.close().await;
        assert_eq!(ask(&shop.url, told, "").await, ["1 501"]);
        // One that is not closed ends as well, though it was following.
        let store = open(&shop.url).await.expect("opens");
        let before = store.changes(Topic::Catalogue);
        let anything = "insert into changes (origin, kind, subject) values (1, 0, 0)";
        execute(&mut connect(&shop.url).await, anything).await;
        until("it follows", || async {
            store.changes(Topic::Catalogue) > before
        })
        .await;
        drop(store);
        let connected = "select pid::text from pg_stat_activity
            where datname = current_database() and application_name = 'atelier'";
        until("the connections end", || async {
            ask(&shop.url, connected, "").await.is_empty()
        })
        .await;
    });
}

/// What was logged as a warning, or as what ended one.
static LOGGED: Mutex<Vec<String>> = Mutex::new(vec![]);

struct Listener;

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("atelier_core") && *metadata.level() <= Level::INFO
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut |field: &Field, value: &dyn Debug| {
            if field.name() == "message" {
                LOGGED.lock().expect("a log").push(format!("{value:?}"));
            }
        });
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// How often something with these words was logged.
fn logged(words: &str) -> usize {
    let logged = LOGGED.lock().expect("a log");
    logged.iter().filter(|line| line.contains(words)).count()
}

#[test]
fn a_log_that_fails_is_told_of_once_and_gone_on_with() {
    const TELLING: &str = "can't be told what was changed here";
    const HEARING: &str = "is not heard of";
    tracing::subscriber::set_global_default(Listener).expect("the first subscriber");
    two(async |one, other| {
        let of_501 = Topic::Reviews(ProductId(501));
        let before = other.store.changes(of_501);
        let mut connection = connect(&one.url).await;
        execute(&mut connection, "alter table changes rename to gone").await;
        assert_eq!(one.put("/reviews/31/helpful").await.status, 204);
        until("both fail", || async {
            logged(TELLING) >= 1 && logged(HEARING) >= 2
        })
        .await;
        execute(&mut connection, "alter table gone rename to changes").await;
        noted(other, of_501, before).await;
        let over = |what: &str| logged(&format!("{what}: that is over"));
        until("both are over", || async {
            over(TELLING) == 1 && over(HEARING) == 2
        })
        .await;
        // Each said it once when it began and once when it was over.
        assert_eq!((logged(TELLING), logged(HEARING)), (2, 4));
    });
}

#[test]
fn what_is_reported_again_is_gone_at_once_where_it_was_reported_again() {
    two(async |one, other| {
        for (report, list) in [
            ("/qa/answers/81/report", "/qa/questions/71/answers?count=99"),
            (
                "/qa/questions/71/report",
                "/qa/questions?product_id=501&count=99",
            ),
            ("/reviews/31/report", "/reviews?product_id=501&count=99"),
        ] {
            let kept = other.get(list).await;
            assert_eq!(one.put(report).await.status, 204);
            assert_eq!(other.put(report).await.status, 204);
            let seen = other.get(list).await;
            assert_ne!(seen, kept, "{report}");
            assert_eq!(seen, one.get(list).await, "{report}");
        }
    });
}
