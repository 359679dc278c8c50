//! Posts to every endpoint, each known to be valid or invalid.

use bytes::Bytes;
use http::Request;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseError;

use crate::fields::{Field, Written, answer, cart, interaction, question, review};
use crate::shop::Shop;

const FORM: &str = "application/x-www-form-urlencoded";

/// A post, and whether it is valid.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    target: &'static str,
    kind: Option<&'static str>,
    body: String,
    good: bool,
}

impl Post {
    fn request(&self, body: Vec<u8>) -> Request<Bytes> {
        let mut request = Request::post(self.target);
        if let Some(kind) = self.kind {
            request = request.header("content-type", kind);
        }
        request.body(body.into()).expect("a request")
    }
}

/// Asserts that a post is stored if it is valid, and rejected otherwise.
pub(crate) fn check(shop: &Shop, post: &Post) -> Result<(), TestCaseError> {
    let response = shop.ask(post.request(post.body.clone().into_bytes()))?;
    let status = response.status().as_u16();
    // An unpaired surrogate is rejected everywhere, also in a field that a later one of the same name replaces. A parser of
    // whole values finds it, after the one number that it can't represent is replaced by a smaller one.
    let json = post.body.trim_start().starts_with('{');
    let half = json
        && serde_json::from_str::<serde_json::Value>(&post.body.replace("e999", "e9")).is_err();
    let good = post.good && !half;
    let expected: &[u16] = match good {
        _ if post.target == NO_QUESTION => &[404],
        true => &[201],
        false => &[400, 422],
    };
    prop_assert!(
        expected.contains(&status),
        "{:?} came, not one of {:?}",
        response,
        expected
    );
    Ok(())
}

/// An id that no posted question gets.
const NO_QUESTION: &str = "/qa/questions/9223372036854775807/answers";

type Fields = fn(Written) -> Vec<Field>;

const ROUTES: [(&str, Fields); 6] = [
    ("/reviews", review),
    ("/qa/questions", question),
    ("/qa/questions/71/answers", answer),
    (NO_QUESTION, answer),
    ("/cart", cart),
    ("/interactions", interaction),
];

pub(crate) fn post() -> impl Strategy<Value = Post> {
    let posts = ROUTES.map(|(target, fields)| {
        prop_oneof![3 => json(target, fields(Written::Json)), 1 => form(target, fields(Written::Form))].boxed()
    });
    proptest::strategy::Union::new(posts)
}

/// A field in a body: its text, and an earlier field of the same name; `None` if it is absent.
#[derive(Debug, Clone)]
struct Given {
    name: &'static str,
    earlier: Option<String>,
    text: Option<String>,
    good: bool,
}

fn given(field: Field) -> impl Strategy<Value = Given> {
    let Field {
        name,
        required,
        good,
        bad,
    } = field;
    let earlier = prop_oneof![good.clone(), bad.clone()];
    let text = prop_oneof![
        24 => good.prop_map(|text| (Some(text), true)),
        2 => bad.prop_map(|text| (Some(text), false)),
        1 => Just((None, !required)),
    ];
    (proptest::option::weighted(0.1, earlier), text).prop_map(move |(earlier, (text, good))| {
        Given {
            name,
            // Without a later field of the same name, it would count itself.
            earlier: earlier.filter(|_| text.is_some()),
            text,
            good,
        }
    })
}

