//! The one writer of a SQLite file.
//!
//! Changes queue for it, and those that wait while a transaction is being written go together in the next: many
//! acknowledged writes for one wait on the disk. It is a thread of its own, so a caller who hangs up never leaves a
//! transaction open, and nobody's thread waits for the disk.

use std::path::Path;
use std::thread;
use std::time::Duration;

use atelier_sql::Write;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::failure;
use super::sqlite::serving;
use super::statement::{Told, bind};
use super::value::Value;
use crate::{Error, Failure, Result, metrics};

/// Changes that may wait; more is overload.
const WAITING: usize = 1_024;

/// Changes of one transaction: what a disk flush costs is spread, and nobody waits long for the others.
const TOGETHER: usize = 128;

/// Hands changes to the writing thread, which ends when this goes.
#[derive(Debug)]
pub(super) struct Writer {
    queue: mpsc::Sender<Job>,
}

#[derive(Debug)]
enum Job {
    Write(Waiting),
    Close { done: oneshot::Sender<()> },
}

#[derive(Debug)]
struct Waiting {
    change: Write,
    binds: Vec<Value>,
    done: oneshot::Sender<Result<Option<Vec<i64>>>>,
}

impl Writer {
    /// Starts the thread that writes the file at `path`, which is there and has been migrated.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let connection = connect(path).map_err(|error| failure::of_sqlite("open", &error))?;
        let (queue, jobs) = mpsc::channel(WAITING);
        thread::Builder::new()
            .name("sqlite writer".to_owned())
            .spawn(move || run(connection, jobs))
            .map_err(|error| {
                Error::Unusable(Failure::new("No thread can be started").because(error))
            })?;
        Ok(Self { queue })
    }

    /// Makes a change; returns when it is on disk.
    pub(super) async fn write(&self, change: Write, binds: Vec<Value>) -> Result<Option<Vec<i64>>> {
        let (done, outcome) = oneshot::channel();
        let job = Job::Write(Waiting {
            change,
            binds,
            done,
        });
        self.queue.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => {
                let failure = Failure::new("Too many changes wait for the database.");
                Error::Unavailable(failure.short_of("queue"))
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

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = serving(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    // What was acknowledged is on disk, power cut or not.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "journal_size_limit", 67_108_864)?;
    Ok(connection)
}

fn run(mut connection: Connection, mut jobs: mpsc::Receiver<Job>) {
    let mut waiting = Vec::with_capacity(TOGETHER);
    while jobs.blocking_recv_many(&mut waiting, TOGETHER) > 0 {
        let mut closing = None;
        let mut writes = Vec::with_capacity(waiting.len());
        for job in waiting.drain(..) {
            match job {
                Job::Write(write) => writes.push(write),
                Job::Close { done } => closing = Some(done),
            }
        }
        metrics::batch("changes", writes.len());
        write_all(&mut connection, writes);
        if let Some(done) = closing {
            drop(connection);
            let _ = done.send(());
            return;
        }
    }
}

/// Writes all in one transaction; when one of several fails, each in its own, so that only that one does.
fn write_all(connection: &mut Connection, writes: Vec<Waiting>) {
    match transaction(connection, &writes) {
        Ok(outcomes) => {
            for (write, row) in writes.into_iter().zip(outcomes) {
                let _ = write.done.send(Ok(row));
            }
        }
        // What is locked or full is so for each of them, and each would wait for it again.
        Err(error) if writes.len() > 1 && !failure::passing_on_sqlite(&error) => {
            for write in writes {
                write_all(connection, vec![write]);
            }
        }
        Err(error) => {
            for Waiting { change, done, .. } in writes {
                let _ = done.send(Err(failure::of_sqlite(change.name, &error)));
            }
        }
    }
}

fn transaction(
    connection: &mut Connection,
    writes: &[Waiting],
) -> rusqlite::Result<Vec<Option<Vec<i64>>>> {
    // A deferred transaction that turns to writing fails at once when another has written meanwhile.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut outcomes = Vec::with_capacity(writes.len());
    for write in writes {
        outcomes.push(change(&transaction, write)?);
    }
    transaction.commit()?;
    Ok(outcomes)
}

/// Makes one change: the numbers that the first of its statements returns, without which the others are not run.
fn change(connection: &Connection, write: &Waiting) -> rusqlite::Result<Option<Vec<i64>>> {
    let mut numbers = None;
    for (step, text) in write.change.sqlite.iter().enumerate() {
        let told = Told::begin();
        let mut statement = connection.prepare_cached(text)?;
        bind(&mut statement, &write.binds)?;
        let columns = 0..statement.column_count();
        let mut rows = statement.raw_query();
        let mut first = None;
        while let Some(row) = rows.next()? {
            if first.is_none() {
                let all = columns.clone().map(|column| row.get(column));
                first = Some(all.collect::<rusqlite::Result<_>>()?);
            }
        }
        told.end(write.change.name, text);
        if step == 0 {
            numbers = first;
            if numbers.is_none() {
                break;
            }
        }
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use futures_util::future::join3;

    use super::*;
    use crate::store::sqlite::set_up;

    const VISIT: Write = Write {
        name: "visit",
        postgres: "",
        sqlite: &[
            "insert into interactions (date, element, widget, time) values ($2, $1, $1, $1) returning id",
        ],
    };
    const FAULT: Write = Write {
        name: "fault",
        postgres: "",
        sqlite: &[
            VISIT.sqlite[0],
            "insert into interactions (id, date) values ($2, $2)",
        ],
    };

    fn binds(date: i64) -> Vec<Value> {
        vec!["x".to_owned().into(), date.into()]
    }

    #[tokio::test]
    async fn of_those_that_go_together_only_the_faulty_one_fails() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("shop.db");
        set_up(&path).await.expect("a file");
        let writer = Writer::open(&path).expect("a writer");
        let other = Connection::open(&path).expect("a connection");
        // As long as another holds the lock, changes only wait.
        other.execute_batch("begin immediate").expect("begins");
        let together = join3(
            writer.write(VISIT, binds(1)),
            writer.write(FAULT, binds(2)),
            writer.write(VISIT, binds(3)),
        );
        let release = async { other.execute_batch("commit").expect("commits") };
        let ((first, faulty, last), ()) = tokio::join!(together, release);
        assert_eq!(first.expect("is written"), Some(vec![1]));
        assert!(matches!(faulty, Err(Error::Internal(_))), "{faulty:?}");
        assert_eq!(last.expect("is written"), Some(vec![2]));
        writer.close().await;
        let kept = "select count(*), sum(date) from interactions";
        let kept = other.query_row(kept, [], |row| Ok((row.get(0)?, row.get(1)?)));
        assert_eq!(kept.expect("a row"), (2, 4));
    }

    #[tokio::test]
    async fn closing_writes_what_waits_and_refuses_what_comes_later() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("shop.db");
        set_up(&path).await.expect("a file");
        let writer = Writer::open(&path).expect("a writer");
        let (written, ()) = tokio::join!(writer.write(VISIT, binds(1)), writer.close());
        assert_eq!(written.expect("is written"), Some(vec![1]));
        let late = writer.write(VISIT, binds(2)).await;
        assert!(matches!(late, Err(Error::Unavailable(_))), "{late:?}");
    }
}
