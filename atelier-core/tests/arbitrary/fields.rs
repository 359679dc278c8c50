//! Valid and invalid values of the fields of posts.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// A field with valid and invalid values, in JSON or encoded in a form.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) good: BoxedStrategy<String>,
    pub(crate) bad: BoxedStrategy<String>,
}

/// Values in JSON, or in a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    Json,
    Form,
}

impl Written {
    fn text(self, text: &str) -> String {
        if self == Self::Json {
            return serde_json::to_string(text).expect("a string");
        }
        let encode = |byte: u8| match byte {
            b' ' => "+".to_owned(),
            _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        };
        text.bytes().map(encode).collect()
    }

    /// A field with the valid values `json` in JSON and `form` in forms.
    fn field(self, name: &'static str, json: Choice<'_>, form: Choice<'_>) -> Field {
        let chosen = if self == Self::Json { json } else { form };
        let [good, bad] = chosen
            .map(|texts| select(texts.iter().map(ToString::to_string).collect::<Vec<_>>()).boxed());
        Field {
            name,
            required: true,
            good,
            bad,
        }
    }

    /// A non-blank text, of at most `max` characters if there is a maximum.
    fn required_text(self, name: &'static str, max: Option<usize>) -> Field {
        let good = [
            "a",
            " padded ",
            "'); drop table reviews; --",
            "<b>&amp;\"\\</b>",
            "\u{202e}cba\u{7f}\u{1}",
            "\u{feff}",
            "\u{200b}",
            "null",
            "100 %_",
            "a\r\nb",
            "e\u{301}",
        ];
        let mut good: Vec<String> = good.iter().map(|text| self.text(text)).collect();
        let mut bad: Vec<String> = ["", " ", "\u{2003}\u{a0}\n\t\u{85}", "a\0b"]
            .iter()
            .map(|text| self.text(text))
            .collect();
        for character in ["x", "é", "🧥"] {
            good.push(self.text(&character.repeat(max.unwrap_or(3_000))));
            bad.extend(max.map(|max| self.text(&character.repeat(max + 1))));
        }
        let own: &[&str] = match self {
            Self::Json => {
                good.push(r#""a\u0062\ud83e\udde5\/\b""#.to_owned());
                &[
                    "null",
                    "5",
                    "true",
                    "[]",
                    "{}",
                    "[\"a\"]",
                    r#""\ud800""#,
                    r#""a\udde5\ud83e""#,
                    r#""a\u0000""#,
                    "1e999",
                    "[[[[[[[[[[[]]]]]]]]]]]",
                ]
            }
            Self::Form => &["%ff", "%F0%9F"],
        };
        bad.extend(own.iter().map(ToString::to_string));
        let any = vec(any::<char>(), 0..20).prop_map(move |any| {
            let any: String = any
                .into_iter()
                .filter(|character| *character != '\0')
                .collect();
            self.text(&format!("x{any}"))
        });
        Field {
            name,
            required: true,
            good: prop_oneof![3 => select(good), 1 => any].boxed(),
            bad: select(bad).boxed(),
        }
    }

    fn optional_text(self, name: &'static str, max: usize) -> Field {
        let empty: &[&str] = if self == Self::Json {
            &["\"\"", "null", "\" \""]
        } else {
            &["", "+"]
        };
        let too_long = self.text(&"🧥".repeat(max + 1));
        let mut bad = vec![too_long, self.text("\0")];
        if self == Self::Json {
            bad.extend(["5", "false", "[]", "{}", r#""\udc00""#].map(str::to_owned));
        }
        let full = self.required_text(name, Some(max));
        let empty: Vec<String> = empty.iter().map(ToString::to_string).collect();
        Field {
            required: false,
            good: prop_oneof![full.good, select(empty)].boxed(),
            bad: select(bad).boxed(),
            ..full
        }
    }

    fn email(self) -> Field {
        let good = [
            "a@b.c",
            "p.x+y@example.org",
            "ü@ñ.example",
            "\"@b.c",
            &format!("{}@b.c", "a".repeat(56)),
        ];
        let bad = [
            "",
            "a",
            "@b.c",
            "a@b",
            "a@b.",
            "a@.b",
            "a@b..c",
            "a@@b.c",
            "a@b@c.d",
            "a b@c.d",
            "a@b.c\n",
            "a@b\u{a0}.c",
            "a\0@b.c",
            &format!("{}@b.c", "a".repeat(57)),
        ];
        let [good, mut bad] = [good.to_vec(), bad.to_vec()]
            .map(|texts| texts.iter().map(|text| self.text(text)).collect::<Vec<_>>());
        if self == Self::Json {
            bad.extend(["null", "5", "[\"a@b.c\"]", r#""a\ud800@b.c""#].map(str::to_owned));
        }
        Field {
            name: "email",
            required: true,
            good: select(good).boxed(),
            bad: select(bad).boxed(),
        }
    }

    fn product_id(self) -> Field {
        let json = [
            &["501", "\"501\"", "\"0501\""][..],
            &[
                "0",
                "-501",
                "999",
                "\"x\"",
                "\"\"",
                "null",
                "501.0",
                "501e0",
                "5.01e2",
                "true",
                "[501]",
                "\" 501\"",
                "9223372036854775807",
                "9223372036854775808",
                "1e999",
                "\"99999999999999999999\"",
            ],
        ];
        self.field(
            "product_id",
            json,
            [
                &["501", "0501"],
                &[
                    "",
                    "0",
                    "999",
                    "x",
                    "501.0",
                    "%2B501",
                    "9223372036854775808",
                ],
            ],
        )
    }

    fn photos(self) -> Field {
        let list = |photo: &str, n: usize| serde_json::to_string(&vec![photo; n]).expect("a list");
        let (long, too_long) = (list(&"é".repeat(2_048), 1), list(&"x".repeat(2_049), 1));
        let [data, too_much] =
            [65_536, 65_537].map(|n| list(&format!("data:{}", "x".repeat(n - 5)), 1));
        let (five, six) = (list("p", 5), list("p", 6));
        let good = [
            "[]",
            "null",
            "[\"p\"]",
            "[\"p\",\"\\u00e9\"]",
            &five,
            &long,
            "[\" \"]",
        ];
        let bad = [
            "\"p\"",
            "{}",
            "5",
            "[5]",
            "[null]",
            "[[\"p\"]]",
            "[\"\"]",
            "[\"a\\u0000\"]",
            "[\"\\ud800\"]",
            &six,
            &too_long,
        ];
        let mut field = self.field("photos", [&good, &bad], [&["anything"], &["%ff"]]);
        field.required = false;
        if self == Self::Json {
            // Rare, because they are large.
            field.good = prop_oneof![60 => field.good, 1 => Just(data)].boxed();
            field.bad = prop_oneof![20 => field.bad, 1 => Just(too_much)].boxed();
        }
        field
    }

    fn characteristics(self) -> Field {
        let json = [
            &[
                "{}",
                "null",
                r#"{"61":4}"#,
                r#"{"61":1,"62":5}"#,
                r#"{"999":"x","abc":[],"-1":{}}"#,
                r#"{"61":9,"61":4}"#,
                r#"{"\u0036\u0031":3}"#,
                r#"{"9223372036854775808":null}"#,
            ][..],
            &[
                r#"{"61":0}"#,
                r#"{"61":6}"#,
                r#"{"62":"4"}"#,
                r#"{"61":4.0}"#,
                r#"{"61":4e0}"#,
                r#"{"61":null}"#,
                r#"{"61":[4]}"#,
                r#"{"61":4,"61":9}"#,
                r#"{"61":9223372036854775808}"#,
                r#"{"62":-1}"#,
                "[]",
                "[[61,4]]",
                "\"x\"",
                "5",
                "true",
            ],
        ];
        let field = self.field("characteristics", json, [&["anything"], &["%ff"]]);
        Field {
            required: false,
            ..field
        }
    }
}

/// Generates a valid or an invalid value of a field.
type Choice<'a> = [&'a [&'a str]; 2];

pub(crate) fn review(written: Written) -> Vec<Field> {
    let rating = [
        &["1", "2", "3", "4", "5"][..],
        &[
            "0",
            "6",
            "-1",
            "4.0",
            "4e0",
            "\"4\"",
            "null",
            "true",
            "[4]",
            "{}",
            "9223372036854775808",
            "-0",
        ],
    ];
    let recommend = [
        &["true", "false"][..],
        &["\"true\"", "1", "0", "null", "[]", "{}"],
    ];
    vec![
        written.product_id(),
        written.field(
            "rating",
            rating,
            [&["1", "5"], &["", "0", "6", "4.0", "04", "four", "-1"]],
        ),
        written.optional_text("summary", 60),
        written.required_text("body", Some(1_000)),
        written.field(
            "recommend",
            recommend,
            [&["true", "false"], &["", "1", "yes", "True"]],
        ),
        written.required_text("name", Some(60)),
        written.email(),
        written.photos(),
        written.characteristics(),
    ]
}

pub(crate) fn question(written: Written) -> Vec<Field> {
    let mut fields = answer(written);
    fields.pop();
    fields.push(written.product_id());
    fields
}

pub(crate) fn answer(written: Written) -> Vec<Field> {
    vec![
        written.required_text("body", Some(1_000)),
        written.required_text("name", Some(60)),
        written.email(),
        written.photos(),
    ]
}

pub(crate) fn cart(written: Written) -> Vec<Field> {
    let json = [
        &[
            "1",
            "77001",
            "\"77\"",
            "\"007\"",
            "9223372036854775807",
            "\"9223372036854775807\"",
        ][..],
        &[
            "0",
            "-1",
            "\"0\"",
            "\"\"",
            "\" 1\"",
            "1.0",
            "1e3",
            "null",
            "true",
            "[1]",
            "{}",
            "9223372036854775808",
            "\"9223372036854775808\"",
            "1e999",
            "\"\\ud800\"",
            "\"1\\u0000\"",
        ],
    ];
    vec![written.field(
        "sku_id",
        json,
        [
            &["1", "007"],
            &["", "0", "-1", "1.0", "+1", "%00", "9223372036854775808"],
        ],
    )]
}

pub(crate) fn interaction(written: Written) -> Vec<Field> {
    let names = ["element", "widget", "time"];
    names.map(|name| written.required_text(name, None)).into()
}
