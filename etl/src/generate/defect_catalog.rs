//! Catalog of the defects that the generator injects.

use crate::generate::defect::Effect::{self, Parent, Reject, Repair};
use crate::generate::defect::Mutation::{
    Append, BlankLine, BoolCase, BoolWord, Damage, DropLastField, DuplicateName, LongText,
    LowerCase, OtherProduct, PadFields, Repeat, RepeatChanged, Replace, SelfRelation, TwoDefaults,
};
use crate::generate::defect::ParentState::{Missing, Null, Zero};
use crate::generate::defect::{Defect, Mutation, Target};
use crate::rules::outcome::RejectReason;
use crate::schema::LegacyFile::{
    self, Answers, AnswersPhotos, CharacteristicReviews, Characteristics, Photos, Product, Related,
    ReviewsPhotos, Styles,
};
use crate::schema::{BoolFormat, ColumnType};

type Columns = fn(ColumnType) -> bool;

const ID: Columns = |kind| kind == ColumnType::Id;
const PARENT: Columns = |kind| matches!(kind, ColumnType::Parent(_));
const REQUIRED: Columns = |kind| matches!(kind, ColumnType::RequiredText | ColumnType::Session);
const OPTIONAL: Columns = |kind| kind == ColumnType::OptionalText;
const NULLABLE: Columns =
    |kind| matches!(kind, ColumnType::OptionalText | ColumnType::NullableText);
const NAME: Columns = |kind| kind == ColumnType::PersonName;
/// Texts that are normally quoted.
const TEXT: Columns = |kind| kind == ColumnType::RequiredText || NULLABLE(kind) || NAME(kind);
const EMAIL: Columns = |kind| kind == ColumnType::Email;
const URL: Columns = |kind| kind == ColumnType::Url;
const THUMBNAIL: Columns = |kind| kind == ColumnType::Thumbnail;
const IMAGE: Columns = |kind| URL(kind) || THUMBNAIL(kind);
const CHARACTERISTIC: Columns = |kind| kind == ColumnType::CharacteristicName;
/// Normally quoted, but not free text.
const QUOTED_TOKEN: Columns = |kind| IMAGE(kind) || EMAIL(kind) || CHARACTERISTIC(kind);
const TEXT_OR_IMAGE: Columns = |kind| TEXT(kind) || IMAGE(kind);
const PRICE: Columns = |kind| kind == ColumnType::Price;
const SALE: Columns = |kind| kind == ColumnType::SalePrice;
const DATE: Columns = |kind| kind == ColumnType::Date;
const BOOL: Columns = |kind| matches!(kind, ColumnType::Bool(_));
const DIGIT_BOOL: Columns = |kind| kind == ColumnType::Bool(BoolFormat::Digits);
const RATING: Columns = |kind| kind == ColumnType::Rating;
const QUANTITY: Columns = |kind| kind == ColumnType::Quantity;
const COUNTER: Columns = |kind| kind == ColumnType::Counter;
const WHOLE_NUMBER: Columns = |kind| RATING(kind) || QUANTITY(kind) || COUNTER(kind);
/// Normally unquoted.
const UNQUOTED: Columns =
    |kind| WHOLE_NUMBER(kind) || ID(kind) || PARENT(kind) || PRICE(kind) || BOOL(kind);

const NO_EFFECT: Effect = Effect::None;

/// Defects that cause a warning.
pub(crate) const SALE_ABOVE_ORIGINAL: &str = "SALE_ABOVE_ORIGINAL";
pub(crate) const FUTURE_DATE: &str = "FUTURE_DATE";
const TWO_DEFAULTS: &str = "TWO_DEFAULTS";

const fn column(
    name: &'static str,
    columns: Columns,
    mutation: Mutation,
    effect: Effect,
) -> Defect {
    let target = Target::Column(columns);
    defect(name, target, mutation, effect)
}

const fn defect(name: &'static str, target: Target, mutation: Mutation, effect: Effect) -> Defect {
    Defect {
        name,
        target,
        mutation,
        effect,
    }
}

