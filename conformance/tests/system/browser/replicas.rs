//! Replicas answer from their caches for up to a second after a write to another replica.

use serde_json::json;

use crate::browser::visit::{Visit, visit};

/// Replaces the first list that is read after a write by an older one, which `change` makes of `value`, the new list, and
/// `before`, the list of the section now.
async fn serve_stale(visit: &mut Visit, section: &str, change: &str) {
    let older = format!(
        "(async () => {{
            const real = window.fetch;
            const asked = document.querySelector('{section} .asked').textContent.slice(4);
            const before = (await (await real(asked)).json()).results;
            let written = false;
            window.fetch = async (path, options) => {{
                const answer = await real(path, options);
                written ||= 'method' in options;
                if (!written || !path.startsWith(asked.split('?')[0] + '?')) return answer;
                window.fetch = real;
                const value = await answer.json();
                {change};
                return new Response(JSON.stringify(value), {{ headers: answer.headers }});
            }};
        }})()"
    );
    visit.page.value(&older).await;
}

async fn post(visit: &mut Visit, body: &str) {
    visit.fill("body", body).await;
    visit.fill("name", "gull").await;
    visit.fill("email", "gull@example.org").await;
    visit.click("dialog .primary", "Post").await;
}

async fn closed(visit: &mut Visit) {
    visit.page.until("!document.querySelector('dialog')").await;
}

async fn review(visit: &mut Visit, body: &str) {
    visit.click("#reviews .primary", "Write").await;
    for name in ["rating", "recommend"] {
        let choose = format!("document.querySelector('dialog [name={name}]').click()");
        visit.page.value(&choose).await;
    }
    post(visit, body).await;
}

const FRESH: &str = ".fresh > .words";

#[test]
fn page_scrolls_to_the_posted_row_only() {
    visit(async |mut visit| {
        visit.open("#/products/3").await;
        let mine = "It keeps the spray off.";
        let without =
            format!("value.results = value.results.filter(({{ body }}) => body !== {mine:?})");
        serve_stale(&mut visit, "#reviews", &without).await;
        review(&mut visit, mine).await;
        closed(&mut visit).await;
        assert_eq!(visit.text(FRESH).await, mine);
        assert_eq!(visit.toast().await, "Thank you. Your review is below.");

        visit.open("#/products/3").await;
        let mine = "Does it float?";
        let without = format!(
            "value.results = value.results.filter((one) => one.question_body !== {mine:?})"
        );
        serve_stale(&mut visit, "#questions", &without).await;
        visit.click("#questions .primary", "Ask").await;
        post(&mut visit, mine).await;
        closed(&mut visit).await;
        assert_eq!(visit.text(FRESH).await, mine);

        visit.open("#/products/3").await;
        serve_stale(&mut visit, "#questions", "value.results = before").await;
        visit.click("#questions .actions .plain", "Answer").await;
        post(&mut visit, "Like a cork.").await;
        closed(&mut visit).await;
        assert!(visit.text(".fresh").await.contains("Like a cork."));
        (visit, vec![])
    });
}

#[test]
fn posted_review_missing_from_stale_list_is_not_announced() {
    visit(async |mut visit| {
        visit.open("#/products/3").await;
        let lost = "(() => {
            const real = window.fetch;
            window.fetch = async (path, options) => {
                if (path.startsWith('/reviews?')) throw new TypeError('lost');
                return real(path, options);
            };
        })()";
        visit.page.value(lost).await;
        review(&mut visit, "It keeps the spray off.").await;
        closed(&mut visit).await;
        assert_eq!(visit.toast().await, "Thank you. Your review is posted.");
        assert_eq!(visit.text(FRESH).await, "nothing");
        let newest = visit.api("/reviews?product_id=3&sort=newest&count=1").await;
        assert_eq!(newest["results"][0]["body"], "It keeps the spray off.");
        (visit, vec![])
    });
}

#[test]
fn reported_row_in_stale_list_stays_hidden() {
    visit(async |mut visit| {
        let answer = json!({"body": "Like a cork.", "name": "gull", "email": "gull@example.org"});
        let questions = visit.api("/qa/questions?product_id=3&count=1").await;
        let target = format!(
            "/qa/questions/{}/answers",
            questions["results"][0]["question_id"]
        );
        assert_eq!(visit.shop.post(&target, &answer).await.status, 201);
        // Also when the list cannot be read.
        let (older, none) = ("value.results = before", "throw new TypeError('lost')");
        for (section, what, answer) in [
            ("#reviews", "#reviews .entry", older),
            ("#reviews", "#reviews .entry", none),
            ("#questions", "#questions .answer", older),
            ("#questions", "#questions .entry", older),
            ("#questions", "#questions .entry", none),
        ] {
            visit.open("#/products/3").await;
            serve_stale(&mut visit, section, answer).await;
            let reported = visit.text(&format!("{what} > .words")).await;
            let buttons = format!("{what} > .actions button, {what} > .byline button");
            visit.click(&buttons, "Report").await;
            visit.click("dialog .primary", "Report").await;
            closed(&mut visit).await;
            assert!(visit.toast().await.ends_with(" is hidden."), "{what}");
            let shown = format!(
                "[...document.querySelectorAll('{what} > .words')].filter((one) => one.textContent === {reported:?}).length"
            );
            assert_eq!(visit.page.value(&shown).await, 0, "{what}");
        }
        (visit, vec![])
    });
}
