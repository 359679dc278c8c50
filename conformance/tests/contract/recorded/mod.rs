//! Recorded responses, which a server with the same rows returns byte for byte, in every cell of the matrix.

use atelier_conformance::TestApp;
use atelier_conformance::matrix::{StoreKind, Transport};

mod instants;
mod invented;
mod invented_rows;
mod original;
mod original_rows;

/// The cells of `make test`, as in `cases!`.
const CELLS: [(StoreKind, Transport); 3] = [
    (StoreKind::Sqlite, Transport::Core),
    (StoreKind::Sqlite, Transport::Warp),
    (StoreKind::Postgres, Transport::Core),
];

/// The cells that `make test-all` adds.
const OTHER_CELLS: [(StoreKind, Transport); 3] = [
    (StoreKind::Sqlite, Transport::Lambda),
    (StoreKind::Postgres, Transport::Warp),
    (StoreKind::Postgres, Transport::Lambda),
];

/// Asserts that each target has its recorded response, byte for byte.
async fn assert_answers(shop: &TestApp, recorded: &[(&str, String)]) {
    for (target, answer) in recorded {
        let reply = shop.get(target).await;
        let what = format!("GET {target} ({}, {:?})", shop.url, shop.transport());
        assert_eq!(reply.parts(), (200, answer.as_str()), "{what}");
    }
}

/// Removes white space outside of strings from JSON.
fn compact(json: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    let keep = |character: &char| {
        let inside = quoted;
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        inside || !character.is_ascii_whitespace()
    };
    json.chars().filter(keep).collect()
}

#[test]
fn compacting_json_keeps_strings() {
    assert_eq!(
        compact("{ \"b c\" : [ \" \\\" \\\\\",\n\t1 ] }\n"),
        r#"{"b c":[" \" \\",1]}"#
    );
}
