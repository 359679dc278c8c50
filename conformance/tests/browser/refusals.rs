//! What a visitor is told when something is not there, not allowed, or away.

use atelier_core::Settings;
use serde_json::json;

use crate::visit::visit;

#[test]
fn what_is_not_there_is_said() {
    visit(async |mut visit| {
        visit.open("#/products/4711").await;
        let said = visit.text(".notice").await;
        assert!(
            said.contains("Error: invalid product id provided"),
            "{said}"
        );
        let missing = ["", "/styles"].map(|path| {
            format!(
                "\"Failed to load resource: the server responded with a status of 404 (Not Found)\" \"{}/products/4711{path}\"",
                visit.origin
            )
        });
        visit.open("#/?page=99").await;
        assert_eq!(
            visit.text(".lead").await,
            "This page is past the end of the catalogue."
        );
        (visit, missing.to_vec())
    });
}

#[test]
fn a_server_that_is_away_is_said_to_be_and_nothing_written_is_lost() {
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

#[test]
fn a_token_is_asked_for_where_one_is_needed() {
    visit(async |mut visit| {
        let tokens = vec![String::from("open sesame")];
        visit.shop = visit.shop.configured(Settings {
            tokens,
            ..Settings::default()
        });
        visit.origin = format!("http://{}", visit.shop.address().expect("a socket"));
        visit.page.go(&format!("{}/", visit.origin)).await;
        visit
            .page
            .until("document.querySelector('dialog input')")
            .await;
        assert_eq!(
            visit
                .page
                .value("document.querySelectorAll('dialog').length")
                .await,
            1
        );
        visit
            .page
            .value("document.querySelector('dialog input').focus()")
            .await;
        visit.page.write("open sesame").await;
        visit.page.press("Enter").await;
        visit.shown().await;
        assert_eq!(
            visit
                .page
                .value("document.querySelectorAll('.card img').length > 10")
                .await,
            true
        );
        let refused = ["/cart", "/products?page=1&count=12"].map(|target| {
            format!(
                "\"Failed to load resource: the server responded with a status of 401 (Unauthorized)\" \"{}{target}\"",
                visit.origin
            )
        });
        (visit, refused.to_vec())
    });
}
