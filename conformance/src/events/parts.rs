//! Paths, parameters and headers as event sources encode them.

use std::collections::BTreeMap;

use http::HeaderMap;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

pub(super) type Pairs = Vec<(String, String)>;

/// Returns the headers of a request and those that an event source adds. Bytes that are not UTF-8 are replaced, because JSON
/// cannot hold them.
pub(super) fn headers(headers: &HeaderMap) -> Pairs {
    let mut pairs: Pairs = [
        ("host", "shop.example"),
        (
            "x-amzn-trace-id",
            "Root=1-65e70f40-0a1b2c3d4e5f60718293a4b5",
        ),
        ("x-forwarded-for", "203.0.113.9"),
        ("x-forwarded-port", "443"),
        ("x-forwarded-proto", "https"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        pairs.push((name.to_string(), value.into_owned()));
    }
    pairs
}

/// Returns the decoded path that an HTTP API sends, or `None` when decoding makes it ambiguous.
pub(super) fn decoded_path(path: &str) -> Option<String> {
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    let slashes = |path: &str| path.matches('/').count();
    let plain = !decoded.contains(['%', '?']) && slashes(&decoded) == slashes(path);
    plain.then(|| decoded.into_owned())
}

/// Returns names and values of a query as sent, or `None` when the order between names matters: events lose it.
pub(super) fn sent_parameters(query: &str) -> Option<Pairs> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let pairs: Pairs = pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let mut spelled: BTreeMap<Vec<u8>, &str> = BTreeMap::new();
    let mut alike = pairs.iter().map(|(name, _)| {
        let decoded = percent_decode_str(&name.replace('+', " ")).collect();
        spelled.entry(decoded).or_insert(name) == name
    });
    // The core skips question marks before the first parameter, which depends on the order.
    (alike.all(|alike| alike) && !query.starts_with('?')).then_some(pairs)
}

/// Returns the decoded pairs, or `None` for malformed percent sequences.
pub(super) fn decoded_parameters(query: &str) -> Option<Pairs> {
    let decoded = |text: &String| {
        let bytes = text.as_bytes();
        let encodes = |at: usize| {
            let digits = bytes.get(at + 1..at + 3);
            digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        };
        let mut signs = (0..bytes.len()).filter(|at| bytes[*at] == b'%');
        if !signs.all(encodes) {
            return None;
        }
        let spaced = text.replace('+', " ");
        let text = percent_decode_str(&spaced).decode_utf8().ok()?;
        Some(text.into_owned())
    };
    sent_parameters(query)?
        .iter()
        .map(|(name, value)| Some((decoded(name)?, decoded(value)?)))
        .collect()
}

/// Returns an object with the last value of each name.
pub(super) fn last(pairs: &Pairs) -> Map<String, Value> {
    let pair = |(name, value): &(String, String)| (name.clone(), value.clone().into());
    pairs.iter().map(pair).collect()
}

/// Returns an object with the value of each name, or `None` when a name is repeated: a load balancer sends the last of
/// repeated parameters only, and an HTTP API joins repeated headers, which changes some of them.
pub(super) fn single(pairs: &Pairs) -> Option<Map<String, Value>> {
    let object = last(pairs);
    (object.len() == pairs.len()).then_some(object)
}

/// Returns an object with all values of each name.
pub(super) fn lists(pairs: &Pairs) -> Map<String, Value> {
    let mut object = Map::new();
    for (name, value) in pairs {
        let values = object.entry(name).or_insert_with(|| json!([]));
        values
            .as_array_mut()
            .expect("a list")
            .push(value.clone().into());
    }
    object
}

/// API Gateway sends `null` for an object without fields.
pub(super) fn or_null(object: Map<String, Value>) -> Value {
    if object.is_empty() {
        Value::Null
    } else {
        object.into()
    }
}
