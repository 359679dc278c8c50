//! Messages when a product is missing or the server is unreachable.

use serde_json::json;

use crate::browser::visit::visit;

#[test]
fn missing_product_shows_a_message() {
    visit(async |mut visit| {
        let huge = "9".repeat(30);
        let mut missing = vec![];
        for id in ["4711", &huge] {
            visit.open(&format!("#/products/{id}")).await;
            assert_eq!(visit.text("h1").await, "There is no such product");
            visit.page.size(360, 780).await;
            visit.fits(360).await;
            visit.page.screenshot("no-product").await;
            let said = visit.text(".lead").await;
            assert_eq!(said, format!("No product has the number {id}."));
            // No other route of the missing product is requested.
            missing.push(visit.failed("404 (Not Found)", &format!("/products/{id}")));
            visit.click("main a", "To the catalogue").await;
            visit.page.until("document.querySelector('.card')").await;
            visit.shown().await;
        }
        for nonsense in ["#nonsense", "#/nonsense", "#/products/x", "#/?page=0"] {
            visit.open(nonsense).await;
            assert_eq!(visit.text("h1").await, "There is nothing here");
            visit.click("main a", "To the catalogue").await;
            visit.page.until("document.querySelector('.card')").await;
            visit.shown().await;
        }
        visit.open("#/?page=99").await;
        assert_eq!(
            visit.text(".lead").await,
            "This page is past the end of the catalogue."
        );
        (visit, missing)
    });
}

#[test]
fn typed_text_survives_when_server_is_unreachable() {
    visit(async |mut visit| {
        visit.open("#/products/3").await;
        visit.click("#questions .primary", "Ask").await;
        visit.fill("body", "Is it warm?").await;
        visit.fill("name", "gull").await;
        visit.fill("email", "gull@example.org").await;
        let network = |offline| json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        visit
            .page
            .call("Network.emulateNetworkConditions", network(true))
            .await;
        visit.click("dialog .primary", "Post").await;
        let away = "The server can't be reached. Is it running?";
        visit
            .page
            .until(&format!(
                "document.querySelector('.fault').textContent === {away:?}"
            ))
            .await;
        visit
            .page
            .call("Network.emulateNetworkConditions", network(false))
            .await;
        visit.click("dialog .primary", "Post").await;
        visit.page.until("!document.querySelector('dialog')").await;
        let questions = visit.api("/qa/questions?product_id=3&count=100").await;
        let questions = questions["results"].as_array().expect("a list").iter();
        assert_eq!(
            questions
                .filter(|question| question["question_body"] == "Is it warm?")
                .count(),
            1
        );
        let failed = format!(
            "\"Failed to load resource: net::ERR_INTERNET_DISCONNECTED\" \"{}/qa/questions\"",
            visit.origin
        );
        (visit, vec![failed])
    });
}
