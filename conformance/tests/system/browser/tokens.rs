//! A server that requires a token.

use atelier_core::http::HttpSettings;
use serde_json::json;

use crate::browser::visit::{Visit, visit};

const TOKEN: &str = "open sesame";

/// Visible links to the description of the API, which a link cannot open without a token.
const DESCRIPTION: &str = "[...document.querySelectorAll('a[href$=\"/openapi.json\"]')]
    .filter((one) => one.checkVisibility()).map((one) => one.outerHTML)";

fn guarded(visit: Visit) -> Visit {
    visit.configured(HttpSettings {
        tokens: vec![TOKEN.to_owned()],
        ..HttpSettings::default()
    })
}

/// Types into the token prompt.
async fn answer(visit: &mut Visit, token: &str) {
    let asked = "document.activeElement.matches('dialog [type=password]')";
    visit.page.until(asked).await;
    let dialogs = "document.querySelectorAll('dialog').length";
    assert_eq!(visit.page.value(dialogs).await, 1);
    visit.page.write(token).await;
    visit.page.press("Enter").await;
}

/// Waits for the message that a token is wrong.
async fn shows_wrong_token(visit: &mut Visit, selector: &str) {
    let said = "That token is not accepted. Is it complete?";
    let wrong = format!("document.querySelector({selector:?})?.textContent === {said:?}");
    visit.page.until(&wrong).await;
}

#[test]
fn token_prompt_repeats_until_accepted() {
    visit(async |visit| {
        let mut visit = guarded(visit);
        visit.page.go(&format!("{}/", visit.origin)).await;
        answer(&mut visit, "open barley").await;
        shows_wrong_token(&mut visit, "dialog .fault").await;
        visit.page.screenshot("token-refused").await;
        visit.page.press("Escape").await;

        // A closed dialog can be reopened.
        visit
            .page
            .until("document.querySelector('.notice button')")
            .await;
        visit.page.screenshot("token-missing").await;
        let said = visit.text(".notice").await;
        assert_eq!(said, "Error: a valid token is requiredEnter the token");
        visit.click(".notice button", "Enter the token").await;
        let fresh = "document.querySelector('dialog .fault')?.textContent === ''";
        visit.page.until(fresh).await;
        answer(&mut visit, "schön").await; // no header carries this as it is, so it is not sent
        shows_wrong_token(&mut visit, "dialog .fault").await;
        answer(&mut visit, &format!(" {TOKEN} ")).await;
        visit
            .page
            .until("document.querySelector('.card img')")
            .await;
        visit.shown().await;

        // Requests are shown without links, because a link would not send the token.
        let links = "[document.querySelectorAll('.call').length, document.querySelectorAll('a.call').length]";
        assert_eq!(visit.page.value(links).await, json!([1, 0]));
        assert_eq!(visit.page.value(DESCRIPTION).await, json!([]));

        // Only this tab knows the token.
        visit.page.reload().await;
        visit.shown().await;
        let shown = "document.querySelectorAll('.card img').length > 10";
        assert_eq!(visit.page.value(shown).await, true);
        let traces = "[location.href, JSON.stringify(localStorage), document.cookie].join()";
        let traces = visit.page.value(traces).await.to_string();
        assert!(!traces.contains("sesame"), "{traces}");

        let refused = ["/cart", "/products?page=1&count=12"].map(|target| {
            let refused = visit.failed("401 (Unauthorized)", target);
            [refused.clone(), refused]
        });
        let again = visit.failed("401 (Unauthorized)", "/products?page=1&count=12");
        let mut refused = refused.concat();
        refused.push(again);
        (visit, refused)
    });
}

#[test]
fn docs_page_prompts_for_token() {
    visit(async |visit| {
        let mut visit = guarded(visit);
        let docs = format!("{}/docs", visit.origin);
        visit.page.go(&docs).await;
        for token in ["open barley", TOKEN] {
            let asked = "document.activeElement.matches('[type=password]')";
            visit.page.until(asked).await;
            visit.page.value("document.activeElement.value = ''").await;
            visit.page.write(token).await;
            visit.page.press("Enter").await;
            if token == TOKEN {
                visit.page.until("document.querySelector('.opblock')").await;
            } else {
                shows_wrong_token(&mut visit, "#said").await;
                visit.page.size(360, 780).await;
                visit.fits(360).await;
                visit.page.screenshot("docs-token-refused").await;
            }
        }
        // Every operation requires the token and sends it.
        let padlocks = "[...document.querySelectorAll('.opblock')]
            .every((one) => one.querySelector('.authorization__btn:has(.locked)')?.checkVisibility())";
        visit.page.until(padlocks).await;
        visit.page.screenshot("docs-token").await;
        visit.page.go(&docs).await;
        visit.page.until("document.querySelector('.opblock')").await;
        assert_eq!(visit.page.value(DESCRIPTION).await, json!([]));
        let form = "document.getElementById('ask').hidden";
        assert_eq!(visit.page.value(form).await, true);
        let refused = visit.failed("401 (Unauthorized)", "/openapi.json");
        (visit, vec![refused])
    });
}
