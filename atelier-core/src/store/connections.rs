//! The connections to PostgreSQL: how a statement gets one, and what becomes of it afterwards.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use atelier_sql::migrations::Migration;
use atelier_sql::{Read, Write};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgRow};
use sqlx::{Arguments, Connection};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::timeout;

use super::batch::Reader;
use super::gate::{Gate, PATIENCE};
use super::postgres::connect;
use super::value::{Row, Value};
use super::{bounded, failure, schema};
use crate::{Error, Failure, Result};

/// A little longer than PostgreSQL lets a statement run: after that, the connection is dead.
const SILENCE: Duration = Duration::from_secs(4);

/// How long a connection goes from statement to statement before the pool looks at it again, and at its age.
const AT_HAND: Duration = Duration::from_mins(1);

/// The connections, and who may have one.
///
/// The pool makes, tests and replaces them. It asks each that is given back whether it is alive, a second round trip
/// for each statement, so those that are well are kept at hand instead.
#[derive(Debug)]
pub(super) struct Connections {
    pool: PgPool,
    at_hand: Mutex<Vec<Lent>>,
    /// Bytes of text after which no more rows are taken.
    most: usize,
    /// Whether it is the one of a function.
    of_function: bool,
    /// Whether what is at hand may be gone.
    doubtful: AtomicBool,
    /// Whether a read that meets a dead connection is tried on another.
    again: bool,
    /// Whether the server was well when it was last seen.
    well: AtomicBool,
    /// Wakes who watches the server.
    alarm: Notify,
    /// How often all connections were dropped.
    age: AtomicU64,
    /// Tells who waits for an answer that they were.
    renewed: Notify,
    reads: Gate,
    writes: Gate,
}

/// A connection that the pool has lent.
#[derive(Debug)]
struct Lent {
    /// Until it is given back or thrown away.
    connection: Option<PoolConnection<sqlx::Postgres>>,
    since: Instant,
    /// Whether it is of further use once somebody has left while the database answered.
    lasting: bool,
    /// The age in which it was lent: in another it is of no use.
    age: u64,
}

impl Lent {
    fn connection(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        // It is there as long as nobody has taken it to end this.
        let connection = self.connection.as_deref_mut();
        connection.ok_or(sqlx::Error::WorkerCrashed)
    }

    /// Gives it back to the pool.
    fn give_back(mut self) {
        drop(self.connection.take());
    }

    /// Throws it away.
    fn discard(mut self) {
        if let Some(connection) = self.connection.take() {
            drop(connection.detach());
        }
    }
}

/// Who leaves while the database answers: once what is left unread has come, the connection is as good as before. The pool
/// would wait for that without end. A function, which may be frozen meanwhile, makes another.
impl Drop for Lent {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        let runtime = Handle::try_current().ok().filter(|_| self.lasting);
        if let Some(runtime) = runtime {
            runtime.spawn(async move {
                if !matches!(timeout(SILENCE, connection.ping()).await, Ok(Ok(()))) {
                    drop(connection.detach());
                }
            });
        } else {
            drop(connection.detach());
        }
    }
}

impl Connections {
    /// Connects.
    pub(super) async fn open(options: PgConnectOptions) -> Result<Self> {
        let (reads, writes) = places();
        let pool = several(reads + writes)
            .connect_with(options)
            .await
            .map_err(|error| failure::from("connect", error))?;
        Ok(Self::over(pool, Gate::new(reads), Gate::new(writes)))
    }

    /// The connections to one of several servers, made when they are first wanted. What is lost on the way to it may be
    /// asked elsewhere.
    pub(super) fn of_node(options: PgConnectOptions) -> Self {
        let (reads, writes) = places();
        let pool = several(reads + writes).connect_lazy_with(options);
        let mut connections = Self::over(pool, Gate::new(reads), Gate::new(writes));
        connections.again = false;
        connections
    }