/// Names and texts, shuffled so that the last text of each name is the one that counts, and whether all are valid.
fn fields(fields: Vec<Field>) -> impl Strategy<Value = (Vec<(&'static str, String)>, bool)> {
    let given: Vec<_> = fields
        .into_iter()
        .map(|field| given(field).boxed())
        .collect();
    (given, any::<prop::sample::Index>()).prop_map(|(mut given, first)| {
        let first = first.index(given.len());
        given.rotate_left(first);
        let good = given.iter().all(|field| field.good);
        let earlier = given
            .iter()
            .filter_map(|field| Some((field.name, field.earlier.clone()?)));
        let last = given
            .iter()
            .filter_map(|field| Some((field.name, field.text.clone()?)));
        (earlier.chain(last).collect(), good)
    })
}

fn json(target: &'static str, of: Vec<Field>) -> impl Strategy<Value = Post> {
    let nested = "[".repeat(60) + &"]".repeat(60);
    let unknown = select(vec![
        r#""x":null"#.to_owned(),
        r#""BODY":5"#.to_owned(),
        r#""":{"body":[1,{}]}"#.to_owned(),
        r#""huge":-1e999"#.to_owned(),
        r#""long":123456789012345678901234567890.5E+3"#.to_owned(),
        r#""nul":"\u0000""#.to_owned(),
        format!(r#""deep":{nested}"#),
    ]);
    let space = select(&["", "", " ", "\n\t", "\r\n"][..]);
    let kind = select(vec![
        None,
        Some("application/json"),
        Some("text/plain"),
        Some(FORM),
        Some("\""),
    ]);
    let escaped = proptest::bool::weighted(0.1);
    (
        fields(of),
        vec(unknown, 0..3),
        space,
        kind,
        escaped,
        damage(),
    )
        .prop_map(
            move |((fields, good), mut entries, space, kind, escaped, (whole, damage))| {
                entries.extend(fields.iter().map(|(name, text)| {
                    let (first, rest) = name.split_at(1);
                    let escape = || format!("\\u{:04x}", first.as_bytes()[0]);
                    let first = if escaped { escape() } else { first.to_owned() };
                    format!("\"{first}{rest}\"{space}:{space}{text}")
                }));
                let body = entries.join(&format!("{space},{space}"));
                Post {
                    target,
                    kind,
                    body: damage(&format!("{space}{{{space}{body}{space}}}{space}")),
                    good: good && whole,
                }
            },
        )
}

/// How a body is corrupted.
fn damage() -> impl Strategy<Value = (bool, fn(&str) -> String)> {
    let damages: [fn(&str) -> String; 9] = [
        |body| {
            body.trim_end()
                .strip_suffix('}')
                .unwrap_or_default()
                .to_owned()
        },
        |body| body.replace('}', ",}"),
        |body| format!("{body}x"),
        |body| format!("{body}\0"),
        |body| format!("\u{feff}{body}"),
        |body| format!("[{body}]"),
        |body| body.replace('"', "'"),
        |body| serde_json::to_string(body).expect("a string"),
        |body| {
            body.replacen(
                '{',
                &format!("{{\"x\":{}{},", "[".repeat(1_001), "]".repeat(1_001)),
                1,
            )
        },
    ];
    let whole: fn(&str) -> String = str::to_owned;
    prop_oneof![
        30 => Just((true, whole)),
        1 => select(damages.to_vec()).prop_map(|damage| (false, damage)),
    ]
}

fn form(target: &'static str, of: Vec<Field>) -> impl Strategy<Value = Post> {
    let unknown = select(&["x", "=", "&&", "body[]=5", "x=%zz"][..]).prop_map(str::to_owned);
    let kind = select(&[FORM, "Application/X-WWW-Form-Urlencoded ; charset=utf-8"][..]);
    (fields(of), vec(unknown, 0..3), kind).prop_map(move |((fields, good), mut pairs, kind)| {
        pairs.extend(fields.iter().map(|(name, text)| format!("{name}={text}")));
        // Invalid UTF-8 anywhere invalidates the whole form.
        let broken = pairs
            .iter()
            .any(|pair| pair.ends_with("%ff") || pair.ends_with("%F0%9F"));
        Post {
            target,
            kind: Some(kind),
            body: pairs.join("&"),
            good: good && !broken,
        }
    })
}

/// Posts with some bytes replaced, removed or inserted.
pub(crate) fn damaged() -> impl Strategy<Value = Request<Bytes>> {
    let byte = prop_oneof![any::<u8>(), select(&b"\"{}[],:\\0-e%&=\0"[..])];
    let change = (any::<prop::sample::Index>(), 0..3usize, byte);
    (post(), vec(change, 1..5)).prop_map(|(post, changes)| {
        let mut body = post.body.clone().into_bytes();
        for (at, leave_out, byte) in changes {
            let at = at.index(body.len() + 1);
            let end = (at + leave_out).min(body.len());
            body.splice(at..end, [byte]);
        }
        post.request(body)
    })
}
