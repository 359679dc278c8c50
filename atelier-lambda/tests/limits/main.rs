//! Limits of a function: the size of a response, and the deadline.

use std::io::Write;
use std::sync::{Arc, Mutex};

use atelier_lambda::Event;
use serde_json::{Value, json};
use tracing::subscriber::DefaultGuard;

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

/// Captures the log of this thread until the guard is dropped.
fn capture_log() -> (Arc<Mutex<Vec<u8>>>, DefaultGuard) {
    struct Lines(Arc<Mutex<Vec<u8>>>);
    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("a lock").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let lines = Arc::new(Mutex::default());
    let writer = Arc::clone(&lines);
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || Lines(Arc::clone(&writer)))
        .with_ansi(false)
        .without_time()
        .finish();
    (lines, tracing::subscriber::set_default(subscriber))
}

/// Takes the captured lines.
fn take_lines(lines: &Mutex<Vec<u8>>) -> String {
    let bytes = std::mem::take(&mut *lines.lock().expect("a lock"));
    String::from_utf8(bytes).expect("text")
}
