//! Interactions. No route returns them, so SQL reads the stored rows.

use std::time::Duration;

use atelier_conformance::{TestApp, TestResponse, cases};
use atelier_core::Limits;
use http::Method;

use crate::questions::object;
use crate::{CREATED, Outcome, UNREADABLE, WRONG_METHOD, quoted};
use atelier_conformance::rows::rows;

const BAD_INTERACTION: Outcome = (422, "Error: Interaction body contains invalid entries");

/// Returns a valid interaction in which these fields replace its own.
pub(crate) fn interaction(fields: &[(&str, &str)]) -> String {
    let own = [
        ("element", r##""#add-to-bag""##),
        ("widget", r#""overview""#),
        ("time", r#""Fri Mar 01 2024 12:00:00 GMT+0000""#),
    ];
    object(&own, fields)
}

async fn post(shop: &TestApp, fields: &[(&str, &str)]) -> TestResponse {
    shop.post_text("/interactions", interaction(fields)).await
}

/// Returns all stored interactions: element, widget, time.
async fn stored(shop: &TestApp) -> Vec<Vec<String>> {
    rows(
        shop,
        "select element, widget, time from interactions order by id",
    )
    .await
}

cases! {
    async fn expired_interactions_are_deleted_in_batches(shop: TestApp) {
        // More than two batches, and in the middle a batch of a time when the clock was wrong.
        let old = "with recursive n (i) as (select 1 union all select i + 1 from n where i < 3500)
            insert into interactions (date, element, widget, time)
            select case when i between 900 and 2100 then 9999999999999 else 1 end, 'old', 'w', 't' from n returning 'x'";
        assert_eq!(rows(&shop, old).await.len(), 3_500);
        assert_eq!(post(&shop, &[]).await.parts(), CREATED);
        shop.api.atelier().sweep().await.expect("sweeps");
        assert_eq!(stored(&shop).await.len(), 3_501, "without a setting all are kept");

        let days = |days: u64| Duration::from_hours(24 * days);
        let shop = shop.configured(Limits { keep_interactions: Some(days(2)), ..Limits::default() });
        let counts = "select element, cast(count(*) as text) from interactions group by element order by element";
        for (later, expected) in [
            (days(2), &[["#add-to-bag", "1"], ["old", "1201"]][..]),
            (Duration::from_millis(1), &[["old", "1201"]]),
        ] {
            shop.advance(u64::try_from(later.as_millis()).expect("fits"));
            shop.api.atelier().sweep().await.expect("sweeps");
            assert_eq!(rows(&shop, counts).await, expected);
        }
    }

    async fn interaction_is_stored(shop: TestApp) {
        let reply = post(&shop, &[]).await;
        assert_eq!(reply.parts(), CREATED);
        assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(stored(&shop).await, [["#add-to-bag", "overview", "Fri Mar 01 2024 12:00:00 GMT+0000"]]);
    }

    async fn interaction_texts_are_stored_as_sent(shop: TestApp) {
        let odd = " '); drop table interactions; -- \\ % \"\n\t\u{1}\u{202e}abc🧥 ".to_owned();
        let (mut expected, long) = (vec![], "x".repeat(100_000));
        for text in [&*odd, "yesterday, I think", "1709251199999", "not a time", "0", "null", &long] {
            for field in 0..3 {
                let name = ["element", "widget", "time"][field];
                assert_eq!(post(&shop, &[(name, &quoted(text))]).await.parts(), CREATED, "{name}");
                let mut row = ["#add-to-bag", "overview", "Fri Mar 01 2024 12:00:00 GMT+0000"];
                row[field] = text;
                expected.push(row.map(str::to_owned).to_vec());
            }
        }
        assert_eq!(stored(&shop).await, expected);
    }

    async fn interaction_fields_must_be_nonblank_strings(shop: TestApp) {
        for name in ["element", "widget", "time"] {
            for value in [
                "", "null", "\"\"", "\" \"", "\"\\t\\r\\n\"", "\"\\u3000\\u00a0\"", "5", "1709251199999", "true", "[]",
                "[\"x\"]", "{}", "\"x\\u0000\"",
            ] {
                assert_eq!(post(&shop, &[(name, value)]).await.parts(), BAD_INTERACTION, "{name}: {value}");
            }
        }
        for body in ["", "{}", "null", "[]", "5", "\"x\""] {
            assert_eq!(shop.post_text("/interactions", body).await.parts(), BAD_INTERACTION, "{body}");
        }
        assert_eq!(shop.post_text("/interactions", "{").await.parts(), UNREADABLE);
        assert_eq!(stored(&shop).await.len(), 0);
    }

    async fn other_fields_of_interaction_are_ignored(shop: TestApp) {
        assert_eq!(post(&shop, &[("x", "[{}]"), ("date", "5"), ("id", "0")]).await.parts(), CREATED);
        assert_eq!(post(&shop, &[("ELEMENT", "5")]).await.parts(), CREATED);
        assert_eq!(stored(&shop).await.len(), 2);
    }

    async fn interaction_form_is_accepted(shop: TestApp) {
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        // In a form a number is a string.
        let form = b"element=%23a&widget=5&time=12%3A00+true";
        assert_eq!(shop.request(Method::POST, "/interactions", &kind, form).await.parts(), CREATED);
        assert_eq!(stored(&shop).await, [["#a", "5", "12:00 true"]]);
        let form = b"element=%23a&widget=5";
        assert_eq!(shop.request(Method::POST, "/interactions", &kind, form).await.parts(), BAD_INTERACTION);
    }

    async fn get_interactions_is_405(shop: TestApp) {
        let reply = shop.get("/interactions").await;
        assert_eq!(reply.parts(), WRONG_METHOD);
        let mut allowed: Vec<_> = reply.header("allow").unwrap_or_default().split(", ").collect();
        allowed.sort_unstable();
        assert_eq!(allowed, ["OPTIONS", "POST"]);
        assert_eq!(shop.request(Method::HEAD, "/interactions", &[], b"").await.parts(), (405, ""));
    }
}
