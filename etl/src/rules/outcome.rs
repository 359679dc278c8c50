//! What can become of a record.

use std::fmt;

/// Why a record is not loaded, in the names of the data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Wrong number of columns.
    Columns,
    /// The key is missing, no number, or out of range.
    Id,
    /// A mandatory field is null, or a mandatory text blank.
    Required,
    /// No readable amount.
    Price,
    /// No readable instant.
    Date,
    /// Neither true nor false.
    Bool,
    /// No address of a picture.
    Url,
    /// None of the six characteristics.
    Name,
    /// A number outside its range.
    Range,
    /// The parent's id is 0.
    FkZero,
    /// The parent is not loaded.
    Fk,
    /// The two parents belong to different products.
    Cross,
    /// The id is loaded with other content.
    DupId,
    /// The product has a characteristic of that name.
    DupName,
}

/// Why a record is passed over without being an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Skip {
    /// A line of nothing but blanks.
    Blank,
    /// The id is loaded with the same content.
    DupIdentical,
}

/// What a loaded row is worth a second look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Warning {
    /// The sale price is above the original one.
    SaleAboveOriginal,
    /// The date lies ahead.
    FutureDate,
    /// The product has a default style already.
    TwoDefaults,
}

/// Why a record is rejected, and the column (its place in the layout) that is to blame, if it is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "two plain fields")]
pub struct Defect {
    pub reason: Reason,
    pub column: Option<usize>,
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Outcome {
    /// Loaded; repaired when anything had to be put right by the rules of the data set.
    Loaded {
        repaired: bool,
    },
    Rejected(Defect),
    Skipped(Skip),
}

impl Reason {
    /// The name in logs and reports.
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
    /// The name in logs and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blank => "BLANK",
            Self::DupIdentical => "DUP_IDENTICAL",
        }
    }
}

impl Warning {
    /// The name in logs and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SaleAboveOriginal => "SALE_ABOVE_ORIGINAL",
            Self::FutureDate => "FUTURE_DATE",
            Self::TwoDefaults => "TWO_DEFAULTS",
        }
    }
}

/// `OK`, `REPAIR`, `REJECT:reason` or `SKIP:reason`.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loaded { repaired: false } => f.write_str("OK"),
            Self::Loaded { repaired: true } => f.write_str("REPAIR"),
            Self::Rejected(defect) => write!(f, "REJECT:{}", defect.reason.as_str()),
            Self::Skipped(skip) => write!(f, "SKIP:{}", skip.as_str()),
        }
    }
}
