//! A client that sends requests as events of a Lambda function.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use atelier_lambda::{Event, Function};
use bytes::Bytes;
use http::{Request, Response};

use crate::events::SHAPES;

/// A function that receives each request as an event of the next shape.
pub(crate) struct Lambda {
    function: Function,
    next: AtomicUsize,
    /// The last requests and their shapes, printed when a case fails.
    last: Mutex<Vec<String>>,
}

/// Time until the deadline; deadlines have tests of their own.
const REMAINING: Duration = Duration::from_mins(1);

impl Lambda {
    /// Starts with a shape that depends on the name of the test, so that runs repeat.
    pub(crate) fn new(function: Function) -> Self {
        let thread = std::thread::current();
        let letters = thread.name().unwrap_or_default().bytes();
        Self {
            function,
            next: AtomicUsize::new(letters.map(usize::from).sum()),
            last: Mutex::default(),
        }
    }

    /// Sends a request as an event of the next shape that can represent it.
    pub(crate) async fn send(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        let mut shapes = SHAPES
            .iter()
            .cycle()
            .skip(next % SHAPES.len())
            .take(SHAPES.len());
        let encoded = shapes.find_map(|shape| Some((shape, shape.event(request)?)));
        let (shape, event) = encoded.expect("some shape represents any request");
        self.note(format!(
            "{} {} as {shape:?}",
            request.method(),
            request.uri()
        ));

        let event: Event = serde_json::from_str(&event.to_string()).expect("an event");
        let answer = self.function.respond(event, REMAINING).await;
        let answer = serde_json::to_string(&answer).expect("JSON");
        shape.response(&serde_json::from_str(&answer).expect("JSON"))
    }

    fn note(&self, mut request: String) {
        request.truncate(request.floor_char_boundary(200));
        let mut last = self.last.lock().expect("not poisoned");
        if last.len() == 3 {
            last.remove(0);
        }
        last.push(request);
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Ok(last) = self.last.lock()
        {
            eprintln!("the last requests to the function: {}", last.join("; "));
        }
    }
}
