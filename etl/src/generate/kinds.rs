//! The table of all kinds of dirt.

use super::dirt::Effect::{Fine, Parent, Reject, Repair};
use super::dirt::{Act, Dirt, Effect, Place, State};
use crate::rules::outcome::Reason;
use crate::schema::{Kind, LegacyFile, Spelling};

const fn field(
    name: &'static str,
    column: fn(Kind) -> bool,
    text: &'static [u8],
    effect: Effect,
) -> Dirt {
    Dirt {
        name,
        place: Place::Column(column),
        act: Act::Field(text),
        effect,
    }
}

const fn act(name: &'static str, column: fn(Kind) -> bool, act: Act, effect: Effect) -> Dirt {
    Dirt {
        name,
        place: Place::Column(column),
        act,
        effect,
    }
}

const fn line(name: &'static str, act: Act, effect: Effect) -> Dirt {
    Dirt {
        name,
        place: Place::Line,
        act,
        effect,
    }
}

const fn only(name: &'static str, file: LegacyFile, act: Act) -> Dirt {
    Dirt {
        name,
        place: Place::File(file),
        act,
        effect: Effect::Fine,
    }
}

fn is_id(kind: Kind) -> bool {
    kind == Kind::Id
}

fn is_parent(kind: Kind) -> bool {
    matches!(kind, Kind::Parent(_))
}

/// Required texts, the session of the cart among them.
fn is_required(kind: Kind) -> bool {
    matches!(kind, Kind::RequiredText | Kind::Session)
}

fn is_optional(kind: Kind) -> bool {
    kind == Kind::OptionalText
}

/// Texts that may be NULL, whether that is usual or not.
fn is_nullable(kind: Kind) -> bool {
    matches!(kind, Kind::OptionalText | Kind::NullableText)
}

fn is_name(kind: Kind) -> bool {
    kind == Kind::PersonName
}

/// Texts in quotes.
fn is_text(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::RequiredText | Kind::OptionalText | Kind::NullableText | Kind::PersonName
    )
}

fn is_email(kind: Kind) -> bool {
    kind == Kind::Email
}

fn is_url(kind: Kind) -> bool {
    kind == Kind::Url
}

fn is_thumbnail(kind: Kind) -> bool {
    kind == Kind::Thumbnail
}

fn is_picture(kind: Kind) -> bool {
    is_url(kind) || is_thumbnail(kind)
}

fn is_characteristic(kind: Kind) -> bool {
    kind == Kind::CharacteristicName
}

/// What stands in quotes and is no text.
fn is_word(kind: Kind) -> bool {
    is_picture(kind) || is_email(kind) || is_characteristic(kind)
}

fn is_quoted(kind: Kind) -> bool {
    is_text(kind) || is_picture(kind)
}

fn is_price(kind: Kind) -> bool {
    kind == Kind::Price
}

fn is_sale(kind: Kind) -> bool {
    kind == Kind::SalePrice
}

fn is_date(kind: Kind) -> bool {
    kind == Kind::Date
}

fn is_bool(kind: Kind) -> bool {
    matches!(kind, Kind::Bool(_))
}

fn is_digit_bool(kind: Kind) -> bool {
    kind == Kind::Bool(Spelling::Digits)
}

fn is_rating(kind: Kind) -> bool {
    kind == Kind::Rating
}

fn is_quantity(kind: Kind) -> bool {
    kind == Kind::Quantity
}

fn is_counter(kind: Kind) -> bool {
    kind == Kind::Counter
}

fn is_whole_number(kind: Kind) -> bool {
    is_rating(kind) || is_quantity(kind) || is_counter(kind)
}

/// Numbers, which stand without quotes.
fn is_bare(kind: Kind) -> bool {
    is_whole_number(kind) || is_id(kind) || is_parent(kind) || is_price(kind) || is_bool(kind)
}

