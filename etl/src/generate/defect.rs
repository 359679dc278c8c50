//! Defects that the generator injects: how a row is changed, and the outcome to expect.

use crate::rules::outcome::RejectReason;
use crate::schema::{BoolFormat, ColumnType, LegacyFile, TableSchema};

/// Kind of defect. Entries of one name are one kind, whose outcome depends on the column.
#[derive(Debug)]
pub(crate) struct Defect {
    pub(crate) name: &'static str,
    pub(crate) target: Target,
    pub(crate) mutation: Mutation,
    pub(crate) effect: Effect,
}

/// Rows or columns in which a defect can occur.
#[derive(Debug)]
pub(crate) enum Target {
    /// Any row.
    Row,
    /// Any row of one file.
    File(LegacyFile),
    /// Columns of some types.
    Column(fn(ColumnType) -> bool),
}

/// Change to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mutation {
    /// Replaces the field. `{}` stands for its content without quotes.
    Replace(&'static [u8]),
    /// As `Replace`, for damaged quotes: commas in all fields are replaced, because quotes no longer protect them. If a
    /// quote stays open, the next line does not close it: it is a complete record, or a letter follows its first quote.
    Damage(&'static [u8]),
    LowerCase,
    /// Boolean as a word, or in another case.
    BoolWord,
    BoolCase,
    LongText,
    /// Appends to the line.
    Append(&'static [u8]),
    DropLastField,
    /// Blanks and tabs around all fields.
    PadFields,
    /// Blank line after the row.
    BlankLine,
    /// The same row again, unchanged or with another last field.
    Repeat,
    RepeatChanged,
    // Applied where the row is generated.
    SelfRelation,
    TwoDefaults,
    OtherProduct,
    DuplicateName,
}

/// Expected effect of a defect, if the row is valid otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    None,
    Repair,
    Reject(RejectReason),
    /// The foreign key of the column is invalid.
    Parent(ParentState),
}

/// State of the parent that a foreign key refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParentState {
    Loaded,
    Missing,
    Zero,
    Null,
}

impl ParentState {
    pub(crate) fn of(is_loaded: bool) -> Self {
        if is_loaded {
            Self::Loaded
        } else {
            Self::Missing
        }
    }
}

impl Mutation {
    /// Changes the fields of a row. `column` is the index of the target.
    pub(crate) fn apply(self, fields: &mut Vec<Vec<u8>>, column: usize, table: &TableSchema) {
        if matches!(self, Self::Damage(_)) {
            for field in fields.iter_mut() {
                replace_commas(field);
            }
        }
        let field = &mut fields[column];
        let kind = table.columns[column].kind;
        match self {
            Self::Replace(template) | Self::Damage(template) => {
                let mut content = content(field, kind);
                replace_commas(&mut content);
                *field = fill(template, &content);
            }
            Self::LowerCase => field.make_ascii_lowercase(),
            Self::BoolWord | Self::BoolCase => {
                let is_true = matches!(field[..], [b'1' | b't', ..]);
                let word = match (self, is_true) {
                    (Self::BoolWord, false) => "no",
                    (Self::BoolWord, true) => "yes",
                    (_, false) => "False",
                    (_, true) => "TRUE",
                };
                *field = word.into();
            }
            Self::LongText => {
                let content = content(field, kind);
                let times = 1_200 / content.len().max(1) + 1;
                *field = fill(b"\"{}\"", &content.repeat(times));
            }
            Self::DropLastField => {
                fields.pop();
            }
            _ => {}
        }
    }
}

/// Changes the last field to another valid value, for a second row with the same id. Returns false if the value stays
/// the same.
pub(crate) fn change_last_field(fields: &mut [Vec<u8>], table: &TableSchema) -> bool {
    let (Some(column), Some((field, others))) = (table.columns.last(), fields.split_last_mut())
    else {
        return false;
    };
    let number = str::from_utf8(field.trim_ascii()).ok();
    let number: u64 = number.and_then(|text| text.parse().ok()).unwrap_or(0);
    let changed = match column.kind {
        ColumnType::Bool(BoolFormat::Digits) => (1 - number.min(1)).to_string().into(),
        ColumnType::Rating => (number % 5 + 1).to_string().into(),
        // The product of the row is loaded. Any other might not be.
        ColumnType::Parent(_) => others[1].clone(),
        ColumnType::Url | ColumnType::Thumbnail => b"\"https://img.shop.test/photo-3\"".to_vec(),
        ColumnType::CharacteristicName if field == b"\"Size\"" => b"\"Fit\"".to_vec(),
        ColumnType::CharacteristicName => b"\"Size\"".to_vec(),
        ColumnType::NullableText => b"\"Second copy\"".to_vec(),
        _ => (number + 1).to_string().into(),
    };
    std::mem::replace(field, changed) != *field
}

/// Returns the content of a field without quotes, or some words if an optional text is empty.
fn content(field: &[u8], kind: ColumnType) -> Vec<u8> {
    let inner = field
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""));
    let inner = inner.unwrap_or(field).trim_ascii();
    let is_text = matches!(kind, ColumnType::OptionalText | ColumnType::NullableText);
    if is_text && (inner.is_empty() || inner == b"null") {
        b"Plain words".to_vec()
    } else {
        inner.to_vec()
    }
}

fn fill(template: &[u8], content: &[u8]) -> Vec<u8> {
    match template.windows(2).position(|pair| pair == b"{}") {
        Some(at) => [&template[..at], content, &template[at + 2..]].concat(),
        None => template.to_vec(),
    }
}

fn replace_commas(field: &mut [u8]) {
    for byte in field.iter_mut().filter(|byte| **byte == b',') {
        *byte = b';';
    }
}
