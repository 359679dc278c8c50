//! Every response: content type, headers, dates and prices.

use atelier_conformance::{TestResponse, cases};
use http::Method;

use crate::{CREATED, NO_CONTENT, PATHS, READS, add, each, quoted, review, reviews_of};

/// Returns JSON without its strings, in which white space can be found.
fn outside_strings(json: &str) -> String {
    let (mut outside, mut inside, mut escaped) = (String::new(), false, false);
    for character in json.chars() {
        match character {
            '"' if !escaped => inside = !inside,
            _ if !inside => outside.push(character),
            _ => {}
        }
        escaped = inside && character == '\\' && !escaped;
    }
    outside
}

/// Returns headers and body as text, to search.
fn all_of(reply: &TestResponse) -> String {
    format!(
        "{:?} {}",
        reply.headers,
        String::from_utf8_lossy(&reply.body)
    )
}

cases! {
    async fn json_answers_are_compact_and_typed(shop: TestApp) {
        let more = [
            "/products/505", "/products/505/styles", "/products?page=9", "/reviews?product_id=9",
            "/reviews/meta?product_id=507",
        ];
        for target in READS.into_iter().chain(more) {
            let reply = shop.get(target).await;
            assert_eq!(reply.status, 200, "{target}");
            assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"), "{target}");
            assert!(reply.text().starts_with(['[', '{']), "{target} begins with {:?}", reply.text().chars().next());
            assert!(!outside_strings(reply.text()).contains(char::is_whitespace), "{target}: {}", reply.text());
            reply.json();
        }
    }

    async fn accept_header_changes_no_success_and_is_never_406(shop: TestApp) {
        for target in READS {
            let plain = shop.get(target).await;
            for accept in [
                "*/*", "application/json", "text/html", "image/png", "application/problem+json",
                "application/json;q=0", "*/*;q=0", "", "nonsense", "text/plain; charset=utf-16",
            ] {
                let reply = shop.request(Method::GET, target, &[("accept", accept)], b"").await;
                assert_eq!(reply, plain, "{target} for {accept}");
            }
        }
        for accept in ["image/png", "application/problem+json", "*/*;q=0"] {
            let reply = shop.request(Method::POST, "/reviews", &[("accept", accept)], review(&[]).as_bytes()).await;
            assert_eq!(reply.parts(), CREATED, "{accept}");
            let reply = shop.request(Method::PUT, "/reviews/31/helpful", &[("accept", accept)], b"").await;
            assert_eq!(reply.parts(), NO_CONTENT, "{accept}");
        }
    }

    async fn successful_post_answers_created(shop: TestApp) {
        let reply = add(&shop, &[]).await;
        assert_eq!(reply.parts(), CREATED);
        assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(reply.header("location"), None);
    }

    async fn successful_put_answers_204_without_body(shop: TestApp) {
        for target in ["/reviews/31/helpful", "/reviews/31/report", "/reviews/999/helpful", "/reviews/999/report"] {
            let reply = shop.put(target).await;
            assert_eq!(reply.parts(), NO_CONTENT, "{target}");
            assert_eq!((reply.header("content-type"), reply.header("location")), (None, None), "{target}");
        }
    }

    async fn product_dates_have_milliseconds(shop: TestApp) {
        let one = shop.get("/products/502").await.json();
        let listed = shop.get("/products?page=2&count=1").await.json()[0].clone();
        for product in [one, listed] {
            assert_eq!(product["created_at"], "2024-01-05T10:20:30.405Z");
            assert_eq!(product["updated_at"], "2024-02-29T23:59:59.999Z");
        }
    }

    async fn review_date_is_midnight_of_its_day(shop: TestApp) {
        // Stored at 23:59:59.999 of a leap day, and before.
        assert_eq!(each(&reviews_of(&shop, 501).await, "date"), [
            "2024-02-29T00:00:00.000Z", "2024-02-28T00:00:00.000Z", "2024-02-27T00:00:00.000Z",
            "2024-02-26T00:00:00.000Z", "2024-02-25T00:00:00.000Z", "2024-02-24T00:00:00.000Z",
        ]);
    }

    async fn new_review_has_current_date(shop: TestApp) {
        let noon_to_midnight = 12 * 3_600_000;
        for (millis, day) in [
            (0, "2024-03-05"), (noon_to_midnight - 1, "2024-03-05"), (1, "2024-03-06"),
            (86_400_000 - 1, "2024-03-06"), (300 * 86_400_000, "2024-12-31"), (1, "2025-01-01"),
        ] {
            shop.advance(millis);
            assert_eq!(add(&shop, &[]).await.parts(), CREATED);
            assert_eq!(reviews_of(&shop, 503).await[0]["date"], format!("{day}T00:00:00.000Z"));
        }
    }

    async fn prices_have_two_decimals(shop: TestApp) {
        for (id, price) in [
            (501, "72.00"), (502, "100.50"), (503, "0.05"), (505, "5000000.00"), (506, "1.00"), (507, "20.00"),
        ] {
            assert_eq!(shop.get(&format!("/products/{id}")).await.json()["default_price"], price, "{id}");
        }
    }

    async fn no_answer_contains_an_email_address(shop: TestApp) {
        let mut answers = vec![];
        for product in ["501", "502", "503", "505", "506", "507"] {
            // One is stored, one has an invalid rating, one an invalid address.
            for (email, rating) in [
                ("canary@example.org", "5"), ("canary@example.org", "9"), ("canary@@example.org", "5"),
            ] {
                let body = review(&[("product_id", product), ("email", &quoted(email)), ("rating", rating)]);
                answers.push(shop.post_text("/reviews", &body).await);
                let accept = [("accept", "application/problem+json")];
                answers.push(shop.request(Method::POST, "/reviews", &accept, body.as_bytes()).await);
            }
            for target in ["", "/styles", "/related"] {
                answers.push(shop.get(&format!("/products/{product}{target}")).await);
            }
            for query in ["", "&sort=newest", "&sort=helpful", "&count=1000", "&page=2"] {
                answers.push(shop.get(&format!("/reviews?product_id={product}{query}")).await);
            }
            answers.push(shop.get(&format!("/reviews/meta?product_id={product}")).await);
        }
        answers.push(shop.get("/products?count=1000").await);
        for review in 31..=45 {
            answers.push(shop.put(&format!("/reviews/{review}/helpful")).await);
            answers.push(shop.put(&format!("/reviews/{review}/report")).await);
        }
        for reply in answers {
            let all = all_of(&reply);
            assert!(!all.contains("canary") && !all.contains("example.org") && !all.contains('@'), "{all}");
        }
    }

    async fn no_answer_sets_a_cookie(shop: TestApp) {
        for (path, _) in PATHS {
            for method in [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::OPTIONS, Method::DELETE] {
                for target in [path.to_owned(), format!("{path}?product_id=501"), format!("{path}/nothing")] {
                    let headers = [("cookie", "session=1"), ("authorization", "token")];
                    let reply = shop.request(method.clone(), &target, &headers, review(&[]).as_bytes()).await;
                    assert_eq!(reply.header("set-cookie"), None, "{method} {target}");
                }
            }
        }
    }
}
