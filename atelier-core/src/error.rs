//! What can go wrong, in the words of the API.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::store::ConnectErrorKind;

/// The result of every question to the API.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the API could not do what it was asked. A clone is for another who asked the same at the same time.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Error {
    /// A new entry breaks rules; nothing was stored.
    Invalid(Violations),
    /// There is no such thing.
    NotFound(Noun),
    /// A mark that makes a post be stored once was used for another body.
    KeyReused,
    /// The store can't answer now, but may in a moment: busy, restarting, out of reach, full.
    Unavailable(Failure),
    /// The store can only be read.
    ReadOnly,
    /// The database's schema is older or newer than this program.
    Schema(Failure),
    /// The store can't be opened or filled as it is: its place, its rights, other users of it, its content.
    Unusable(Failure),
    /// A defect, or a broken store. The failure is for the operator, never for the client.
    Internal(Failure),
}

/// A kind of thing of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Noun {
    Product,
    Review,
    Question,
    Answer,
    Interaction,
}

impl fmt::Display for Noun {
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
    pub of: Noun,
    /// The fields at fault, by their names in the contract.
    pub fields: Vec<&'static str>,
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the new {} breaks the rules of {}",
            self.of,
            self.fields.join(", ")
        )
    }
}

/// What failed, in words for an operator; it holds no value that a client sent.
#[derive(Clone)]
pub struct Failure {
    message: String,
    source: Option<Arc<dyn StdError + Send + Sync>>,
    /// Why a request is refused until later, as a label of `atelier_shed_total`.
    reason: &'static str,
    file: Option<FileFault>,
    /// Why PostgreSQL can't be used, where it is that.
    connect_error: Option<ConnectErrorKind>,
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

impl Failure {
    /// A failure in words alone.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            source: None,
            reason: "database",
            file: None,
            connect_error: None,
        }
    }

    /// The same, with what is wrong with the SQLite file, if anything is.
    pub(crate) fn because_of_file(mut self, fault: Option<FileFault>) -> Self {
        self.file = fault;
        self
    }

    /// The same, with why PostgreSQL can't be used.
    pub(crate) fn with_connect_error(mut self, kind: Option<ConnectErrorKind>) -> Self {
        self.connect_error = kind;
        self
    }

    /// The same, where it is not the database that is to blame.
    pub(crate) fn short_of(mut self, reason: &'static str) -> Self {
        self.reason = reason;
        self
    }

    #[cfg(feature = "http")]
    pub(crate) fn reason(&self) -> &'static str {
        self.reason
    }

    /// The same, with what caused it.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
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
            | Self::Unusable(failure)
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
            | Self::Unusable(failure)
            | Self::Internal(failure) => failure.file,
            Self::Invalid(_) | Self::NotFound(_) | Self::KeyReused | Self::ReadOnly => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(violations) => violations.fmt(f),
            Self::NotFound(noun) => write!(f, "there is no such {noun}"),
            Self::KeyReused => f.write_str("the idempotency key was used with another body"),
            Self::ReadOnly => f.write_str("the store is read-only"),
            Self::Unavailable(failure)
            | Self::Schema(failure)
            | Self::Unusable(failure)
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
