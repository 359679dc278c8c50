//! Lists of reviews and questions, loaded page by page: no row is lost or repeated.

use serde_json::{Value, json};

use crate::browser::visit::{Visit, visit};

async fn entries(visit: &mut Visit, section: &str) -> Value {
    let bodies = format!(
        "[...document.querySelectorAll('{section} .entry > .words')].map((words) => words.textContent)"
    );
    visit.page.value(&bodies).await
}

async fn until_entries(visit: &mut Visit, section: &str, number: usize) {
    let there = format!("document.querySelectorAll('{section} .entry').length === {number}");
    visit.page.until(&there).await;
}

async fn network(visit: &mut Visit, offline: bool) {
    let conditions =
        json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
    let command = "Network.emulateNetworkConditions";
    visit.page.call(command, conditions).await;
}

async fn nine_questions(visit: &Visit) {
    for number in 0..9 {
        let question = json!({
            "product_id": 2, "body": format!("Is it warm? {number}"), "name": "gull", "email": "gull@example.org",
        });
        assert_eq!(
            visit.shop.post("/qa/questions", &question).await.status,
            201
        );
    }
}

#[test]
fn list_stays_when_next_page_fails() {
    visit(async |mut visit| {
        nine_questions(&visit).await;
        visit.open("#/products/2").await;
        let mut failed = vec![];
        for section in ["#reviews", "#questions"] {
            let before = entries(&mut visit, section).await;
            assert_eq!(before.as_array().map(Vec::len), Some(4), "{section}");
            network(&mut visit, true).await;
            for button in ["More", "Try again"] {
                // A second failure replaces the message of the first.
                let old =
                    "document.querySelectorAll('.notice').forEach((one) => one.dataset.old = '')";
                visit.page.value(old).await;
                visit.click(&format!("{section} .secondary"), button).await;
                let told = format!("document.querySelector('{section} .notice:not([data-old])')");
                visit.page.until(&told).await;
                let notices = format!("document.querySelectorAll('{section} .notice').length");
                assert_eq!(visit.page.value(&notices).await, 1, "{section}");
                assert_eq!(entries(&mut visit, section).await, before, "{section}");
                let asked = visit.text(&format!("{section} .asked")).await;
                let target = asked.trim_start_matches("GET ");
                failed.push(format!(
                    "\"Failed to load resource: net::ERR_INTERNET_DISCONNECTED\" \"{}{target}\"",
                    visit.origin
                ));
            }
            visit.page.screenshot("more-failed").await;
            network(&mut visit, false).await;
            visit
                .click(&format!("{section} .secondary"), "Try again")
                .await;
            until_entries(&mut visit, section, 8).await;
            assert_eq!(visit.text(&format!("{section} .notice")).await, "nothing");
        }
        (visit, failed)
    });
}

#[test]
fn votes_between_pages_neither_repeat_nor_skip_a_review() {
    visit(async |mut visit| {
        let eight = "/reviews?product_id=2&count=8&sort=helpful";
        visit.open("#/products/2").await;
        let choose =
            "(() => { const sort = document.querySelector('.sort select'); sort.value = 'helpful';
            sort.dispatchEvent(new Event('change')); })()";
        visit.page.value(choose).await;
        let chosen = "document.querySelector('#reviews .asked').textContent.includes('helpful')
            && !document.querySelector('#reviews .secondary').hidden";
        visit.page.until(chosen).await;
        // A review of the next page gets enough votes to move to the front.
        let before = visit.api(eight).await["results"].clone();
        let votes = |review: &Value| review["helpfulness"].as_i64().expect("a number");
        for _ in votes(&before[5])..=votes(&before[0]) {
            let vote = format!("/reviews/{}/helpful", before[5]["review_id"]);
            assert_eq!(visit.shop.put(&vote).await.status, 204);
        }
        visit.click("#reviews .secondary", "More").await;
        until_entries(&mut visit, "#reviews", 8).await;
        let after = visit.api(eight).await["results"].clone();
        assert_eq!(after[0]["review_id"], before[5]["review_id"]);
        let after = after.as_array().expect("a list").iter();
        let bodies: Vec<Value> = after.map(|review| review["body"].clone()).collect();
        assert_eq!(entries(&mut visit, "#reviews").await, json!(bodies));
        // The first new row is focused.
        let focused = "document.activeElement.querySelector('.words').textContent";
        assert_eq!(visit.page.value(focused).await, before[5]["body"]);
        (visit, vec![])
    });
}

#[test]
fn reporting_a_review_keeps_other_reviews_expanded() {
    visit(async |mut visit| {
        visit.open("#/products/2").await;
        visit.click("#reviews .secondary", "More").await;
        until_entries(&mut visit, "#reviews", 8).await;
        let sixth = "[...document.querySelectorAll('#reviews .entry:nth-child(6) .actions button')].at(-1).click()";
        visit.page.value(sixth).await;
        visit.click("dialog .primary", "Report").await;
        visit.page.until("!document.querySelector('dialog')").await;
        let left = visit
            .api("/reviews?product_id=2&count=8&sort=relevant")
            .await;
        let left = left["results"].as_array().expect("a list").iter();
        let bodies: Vec<Value> = left.map(|review| review["body"].clone()).collect();
        assert_eq!(entries(&mut visit, "#reviews").await, json!(bodies));
        (visit, vec![])
    });
}

#[test]
fn stale_question_list_does_not_replace_a_newer_one() {
    visit(async |mut visit| {
        nine_questions(&visit).await;
        visit.open("#/products/2").await;
        let hold = "window.held = new Promise((held) => {
            const real = window.fetch;
            window.fetch = async (path, options) => {
                if (!path.startsWith('/qa/questions?')) return real(path, options);
                window.fetch = real;
                const { ok, status, headers, value } = await real(path, options)
                    .then(async (answer) => ({ ok: answer.ok, status: answer.status, headers: answer.headers, value: await answer.json() }));
                await new Promise((done) => (window.release = done, held(true)));
                return { ok, status, headers, json: async () => value };
            };
        }), true";
        visit.page.value(hold).await;
        visit.click("#questions .secondary", "More").await;
        assert_eq!(visit.page.value("window.held").await, true);
        visit.click("#questions .actions .plain", "Answer").await;
        visit.fill("body", "As a stove.").await;
        visit.fill("name", "gull").await;
        visit.fill("email", "gull@example.org").await;
        visit.click("dialog .primary", "Post").await;
        visit.page.until("!document.querySelector('dialog')").await;
        let answered = "document.getElementById('questions').textContent.includes('As a stove.')";
        assert_eq!(visit.page.value(answered).await, true);
        // Only promises separate the response from its effect, so one timer is enough to wait.
        let release = "window.release(), new Promise((done) => setTimeout(done))";
        visit.page.value(release).await;
        assert_eq!(visit.page.value(answered).await, true);
        (visit, vec![])
    });
}

#[test]
fn vote_is_confirmed_next_to_its_button() {
    visit(async |mut visit| {
        for width in [1440, 360] {
            visit.page.size(width, 780).await;
            visit.open("#/products/2").await;
            let button = "#reviews .actions .plain:not([aria-disabled])";
            visit.click(button, "Helpful").await;
            let said = "document.getElementById('toast').textContent";
            visit.page.until(said).await;
            assert_eq!(visit.toast().await, "Thank you for your vote.");
            visit.page.screenshot(&format!("voted-{width}")).await;
        }
        (visit, vec![])
    });
}
