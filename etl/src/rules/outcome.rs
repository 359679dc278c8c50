//! Outcomes of records: loaded, rejected or skipped.

use std::fmt;

/// Reason why a record is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RejectReason {
    /// Wrong number of columns.
    Columns,
    /// Key missing, not a number, or out of range.
    Id,
    /// Required field null, or required text blank.
    Required,
    /// Amount not readable.
    Price,
    /// Date not readable.
    Date,
    /// Boolean not readable.
    Bool,
    /// Not the URL of an image.
    Url,
    /// None of the six characteristics.
    Name,
    /// Number out of range.
    Range,
    /// Foreign key is 0.
    FkZero,
    /// Parent not loaded.
    Fk,
    /// Characteristic and review belong to different products.
    Cross,
    /// Id already loaded with other content.
    DupId,
    /// Product already has a characteristic of that name.
    DupName,
}

/// Reason why a record is skipped, which is not an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Skip {
    /// Line of white space.
    Blank,
    /// Id already loaded with the same content.
    DupIdentical,
}

/// Remark about a loaded row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Warning {
    /// Sale price above the original price.
    SaleAboveOriginal,
    /// Date in the future.
    FutureDate,
    /// Product has another default style.
    TwoDefaults,
}

/// Why a record is rejected, and the index of the column that is the cause, if there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "two plain fields")]
pub struct Rejection {
    pub reason: RejectReason,
    pub column: Option<usize>,
}

/// Outcome of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub enum Outcome {
    /// Loaded. `repaired` if any value was corrected by the rules.
    Loaded {
        repaired: bool,
    },
    Rejected(Rejection),
    Skipped(Skip),
}

impl RejectReason {
    /// Returns the name used in logs and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Columns => "COLUMNS",
            Self::Id => "ID",
            Self::Required => "REQUIRED",
            Self::Price => "PRICE",
            Self::Date => "DATE",
            Self::Bool => "BOOL",
            Self::Url => "URL",
            Self::Name => "NAME",
            Self::Range => "RANGE",
            Self::FkZero => "FK_ZERO",
            Self::Fk => "FK",
            Self::Cross => "CROSS",
            Self::DupId => "DUP_ID",
            Self::DupName => "DUP_NAME",
        }
    }
}

impl Skip {
    /// Returns the name used in logs and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blank => "BLANK",
            Self::DupIdentical => "DUP_IDENTICAL",
        }
    }
}

impl Warning {
    /// Returns the name used in logs and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SaleAboveOriginal => "SALE_ABOVE_ORIGINAL",
            Self::FutureDate => "FUTURE_DATE",
            Self::TwoDefaults => "TWO_DEFAULTS",
        }
    }
}

impl Outcome {
    /// Returns a rejection without a column.
    pub(crate) fn rejected(reason: RejectReason) -> Self {
        let column = None;
        Self::Rejected(Rejection { reason, column })
    }

    /// Whether the record is loaded.
    pub fn is_loaded(self) -> bool {
        matches!(self, Self::Loaded { .. })
    }
}

/// `OK`, `REPAIR`, `REJECT:reason` or `SKIP:reason`.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loaded { repaired: false } => f.write_str("OK"),
            Self::Loaded { repaired: true } => f.write_str("REPAIR"),
            Self::Rejected(rejection) => write!(f, "REJECT:{}", rejection.reason.as_str()),
            Self::Skipped(skip) => write!(f, "SKIP:{}", skip.as_str()),
        }
    }
}