/// All kinds of hardening dirt: not seen in the real files, to be stood.
#[rustfmt::skip]
pub(super) static HARDENING: &[Dirt] = &[
    line("CRLF", Act::Append(b"\r"), Fine),
    line("TRAILING_SPACE", Act::Append(b"  \t "), Fine),
    line("PADDED", Act::Pad, Fine),
    line("BLANK_LINE", Act::BlankLine, Fine),
    line("DUP_IDENTICAL", Act::Again, Fine),
    line("DUP_ID", Act::AgainChanged, Fine),
    line("TOO_FEW_COLUMNS", Act::DropLast, Reject(Reason::Columns)),
    line("TOO_MANY_COLUMNS", Act::Append(b",extra"), Reject(Reason::Columns)),
    line("TRAILING_COMMA", Act::Append(b","), Reject(Reason::Columns)),
    field("BAD_ID", is_id, b"x{}", Reject(Reason::Id)),
    field("NO_ID", is_id, b"", Reject(Reason::Id)),
    field("NULL_ID", is_id, b"null", Reject(Reason::Id)),
    field("ID_RANGE", is_id, b"3000000000", Reject(Reason::Id)),
    field("ID_ZERO", is_id, b"0", Reject(Reason::Id)),
    field("ID_NEGATIVE", is_id, b"-{}", Reject(Reason::Id)),
    field("ID_DECIMAL", is_id, b"{}.0", Reject(Reason::Id)),
    field("QUOTED_NUMBER", is_bare, b"\"{}\"", Repair),
    field("QUOTED_NUMBER", is_date, b"\"{}\"", Repair),
    field("PADDED_NUMBER", is_bare, b"\" {} \"", Repair),
    field("APOSTROPHES", is_bare, b"'{}'", Repair),
    field("BAD_FK", is_parent, b"2147483000", Parent(State::Missing)),
    field("FK_RANGE", is_parent, b"99999999999", Parent(State::Missing)),
    field("FK_WORD", is_parent, b"none", Parent(State::Missing)),
    field("FK_ZERO", is_parent, b"0", Parent(State::Zero)),
    field("NULL_FK", is_parent, b"null", Parent(State::Null)),
    field("EMPTY_FK", is_parent, b"", Parent(State::Null)),
    // Texts.
    field("NULL_TEXT", is_required, b"null", Reject(Reason::Required)),
    field("NULL_TEXT", is_optional, b"null", Repair),
    field("NULL_TEXT", is_name, b"null", Repair),
    field("NULL_QUOTED", is_required, b"\"null\"", Reject(Reason::Required)),
    field("NULL_QUOTED", is_nullable, b"\"NULL\"", Repair),
    field("NULL_QUOTED", is_name, b"\"null\"", Repair),
    field("EMPTY", is_required, b"", Reject(Reason::Required)),
    field("EMPTY", is_nullable, b"", Repair),
    field("EMPTY", is_name, b"", Repair),
    field("EMPTY_QUOTED", is_required, b"\"\"", Reject(Reason::Required)),
    field("EMPTY_QUOTED", is_nullable, b"\"\"", Fine),
    field("EMPTY_QUOTED", is_name, b"\"\"", Fine),
    field("WHITESPACE_ONLY", is_required, b"\"   \"", Reject(Reason::Required)),
    field("WHITESPACE_ONLY", is_nullable, b"\"   \"", Fine),
    field("WHITESPACE_ONLY", is_name, b"\" \"", Fine),
    field("PADDED_NULL", is_text, b"\" null \"", Fine),
    field("EDGE_BLANKS", is_text, b"\"  {} \"", Fine),
    field("UTF8", is_text, "\"{} – “Café”, naïve\"".as_bytes(), Fine),
    field("CP1252", is_text, b"\"Cr\xE8me {} \x93x\x94\"", Repair),
    field("NUL_BYTE", is_text, b"\"{}\0\"", Repair),
    field("NEWLINE_IN_QUOTES", is_text, b"\"{}\nand a second line\"", Fine),
    field("CRLF_IN_QUOTES", is_text, b"\"{}\r\nand a second line\"", Fine),
    field("NEWLINES_IN_QUOTES", is_text, b"\"{} has a\n\nline break, and \"\"quotes\"\", and\n  more\"", Fine),
    field("DOUBLED_QUOTE", is_text, b"\"a \"\"deck\"\" of {}\"", Fine),
    field("APOSTROPHES_INSIDE", is_text, b"\"'{}'\"", Fine),
    act("LONG_TEXT", is_text, Act::Long, Fine),
    act("UNQUOTED_TEXT", is_text, Act::Damage(b"{}"), Repair),
    act("PADDED_UNQUOTED", is_text, Act::Damage(b"   {} \t"), Repair),
    act("SINGLE_QUOTES", is_text, Act::Damage(b"'{}'"), Repair),
    act("BARE_QUOTE_INSIDE", is_text, Act::Damage(b"\"He said \"never\" to {}\""), Repair),
    act("TEXT_AFTER_QUOTE", is_text, Act::Damage(b"\"{}\" and more"), Repair),
    act("QUOTE_IN_UNQUOTED", is_text, Act::Damage(b"12\" of {}"), Repair),
    act("STRAY_QUOTE", is_quoted, Act::Damage(b"\"{}\"\""), Repair),
    act("UNTERMINATED_QUOTE", is_quoted, Act::Damage(b"\"{}"), Repair),
    act("UNTERMINATED_QUOTE_AMBIGUOUS", is_text, Act::Damage(b"\"{}, 3 ways to read"), Reject(Reason::Columns)),
    // Addresses and pictures.
    act("UNQUOTED_TEXT", is_word, Act::Damage(b"{}"), Repair),
    act("SINGLE_QUOTES", is_word, Act::Damage(b"'{}'"), Repair),
    field("TRIM", is_word, b"\"  {} \"", Repair),
    field("BAD_EMAIL", is_email, b"\"uma(at)mail\"", Repair),
    field("EMAIL_TWO_AT", is_email, b"\"a@b@c.example\"", Repair),
    field("EMAIL_BLANK_INSIDE", is_email, b"\"a b@c.example\"", Repair),
    field("EMAIL_NO_DOT", is_email, b"\"a@localhost\"", Repair),
    field("NULL_EMAIL", is_email, b"null", Repair),
    field("EMPTY_EMAIL", is_email, b"\"\"", Repair),
    field("NULL_URL", is_url, b"null", Reject(Reason::Required)),
    field("EMPTY_URL", is_url, b"\"\"", Reject(Reason::Required)),
    field("BLANK_URL", is_url, b"\"  \"", Reject(Reason::Required)),
    field("NULL_THUMB", is_thumbnail, b"null", Repair),
    field("EMPTY_THUMB", is_thumbnail, b"\"\"", Repair),
    field("BAD_URL", is_picture, b"\"not a url\"", Reject(Reason::Url)),
    field("NO_SCHEME", is_picture, b"\"//img.shop.test/photo-1\"", Reject(Reason::Url)),
    field("BLOB_URL", is_picture, b"\"blob:http://localhost:3000/1f2e\"", Reject(Reason::Url)),
    field("DATA_TEXT", is_picture, b"\"data:text/html,x\"", Reject(Reason::Url)),
    field("DATA_URI", is_picture, b"\"data:image/jpeg;base64,QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=\"", Fine),
    field("TRUNCATED_URL", is_picture, b"\"https://img.shop.test/pho\"", Fine),
    field("U_PREFIX", is_picture, b"\"u{}\"", Repair),
    field("SCHEME_CASE", is_picture, b"\"HTTPS://img.shop.test/photo-2?w=1\"", Repair),
    // Characteristics.
    act("CASE", is_characteristic, Act::SmallLetters, Repair),
    field("UNKNOWN_NAME", is_characteristic, b"\"Sparkle\"", Reject(Reason::Name)),
    field("NULL_NAME", is_characteristic, b"null", Reject(Reason::Required)),
    field("EMPTY_NAME", is_characteristic, b"\"\"", Reject(Reason::Required)),
    only("DUP_NAME", LegacyFile::Characteristics, Act::NameAgain),
    // Amounts.
    field("PRICE_DOLLAR", is_price, b"${}", Repair),
    field("PRICE_DECIMAL", is_price, b"{}.00", Repair),
    field("PRICE_UNIT", is_price, b"{} each", Repair),
    field("PRICE_THOUSANDS", is_price, b"\"1,999\"", Repair),
    field("PRICE_WORDS", is_price, b"ask in store", Reject(Reason::Price)),
    field("PRICE_NEGATIVE", is_price, b"-{}", Reject(Reason::Price)),
    field("PRICE_NULL", is_price, b"null", Reject(Reason::Price)),
    field("PRICE_EMPTY", is_price, b"", Reject(Reason::Price)),
    field("SALE_DOLLAR", is_sale, b"$1", Repair),
    field("SALE_DECIMAL", is_sale, b"1.00", Repair),
    field("SALE_NULL_QUOTED", is_sale, b"\"null\"", Repair),
    field("SALE_EMPTY", is_sale, b"", Repair),
    field("ZERO_SALE", is_sale, b"0", Repair),
    field("SALE_WORDS", is_sale, b"on request", Reject(Reason::Price)),
    field("SALE_NEGATIVE", is_sale, b"-4", Reject(Reason::Price)),
    field(SALE_ABOVE_ORIGINAL, is_sale, b"9999", Fine),
    // Dates.
    field("DATE_EPOCH_S", is_date, b"1594000000", Repair),
    field("DATE_ISO", is_date, b"\"2019-03-09\"", Repair),
    field("DATE_ISO_BARE", is_date, b"2019-03-09", Repair),
    field("DATE_ISO_Z", is_date, b"\"2020-11-04T16:30:00.000Z\"", Repair),
    field("DATE_ISO_OFFSET", is_date, b"\"2020-11-04T18:30:00+02:00\"", Repair),
    field("DATE_JS", is_date, b"\"Tue Sep 15 2020 11:07:42 GMT+0000 (Coordinated Universal Time)\"", Repair),
    field(FUTURE_DATE, is_date, b"4102444800000", Fine),
    field("DATE_AMBIGUOUS", is_date, b"\"07/08/2020\"", Reject(Reason::Date)),
    field("DATE_BAD", is_date, b"\"Invalid Date\"", Reject(Reason::Date)),
    field("DATE_NO_SUCH_DAY", is_date, b"\"2020-02-30\"", Reject(Reason::Date)),
    field("DATE_NULL", is_date, b"null", Reject(Reason::Date)),
    field("DATE_EMPTY", is_date, b"", Reject(Reason::Date)),
    // Booleans.
    act("BOOL_WORD", is_bool, Act::BoolWord, Repair),
    act("BOOL_CASE", is_bool, Act::BoolCase, Repair),
    field("BAD_BOOL", is_bool, b"perhaps", Reject(Reason::Bool)),
    field("BOOL_TWO", is_digit_bool, b"2", Reject(Reason::Bool)),
    field("BOOL_NULL", is_bool, b"null", Reject(Reason::Bool)),
    only(TWO_DEFAULTS, LegacyFile::Styles, Act::TwoDefaults),
    // Numbers.
    field("DECIMAL_VALUE", is_whole_number, b"{}.0", Repair),
    field("VALUE_RANGE", is_rating, b"6", Reject(Reason::Range)),
    field("VALUE_ZERO", is_rating, b"0", Reject(Reason::Range)),
    field("VALUE_FRACTION", is_rating, b"4.5", Reject(Reason::Range)),
    field("VALUE_WORD", is_rating, b"good", Reject(Reason::Range)),
    field("VALUE_NULL", is_rating, b"null", Reject(Reason::Required)),
    field("VALUE_EMPTY", is_rating, b"", Reject(Reason::Required)),
    field("NULL_QTY", is_quantity, b"null", Repair),
    field("NEGATIVE_QTY", is_quantity, b"-3", Reject(Reason::Range)),
    field("BAD_NUMBER", is_quantity, b"twelve", Reject(Reason::Range)),
    field("NULL_COUNTER", is_counter, b"null", Repair),
    field("EMPTY_COUNTER", is_counter, b"", Repair),
    field("NEGATIVE_COUNTER", is_counter, b"-4", Repair),
    field("WORD_COUNTER", is_counter, b"many", Repair),
    // Relations.
    only("SELF_RELATION", LegacyFile::Related, Act::SelfRelation),
    only("CROSS_PRODUCT", LegacyFile::CharacteristicReviews, Act::OtherProduct),
];

