//! Hostile and oversized texts are shown as plain text.

use atelier_conformance::TestApp;
use atelier_conformance::matrix::{StoreKind, Transport};
use atelier_warp::demo;
use serde_json::{Value, json};

use crate::browser::visit::{PRODUCTS, Visit, visit};

const MARKUP: &str = "<script>window.hurt = 1</script><img src=x onerror=\"window.hurt = 2\"><svg onload=hurt=3> </p></li>{{7*7}}";

fn texts() -> Vec<String> {
    vec![
        MARKUP.to_owned(),
        "W".repeat(1_000),
        "\u{202e}\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{645}\u{631}\u{62d}\u{628}\u{627} gnp.exe"
            .to_owned(),
        "Z\u{30d}\u{30e}\u{304}\u{305}\u{33f}\u{311}".repeat(80),
        "one\n\n\nline\tafter \u{1} another".to_owned(),
    ]
}

#[test]
fn hostile_text_is_never_executed() {
    visit(async |mut visit| {
        through_the_api(&visit).await;
        for width in [360, 1440] {
            visit.page.size(width, 780).await;
            visit.open("#/products/4").await;
            through_the_page(&mut visit, &format!("{MARKUP} {width}")).await;
            everything(&mut visit).await;
            harmless(&mut visit).await;
            visit.fits(width).await;
            let entry = "document.querySelector('#reviews .entry:nth-child(2)').scrollIntoView()";
            visit.page.value(entry).await;
            visit.page.screenshot(&format!("hostile-{width}")).await;
        }
        (visit, vec![])
    });
}

async fn through_the_api(visit: &Visit) {
    let send = async |target: &str, mut body: Value, text: &str| {
        body["body"] = json!(text);
        body["name"] = json!(text.chars().take(60).collect::<String>());
        body["email"] = json!("x@example.org");
        let reply = visit.shop.post(target, &body).await;
        assert_eq!(reply.status, 201, "{target}: {text}");
    };
    let photos = [
        "javascript:window.hurt=4",
        "x\" onerror=\"window.hurt=5",
        "data:text/html,<script>hurt=6</script>",
    ];
    for text in texts() {
        let summary: String = text.chars().take(60).collect();
        let review = json!({
            "product_id": 4, "rating": 3, "recommend": true, "summary": summary, "photos": photos,
        });
        send("/reviews", review, &text).await;
        send("/qa/questions", json!({"product_id": 4}), &text).await;
    }
    let questions = visit.api("/qa/questions?product_id=4&count=100").await;
    let questions = questions["results"].as_array().expect("a list").iter();
    for id in questions.filter_map(|question| question["question_id"].as_i64()) {
        for text in texts() {
            let target = format!("/qa/questions/{id}/answers");
            send(&target, json!({"photos": photos}), &text).await;
        }
    }
}

async fn through_the_page(visit: &mut Visit, body: &str) {
    visit.click("#reviews .primary", "Write").await;
    for name in ["rating", "recommend"] {
        let choose = format!("document.querySelector('dialog [name={name}]').click()");
        visit.page.value(&choose).await;
    }
    visit.fill("summary", &"W".repeat(60)).await;
    visit.fill("body", body).await;
    visit.fill("name", "<b>gull</b>").await;
    visit.fill("email", "gull@example.org").await;
    visit.click("dialog .primary", "Post").await;
    visit.page.until("!document.querySelector('dialog')").await;
    assert_eq!(visit.text("#reviews .words").await, body);
}

/// Expands every review, question and answer of the product.
async fn everything(visit: &mut Visit) {
    for section in ["#reviews", "#questions"] {
        let all = format!(
            "(async () => {{
                const more = document.querySelector('{section} > div > .secondary');
                const list = document.querySelector('{section} .entries');
                while (!more.hidden) await new Promise((done) => {{
                    const watch = new MutationObserver(() => (watch.disconnect(), done()));
                    watch.observe(list, {{ childList: true }});
                    more.click();
                }});
            }})()"
        );
        visit.page.value(&all).await;
    }
    let answers = "document.querySelectorAll('.rest').forEach((more) => more.click())";
    visit.page.value(answers).await;
    visit.page.drawn().await;
}

