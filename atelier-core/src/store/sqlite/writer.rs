//! The one writer of a SQLite file.
//!
//! Changes queue for it, and those that wait while a transaction is being written go together in the next: many
//! acknowledged writes for one wait on the disk. It is a thread of its own, so a caller who hangs up never leaves a
//! transaction open, and nobody's thread waits for the disk.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::metrics;
use crate::model::error::{Error, Failure, Result, ShedReason};
use crate::store::admission::QUEUE_TIMEOUT;
use crate::store::backend::Change;
use crate::store::failure;
use crate::store::sqlite::backend::{STATEMENT_TIMEOUT, interrupt_after, serving};
use crate::store::sqlite::row::{Told, bind};
use crate::store::topic_versions::Changes;

/// Changes that may wait: more than a server accepts connections. What waits too long is refused by time.
const WAITING: usize = 16_384;

/// Changes of one transaction: what a disk flush costs is spread, and nobody waits long for the others.
const TOGETHER: usize = 128;

/// How long a write may wait again after another write of its transaction took too long.
const SECOND_QUEUE_TIMEOUT: Duration = Duration::from_secs(1);

/// Pause before a lock that was not free is tried again. SQLite's own busy handler pauses too, but is not always called.
const LOCK_RETRY: Duration = Duration::from_millis(5);

/// Hands changes to the writing thread, which ends when this goes.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Job>,
}

#[derive(Debug)]
enum Job {
    Write(Waiting),
    Close { done: oneshot::Sender<()> },
}

#[derive(Debug)]
struct Waiting {
    change: Change,
    /// Until when its transaction must have begun.
    deadline: Instant,
    /// Set by whoever decides the outcome: the writing thread when it takes the write, or the caller when it gives up. So
    /// the outcome is certain: a write that is refused as late is never stored afterwards.
    claimed: Arc<AtomicBool>,
    done: oneshot::Sender<Result<Option<Vec<i64>>>>,
}

impl Waiting {
    /// How long it may still wait; zero when its deadline has passed.
    fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Ends the write, whose topics have new versions before anybody learns that it is stored.
    fn end(self, versions: &Changes, outcome: Result<Option<Vec<i64>>>) {
        versions.note(self.change.topics(outcome.as_ref().map(Option::as_deref)));
        let _ = self.done.send(outcome);
    }
}

impl Writer {
    /// Starts the thread that writes the file with this [`address`](crate::store::sqlite::backend::address), which is there and has been
    /// migrated, and counts in `versions` what it changes.
    pub(crate) fn open(address: &Path, versions: Arc<Changes>) -> Result<Self> {
        let connection = connect(address).map_err(|error| failure::of_sqlite("open", &error))?;
        let (queue, jobs) = mpsc::channel(WAITING);
        thread::Builder::new()
            .name("sqlite writer".to_owned())
            .spawn(move || run(connection, jobs, &versions))
            .map_err(|error| {
                Error::Config(Failure::new("No thread can be started").with_source(error))
            })?;
        Ok(Self { queue })
    }

    /// Makes a change; returns when it is on disk. [`Error::Unavailable`] when its transaction could not begin within
    /// [`QUEUE_TIMEOUT`], or took too long and was rolled back: then nothing was stored, and nothing will be.
    pub(crate) async fn write(&self, change: Change) -> Result<Option<Vec<i64>>> {
        let (done, mut outcome) = oneshot::channel();
        let claimed = Arc::new(AtomicBool::new(false));
        let job = Job::Write(Waiting {
            change,
            deadline: Instant::now() + QUEUE_TIMEOUT,
            claimed: Arc::clone(&claimed),
            done,
        });
        self.queue.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => {
                let failure = Failure::new("Too many changes wait for the database.");
                Error::Unavailable(failure.with_reason(ShedReason::WriteQueueFull))
            }
            mpsc::error::TrySendError::Closed(_) => unavailable("The database is closed."),
        })?;
        let outcome = match timeout(QUEUE_TIMEOUT, &mut outcome).await {
            Ok(outcome) => outcome,
            Err(_) if !claimed.swap(true, Ordering::Relaxed) => return Err(late()),
            // It is being written. That ends in time by itself.
            Err(_) => outcome.await,
        };
        outcome.unwrap_or_else(|_| Err(unavailable("The database is closed.")))
    }

    /// Writes what waits, and ends.
    pub(crate) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Job::Close { done }).await.is_ok() {
            let _ = closed.await;
        }
    }
}