/// Defects that the original files do not have, but that a reader must handle.
#[rustfmt::skip]
pub(crate) static INJECTED: &[Defect] = &[
    defect("CRLF", Target::Row, Append(b"\r"), NO_EFFECT),
    defect("TRAILING_SPACE", Target::Row, Append(b"  \t "), NO_EFFECT),
    defect("PADDED", Target::Row, PadFields, NO_EFFECT),
    defect("BLANK_LINE", Target::Row, BlankLine, NO_EFFECT),
    defect("DUP_IDENTICAL", Target::Row, Repeat, NO_EFFECT),
    defect("DUP_ID", Target::Row, RepeatChanged, NO_EFFECT),
    defect("TOO_FEW_COLUMNS", Target::Row, DropLastField, Reject(RejectReason::Columns)),
    defect("TOO_MANY_COLUMNS", Target::Row, Append(b",extra"), Reject(RejectReason::Columns)),
    defect("TRAILING_COMMA", Target::Row, Append(b","), Reject(RejectReason::Columns)),
    column("BAD_ID", ID, Replace(b"x{}"), Reject(RejectReason::Id)),
    column("NO_ID", ID, Replace(b""), Reject(RejectReason::Id)),
    column("NULL_ID", ID, Replace(b"null"), Reject(RejectReason::Id)),
    column("ID_RANGE", ID, Replace(b"3000000000"), Reject(RejectReason::Id)),
    column("ID_ZERO", ID, Replace(b"0"), Reject(RejectReason::Id)),
    column("ID_NEGATIVE", ID, Replace(b"-{}"), Reject(RejectReason::Id)),
    column("ID_DECIMAL", ID, Replace(b"{}.0"), Reject(RejectReason::Id)),
    column("QUOTED_NUMBER", UNQUOTED, Replace(b"\"{}\""), Repair),
    column("QUOTED_NUMBER", DATE, Replace(b"\"{}\""), Repair),
    column("PADDED_NUMBER", UNQUOTED, Replace(b"\" {} \""), Repair),
    column("APOSTROPHES", UNQUOTED, Replace(b"'{}'"), Repair),
    column("BAD_FK", PARENT, Replace(b"2147483000"), Parent(Missing)),
    column("FK_RANGE", PARENT, Replace(b"99999999999"), Parent(Missing)),
    column("FK_WORD", PARENT, Replace(b"none"), Parent(Missing)),
    column("FK_ZERO", PARENT, Replace(b"0"), Parent(Zero)),
    column("NULL_FK", PARENT, Replace(b"null"), Parent(Null)),
    column("EMPTY_FK", PARENT, Replace(b""), Parent(Null)),
    // Texts.
    column("NULL_TEXT", REQUIRED, Replace(b"null"), Reject(RejectReason::Required)),
    column("NULL_TEXT", OPTIONAL, Replace(b"null"), Repair),
    column("NULL_TEXT", NAME, Replace(b"null"), Repair),
    column("NULL_QUOTED", REQUIRED, Replace(b"\"null\""), Reject(RejectReason::Required)),
    column("NULL_QUOTED", NULLABLE, Replace(b"\"NULL\""), Repair),
    column("NULL_QUOTED", NAME, Replace(b"\"null\""), Repair),
    column("EMPTY", REQUIRED, Replace(b""), Reject(RejectReason::Required)),
    column("EMPTY", NULLABLE, Replace(b""), Repair),
    column("EMPTY", NAME, Replace(b""), Repair),
    column("EMPTY_QUOTED", REQUIRED, Replace(b"\"\""), Reject(RejectReason::Required)),
    column("EMPTY_QUOTED", NULLABLE, Replace(b"\"\""), NO_EFFECT),
    column("EMPTY_QUOTED", NAME, Replace(b"\"\""), NO_EFFECT),
    column("WHITESPACE_ONLY", REQUIRED, Replace(b"\"   \""), Reject(RejectReason::Required)),
    column("WHITESPACE_ONLY", NULLABLE, Replace(b"\"   \""), NO_EFFECT),
    column("WHITESPACE_ONLY", NAME, Replace(b"\" \""), NO_EFFECT),
    column("PADDED_NULL", TEXT, Replace(b"\" null \""), NO_EFFECT),
    column("EDGE_BLANKS", TEXT, Replace(b"\"  {} \""), NO_EFFECT),
    column("UTF8", TEXT, Replace("\"{} – “Café”, naïve\"".as_bytes()), NO_EFFECT),
    column("CP1252", TEXT, Replace(b"\"Cr\xE8me {} \x93x\x94\""), Repair),
    column("NUL_BYTE", TEXT, Replace(b"\"{}\0\""), Repair),
    column("NEWLINE_IN_QUOTES", TEXT, Replace(b"\"{}\nand a second line\""), NO_EFFECT),
    column("CRLF_IN_QUOTES", TEXT, Replace(b"\"{}\r\nand a second line\""), NO_EFFECT),
    column("NEWLINES_IN_QUOTES", TEXT, Replace(b"\"{} has a\n\nline break, and \"\"quotes\"\", and\n  more\""), NO_EFFECT),
    column("DOUBLED_QUOTE", TEXT, Replace(b"\"a \"\"deck\"\" of {}\""), NO_EFFECT),
    column("APOSTROPHES_INSIDE", TEXT, Replace(b"\"'{}'\""), NO_EFFECT),
    column("LONG_TEXT", TEXT, LongText, NO_EFFECT),
    column("UNQUOTED_TEXT", TEXT, Damage(b"{}"), Repair),
    column("PADDED_UNQUOTED", TEXT, Damage(b"   {} \t"), Repair),
    column("SINGLE_QUOTES", TEXT, Damage(b"'{}'"), Repair),
    column("BARE_QUOTE_INSIDE", TEXT, Damage(b"\"He said \"never\" to {}\""), Repair),
    column("TEXT_AFTER_QUOTE", TEXT, Damage(b"\"{}\" and more"), Repair),
    column("QUOTE_IN_UNQUOTED", TEXT, Damage(b"12\" of {}"), Repair),
    column("STRAY_QUOTE", TEXT_OR_IMAGE, Damage(b"\"{}\"\""), Repair),
    column("UNTERMINATED_QUOTE", TEXT_OR_IMAGE, Damage(b"\"{}"), Repair),
    column("UNTERMINATED_QUOTE_AMBIGUOUS", TEXT, Damage(b"\"{}, 3 ways to read"), Reject(RejectReason::Columns)),
    // Email addresses and images.
    column("UNQUOTED_TEXT", QUOTED_TOKEN, Damage(b"{}"), Repair),
    column("SINGLE_QUOTES", QUOTED_TOKEN, Damage(b"'{}'"), Repair),
    column("TRIM", QUOTED_TOKEN, Replace(b"\"  {} \""), Repair),
    column("BAD_EMAIL", EMAIL, Replace(b"\"uma(at)mail\""), Repair),
    column("EMAIL_TWO_AT", EMAIL, Replace(b"\"a@b@c.example\""), Repair),
    column("EMAIL_BLANK_INSIDE", EMAIL, Replace(b"\"a b@c.example\""), Repair),
    column("EMAIL_NO_DOT", EMAIL, Replace(b"\"a@localhost\""), Repair),
    column("NULL_EMAIL", EMAIL, Replace(b"null"), Repair),
    column("EMPTY_EMAIL", EMAIL, Replace(b"\"\""), Repair),
    column("NULL_URL", URL, Replace(b"null"), Reject(RejectReason::Required)),
    column("EMPTY_URL", URL, Replace(b"\"\""), Reject(RejectReason::Required)),
    column("BLANK_URL", URL, Replace(b"\"  \""), Reject(RejectReason::Required)),
    column("NULL_THUMB", THUMBNAIL, Replace(b"null"), Repair),
    column("EMPTY_THUMB", THUMBNAIL, Replace(b"\"\""), Repair),
    column("BAD_URL", IMAGE, Replace(b"\"not a url\""), Reject(RejectReason::Url)),
    column("NO_SCHEME", IMAGE, Replace(b"\"//img.shop.test/photo-1\""), Reject(RejectReason::Url)),
    column("BLOB_URL", IMAGE, Replace(b"\"blob:http://localhost:3000/1f2e\""), Reject(RejectReason::Url)),
    column("DATA_TEXT", IMAGE, Replace(b"\"data:text/html,x\""), Reject(RejectReason::Url)),
    column("DATA_URI", IMAGE, Replace(b"\"data:image/jpeg;base64,QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=\""), NO_EFFECT),
    column("TRUNCATED_URL", IMAGE, Replace(b"\"https://img.shop.test/pho\""), NO_EFFECT),
    column("U_PREFIX", IMAGE, Replace(b"\"u{}\""), Repair),
    column("SCHEME_CASE", IMAGE, Replace(b"\"HTTPS://img.shop.test/photo-2?w=1\""), Repair),
    // Characteristics.
    column("CASE", CHARACTERISTIC, LowerCase, Repair),
    column("UNKNOWN_NAME", CHARACTERISTIC, Replace(b"\"Sparkle\""), Reject(RejectReason::Name)),
    column("NULL_NAME", CHARACTERISTIC, Replace(b"null"), Reject(RejectReason::Required)),
    column("EMPTY_NAME", CHARACTERISTIC, Replace(b"\"\""), Reject(RejectReason::Required)),
    defect("DUP_NAME", Target::File(Characteristics), DuplicateName, NO_EFFECT),
    // Prices.
    column("PRICE_DOLLAR", PRICE, Replace(b"${}"), Repair),
    column("PRICE_DECIMAL", PRICE, Replace(b"{}.00"), Repair),
    column("PRICE_UNIT", PRICE, Replace(b"{} each"), Repair),
    column("PRICE_THOUSANDS", PRICE, Replace(b"\"1,999\""), Repair),
    column("PRICE_WORDS", PRICE, Replace(b"ask in store"), Reject(RejectReason::Price)),
    column("PRICE_NEGATIVE", PRICE, Replace(b"-{}"), Reject(RejectReason::Price)),
    column("PRICE_NULL", PRICE, Replace(b"null"), Reject(RejectReason::Price)),
    column("PRICE_EMPTY", PRICE, Replace(b""), Reject(RejectReason::Price)),
    column("SALE_DOLLAR", SALE, Replace(b"$1"), Repair),
    column("SALE_DECIMAL", SALE, Replace(b"1.00"), Repair),
    column("SALE_NULL_QUOTED", SALE, Replace(b"\"null\""), Repair),
    column("SALE_EMPTY", SALE, Replace(b""), Repair),
    column("ZERO_SALE", SALE, Replace(b"0"), Repair),
    column("SALE_WORDS", SALE, Replace(b"on request"), Reject(RejectReason::Price)),
    column("SALE_NEGATIVE", SALE, Replace(b"-4"), Reject(RejectReason::Price)),
    column(SALE_ABOVE_ORIGINAL, SALE, Replace(b"9999"), NO_EFFECT),
    // Dates.
    column("DATE_EPOCH_S", DATE, Replace(b"1594000000"), Repair),
    column("DATE_ISO", DATE, Replace(b"\"2019-03-09\""), Repair),
    column("DATE_ISO_BARE", DATE, Replace(b"2019-03-09"), Repair),
    column("DATE_ISO_Z", DATE, Replace(b"\"2020-11-04T16:30:00.000Z\""), Repair),
    column("DATE_ISO_OFFSET", DATE, Replace(b"\"2020-11-04T18:30:00+02:00\""), Repair),
    column("DATE_JS", DATE, Replace(b"\"Tue Sep 15 2020 11:07:42 GMT+0000 (Coordinated Universal Time)\""), Repair),
    column(FUTURE_DATE, DATE, Replace(b"4102444800000"), NO_EFFECT),
    column("DATE_AMBIGUOUS", DATE, Replace(b"\"07/08/2020\""), Reject(RejectReason::Date)),
    column("DATE_BAD", DATE, Replace(b"\"Invalid Date\""), Reject(RejectReason::Date)),
    column("DATE_NO_SUCH_DAY", DATE, Replace(b"\"2020-02-30\""), Reject(RejectReason::Date)),
    column("DATE_NULL", DATE, Replace(b"null"), Reject(RejectReason::Date)),
    column("DATE_EMPTY", DATE, Replace(b""), Reject(RejectReason::Date)),
    // Booleans.
    column("BOOL_WORD", BOOL, BoolWord, Repair),
    column("BOOL_CASE", BOOL, BoolCase, Repair),
    column("BAD_BOOL", BOOL, Replace(b"perhaps"), Reject(RejectReason::Bool)),
    column("BOOL_TWO", DIGIT_BOOL, Replace(b"2"), Reject(RejectReason::Bool)),
    column("BOOL_NULL", BOOL, Replace(b"null"), Reject(RejectReason::Bool)),
    defect(TWO_DEFAULTS, Target::File(Styles), TwoDefaults, NO_EFFECT),
    // Numbers.
    column("DECIMAL_VALUE", WHOLE_NUMBER, Replace(b"{}.0"), Repair),
    column("VALUE_RANGE", RATING, Replace(b"6"), Reject(RejectReason::Range)),
    column("VALUE_ZERO", RATING, Replace(b"0"), Reject(RejectReason::Range)),
    column("VALUE_FRACTION", RATING, Replace(b"4.5"), Reject(RejectReason::Range)),
    column("VALUE_WORD", RATING, Replace(b"good"), Reject(RejectReason::Range)),
    column("VALUE_NULL", RATING, Replace(b"null"), Reject(RejectReason::Required)),
    column("VALUE_EMPTY", RATING, Replace(b""), Reject(RejectReason::Required)),
    column("NULL_QTY", QUANTITY, Replace(b"null"), Repair),
    column("NEGATIVE_QTY", QUANTITY, Replace(b"-3"), Reject(RejectReason::Range)),
    column("BAD_NUMBER", QUANTITY, Replace(b"twelve"), Reject(RejectReason::Range)),
    column("NULL_COUNTER", COUNTER, Replace(b"null"), Repair),
    column("EMPTY_COUNTER", COUNTER, Replace(b""), Repair),
    column("NEGATIVE_COUNTER", COUNTER, Replace(b"-4"), Repair),
    column("WORD_COUNTER", COUNTER, Replace(b"many"), Repair),
    // Relations.
    defect("SELF_RELATION", Target::File(Related), SelfRelation, NO_EFFECT),
    defect("CROSS_PRODUCT", Target::File(CharacteristicReviews), OtherProduct, NO_EFFECT),
];

