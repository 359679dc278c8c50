//! The writer thread of a SQLite file.
//!
//! Group commit: writes that arrive during a transaction are part of the next one, so that many writes share one sync of the
//! disk. In a thread of its own, a cancelled caller leaves no transaction open, and the runtime does not wait for the disk.

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
use crate::store::sqlite::connection::{STATEMENT_TIMEOUT, interrupt_after, open_serving};
use crate::store::sqlite::error;
use crate::store::sqlite::row::bind;
use crate::store::statement_log::StatementLog;
use crate::store::topic_versions::TopicVersions;

/// Capacity of the queue, more than a server accepts connections: writes are refused by time, not by number.
const MAX_QUEUED: usize = 16_384;

/// Maximum number of writes in a transaction: enough to amortize a sync of the disk, few enough to be quick.
const GROUP_COMMIT_MAX: usize = 128;

/// How long a write may wait again after another write of its transaction exceeded its time limit.
const SECOND_QUEUE_TIMEOUT: Duration = Duration::from_secs(1);

/// Delay before a locked file is tried again. SQLite's busy handler also waits, but is not called in every case.
const LOCK_RETRY: Duration = Duration::from_millis(5);

/// The handle of the writer thread, which ends when the handle is dropped.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Job>,
}

#[derive(Debug)]
enum Job {
    Write(WriteJob),
    Close { done: oneshot::Sender<()> },
}

#[derive(Debug)]
struct WriteJob {
    change: Change,
    /// When its transaction must have begun.
    deadline: Instant,
    /// Set by the writer thread when it starts the write, or by the caller when it gives up. So a write that timed out is never
    /// stored afterwards.
    claimed: Arc<AtomicBool>,
    done: oneshot::Sender<Result<Option<Vec<i64>>>>,
}

impl WriteJob {
    /// Returns the time until the deadline; zero when it has passed.
    fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Completes the write. The versions of its topics are bumped before it is acknowledged.
    fn end(self, versions: &TopicVersions, outcome: Result<Option<Vec<i64>>>) {
        versions.bump(self.change.topics(outcome.as_ref().map(Option::as_deref)));
        let _ = self.done.send(outcome);
    }
}

impl Writer {
    /// Starts the thread that writes the migrated file at `uri`. Writes bump `versions`.
    pub(crate) fn open(uri: &Path, versions: Arc<TopicVersions>) -> Result<Self> {
        let connection = connect(uri).map_err(|error| error::convert("open", &error))?;
        let (queue, jobs) = mpsc::channel(MAX_QUEUED);
        thread::Builder::new()
            .name("sqlite writer".to_owned())
            .spawn(move || run(connection, jobs, &versions))
            .map_err(|error| {
                Error::Config(Failure::new("No thread can be started").with_source(error))
            })?;
        Ok(Self { queue })
    }

