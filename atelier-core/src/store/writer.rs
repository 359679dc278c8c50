//! The one writer of a SQLite file.
//!
//! Changes queue for it, and those that wait while a transaction is being written go together in the next: many
//! acknowledged writes for one wait on the disk. It is a task of its own, so a caller who hangs up never leaves a
//! transaction open.

use atelier_sql::Write;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{Connection, Row as _};
use tokio::sync::{mpsc, oneshot};

use super::failure;
use super::sqlite::arguments;
use super::value::Value;
use crate::{Error, Failure, Result};

/// Changes that may wait; more is overload.
const WAITING: usize = 1_024;

/// Changes of one transaction: what a disk flush costs is spread, and nobody waits long for the others.
const TOGETHER: usize = 128;

/// Hands changes to the writing task, which ends when this goes.
#[derive(Debug)]
pub(super) struct Writer {
    queue: mpsc::Sender<Job>,
}

#[derive(Debug)]
enum Job {
    Write {
        change: Write,
        binds: Vec<Value>,
        done: oneshot::Sender<Result<Option<Vec<i64>>>>,
    },
    Close {
        done: oneshot::Sender<()>,
    },
}

impl Writer {
    pub(super) fn start(connection: SqliteConnection) -> Self {
        let (queue, jobs) = mpsc::channel(WAITING);
        tokio::spawn(run(connection, jobs));
        Self { queue }
    }

    /// Makes a change; returns when it is on disk.
    pub(super) async fn write(&self, change: Write, binds: Vec<Value>) -> Result<Option<Vec<i64>>> {
        let (done, outcome) = oneshot::channel();
        let job = Job::Write {
            change,
            binds,
            done,
        };
        self.queue.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => {
                unavailable("Too many changes wait for the database.")
            }
            mpsc::error::TrySendError::Closed(_) => unavailable("The database is closed."),
        })?;
        outcome
            .await
            .unwrap_or_else(|_| Err(unavailable("The database is closed.")))
    }

    /// Writes what waits, and ends.
    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Job::Close { done }).await.is_ok() {
            let _ = closed.await;
        }
    }
}

fn unavailable(why: &str) -> Error {
    Error::Unavailable(Failure::new(why))
}

type Waiting = (Write, Vec<Value>, oneshot::Sender<Result<Option<Vec<i64>>>>);

async fn run(mut connection: SqliteConnection, mut jobs: mpsc::Receiver<Job>) {
    let mut waiting = Vec::with_capacity(TOGETHER);
    while jobs.recv_many(&mut waiting, TOGETHER).await > 0 {
        let mut closing = None;
        let mut writes: Vec<Waiting> = Vec::with_capacity(waiting.len());
        for job in waiting.drain(..) {
            match job {
                Job::Write {
                    change,
                    binds,
                    done,
                } => writes.push((change, binds, done)),
                Job::Close { done } => closing = Some(done),
            }
        }
        write_all(&mut connection, writes).await;
        if let Some(done) = closing {
            let _ = connection.close().await;
            let _ = done.send(());
            return;
        }
    }
}

/// Writes all in one transaction; when one of several fails, each in its own, so that only that one does.
async fn write_all(connection: &mut SqliteConnection, writes: Vec<Waiting>) {
    let together = transaction(connection, &writes).await;
    match together {
        Ok(outcomes) => {
            for ((_, _, done), row) in writes.into_iter().zip(outcomes) {
                let _ = done.send(Ok(row));
            }
        }
        Err(_) if writes.len() > 1 => {
            for write in writes {
                Box::pin(write_all(connection, vec![write])).await;
            }
        }
        Err(error) => {
            if let Some((change, _, done)) = writes.into_iter().next() {
                let _ = done.send(Err(failure::from(change.name, error)));
            }
        }
    }
}

async fn transaction(
    connection: &mut SqliteConnection,
    writes: &[Waiting],
) -> Result<Vec<Option<Vec<i64>>>, sqlx::Error> {
    // A deferred transaction that turns to writing fails at once when another has written meanwhile.
    let mut transaction = connection.begin_with("begin immediate").await?;
    let mut outcomes = Vec::with_capacity(writes.len());
    for (change, binds, _) in writes {
        let mut first = None;
        for (step, text) in change.sqlite.iter().enumerate() {
            let rows = sqlx::query_with(*text, arguments(binds))
                .fetch_all(&mut *transaction)
                .await?;
            if step == 0 {
                let numbers = |row: &SqliteRow| (0..row.len()).map(|i| row.try_get(i)).collect();
                first = rows.first().map(numbers).transpose()?;
                if first.is_none() {
                    break;
                }
            }
        }
        outcomes.push(first);
    }
    transaction.commit().await?;
    Ok(outcomes)
}
