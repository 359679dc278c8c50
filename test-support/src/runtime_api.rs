//! The Runtime API of AWS Lambda, as far as one process needs it.
//!
//! [`Lambda`] starts the real program and invokes it as the service does: one event after another over the real protocol,
//! each with a deadline, optionally stopped between events. [`RuntimeApi`] is the protocol alone. A process has the guarantees
//! of Lambda and no others: an environment of its own, a deadline that starts when the event is delivered, and SIGKILL after
//! the deadline.

mod event;
mod process;
mod protocol;

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use protocol::{Invocation, State};

pub use event::{http_event, reply};
pub use process::{Ended, Lambda};

/// Maximum size of a response, as of Lambda.
pub const MAX_RESPONSE: usize = 6 * 1_024 * 1_024 + 100;

/// The outcome of an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The function answered.
    Answer(Bytes),
    /// The function reported an error: its JSON.
    Error(String),
    /// There was no answer by the deadline. The service kills such a process, and so does [`Lambda`].
    TimedOut,
    /// The process ended instead.
    Exited(Ended),
}

/// The protocol, at an address of its own. Dropping it closes its connections.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    events: mpsc::UnboundedSender<Invocation>,
    state: Arc<State>,
    _serving: JoinSet<()>,
}

impl RuntimeApi {
    /// Listens at a free port of 127.0.0.1.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (events, received) = mpsc::unbounded_channel();
        let state = Arc::new(State::new(received));
        let mut serving = JoinSet::new();
        serving.spawn(protocol::serve(listener, Arc::clone(&state)));
        Ok(Self {
            address,
            events,
            state,
            _serving: serving,
        })
    }

    /// Returns its address, the value of `AWS_LAMBDA_RUNTIME_API`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Delivers `event` to the next poll, with a deadline `timeout` after that, and waits for the outcome.
    /// Never returns [`Outcome::Exited`]: it has no process.
    pub async fn invoke(&self, event: impl Into<Bytes>, timeout: Duration) -> Outcome {
        let (begun, beginning) = oneshot::channel();
        let (outcome, answered) = oneshot::channel();
        let number = self.state.next_id.fetch_add(1, Ordering::Relaxed);
        let invocation = Invocation {
            id: format!("00000000-0000-4000-8000-{number:012}"),
            event: event.into(),
            timeout,
            begun,
            outcome,
        };
        // Its receiver lives as long as this value.
        let _ = self.events.send(invocation);
        // An event counts as delivered even when the connection was closed meanwhile.
        let begun = beginning.await.unwrap_or_else(|_| Instant::now());
        match timeout_at(begun + timeout, answered).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) | Err(_) => Outcome::TimedOut,
        }
    }

    /// Waits until the process asks for an event.
    pub async fn polled(&self) {
        // It fails when the sender is gone, which this value holds.
        let _ = self.state.waits.subscribe().wait_for(|waits| *waits).await;
    }
}

/// Locks a mutex; a panic of another test cannot leave its value inconsistent.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
