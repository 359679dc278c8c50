//! What a function does at its limits: the bytes that can leave it, and the time it has.

use std::io::Write;
use std::sync::{Arc, Mutex};

use atelier_lambda::Event;
use serde_json::{Value, json};
use tracing::subscriber::DefaultGuard;

mod bytes;
mod silent;
mod time;

/// A request of each caller that has limits of its own.
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

/// What is logged on this thread, while the guard is there.
fn logged() -> (Arc<Mutex<Vec<u8>>>, DefaultGuard) {
    struct Lines(Arc<Mutex<Vec<u8>>>);
    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0
                .lock()
                .expect("nobody panics here")
                .extend_from_slice(bytes);
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

/// What was logged since the last time.
fn taken(lines: &Mutex<Vec<u8>>) -> String {
    let bytes = std::mem::take(&mut *lines.lock().expect("nobody panics here"));
    String::from_utf8(bytes).expect("text")
}
