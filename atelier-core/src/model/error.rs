//! Errors of the API.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// The result of an operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation failed. Clones share their cause: requests that wait for one database read get clones of its error.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Error {
    /// A new entry has invalid fields; nothing was stored.
    Invalid(Violations),
    /// The resource does not exist.
    NotFound(Resource),
    /// An idempotency key was used with another body.
    KeyReused,
    /// The store is busy, unreachable or full; a retry may succeed.
    Unavailable(Failure),
    /// Writes are disabled.
    ReadOnly,
    /// The schema of the database is older or newer than this program.
    Schema(Failure),
    /// The store can't be opened or filled, because of its location, permissions, content or other users; a retry does not
    /// help.
    Config(Failure),
    /// A defect or a broken store. The failure is logged and never sent to clients.
    Internal(Failure),
}

/// A kind of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Resource {
    Product,
    Review,
    Question,
    Answer,
    Interaction,
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Product => "product",
            Self::Review => "review",
            Self::Question => "question",
            Self::Answer => "answer",
            Self::Interaction => "interaction",
        })
    }
}

/// The invalid fields of a new entry, in the order of its documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violations {
    /// What was to be added.
    pub resource: Resource,
    /// Names of the invalid fields.
    pub fields: Vec<&'static str>,
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the new {} has invalid fields: {}",
            self.resource,
            self.fields.join(", ")
        )
    }
}

/// What failed, as a message for operators without values that a client sent.
#[derive(Clone)]
pub struct Failure {
    message: String,
    source: Option<Arc<dyn StdError + Send + Sync>>,
    reason: ShedReason,
    file: Option<FileFault>,
    /// The cause, if PostgreSQL can't be used.
    connect_error: Option<ConnectErrorKind>,
}

/// Why a request is refused with [`Error::Unavailable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShedReason {
    /// The expected wait exceeds the queue timeout.
    Overload,
    /// No connection was free within the queue timeout.
    QueueTimeout,
    /// The request or one of its statements took longer than its deadline.
    Deadline,
    /// Too many writes wait already.
    WriteQueueFull,
    /// Too many large responses wait for slow clients.
    Memory,
    /// The database failed, or can't be reached.
    Database,
}

impl ShedReason {
    /// All reasons.
    pub(crate) const ALL: [Self; 6] = [
        Self::Overload,
        Self::QueueTimeout,
        Self::Deadline,
        Self::WriteQueueFull,
        Self::Memory,
        Self::Database,
    ];

    /// The label of the metric `atelier_shed_total`.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Overload => "overload",
            Self::QueueTimeout => "wait",
            Self::Deadline => "time",
            Self::WriteQueueFull => "queue",
            Self::Memory => "memory",
            Self::Database => "database",
        }
    }
}

/// Why a SQLite file can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileFault {
    /// Another process has opened or locked it.
    InUse,
    /// It has tables of another program.
    Foreign,
    /// It is not a SQLite database.
    NotADatabase,
    /// Its content is damaged.
    Damaged,
    /// The disk or the quota of the user is full.
    Full,
    /// The user lacks permission to read or write it or its folder.
    Denied,
    /// It can't be opened read-only without being modified first.
    NotReadOnly,
    /// It was opened read-only, and a write was requested.
    OnlyRead,
}

/// Why a PostgreSQL database can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectErrorKind {
    /// Nothing listens at the address.
    Refused,
    /// The host name has no address.
    Unresolved,
    /// No route leads to the host.
    Unreachable,
    /// The server did not answer in time.
    TimedOut,
    /// The server closed the connection.
    Lost,
    /// The file of a socket or of a certificate can't be opened.
    File,
    /// The server is starting up or shutting down.
    Starting,
    /// All connections of the server are in use.
    TooManyConnections,
    /// The connection limit of the role is reached, or too low.
    RoleConnectionLimit,
    /// The connection limit of the database is reached, or too low.
    DatabaseConnectionLimit,
    /// The server has no disk space, memory or other resource left.
    OutOfResources,
    /// User and password do not match.
    Password,
    /// The user may not log in, or not from this host.
    Login,
    /// The database does not exist.
    NoDatabase,
    /// The user lacks a permission in the database.
    Permission,
    /// The requested level of TLS is not available.
    Tls,
    /// The peer does not speak the PostgreSQL protocol, or closes the connection at once, as a proxy does while its server is
    /// down. The driver does not distinguish these.
    Protocol,
    /// A connection pooler refuses the connection, temporarily or permanently; it has one code for both.
    Pooler,
    /// The server is a standby.
    Standby,
    /// Transactions are read-only by default.
    ReadOnly,
    /// The encoding of the database is not UTF8.
    Encoding,
    /// The server is older than PostgreSQL 13.
    Version,
    /// The server refuses the connection for another reason, such as a setting in the URL's `options`.
    Other,
}

impl Failure {
    /// Creates a failure with a message.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            source: None,
            reason: ShedReason::Database,
            file: None,
            connect_error: None,
        }
    }

    /// Sets why the SQLite file can't be used, if that is the cause.
    pub(crate) fn with_file_fault(mut self, fault: Option<FileFault>) -> Self {
        self.file = fault;
        self
    }

    /// Sets why PostgreSQL can't be used, if that is the cause.
    pub(crate) fn with_connect_error(mut self, kind: Option<ConnectErrorKind>) -> Self {
        self.connect_error = kind;
        self
    }

    /// Sets the reason for which the request is refused; by default it is the database.
    pub(crate) fn with_reason(mut self, reason: ShedReason) -> Self {
        self.reason = reason;
        self
    }

    pub(crate) fn reason(&self) -> ShedReason {
        self.reason
    }

    /// Sets the error that caused the failure.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into().into());
        self
    }
}

impl Error {
    /// Returns the failure, if the error has one.
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Unavailable(failure)
            | Self::Schema(failure)
            | Self::Config(failure)
            | Self::Internal(failure) => Some(failure),
            Self::Invalid(_) | Self::NotFound(_) | Self::KeyReused | Self::ReadOnly => None,
        }
    }

    /// Returns why PostgreSQL can't be used, if that is the cause.
    pub fn connect_error(&self) -> Option<ConnectErrorKind> {
        self.failure()?.connect_error
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error {
    /// Returns why the SQLite file can't be used, if that is the cause.
    pub fn file_fault(&self) -> Option<FileFault> {
        self.failure()?.file
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(violations) => violations.fmt(f),
            Self::NotFound(resource) => write!(f, "the {resource} does not exist"),
            Self::KeyReused => f.write_str("the idempotency key was used with another body"),
            Self::ReadOnly => f.write_str("the store is read-only"),
            Self::Unavailable(failure)
            | Self::Schema(failure)
            | Self::Config(failure)
            | Self::Internal(failure) => failure.fmt(f),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.failure()?.source.as_deref()?;
        Some(source as &(dyn StdError + 'static))
    }
}
