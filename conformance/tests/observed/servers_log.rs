//! What servers say when they can't tell each other what was changed. Alone in its process, because it listens to what all of
//! it logs.

use std::fmt::Debug;
use std::sync::Mutex;

use atelier_conformance::two_servers::{connect, execute, noted, two, until};
use atelier_core::ProductId;
use atelier_core::store::Topic;
use tracing::field::Field;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

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
