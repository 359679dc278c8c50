//! Limits of a function: the size of a response, and the deadline.

use std::cell::RefCell;
use std::io::Write;
use std::sync::Once;

use atelier_lambda::Event;
use serde_json::{Value, json};

mod bytes;
mod silent;
mod time;

/// The request as an event of each source.
fn events(method: &str, path: &str, headers: &Value) -> [(&'static str, Value); 3] {
    let with = |context: Value| json!({"httpMethod": method, "path": path, "rawPath": path, "headers": headers, "requestContext": context});
    [
        ("HTTP API", with(json!({"http": {"method": method}}))),
        ("REST API", with(json!({}))),
        ("load balancer", with(json!({"elb": {}}))),
    ]
}

fn event(event: &Value) -> Event {
    serde_json::from_str(&event.to_string()).expect("an event")
}

thread_local! {
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Captures the log of each thread. The subscriber is global: with one for each thread, `tracing` disables an event for good if
/// a thread without a subscriber is the first to emit it.
fn capture_log() {
    struct ThreadLog;
    impl Write for ThreadLog {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            LOG.with_borrow_mut(|log| log.extend_from_slice(bytes));
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    static SUBSCRIBER: Once = Once::new();
    SUBSCRIBER.call_once(|| {
        tracing_subscriber::fmt()
            .with_writer(|| ThreadLog)
            .with_ansi(false)
            .without_time()
            .init();
    });
}

/// Takes the lines that this thread has logged.
fn take_log() -> String {
    String::from_utf8(LOG.take()).expect("text")
}