/// Asserts that each text is shown as a review, a question and an answer, and that no script ran.
async fn harmless(visit: &mut Visit) {
    let shown = "[...document.querySelectorAll('.words')].map((words) => words.textContent)";
    let shown = visit.page.value(shown).await;
    let shown = shown.as_array().expect("a list");
    for text in texts() {
        let times = shown.iter().filter(|words| **words == *text).count();
        assert!(times >= 3, "{times} times: {text}");
    }
    assert_eq!(visit.page.value("typeof window.hurt").await, "undefined");
    let grown = "document.querySelectorAll('main script, main svg, main i, main b b').length";
    assert_eq!(visit.page.value(grown).await, 0);
}

#[test]
fn long_text_is_collapsed_until_expanded() {
    visit(async |mut visit| {
        let tower = format!("top{}bottom", "\n".repeat(900));
        let review = json!({
            "product_id": 4, "rating": 3, "recommend": true, "body": tower, "name": "gull", "email": "gull@example.org",
        });
        assert_eq!(visit.shop.post("/reviews", &review).await.status, 201);
        let question = json!({
            "product_id": 4, "body": tower, "name": "gull", "email": "gull@example.org",
        });
        assert_eq!(
            visit.shop.post("/qa/questions", &question).await.status,
            201
        );
        for width in [360, 1440] {
            visit.page.size(width, 780).await;
            visit.open("#/products/4").await;
            everything(&mut visit).await;
            for section in ["#reviews", "#questions"] {
                let entry = format!(
                    "[...document.querySelectorAll('{section} .entry')].find((one) => one.textContent.includes('top\\n'))"
                );
                let height = format!("{entry}.getBoundingClientRect().height");
                let cut = visit.page.value(&height).await;
                assert!(cut.as_f64() < Some(900.0), "{section} at {width}: {cut}");
                // One key press expands the text, and the focus stays.
                visit.page.value(&format!("{entry}.focus()")).await;
                visit.page.press("Tab").await;
                assert_eq!(
                    visit.page.value("document.activeElement.textContent").await,
                    "Show all"
                );
                visit.page.press("Enter").await;
                let whole = visit.page.value(&height).await;
                assert!(
                    whole.as_f64() > Some(10_000.0),
                    "{section} at {width}: {whole}"
                );
                let here = format!("{entry}.contains(document.activeElement)");
                assert_eq!(visit.page.value(&here).await, true);
            }
            // A text that is shown completely has no button to expand it.
            let short = "[...document.querySelectorAll('.uncut')].filter((one) => one.checkVisibility()).length";
            assert_eq!(visit.page.value(short).await, 0);
            visit.fits(width).await;
        }
        (visit, vec![])
    });
}

#[test]
fn characteristic_may_have_any_name() {
    visit(async |visit| {
        let mut rows = demo::catalogue(PRODUCTS, 42);
        let names = ["constructor", "__proto__", "toString", MARKUP];
        let rated = rows.characteristics.iter_mut();
        let rated = rated.filter(|characteristic| characteristic.product_id == 2);
        let renamed = rated
            .zip(names)
            .map(|(characteristic, name)| characteristic.name = name.to_owned());
        assert!(renamed.count() > 2);
        let mut visit =
            visit.of(TestApp::with_rows(StoreKind::Sqlite, Transport::Warp, rows).await);
        visit.open("#/products/2").await;
        let shown = "[...document.querySelectorAll('.scale b')].map((name) => name.textContent)";
        let shown = visit.page.value(shown).await;
        visit.click("#reviews .primary", "Write").await;
        let asked = "[...document.querySelectorAll('.character legend > :first-child')].map((name) => name.textContent)";
        assert_eq!(visit.page.value(asked).await, shown);
        for name in &names[..3] {
            assert!(
                shown.as_array().expect("a list").contains(&json!(name)),
                "{shown}"
            );
        }
        let words = visit.text(".character .choices").await;
        assert_eq!(words, "Very lowLowMediumHighVery high");
        (visit, vec![])
    });
}
