//! What can go wrong, in the words of the API.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// The result of every question to the API.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the API could not do what it was asked. A clone is for another who asked the same at the same time.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Error {
    /// A new entry breaks rules; nothing was stored.
    Invalid(Violations),
    /// There is no such thing.
    NotFound(Resource),
    /// A mark that makes a post be stored once was used for another body.
    KeyReused,
    /// The store can't answer now, but may in a moment: busy, restarting, out of reach, full.
    Unavailable(Failure),
    /// The store can only be read.
    ReadOnly,
    /// The database's schema is older or newer than this program.
    Schema(Failure),
    /// The store can't be opened or filled as it is: its place, its rights, other users of it, its content.
    Config(Failure),
    /// A defect, or a broken store. The failure is for the operator, never for the client.
    Internal(Failure),
}

/// A kind of thing of the API.
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

/// The fields of a new entry that break rules, each once, in the order of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violations {
    /// What was to be added.
    pub resource: Resource,
    /// The fields at fault, by their names in the contract.
    pub fields: Vec<&'static str>,
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the new {} breaks the rules of {}",
            self.resource,
            self.fields.join(", ")
        )
    }
}

/// What failed, in words for an operator; it holds no value that a client sent.
#[derive(Clone)]
pub struct Failure {
    message: String,
    source: Option<Arc<dyn StdError + Send + Sync>>,
    reason: ShedReason,
    file: Option<FileFault>,
    /// Why PostgreSQL can't be used, where it is that.
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
    /// Too many large answers wait for clients that read slowly.
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

/// What is wrong with a SQLite file, for whoever tells an operator what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileFault {
    /// Another process has it open, or has locked it.
    InUse,
    /// It holds the tables of another program.
    Foreign,
    /// It is no SQLite database.
    NotADatabase,
    /// Its content is damaged.
    Damaged,
    /// The disk, or the quota of the user, is full.
    Full,
    /// This user may not read or write it, or the folder that it is in.
    Denied,
    /// It can't be served as it is without writing it.
    NotReadOnly,
    /// It was opened to be read only, and is to be written.
    OnlyRead,
}

/// Why a PostgreSQL database can't be used, as far as that decides what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectErrorKind {
    /// Nothing listens at the address.
    Refused,
    /// The host name has no address.
    Unresolved,
    /// No route leads to the host.
    Unreachable,
    /// No answer in time.
    TimedOut,
    /// The connection was closed from the other side.
    Lost,
    /// The file of a socket or of a certificate can't be opened.
    File,
    /// The server is starting up or shutting down.
    Starting,
    /// All connections of the server are in use.
    TooManyConnections,
    /// The role has all the connections that it may have, or may have too few.
    RoleConnectionLimit,
    /// The database has all the connections that it may have, or may have too few.
    DatabaseConnectionLimit,
    /// The server has no disk space, memory or other resource left.
    OutOfResources,
    /// User and password do not match.
    Password,
    /// The user may not log in, or not from here.
    Login,
    /// There is no such database.
    NoDatabase,
    /// The user lacks a right in the database.
    Permission,
    /// No TLS connection that is as safe as demanded.
    Tls,
    /// What answers does not speak the protocol of PostgreSQL, or closes the connection at once, as a proxy does whose server
    /// is not there yet: the driver does not tell these apart.
    Protocol,
    /// A pooler refuses the connection, for a moment or for good: it has one code for all reasons.
    Pooler,
    /// The server is a standby.
    Standby,
    /// Transactions are read-only by default.
    ReadOnly,
    /// The database's encoding is not UTF8.
    Encoding,
    /// The server is older than PostgreSQL 13.
    Version,
    /// The server refuses the connection for another reason, such as a setting in the URL's `options`.
    Other,
}

impl Failure {
    /// A failure in words alone.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            source: None,
            reason: ShedReason::Database,
            file: None,
            connect_error: None,
        }
    }

    /// The same, with what is wrong with the SQLite file, if anything is.
    pub(crate) fn with_file_fault(mut self, fault: Option<FileFault>) -> Self {
        self.file = fault;
        self
    }

    /// The same, with why PostgreSQL can't be used.
    pub(crate) fn with_connect_error(mut self, kind: Option<ConnectErrorKind>) -> Self {
        self.connect_error = kind;
        self
    }

    /// The same, where it is not the database that is to blame.
    pub(crate) fn with_reason(mut self, reason: ShedReason) -> Self {
        self.reason = reason;
        self
    }

    #[cfg(feature = "http")]
    pub(crate) fn reason(&self) -> ShedReason {
        self.reason
    }

    /// The same, with what caused it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into().into());
        self
    }
}

impl Error {
    /// The failure of the store, where it is one.
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Unavailable(failure)
            | Self::Schema(failure)
            | Self::Config(failure)
            | Self::Internal(failure) => Some(failure),
            Self::Invalid(_) | Self::NotFound(_) | Self::KeyReused | Self::ReadOnly => None,
        }
    }

    /// Why PostgreSQL can't be used, where that is the failure.
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
    /// What is wrong with the SQLite file, where that is why.
    pub fn file_fault(&self) -> Option<FileFault> {
        match self {
            Self::Unavailable(failure)
            | Self::Schema(failure)
            | Self::Config(failure)
            | Self::Internal(failure) => failure.file,
            Self::Invalid(_) | Self::NotFound(_) | Self::KeyReused | Self::ReadOnly => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(violations) => violations.fmt(f),
            Self::NotFound(resource) => write!(f, "there is no such {resource}"),
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
