//! Tests of the rule of each column type, as tables: the text as written, and the result.

use super::*;
use crate::csv::parser::parse_strict;
use crate::schema::LegacyFile;
use ColumnType::{
    Bool, CharacteristicName, Counter, Email, Id, NullableText, OptionalText, Parent, PersonName,
    Price, Quantity, Rating, RequiredText, SalePrice, Session, Thumbnail, Url,
};
use Parsed::{Clean, Refused, Repair};
use RejectReason::{
    Bool as NoBool, Id as NoId, Name, Price as NoPrice, Range, Required, Url as NoUrl,
};

/// Result of parsing a field.
#[derive(Debug, Clone, PartialEq)]
enum Parsed<'a> {
    Clean(Value<'a>),
    Repair(Value<'a>),
    Refused(RejectReason),
}

fn text(text: &'static str) -> Value<'static> {
    Value::Text(Cow::Borrowed(text))
}

fn check(kind: ColumnType, table: &[(&str, Parsed<'static>)]) {
    for (written, expected) in table {
        let mut fields = Vec::new();
        parse_strict(written.as_bytes(), &mut fields, None);
        let mut repaired = false;
        let value = parse_value(kind, written, fields[0], &mut repaired);
        let found = match value {
            Ok(value) if repaired => Repair(value),
            Ok(value) => Clean(value),
            Err(reason) => Refused(reason),
        };
        assert_eq!(found, *expected, "{kind:?}: {written}");
    }
}

#[test]
#[rustfmt::skip]
fn required_texts() {
    check(RequiredText, &[
        (r#""Coat""#, Clean(text("Coat"))), (r#""  Two  blanks ""#, Clean(text("  Two  blanks "))),
        (r#""say ""it""""#, Clean(text("say \"it\""))), (r#""'quoted'""#, Clean(text("'quoted'"))),
        (r#"" null ""#, Clean(text(" null "))), ("\u{A0}Coat\u{A0}", Repair(text("Coat"))),
        ("'gu gu '", Repair(text("gu gu "))), ("'", Repair(text("'"))), ("'a' b", Repair(text("'a' b"))),
        ("null", Refused(Required)), (r#""Null""#, Refused(Required)), (r#""""#, Refused(Required)),
        ("\"\u{2003} \"", Refused(Required)), ("", Refused(Required)), ("''", Refused(Required)),
    ]);
    check(Session, &[
        ("2201", Clean(text("2201"))), ("\"2201\"", Clean(text("2201"))), ("'2201'", Repair(text("2201"))),
        ("", Refused(Required)),
    ]);
}

#[test]
#[rustfmt::skip]
fn optional_texts() {
    check(OptionalText, &[
        (r#""""#, Clean(text(""))), (r#""  ""#, Clean(text("  "))), ("null", Repair(Value::Null)),
        ("", Repair(Value::Null)), (r#""NULL""#, Repair(Value::Null)), ("''", Repair(text(""))),
        ("bare", Repair(text("bare"))),
    ]);
    check(NullableText, &[
        ("null", Clean(Value::Null)), ("NULL", Clean(Value::Null)), ("", Repair(Value::Null)),
        (r#""null""#, Repair(Value::Null)), ("'null'", Repair(Value::Null)), (r#""""#, Clean(text(""))),
    ]);
}

#[test]
#[rustfmt::skip]
fn names_and_email_addresses() {
    check(PersonName, &[
        (r#""kay ""#, Clean(text("kay "))), (r#""""#, Clean(text(""))), ("null", Repair(text("anonymous"))),
        ("", Repair(text("anonymous"))), (r#""null""#, Repair(text("anonymous"))),
    ]);
    check(Email, &[
        (r#""a@b.c""#, Clean(text("a@b.c"))), (r#"" a@b.c""#, Repair(text("a@b.c"))),
        ("a@b.c", Repair(text("a@b.c"))), ("null", Repair(Value::Null)), (r#""""#, Repair(Value::Null)),
    ]);
    for bad in [
        "a(at)b.c", "@b.c", "a@bc", "a@.c", "a@b.", "a@b@c.d", "a b@c.d", "a@b. c", "a@",
    ] {
        check(Email, &[(&format!("\"{bad}\""), Repair(Value::Null))]);
    }
}

#[test]
#[rustfmt::skip]
fn ids_and_foreign_keys() {
    let parent = Parent(LegacyFile::Product);
    for (kind, refused) in [(Id, Refused(NoId)), (parent, Clean(Value::Int(-1)))] {
        check(kind, &[
            ("7", Clean(Value::Int(7))), ("2147483647", Clean(Value::Int(2_147_483_647))),
            ("\" 7\"", Repair(Value::Int(7))), ("'7'", Repair(Value::Int(7))), ("007", Repair(Value::Int(7))),
            ("2147483648", refused.clone()), ("99999999999999999999", refused.clone()), ("x7", refused.clone()),
            ("-7", refused.clone()), ("+7", refused.clone()), ("7.0", refused.clone()),
        ]);
    }
    check(Id, &[
        ("0", Refused(NoId)), ("", Refused(NoId)), ("null", Refused(NoId)), (r#"" ""#, Refused(NoId)),
    ]);
    check(parent, &[
        ("0", Clean(Value::Int(0))), ("", Clean(Value::Null)), ("null", Clean(Value::Null)),
    ]);
}

#[test]
#[rustfmt::skip]
fn prices() {
    check(Price, &[
        ("145", Clean(Value::Int(14_500))), ("0", Clean(Value::Int(0))), ("\"145\"", Repair(Value::Int(14_500))),
        ("", Refused(NoPrice)), ("null", Refused(NoPrice)), ("ask in store", Refused(NoPrice)),
        ("5e+06", Repair(Value::Int(500_000_000))), ("1 234", Refused(NoPrice)),
    ]);
    check(SalePrice, &[
        ("62", Clean(Value::Int(6_200))), ("null", Clean(Value::Null)), ("\"null\"", Repair(Value::Null)),
        ("", Repair(Value::Null)), ("0", Repair(Value::Null)), ("$0.00", Repair(Value::Null)),
        ("-3", Refused(NoPrice)), ("none", Refused(NoPrice)),
    ]);
}

#[test]
#[rustfmt::skip]
fn booleans() {
    check(Bool(BoolFormat::Words), &[
        ("true", Clean(Value::Bool(true))), ("false", Clean(Value::Bool(false))), ("TRUE", Repair(Value::Bool(true))),
        ("\"true\"", Repair(Value::Bool(true))), ("0", Repair(Value::Bool(false))), ("Y", Repair(Value::Bool(true))),
        ("no", Repair(Value::Bool(false))), ("f", Repair(Value::Bool(false))), ("null", Refused(NoBool)),
        ("", Refused(NoBool)), ("2", Refused(NoBool)), ("perhaps", Refused(NoBool)),
    ]);
    check(Bool(BoolFormat::Digits), &[
        ("1", Clean(Value::Bool(true))), ("0", Clean(Value::Bool(false))), ("true", Repair(Value::Bool(true))),
        ("01", Refused(NoBool)),
    ]);
}

#[test]
#[rustfmt::skip]
fn numbers() {
    check(Rating, &[
        ("5", Clean(Value::Int(5))), ("\"3\"", Repair(Value::Int(3))), ("4.0", Repair(Value::Int(4))),
        ("04", Repair(Value::Int(4))), ("null", Refused(Required)), ("", Refused(Required)), ("0", Refused(Range)),
        ("6", Refused(Range)), ("4.5", Refused(Range)), ("4.", Refused(Range)), ("4e+00", Repair(Value::Int(4))),
        ("4e", Refused(Range)), ("-1", Refused(Range)), ("four", Refused(Range)),
        ("99999999999999999999", Refused(Range)),
    ]);
    check(Quantity, &[
        ("0", Clean(Value::Int(0))), ("null", Repair(Value::Int(0))), ("", Repair(Value::Int(0))),
        ("17.0", Repair(Value::Int(17))), ("1e+05", Repair(Value::Int(100_000))), ("1e-1", Refused(Range)),
        ("\"1,000\"", Refused(Range)), ("-3", Refused(Range)), ("twelve", Refused(Range)),
    ]);
    check(Counter, &[
        ("12", Clean(Value::Int(12))), ("1e+05", Repair(Value::Int(100_000))), ("", Repair(Value::Int(0))),
        ("-4", Repair(Value::Int(0))), ("many", Repair(Value::Int(0))), ("1.5", Repair(Value::Int(0))),
        ("9223372036854775808", Repair(Value::Int(0))),
    ]);
}

#[test]
#[rustfmt::skip]
fn urls() {
    for kind in [Url, Thumbnail] {
        check(kind, &[
            (r#""https://h.test/a b""#, Clean(text("https://h.test/a b"))), (r#""http://""#, Clean(text("http://"))),
            (r#""data:image/png;base64,AA""#, Clean(text("data:image/png;base64,AA"))),
            ("https://h.test/", Repair(text("https://h.test/"))),
            (r#"" https://h.test/ ""#, Repair(text("https://h.test/"))),
            (r#""uhttps://h.test/""#, Repair(text("https://h.test/"))),
            (r#""uHTTP://H.test/""#, Repair(text("http://H.test/"))),
            (r#""HTTPS://H.test/""#, Repair(text("https://H.test/"))),
            (r#""DATA:image/png""#, Repair(text("data:image/png"))), (r#""blob:http://h.test/""#, Refused(NoUrl)),
            (r#""data:text/plain,x""#, Refused(NoUrl)), (r#""not a url""#, Refused(NoUrl)),
            (r#""http:/h.test""#, Refused(NoUrl)), (r#""u""#, Refused(NoUrl)),
        ]);
    }
    check(Url, &[
        ("null", Refused(Required)), (r#""""#, Refused(Required)), ("", Refused(Required)),
    ]);
    check(Thumbnail, &[
        ("null", Repair(Value::Null)), (r#"" ""#, Repair(Value::Null)),
    ]);
}

#[test]
#[rustfmt::skip]
fn characteristics() {
    check(CharacteristicName, &[
        (r#""Fit""#, Clean(text("Fit"))), (r#""length""#, Repair(text("Length"))),
        (r#""  Comfort""#, Repair(text("Comfort"))), ("Size", Repair(text("Size"))), (r#""Sparkle""#, Refused(Name)),
        ("null", Refused(Required)), (r#"" ""#, Refused(Required)),
    ]);
}
