//! Pages in a real Chromium: a page of another origin that uses the API through `fetch`, and the storefront and `/docs`, driven
//! like a visitor does.

use std::time::Duration;

use atelier_conformance::TestApp;
use atelier_conformance::matrix::{StoreKind, Transport, run};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::timeout;

use chromium::Chromium;

mod accessibility;
mod bag;
mod chromium;
mod closed;
mod devtools;
mod docs;
mod hostile;
mod lists;
mod page;
mod photos;
mod posting;
mod refusals;
mod replicas;
mod storefront;
mod tokens;
mod visit;

#[test]
fn page_of_other_origin_reads_and_writes_on_sqlite() {
    run(StoreKind::Sqlite, Transport::Warp, case);
}

#[test]
fn page_of_other_origin_reads_and_writes_on_postgres() {
    run(StoreKind::Postgres, Transport::Warp, case);
}

async fn case(shop: TestApp) {
    let seen = visit(&shop).await;
    reads(&shop, &seen).await;
    writes(&seen);
    carts(&seen);
    errors(&seen);
}

/// The responses that the script of the page recorded, by its names for them.
struct Seen(Value);

impl Seen {
    fn said(&self, name: &str) -> (u64, &str) {
        let answer = &self.0[name];
        let status = answer["status"].as_u64();
        // A failed fetch has an error in place of a status.
        let status = status.unwrap_or_else(|| panic!("{name}: {answer}"));
        (status, answer["body"].as_str().expect("a text"))
    }

    fn json(&self, name: &str) -> Value {
        let (status, body) = self.said(name);
        assert_eq!(status, 200, "{name}: {body}");
        serde_json::from_str(body).expect("the body is JSON")
    }

    fn header(&self, name: &str, header: &str) -> &str {
        let answer = &self.0[name];
        let value = answer["headers"][header].as_str();
        value.unwrap_or_else(|| panic!("the script sees no {header} of {name}: {answer}"))
    }
}

/// Opens the page, and waits until its script is done.
async fn visit(shop: &TestApp) -> Seen {
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .expect("a free port");
    let page = listener.local_addr().expect("an address");
    let api = shop.address().expect("the API is behind a socket");
    let mut chromium = Chromium::open(&format!("http://{page}/?api=http://{api}"));
    let done = async {
        tokio::select! {
            seen = page::seen(&listener) => Ok(seen),
            log = chromium.ended() => Err(log),
        }
    };
    let limit = Duration::from_mins(1);
    let done = timeout(limit, done).await;
    if let Ok(Err(log)) = done {
        panic!("Chromium ended before the page was done:\n{log}");
    }
    let log = timeout(limit, chromium.close()).await;
    let log = log.expect("no process of Chromium is left");
    let Ok(Ok(seen)) = done else {
        panic!("the script of the page was not done after {limit:?}:\n{log}");
    };
    let blocked: Vec<_> = log.lines().filter(|line| line.contains("CORS")).collect();
    assert!(blocked.is_empty(), "{blocked:#?}");
    Seen(seen)
}

async fn reads(shop: &TestApp, seen: &Seen) {
    for (name, target) in [
        ("products", "/products?count=2"),
        ("product", "/products/501"),
        ("styles", "/products/501/styles"),
        ("campus", "/products/501/related"),
        ("meta", "/reviews/meta?product_id=501"),
        ("answers", "/qa/questions/71/answers"),
    ] {
        let reply = shop.get(target).await;
        assert_eq!(seen.said(name), (200, reply.text()), "{target}");
        assert!(!seen.header(name, "x-request-id").is_empty(), "{target}");
        assert!(seen.header(name, "etag").starts_with('"'), "{target}");
    }
    assert_eq!(seen.header("products", "x-total-count"), "6");
    let link = seen.header("products", "link");
    assert!(link.contains("page=2") && link.contains("next"), "{link}");

    assert_eq!(seen.said("unchanged"), (304, ""));
    assert_eq!(seen.said("head"), (200, ""));
    for name in ["unchanged", "head"] {
        assert_eq!(seen.header(name, "etag"), seen.header("products", "etag"));
    }
}

fn writes(seen: &Seen) {
    assert_eq!(seen.json("no review")["results"], json!([]));
    assert_eq!(seen.said("review posted"), (201, "Created"));
    assert_eq!(seen.said("review posted again"), (201, "Created"));
    let reused = "Error: idempotency key was used with another body";
    assert_eq!(seen.said("key reused"), (422, reused));
    let reviews = &seen.json("one review")["results"];
    assert_eq!(reviews.as_array().map(Vec::len), Some(1), "{reviews}");
    assert_eq!(reviews[0]["body"], "Größe M; dry <b>all</b> week 🧥");

    let votes = |name| {
        let reviews = &seen.json(name)["results"];
        let mut reviews = reviews.as_array().expect("a list").iter();
        let voted = reviews.find(|review| review["review_id"] == 31);
        voted.expect("it is listed")["helpfulness"].clone()
    };
    assert_eq!(votes("before the vote"), 3);
    assert_eq!(seen.said("vote"), (204, ""));
    assert_eq!(votes("after the vote"), 4);

    assert_eq!(seen.json("no question")["results"], json!([]));
    assert_eq!(seen.said("question posted as a form"), (201, "Created"));
    let questions = &seen.json("one question")["results"];
    assert_eq!(questions[0]["question_body"], "Is it warm?", "{questions}");
    assert_eq!(seen.said("interaction"), (201, "Created"));
}

fn carts(seen: &Seen) {
    assert_eq!(seen.json("empty cart"), json!([]));
    assert_eq!(seen.said("put in the cart"), (201, "Created"));
    let cart = json!([{"sku_id": 77001, "count": "1"}]);
    assert_eq!(seen.json("cart"), cart);
    assert_eq!(seen.json("cart of another"), json!([]));
    assert_eq!(seen.json("cart of nobody"), json!([]));
}

fn errors(seen: &Seen) {
    let no_product = "Error: invalid product id provided";
    for (name, status, sentence) in [
        ("no route", 404, "Error: no such route"),
        ("no product", 404, no_product),
        ("no product id", 422, "Error: invalid product_id provided"),
        (
            "bad review",
            422,
            "Error: Review body contains invalid entries",
        ),
        ("bad vote", 422, "Error: invalid review id provided"),
        ("wrong method", 405, "Error: method not allowed"),
        ("broken body", 400, "Error: request body is not valid JSON"),
        ("large body", 413, "Error: request body is too large"),
    ] {
        assert_eq!(seen.said(name), (status, sentence), "{name}");
        assert!(!seen.header(name, "x-request-id").is_empty(), "{name}");
    }
    let (status, problem) = seen.said("problem");
    let problem: Value = serde_json::from_str(problem).expect("the body is JSON");
    assert_eq!((status, &problem["detail"]), (404, &json!(no_product)));
}
