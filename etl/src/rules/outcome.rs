//! Outcomes of records: loaded, rejected or skipped.

use std::fmt;

/// Defines an enum whose variants have names for logs and reports.
macro_rules! named_enum {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $type {
            /// Returns the name used in logs and reports.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

named_enum! {
    /// Reason why a record is rejected.
    RejectReason {
        /// Wrong number of columns.
        Columns = "COLUMNS",
        /// Key missing, not a number, or out of range.
        Id = "ID",
        /// Required field null, or required text blank.
        Required = "REQUIRED",
        /// Amount not readable.
        Price = "PRICE",
        /// Date not readable.
        Date = "DATE",
        /// Boolean not readable.
        Bool = "BOOL",
        /// Not the URL of an image.
        Url = "URL",
        /// None of the six characteristics.
        Name = "NAME",
        /// Number out of range.
        Range = "RANGE",
        /// Foreign key is 0.
        FkZero = "FK_ZERO",
        /// Parent not loaded.
        Fk = "FK",
        /// Characteristic and review belong to different products.
        Cross = "CROSS",
        /// Id already loaded with other content.
        DupId = "DUP_ID",
        /// Product already has a characteristic of that name.
        DupName = "DUP_NAME",
    }
}

named_enum! {
    /// Reason why a record is skipped, which is not an error.
    Skip {
        /// Line of white space.
        Blank = "BLANK",
        /// Id already loaded with the same content.
        DupIdentical = "DUP_IDENTICAL",
    }
}

named_enum! {
    /// Remark about a loaded row.
    Warning {
        /// Sale price above the original price.
        SaleAboveOriginal = "SALE_ABOVE_ORIGINAL",
        /// Date in the future.
        FutureDate = "FUTURE_DATE",
        /// Product has another default style.
        TwoDefaults = "TWO_DEFAULTS",
    }
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