/// Defects of the early format, with their rate in 10,000 rows.
#[rustfmt::skip]
pub(crate) static EARLY_DEFECTS: &[(u64, LegacyFile, Defect)] = &[
    (300, Product, column("PRICE_LABEL", PRICE, Replace(b"default_price: {}"), Repair)),
    (300, Product, column("PRICE_BLANKS", PRICE, Replace(b"   {}  "), NO_EFFECT)),
    (200, Styles, column("PRICE_BLANKS", PRICE, Replace(b"  {} "), NO_EFFECT)),
    (500, Styles, column("ZERO_SALE", SALE, Replace(b"0"), Repair)),
    (500, Answers, column("NULL_EMAIL", EMAIL, Replace(b"null"), Repair)),
    (3, Photos, column("NO_ID", ID, Replace(b""), Reject(RejectReason::Id))),
    (3, Photos, column("NO_FK", PARENT, Replace(b""), Parent(Null))),
    (3, Photos, column("EMPTY_URL", URL, Replace(b"\"\""), Reject(RejectReason::Required))),
    (3, ReviewsPhotos, column("NO_ID", ID, Replace(b""), Reject(RejectReason::Id))),
    (3, ReviewsPhotos, column("NO_FK", PARENT, Replace(b""), Parent(Null))),
    (3, ReviewsPhotos, column("EMPTY_URL", URL, Replace(b"\"\""), Reject(RejectReason::Required))),
    (3, AnswersPhotos, column("NO_ID", ID, Replace(b""), Reject(RejectReason::Id))),
    (3, AnswersPhotos, column("NO_FK", PARENT, Replace(b""), Parent(Null))),
    (3, AnswersPhotos, column("EMPTY_URL", URL, Replace(b"\"\""), Reject(RejectReason::Required))),
];