    fn over(pool: PgPool, reads: Gate, writes: Gate) -> Self {
        Self {
            pool,
            at_hand: Mutex::default(),
            most: bounded::MOST,
            of_function: false,
            doubtful: AtomicBool::new(false),
            again: true,
            well: AtomicBool::new(true),
            alarm: Notify::new(),
            age: AtomicU64::new(0),
            renewed: Notify::new(),
            reads,
            writes,
        }
    }

    /// The one connection of a process that answers one request at a time, made when it is first wanted.
    pub(super) fn of_function(options: PgConnectOptions) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false)
            .acquire_timeout(Duration::from_secs(3))
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with(options);
        let places = Gate::new(1);
        let mut connections = Self::over(pool, places.clone(), places);
        connections.most = bounded::MOST_OF_FUNCTION;
        connections.of_function = true;
        connections
    }

    /// Whether the server was well when it was last seen.
    pub(super) fn is_well(&self) -> bool {
        self.well.load(Ordering::SeqCst)
    }

    /// Sets whether the server is well.
    pub(super) fn set_well(&self, well: bool) {
        self.well.store(well, Ordering::SeqCst);
    }

    /// Takes the server for lost until it is seen well.
    fn doubt(&self) {
        self.set_well(false);
        self.alarm();
    }

    /// Has the server looked at, if anybody watches it.
    pub(super) fn alarm(&self) {
        self.alarm.notify_one();
    }

    /// Waits until the server should be looked at.
    pub(super) async fn alarmed(&self) {
        self.alarm.notified().await;
    }

    /// Drops all connections: those at hand, those in the pool, and those in use as they come back.
    pub(super) fn renew(&self) {
        self.age.fetch_add(1, Ordering::SeqCst);
        self.renewed.notify_waiters();
        for lent in self.at_hand().drain(..) {
            lent.discard();
        }
        while let Some(idle) = self.pool.try_acquire() {
            drop(idle.detach());
        }
    }

    /// Waits until all connections are dropped.
    pub(super) fn renewed(&self) -> Notified<'_> {
        self.renewed.notified()
    }

    /// Has the connection at hand asked whether it is alive before it is used again.
    pub(super) fn thawed(&self) {
        self.doubtful.store(self.of_function, Ordering::Relaxed);
    }

    /// That the schema is up to date. [`Error::Schema`] when not.
    pub(super) async fn check(&self, steps: &[Migration]) -> Result<()> {
        let _place = self.writes.enter().await?;
        let mut lent = match self.connection().await {
            Ok(lent) => lent,
            // The pool has tried again and again, and does not tell why.
            Err(sqlx::Error::PoolTimedOut) => {
                connect(&self.pool.connect_options()).await?;
                return Err(failure::from("schema", sqlx::Error::PoolTimedOut));
            }
            Err(error) => return Err(failure::from("schema", error)),
        };
        let connection = lent
            .connection()
            .map_err(|error| failure::from("schema", error))?;
        let checked = timeout(SILENCE, schema::check(connection, steps)).await;
        match checked {
            Ok(Ok(())) => {
                self.push(lent);
                Ok(())
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Err(Error::Unavailable(Failure::new("schema: no answer"))),
        }
    }

    /// A connection. One that has to be made first is made in a task of its own: a caller who gives up does not throw it
    /// away half made.
    async fn connection(&self) -> Result<Lent, sqlx::Error> {
        if self.doubtful.swap(false, Ordering::Relaxed) {
            self.test().await;
        }
        if let Some(lent) = self.pop() {
            return Ok(lent);
        }
        let age = self.age.load(Ordering::SeqCst);
        let connection = if let Some(connection) = self.pool.try_acquire() {
            connection
        } else {
            let pool = self.pool.clone();
            let made = tokio::spawn(async move { pool.acquire().await }).await;
            made.unwrap_or(Err(sqlx::Error::WorkerCrashed))?
        };
        Ok(Lent {
            connection: Some(connection),
            since: Instant::now(),
            lasting: !self.of_function,
            age,
        })
    }

    /// Keeps of those at hand the ones that answer at once.
    async fn test(&self) {
        let doubtful = std::mem::take(&mut *self.at_hand());
        for mut lent in doubtful {
            let ping = async { lent.connection()?.ping().await };
            if let Ok(Ok(())) = timeout(PATIENCE, ping).await {
                lent.since = Instant::now();
                self.push(lent);
            } else {
                lent.discard();
            }
        }
    }

    fn at_hand(&self) -> MutexGuard<'_, Vec<Lent>> {
        self.at_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The one at hand that was used last; those that were lent too long ago go back to the pool.
    fn pop(&self) -> Option<Lent> {
        let mut at_hand = self.at_hand();
        for old in at_hand.extract_if(.., |lent| lent.since.elapsed() >= AT_HAND) {
            old.give_back();
        }
        at_hand.pop()
    }

    /// Keeps a connection at hand that has nothing left to read.
    fn push(&self, lent: Lent) {
        let mut at_hand = self.at_hand();
        if lent.age != self.age.load(Ordering::SeqCst) {
            return lent.discard();
        }
        // A pool that closes waits for those it has lent.
        if !self.pool.is_closed() && lent.since.elapsed() < AT_HAND {
            at_hand.push(lent);
        } else {
            lent.give_back();
        }
    }

    /// The rows of a statement, and whether that is all of them.
    async fn rows(
        &self,
        text: &'static str,
        arguments: PgArguments,
    ) -> Result<(Vec<PgRow>, bool), sqlx::Error> {
        let mut lent = self.connection().await?;
        let query = sqlx::query_with(text, arguments);
        let rows = bounded::collect(query.fetch(lent.connection()?), self.most);
        let silent = sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
        match timeout(SILENCE, rows).await.unwrap_or(Err(silent)) {
            Ok((rows, true)) => {
                self.push(lent);
                Ok((rows, true))
            }
            Ok((rows, false)) => {
                // What is left unread would be read by whoever gets the connection next.
                lent.discard();
                Ok((rows, false))
            }
            Err(error) => {
                if failure::connection_lost(&error) {
                    lent.discard();
                    self.doubt();
                    if failure::read_only(&error) {
                        // The others lead there as well, though they are alive.
                        self.renew();
                    }
                    // The others probably are too: the pool asks each that comes back, and replaces it.
                    self.give_all_back();
                    while let Some(idle) = self.pool.try_acquire() {
                        drop(idle);
                    }
                }
                Err(error)
            }
        }
    }

    /// The same of a statement that changes nothing, which is tried on another connection when the first is lost.
    async fn read(
        &self,
        text: &'static str,
        arguments: PgArguments,
    ) -> Result<(Vec<PgRow>, bool), sqlx::Error> {
        if !self.again {
            let rows = self.rows(text, arguments).await;
            if rows.as_ref().is_err_and(failure::another_may) {
                self.doubt();
            }
            return rows;
        }
        let mut rows = self.rows(text, arguments.clone()).await;
        if rows.as_ref().is_err_and(failure::connection_lost) {
            rows = self.rows(text, arguments).await;
        }
        rows
    }

    /// The rows of a change, which is tried once; none when the server can only be read.
    pub(super) async fn try_write(
        &self,
        change: Write,
        binds: Vec<Value>,
    ) -> Result<Option<Vec<PgRow>>> {
        let _place = self.writes.enter().await?;
        match self.rows(change.postgres, arguments(binds)).await {
            Ok((rows, _)) => Ok(Some(rows)),
            Err(error) if failure::read_only(&error) => Ok(None),
            Err(error) => Err(failure::from(change.name, error)),
        }
    }

    /// The rows of a change, which is tried once.
    pub(super) async fn write(&self, change: Write, binds: Vec<Value>) -> Result<Vec<PgRow>> {
        self.ask(change.name, change.postgres, arguments(binds))
            .await
    }

    /// The rows of a statement, which is tried once.
    pub(super) async fn ask(
        &self,
        name: &str,
        text: &'static str,
        arguments: PgArguments,
    ) -> Result<Vec<PgRow>> {
        let _place = self.writes.enter().await?;
        let (rows, _) = self
            .rows(text, arguments)
            .await
            .map_err(|error| failure::from(name, error))?;
        Ok(rows)
    }

    /// Whether all connections were ended, or are about to be.
    pub(super) fn is_closed(&self) -> bool {
        self.pool.is_closed()
    }

    /// Ends all connections.
    pub(super) async fn close(&self) {
        let closed = self.pool.close();
        self.give_all_back();
        closed.await;
    }

    fn give_all_back(&self) {
        for lent in self.at_hand().drain(..) {
            lent.give_back();
        }
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        for lent in self.at_hand().drain(..) {
            // To be given back it would need a runtime, which may be gone.
            lent.discard();
        }
    }
}

