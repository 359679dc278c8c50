//! `/docs`: the API to try.

use crate::browser::visit::visit;

#[test]
fn docs_page_describes_api_and_sends_requests() {
    visit(async |mut visit| {
        let document = visit.api("/openapi.json").await;
        let paths = document["paths"].as_object().expect("an object").values();
        let methods = paths.flat_map(|path| path.as_object().expect("an object").keys());
        let operations = methods
            .filter(|name| ["get", "post", "put"].contains(&name.as_str()))
            .count();
        for (scheme, width) in [("dark", 360), ("light", 1440)] {
            visit.page.scheme(scheme).await;
            visit.page.size(width, 1000).await;
            let docs = format!("{}/docs", visit.origin);
            visit.page.go(&docs).await;
            let all = format!("document.querySelectorAll('.opblock').length === {operations}");
            visit.page.until(&all).await;
            visit
                .page
                .screenshot(&format!("docs-{scheme}-{width}"))
                .await;
        }
        assert!(visit.text(".info .title").await.starts_with("Atelier"));
        let form = "document.getElementById('ask').hidden";
        assert_eq!(visit.page.value(form).await, true);
        // The server requires no token; here it only selects the cart.
        let padlocks = "[...document.querySelectorAll('.opblock')]
            .filter((one) => one.querySelector('.authorization__btn')?.checkVisibility())
            .map((one) => one.querySelector('.opblock-summary-path').textContent.replace(/\\u200b/g, ''))";
        let padlocks = visit.page.value(padlocks).await;
        assert_eq!(padlocks, serde_json::json!(["/cart", "/cart"]));
        let operation = "[...document.querySelectorAll('.opblock')].find((one) => one.querySelector('.opblock-summary-path').textContent.replace(/\\u200b/g, '') === '/products' )";
        visit
            .page
            .value(&format!(
                "{operation}.querySelector('.opblock-summary-control').click()"
            ))
            .await;
        // The button appears before its description is loaded.
        let ready = "document.querySelector('.execute') && !document.querySelector('.opblock-loading-animation')";
        visit.page.until(ready).await;
        visit
            .page
            .value("document.querySelector('.execute').click()")
            .await;
        visit
            .page
            .until("document.querySelector('.live-responses-table .response .microlight')")
            .await;
        let answer = visit
            .text(".live-responses-table .response .microlight")
            .await;
        let products = visit.api("/products?page=1&count=5").await;
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&answer).expect("JSON"),
            products
        );
        visit
            .page
            .value("document.querySelector('.live-responses-table').scrollIntoView()")
            .await;
        visit.page.screenshot("docs-tried").await;
        visit.page.size(360, 780).await;
        let beyond = "(() => {
            const side = document.querySelector('.opblock.is-open').getBoundingClientRect().right;
            return [...document.querySelectorAll('.opblock.is-open *')]
                .filter((one) => one.getBoundingClientRect().right > side + 1 && !one.parentElement.closest('pre'))
                .map((one) => one.outerHTML.slice(0, 80));
        })()";
        let beyond = visit.page.value(beyond).await;
        visit.page.screenshot("docs-tried-360").await;
        assert_eq!(beyond, serde_json::json!([]));
        (visit, vec![])
    });
}
