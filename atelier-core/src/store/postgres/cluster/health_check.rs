//! A task for each server, which asks it what it is.

use std::hash::{BuildHasher, RandomState};
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use atelier_sql::nodes;
use futures_util::future::select;
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use tokio::time::{sleep, timeout};

use super::topology::Says;
use super::{Node, Nodes, Primary};
use crate::model::error::{ConnectErrorKind, Error, Failure, Result};
use crate::store::failure;

/// How long it takes from one question to the next, more or less.
const PACE: Duration = Duration::from_millis(250);

/// The same while something is amiss.
const HURRY: Duration = Duration::from_millis(100);

/// However often it is called.
const BREATH: Duration = Duration::from_millis(20);

/// How long a server may take for an answer, or for a connection.
const PATIENCE: Duration = Duration::from_secs(1);

/// That a server gave no answer.
#[derive(Debug)]
pub(crate) struct Silence {
    pub(crate) why: Error,
    /// That it takes no connections.
    pub(crate) gone: bool,
}

/// Where a server is, in words.
pub(crate) fn place_of(options: &PgConnectOptions) -> String {
    format!("{}:{}", options.get_host(), options.get_port())
}

impl Nodes {
    /// Draws the conclusions from what a server said when it was asked at an instant.
    pub(crate) fn hear(&self, node: usize, asked: u64, said: Result<Says, Silence>) {
        let mut known = self.known();
        let (said, silence) = match said {
            Ok(said) => (Some(said), None),
            Err(silence) => (None, Some(silence)),
        };
        let noted = known.note(node, asked, said);
        for (place, node) in self.all.iter().enumerate() {
            let instant = known.has_all_before(place);
            node.has_all_before.store(instant, Ordering::SeqCst);
        }
        let is = &self.all[node];
        let well = silence.is_none() && !noted.foreign;
        is.connections.set_well(well);
        let gone = silence.as_ref().is_some_and(|silence| silence.gone);
        is.gone.store(gone, Ordering::SeqCst);
        let before = self.primary.borrow().node;
        // Also what was being connected to one that is deposed by now, each time.
        if noted.turned || noted.deposed || gone || (silence.is_some() && node != before) {
            is.connections.renew();
        }
        if let Some(node) = noted.primary {
            self.primary.send_modify(|primary| {
                *primary = Primary {
                    node,
                    term: primary.term + 1,
                }
            });
            // What the last one had and did not pass on is lost.
            self.changes.note_all();
            self.all[before].connections.renew();
            let place = |node: usize| place_of(&self.all[node].options);
            let (from, to) = (place(before), place(node));
            tracing::warn!("PostgreSQL at {to} is the primary now, and no longer that at {from}");
        }
        if is.told.swap(!well, Ordering::SeqCst) == well {
            let place = place_of(&is.options);
            match silence {
                Some(silence) => {
                    tracing::warn!("{}", silence.why);
                    // Another may be about to take its place.
                    self.look();
                }
                None if noted.foreign => tracing::warn!(
                    "PostgreSQL at {place} is not used: it is neither the primary of this database nor a standby of it"
                ),
                None => tracing::info!("PostgreSQL at {place} can be used again"),
            }
        }
    }

    /// Has every server asked at once what it is.
    pub(crate) fn look(&self) {
        for node in &self.all {
            node.connections.alarm();
        }
    }
}

/// Asks a server for as long as there are nodes that are not closed.
pub(crate) fn spawn(nodes: &Arc<Nodes>, node: usize) {
    let mut closed = nodes.closed.subscribe();
    let nodes = Arc::downgrade(nodes);
    tokio::spawn(async move {
        let watching = pin!(watch(nodes, node));
        // Closed, or let go.
        let closed = pin!(closed.wait_for(|closed| *closed));
        select(watching, closed).await;
    });
}

async fn watch(nodes: Weak<Nodes>, node: usize) {
    let mut connection = None;
    loop {
        let connections = {
            let Some(nodes) = nodes.upgrade() else {
                return;
            };
            let asked = nodes.changes.now();
            let said = ask(&nodes.all[node], &mut connection).await;
            nodes.hear(node, asked, said);
            Arc::clone(&nodes.all[node].connections)
        };
        sleep(BREATH).await;
        let pace = if connections.is_well() { PACE } else { HURRY };
        let alarmed = pin!(connections.alarmed());
        select(pin!(sleep(jittered(pace))), alarmed).await;
    }
}

/// Asks a server, over a connection that does not stay.
pub(crate) async fn ask_once(node: &Node) -> Result<Says, Silence> {
    ask(node, &mut None).await
}

/// Asks a server over `connection`, which is made where there is none, and given up when it fails.
async fn ask(node: &Node, connection: &mut Option<PgConnection>) -> Result<Says, Silence> {
    if let Some(open) = connection.take() {
        match role(open).await {
            Ok((says, open)) => {
                *connection = Some(open);
                return Ok(says);
            }
            // A server that was restarted, or has ended: another connection will tell.
            Err(Some(error)) if failure::connection_lost(&error) => {}
            Err(error) => return Err(silent(&node.options, error)),
        }
    }
    let connect = timeout(PATIENCE, node.options.connect()).await;
    let open = match connect {
        Ok(Ok(open)) => open,
        Ok(Err(error)) => {
            return Err(Silence {
                gone: failure::connection_lost(&error),
                ..refused(&node.options, error)
            });
        }
        Err(_) => return Err(silent(&node.options, None)),
    };
    match role(open).await {
        Ok((says, open)) => {
            *connection = Some(open);
            Ok(says)
        }
        Err(error) => Err(silent(&node.options, error)),
    }
}

/// What a server is, and the connection to it; else why not, as far as it says.
async fn role(mut open: PgConnection) -> Result<(Says, PgConnection), Option<sqlx::Error>> {
    let row = sqlx::query(nodes::ROLE).fetch_one(&mut open);
    let row: PgRow = timeout(PATIENCE, row).await.map_err(|_| None)??;
    Ok((Says::of(&row)?, open))
}

/// That a server let nobody connect.
fn refused(options: &PgConnectOptions, error: sqlx::Error) -> Silence {
    let kind = ConnectErrorKind::of(&error).unwrap_or(ConnectErrorKind::Other);
    unusable(options, error, Some(kind))
}

fn silent(options: &PgConnectOptions, error: Option<sqlx::Error>) -> Silence {
    if let Some(error) = error {
        let kind = ConnectErrorKind::of(&error);
        return unusable(options, error, kind);
    }
    let place = place_of(options);
    let failure = Failure::new(format!("PostgreSQL at {place} did not answer within 1 s"));
    let kind = Some(ConnectErrorKind::TimedOut);
    Silence {
        why: Error::Unavailable(failure.with_connect_error(kind)),
        gone: false,
    }
}

fn unusable(
    options: &PgConnectOptions,
    error: sqlx::Error,
    kind: Option<ConnectErrorKind>,
) -> Silence {
    let place = place_of(options);
    let why = failure::from("nodes", error);
    let failure = Failure::new(format!("PostgreSQL at {place} can't be used: {why}"));
    Silence {
        why: Error::Unavailable(failure.with_connect_error(kind)),
        gone: false,
    }
}

/// A fifth more or less, so that servers do not keep step.
fn jittered(pace: Duration) -> Duration {
    let chance = RandomState::new().hash_one(()) % 401;
    pace * u32::try_from(800 + chance).unwrap_or(1_000) / 1_000
}