/// Dirt that is a warning to the reader.
pub(super) const SALE_ABOVE_ORIGINAL: &str = "SALE_ABOVE_ORIGINAL";
pub(super) const FUTURE_DATE: &str = "FUTURE_DATE";
pub(super) const TWO_DEFAULTS: &str = "TWO_DEFAULTS";

/// Dirt of the early vintage, with the rows in ten thousand that have it.
#[rustfmt::skip]
pub(super) static EARLY: &[(u64, LegacyFile, Dirt)] = &[
    (300, LegacyFile::Product, field("PRICE_LABEL", is_price, b"default_price: {}", Repair)),
    (300, LegacyFile::Product, field("PRICE_BLANKS", is_price, b"   {}  ", Fine)),
    (200, LegacyFile::Styles, field("PRICE_BLANKS", is_price, b"  {} ", Fine)),
    (500, LegacyFile::Styles, field("ZERO_SALE", is_sale, b"0", Repair)),
    (500, LegacyFile::Answers, field("NULL_EMAIL", is_email, b"null", Repair)),
    (3, LegacyFile::Photos, field("NO_ID", is_id, b"", Reject(Reason::Id))),
    (3, LegacyFile::Photos, field("NO_FK", is_parent, b"", Parent(State::Null))),
    (3, LegacyFile::Photos, field("EMPTY_URL", is_url, b"\"\"", Reject(Reason::Required))),
    (3, LegacyFile::ReviewsPhotos, field("NO_ID", is_id, b"", Reject(Reason::Id))),
    (3, LegacyFile::ReviewsPhotos, field("NO_FK", is_parent, b"", Parent(State::Null))),
    (3, LegacyFile::ReviewsPhotos, field("EMPTY_URL", is_url, b"\"\"", Reject(Reason::Required))),
    (3, LegacyFile::AnswersPhotos, field("NO_ID", is_id, b"", Reject(Reason::Id))),
    (3, LegacyFile::AnswersPhotos, field("NO_FK", is_parent, b"", Parent(State::Null))),
    (3, LegacyFile::AnswersPhotos, field("EMPTY_URL", is_url, b"\"\"", Reject(Reason::Required))),
];
