//! Makes a clean line dirty.

use super::dirt::Act;
use super::spots::Spot;
use crate::schema::{Kind, Layout, Spelling};

/// Does to the fields of a clean line what the dirt does.
pub(super) fn smear(spot: Spot, fields: &mut Vec<Vec<u8>>, layout: &Layout) {
    if matches!(spot.dirt.act, Act::Damage(_)) {
        for field in fields.iter_mut() {
            no_commas(field);
        }
    }
    let field = &mut fields[spot.column];
    let kind = layout.columns[spot.column].kind;
    match spot.dirt.act {
        Act::Field(text) | Act::Damage(text) => {
            let mut content = content(field, kind);
            no_commas(&mut content);
            *field = filled(text, &content);
        }
        Act::SmallLetters => field.make_ascii_lowercase(),
        Act::BoolWord | Act::BoolCase => {
            let value = matches!(field[..], [b'1' | b't', ..]);
            let words = if spot.dirt.act == Act::BoolWord {
                ["no", "yes"]
            } else {
                ["False", "TRUE"]
            };
            *field = words[usize::from(value)].into();
        }
        Act::Long => {
            let content = content(field, kind);
            let times = 1_200 / content.len().max(1) + 1;
            *field = filled(b"\"{}\"", &content.repeat(times));
        }
        Act::DropLast => {
            fields.pop();
        }
        _ => {}
    }
}

/// Another value in the last field, for a second record of the same id. False when there is no other.
pub(super) fn again(fields: &mut [Vec<u8>], layout: &Layout) -> bool {
    let (Some(column), Some((field, others))) = (layout.columns.last(), fields.split_last_mut())
    else {
        return false;
    };
    let before = field.clone();
    let number: u64 = std::str::from_utf8(field.trim_ascii())
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    *field = match column.kind {
        Kind::Bool(Spelling::Digits) => (1 - number.min(1)).to_string().into(),
        Kind::Rating => (number % 5 + 1).to_string().into(),
        // Its own product is loaded, as the row is; another might not be.
        Kind::Parent(_) => others[1].clone(),
        Kind::Url | Kind::Thumbnail => b"\"https://img.shop.test/photo-3\"".to_vec(),
        Kind::CharacteristicName if field == b"\"Size\"" => b"\"Fit\"".to_vec(),
        Kind::CharacteristicName => b"\"Size\"".to_vec(),
        Kind::NullableText => b"\"Second copy\"".to_vec(),
        _ => (number + 1).to_string().into(),
    };
    *field != before
}

/// What stands in a field without its quotes; some words where nothing does.
fn content(field: &[u8], kind: Kind) -> Vec<u8> {
    let inner = field
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""));
    let inner = inner.unwrap_or(field).trim_ascii();
    let is_text = matches!(kind, Kind::OptionalText | Kind::NullableText);
    if is_text && (inner.is_empty() || inner == b"null") {
        b"Plain words".to_vec()
    } else {
        inner.to_vec()
    }
}

fn filled(text: &[u8], content: &[u8]) -> Vec<u8> {
    match text.windows(2).position(|pair| pair == b"{}") {
        Some(at) => [&text[..at], content, &text[at + 2..]].concat(),
        None => text.to_vec(),
    }
}

fn no_commas(field: &mut [u8]) {
    for byte in field {
        if *byte == b',' {
            *byte = b';';
        }
    }
}