impl Reader for Connections {
    type Rows = Vec<PgRow>;

    fn gate(&self) -> &Gate {
        &self.reads
    }

    async fn alone(&self, read: Read, binds: Vec<Value>) -> Result<Vec<PgRow>> {
        let rows = self.read(read.text, arguments(binds)).await;
        rows.map(|(rows, _)| rows)
            .map_err(|error| failure::from(read.name, error))
    }

    async fn together(
        &self,
        read: Read,
        text: &'static str,
        questions: &[Vec<i64>],
    ) -> Result<Option<Vec<Vec<PgRow>>>> {
        let rows = match self.read(text, columns(questions)).await {
            Ok((rows, true)) => rows,
            Ok((_, false)) => return Ok(None),
            // One of them may be what takes so long.
            Err(error) if failure::took_too_long(&error) => return Ok(None),
            Err(error) => return Err(failure::from(read.name, error)),
        };
        let mut each: Vec<_> = questions.iter().map(|_| Vec::new()).collect();
        for row in rows {
            // The place of its question, from 1, is the last column.
            let place = row.int(sqlx::Row::len(&row) - 1)?;
            let question = usize::try_from(place - 1)
                .ok()
                .and_then(|place| each.get_mut(place))
                .ok_or_else(|| Error::Internal(Failure::new("a row for a question not asked")))?;
            question.push(row);
        }
        Ok(Some(each))
    }
}