    /// Executes a write and returns when it is durable. [`Error::Unavailable`] when its transaction could not begin within
    /// [`QUEUE_TIMEOUT`], or exceeded its time limit and was rolled back: then it is not stored, now or later.
    pub(crate) async fn write(&self, change: Change) -> Result<Option<Vec<i64>>> {
        let (done, mut outcome) = oneshot::channel();
        let claimed = Arc::new(AtomicBool::new(false));
        let job = Job::Write(WriteJob {
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
            // The write has started, and has a time limit of its own.
            Err(_) => outcome.await,
        };
        outcome.unwrap_or_else(|_| Err(unavailable("The database is closed.")))
    }

    /// Executes queued writes and ends the thread.
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

/// The error of a write that was not started in time.
fn late() -> Error {
    let failure =
        Failure::new("The database is busy with other changes, or locked by another program.");
    Error::Unavailable(failure.with_reason(ShedReason::QueueTimeout))
}

fn connect(uri: &Path) -> rusqlite::Result<Connection> {
    let connection = open_serving(uri, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // Acknowledged writes survive a power failure.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "journal_size_limit", 67_108_864)?;
    Ok(connection)
}

fn run(mut connection: Connection, mut jobs: mpsc::Receiver<Job>, versions: &TopicVersions) {
    let mut waiting = Vec::with_capacity(GROUP_COMMIT_MAX);
    while jobs.blocking_recv_many(&mut waiting, GROUP_COMMIT_MAX) > 0 {
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

/// Executes writes in one transaction. When one of several fails, each is repeated in its own transaction, so that only that one
/// fails.
fn write_all(connection: &mut Connection, mut writes: Vec<WriteJob>, versions: &TopicVersions) {
    loop {
        let late = writes.extract_if(.., |write| write.time_left().is_zero());
        for write in late {
            write.end(versions, Err(self::late()));
        }
        let Some(first) = writes.iter().map(WriteJob::time_left).min() else {
            return;
        };
        match transaction(connection, first, &writes) {
            Ok(outcomes) => {
                for (write, row) in writes.into_iter().zip(outcomes) {
                    write.end(versions, Ok(row));
                }
                return;
            }
            // Writes before their deadline keep waiting.
            Err((_, error)) if error::is_locked(&error) => thread::sleep(LOCK_RETRY),
            // The other writes were rolled back with it, and are repeated.
            Err((place, error)) if error::is_interrupted(&error) => {
                let write = writes.remove(place);
                let failure = error::convert(write.change.write.name, &error);
                write.end(versions, Err(failure));
                for write in &mut writes {
                    write.deadline = Instant::now() + SECOND_QUEUE_TIMEOUT;
                }
            }
            // A full disk fails each of them.
            Err((_, error)) if writes.len() > 1 && !error::is_transient(&error) => {
                for write in writes {
                    write_all(connection, vec![write], versions);
                }
                return;
            }
            Err((_, error)) => {
                for write in writes {
                    let failure = error::convert(write.change.write.name, &error);
                    write.end(versions, Err(failure));
                }
                return;
            }
        }
    }
}

/// Executes `writes` in one transaction, and waits for its lock up to `wait`. An error has the index of the write that failed.
fn transaction(
    connection: &mut Connection,
    wait: Duration,
    writes: &[WriteJob],
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

/// Executes one write and returns the numbers of the row that its first statement returned. Without a row, its other
/// statements are not executed.
fn change(connection: &Connection, write: &WriteJob) -> rusqlite::Result<Option<Vec<i64>>> {
    let mut numbers = None;
    for (step, text) in write.change.write.sqlite.iter().enumerate() {
        let log = StatementLog::begin();
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
        log.end(write.change.write.name, text);
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
    async fn only_the_faulty_write_of_a_transaction_fails() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("shop.db");
        set_up(&path).await.expect("a file");
        let writer = Writer::open(&path, Arc::default()).expect("a writer");
        let other = Connection::open(&path).expect("a connection");
        // Writes wait while another connection holds the lock.
        other.execute_batch("begin immediate").expect("begins");
        let batch = join3(
            writer.write(change(VISIT, 1)),
            writer.write(change(FAULT, 2)),
            writer.write(change(VISIT, 3)),
        );
        let release = async { other.execute_batch("commit").expect("commits") };
        let ((first, faulty, last), ()) = tokio::join!(batch, release);
        assert_eq!(first.expect("is written"), Some(vec![1]));
        assert!(matches!(faulty, Err(Error::Internal(_))), "{faulty:?}");
        assert_eq!(last.expect("is written"), Some(vec![2]));
        writer.close().await;
        let kept = "select count(*), sum(date) from interactions";
        let kept = other.query_row(kept, [], |row| Ok((row.get(0)?, row.get(1)?)));
        assert_eq!(kept.expect("a row"), (2, 4));
    }

    /// Returns the number of rows and the sum of their dates.
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
    async fn endless_write_is_rolled_back_and_the_others_are_stored() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("shop.db");
        set_up(&path).await.expect("a file");
        let writer = Writer::open(&path, Arc::default()).expect("a writer");
        let other = Connection::open(&path).expect("a connection");
        other.execute_batch("begin immediate").expect("begins");
        // The endless write comes last: one that is queued after its transaction has begun would wait for longer than it may.
        let batch = join3(
            writer.write(change(VISIT, 1)),
            writer.write(change(VISIT, 4)),
            writer.write(change(ENDLESS, 2)),
        );
        let release = async { other.execute_batch("commit").expect("commits") };
        let begun = Instant::now();
        let ((first, last, endless), ()) = tokio::join!(batch, release);
        assert!(matches!(endless, Err(Error::Unavailable(_))), "{endless:?}");
        first.expect("is written");
        last.expect("is written");
        let took = begun.elapsed();
        assert!(took < STATEMENT_TIMEOUT + QUEUE_TIMEOUT, "{took:?}");
        writer.close().await;
        assert_eq!(stored(&other), (2, 5));
    }

    #[tokio::test]
    async fn close_executes_queued_writes_and_refuses_later_ones() {
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
