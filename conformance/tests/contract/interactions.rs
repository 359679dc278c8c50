//! Interactions: section 12 of the contract. No route shows them, so what is stored is asked in SQL.

use std::time::Duration;

use atelier_conformance::{Reply, Shop, cases};
use atelier_core::Settings;
use http::Method;

use crate::questions::object;
use crate::{CREATED, Said, UNREADABLE, WRONG_METHOD, quoted};
use atelier_conformance::rows::rows;

const BAD_INTERACTION: Said = (422, "Error: Interaction body contains invalid entries");

/// An interaction that is accepted, with these fields in place of its own.
pub(crate) fn interaction(fields: &[(&str, &str)]) -> String {
    let own = [
        ("element", r##""#add-to-bag""##),
        ("widget", r#""overview""#),
        ("time", r#""Fri Mar 01 2024 12:00:00 GMT+0000""#),
    ];
    object(&own, fields)
}

async fn tell(shop: &Shop, fields: &[(&str, &str)]) -> Reply {
    shop.post_text("/interactions", interaction(fields)).await
}

/// All that are stored: element, widget, time.
async fn stored(shop: &Shop) -> Vec<Vec<String>> {
    rows(
        shop,
        "select element, widget, time from interactions order by id",
    )
    .await
}

cases! {
    async fn expired_interactions_are_deleted_in_batches(shop: Shop) {
        // More than two batches, and in the middle a batch of a time when the clock was wrong.
        let old = "with recursive n (i) as (select 1 union all select i + 1 from n where i < 3500)
            insert into interactions (date, element, widget, time)
            select case when i between 900 and 2100 then 9999999999999 else 1 end, 'old', 'w', 't' from n returning 'x'";
        assert_eq!(rows(&shop, old).await.len(), 3_500);
        assert_eq!(tell(&shop, &[]).await.said(), CREATED);
        shop.atelier.sweep().await.expect("sweeps");
        assert_eq!(stored(&shop).await.len(), 3_501, "without a setting all are kept");

        let days = |days: u64| Duration::from_hours(24 * days);
        let shop = shop.configured(Settings { keep_interactions: Some(days(2)), ..Settings::default() });
        let counts = "select element, cast(count(*) as text) from interactions group by element order by element";
        for (later, expected) in [
            (days(2), &[["#add-to-bag", "1"], ["old", "1201"]][..]),
            (Duration::from_millis(1), &[["old", "1201"]]),
        ] {
            shop.later(u64::try_from(later.as_millis()).expect("fits"));
            shop.atelier.sweep().await.expect("sweeps");
            assert_eq!(rows(&shop, counts).await, expected);
        }
    }

    async fn an_interaction_is_stored(shop: Shop) {
        let reply = tell(&shop, &[]).await;
        assert_eq!(reply.said(), CREATED);
        assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(stored(&shop).await, [["#add-to-bag", "overview", "Fri Mar 01 2024 12:00:00 GMT+0000"]]);
    }

    async fn all_texts_are_kept_as_sent(shop: Shop) {
        let odd = " '); drop table interactions; -- \\ % \"\n\t\u{1}\u{202e}abc🧥 ".to_owned();
        let (mut expected, long) = (vec![], "x".repeat(100_000));
        for text in [&*odd, "yesterday, I think", "1709251199999", "not a time", "0", "null", &long] {
            for field in 0..3 {
                let name = ["element", "widget", "time"][field];
                assert_eq!(tell(&shop, &[(name, &quoted(text))]).await.said(), CREATED, "{name}");
                let mut row = ["#add-to-bag", "overview", "Fri Mar 01 2024 12:00:00 GMT+0000"];
                row[field] = text;
                expected.push(row.map(str::to_owned).to_vec());
            }
        }
        assert_eq!(stored(&shop).await, expected);
    }

    async fn each_field_is_required_and_a_text_that_is_not_blank(shop: Shop) {
        for name in ["element", "widget", "time"] {
            for value in [
                "", "null", "\"\"", "\" \"", "\"\\t\\r\\n\"", "\"\\u3000\\u00a0\"", "5", "1709251199999", "true", "[]",
                "[\"x\"]", "{}", "\"x\\u0000\"",
            ] {
                assert_eq!(tell(&shop, &[(name, value)]).await.said(), BAD_INTERACTION, "{name}: {value}");
            }
        }
        for body in ["", "{}", "null", "[]", "5", "\"x\""] {
            assert_eq!(shop.post_text("/interactions", body).await.said(), BAD_INTERACTION, "{body}");
        }
        assert_eq!(shop.post_text("/interactions", "{").await.said(), UNREADABLE);
        assert_eq!(stored(&shop).await.len(), 0);
    }

    async fn other_fields_are_ignored(shop: Shop) {
        assert_eq!(tell(&shop, &[("x", "[{}]"), ("date", "5"), ("id", "0")]).await.said(), CREATED);
        assert_eq!(tell(&shop, &[("ELEMENT", "5")]).await.said(), CREATED);
        assert_eq!(stored(&shop).await.len(), 2);
    }

    async fn a_form_is_an_interaction_too(shop: Shop) {
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        // What looks like a number is still a text in a form.
        let form = b"element=%23a&widget=5&time=12%3A00+true";
        assert_eq!(shop.request(Method::POST, "/interactions", &kind, form).await.said(), CREATED);
        assert_eq!(stored(&shop).await, [["#a", "5", "12:00 true"]]);
        let form = b"element=%23a&widget=5";
        assert_eq!(shop.request(Method::POST, "/interactions", &kind, form).await.said(), BAD_INTERACTION);
    }

    async fn there_is_no_get(shop: Shop) {
        let reply = shop.get("/interactions").await;
        assert_eq!(reply.said(), WRONG_METHOD);
        let mut allowed: Vec<_> = reply.header("allow").unwrap_or_default().split(", ").collect();
        allowed.sort_unstable();
        assert_eq!(allowed, ["OPTIONS", "POST"]);
        assert_eq!(shop.request(Method::HEAD, "/interactions", &[], b"").await.said(), (405, ""));
    }
}