/// How many may read at once, and how many write. A few connections keep the database's cores busy with reads; more only
/// wait for each other there. A write waits for the disk, and those that wait together are written together, so they have
/// places of their own, and more.
fn places() -> (u32, u32) {
    let cores =
        std::thread::available_parallelism().map_or(2, |n| u32::try_from(n.get()).unwrap_or(2));
    let reads = (2 * cores).clamp(4, 16);
    (reads, (2 * reads).min(16))
}

/// A pool of so many connections.
fn several(connections: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        // Each is made when it is first wanted: a pool that keeps up a number makes them one after another, under the time
        // limit of a single one.
        .min_connections(0)
        // A ping at each checkout would be a second round trip for each read; a read that meets a dead connection is tried
        // again instead.
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_secs(3))
        .idle_timeout(None)
        .max_lifetime(Duration::from_mins(30))
}

pub(super) fn arguments(binds: Vec<Value>) -> PgArguments {
    let mut arguments = PgArguments::default();
    for bind in binds {
        // Encoding a number or a text never fails.
        let _ = match bind {
            Value::Int(value) => arguments.add(value),
            Value::Bool(value) => arguments.add(value),
            Value::Text(value) => arguments.add(value),
            Value::Null => arguments.add(None::<String>),
        };
    }
    arguments
}

/// The binds of a text for many: each bind of the text for one, with a value for each question.
pub(super) fn columns(questions: &[Vec<i64>]) -> PgArguments {
    let mut arguments = PgArguments::default();
    let binds = questions.first().map_or(0, Vec::len);
    for bind in 0..binds {
        let column: Vec<i64> = questions.iter().map(|question| question[bind]).collect();
        // Encoding numbers never fails.
        let _ = arguments.add(column);
    }
    arguments
}