fn unavailable(why: &str) -> Error {
    Error::Unavailable(Failure::new(why))
}

/// That a write did not get its turn in time.
fn late() -> Error {
    let failure =
        Failure::new("The database is busy with other changes, or locked by another program.");
    Error::Unavailable(failure.with_reason(ShedReason::QueueTimeout))
}

fn connect(address: &Path) -> rusqlite::Result<Connection> {
    let connection = serving(address, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // What was acknowledged is on disk, power cut or not.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "journal_size_limit", 67_108_864)?;
    Ok(connection)
}

fn run(mut connection: Connection, mut jobs: mpsc::Receiver<Job>, versions: &Changes) {
    let mut waiting = Vec::with_capacity(TOGETHER);
    while jobs.blocking_recv_many(&mut waiting, TOGETHER) > 0 {
        let mut closing = None;
        let mut writes = Vec::with_capacity(waiting.len());
        for job in waiting.drain(..) {
            match job {
                Job::Write(write) if write.claimed.swap(true, Ordering::Relaxed) => {}
                Job::Write(write) => writes.push(write),
                Job::Close { done } => closing = Some(done),
            }
        }
        metrics::batch("changes", writes.len());
        write_all(&mut connection, writes, versions);
        if let Some(done) = closing {
            drop(connection);
            let _ = done.send(());
            return;
        }
    }
}

/// Writes all in one transaction; when one of several fails, each in its own, so that only that one does.
fn write_all(connection: &mut Connection, mut writes: Vec<Waiting>, versions: &Changes) {
    loop {
        let late = writes.extract_if(.., |write| write.time_left().is_zero());
        for write in late {
            write.end(versions, Err(self::late()));
        }
        let Some(first) = writes.iter().map(Waiting::time_left).min() else {
            return;
        };
        match transaction(connection, first, &writes) {
            Ok(outcomes) => {
                for (write, row) in writes.into_iter().zip(outcomes) {
                    write.end(versions, Ok(row));
                }
                return;
            }
            // Those whose time has not passed wait on.
            Err((_, error)) if failure::locked_on_sqlite(&error) => thread::sleep(LOCK_RETRY),
            // The others were rolled back with it, and have done nothing wrong.
            Err((place, error)) if failure::interrupted_on_sqlite(&error) => {
                let write = writes.remove(place);
                let failure = failure::of_sqlite(write.change.write.name, &error);
                write.end(versions, Err(failure));
                for write in &mut writes {
                    write.deadline = Instant::now() + SECOND_QUEUE_TIMEOUT;
                }
            }
            // What is full is so for each of them.
            Err((_, error)) if writes.len() > 1 && !failure::passing_on_sqlite(&error) => {
                for write in writes {
                    write_all(connection, vec![write], versions);
                }
                return;
            }
            Err((_, error)) => {
                for write in writes {
                    let failure = failure::of_sqlite(write.change.write.name, &error);
                    write.end(versions, Err(failure));
                }
                return;
            }
        }
    }
}

/// Runs all `writes` in one transaction, for the lock of which it waits up to `wait`. A failure comes with the place of the
/// write that it is about.
fn transaction(
    connection: &mut Connection,
    wait: Duration,
    writes: &[Waiting],
) -> std::result::Result<Vec<Option<Vec<i64>>>, (usize, rusqlite::Error)> {
    let first = |error| (0, error);
    connection.busy_timeout(wait).map_err(first)?;
    // A deferred transaction that turns to writing fails at once when another has written meanwhile.
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(first)?;
    interrupt_after(&transaction, STATEMENT_TIMEOUT).map_err(first)?;
    let mut outcomes = Vec::with_capacity(writes.len());
    for (place, write) in writes.iter().enumerate() {
        let outcome = change(&transaction, write).map_err(|error| (place, error))?;
        outcomes.push(outcome);
    }
    transaction.commit().map_err(first)?;
    Ok(outcomes)
}

/// Makes one change: the numbers that the first of its statements returns, without which the others are not run.
fn change(connection: &Connection, write: &Waiting) -> rusqlite::Result<Option<Vec<i64>>> {
    let mut numbers = None;
    for (step, text) in write.change.write.sqlite.iter().enumerate() {
        let told = Told::begin();
        let mut statement = connection.prepare_cached(text)?;
        bind(&mut statement, &write.change.binds)?;
        let columns = 0..statement.column_count();
        let mut rows = statement.raw_query();
        let mut first = None;
        while let Some(row) = rows.next()? {
            if first.is_none() {
                let all = columns.clone().map(|column| row.get(column));
                first = Some(all.collect::<rusqlite::Result<_>>()?);
            }
        }
        told.end(write.change.write.name, text);
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

    use atelier_sql::Write;

    use super::*;
    use crate::store::sqlite::backend::set_up;

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

    const ENDLESS: Write = Write {
        name: "endless",
        postgres: "",
        sqlite: &[
            VISIT.sqlite[0],
            "with recursive n (i) as (select 1 union all select i + 1 from n) select max(i) from n",
        ],
    };

    fn change(write: Write, date: i64) -> Change {
        Change::of_no_topic(write, vec!["x".to_owned().into(), date.into()])
    }

    #[tokio::test]
    async fn of_those_that_go_together_only_the_faulty_one_fails() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("shop.db");
        set_up(&path).await.expect("a file");
        let writer = Writer::open(&path, Arc::default()).expect("a writer");
        let other = Connection::open(&path).expect("a connection");
        // As long as another holds the lock, changes only wait.
        other.execute_batch("begin immediate").expect("begins");
        let together = join3(
            writer.write(change(VISIT, 1)),
            writer.write(change(FAULT, 2)),
            writer.write(change(VISIT, 3)),
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

    /// How many rows there are, and the sum of their dates.
    fn stored(connection: &Connection) -> (i64, i64) {
        let query = "select count(*), coalesce(sum(date), 0) from interactions";
        let row = connection.query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?)));
        row.expect("a row")
    }

    #[tokio::test]
    async fn write_behind_a_foreign_lock_is_refused_in_time_and_never_stored() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("shop.db");
        set_up(&path).await.expect("a file");
        let writer = Writer::open(&path, Arc::default()).expect("a writer");
        let other = Connection::open(&path).expect("a connection");
        other.execute_batch("begin immediate").expect("begins");
        let begun = Instant::now();
        // The thread waits for the lock with the first; the second is still in its queue.
        let first = writer.write(change(VISIT, 1));
        let second = async {
            tokio::time::sleep(QUEUE_TIMEOUT / 4).await;
            writer.write(change(VISIT, 2)).await
        };
        let (first, second) = tokio::join!(first, second);
        for refused in [first, second] {
            assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
        }
        let waited = begun.elapsed();
        assert!(waited < 2 * QUEUE_TIMEOUT, "{waited:?}");
        other.execute_batch("commit").expect("commits");
        let third = writer.write(change(VISIT, 4)).await;
        assert_eq!(third.expect("is written"), Some(vec![1]));
        writer.close().await;
        assert_eq!(stored(&other), (1, 4));
    }

    #[tokio::test]
    async fn endless_write_is_rolled_back_and_those_beside_it_are_stored() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("shop.db");
        set_up(&path).await.expect("a file");
        let writer = Writer::open(&path, Arc::default()).expect("a writer");
        let other = Connection::open(&path).expect("a connection");
        other.execute_batch("begin immediate").expect("begins");
        let together = join3(
            writer.write(change(VISIT, 1)),
            writer.write(change(ENDLESS, 2)),
            writer.write(change(VISIT, 4)),
        );
        let release = async { other.execute_batch("commit").expect("commits") };
        let begun = Instant::now();
        let ((first, endless, last), ()) = tokio::join!(together, release);
        assert!(matches!(endless, Err(Error::Unavailable(_))), "{endless:?}");
        first.expect("is written");
        last.expect("is written");
        let took = begun.elapsed();
        assert!(took < STATEMENT_TIMEOUT + QUEUE_TIMEOUT, "{took:?}");
        writer.close().await;
        assert_eq!(stored(&other), (2, 5));
    }

    #[tokio::test]
    async fn closing_writes_what_waits_and_refuses_what_comes_later() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("shop.db");
        set_up(&path).await.expect("a file");
        let writer = Writer::open(&path, Arc::default()).expect("a writer");
        let (written, ()) = tokio::join!(writer.write(change(VISIT, 1)), writer.close());
        assert_eq!(written.expect("is written"), Some(vec![1]));
        let late = writer.write(change(VISIT, 2)).await;
        assert!(matches!(late, Err(Error::Unavailable(_))), "{late:?}");
    }
}
