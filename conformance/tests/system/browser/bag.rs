//! The bag (cart).

use serde_json::json;

use crate::browser::visit::{Visit, visit};

#[test]
fn units_are_added_to_the_cart() {
    visit(async |mut visit| {
        visit.open("#/products/3").await;
        visit.click(".sizes .primary", "Add").await;
        assert_eq!(visit.text(".sizes .hint").await, "Choose a size first.");
        visit
            .page
            .value("document.querySelector('.size input:enabled').click()")
            .await;
        for (pieces, read) in [("1", "Bag 1 piece"), ("2", "Bag 2 pieces")] {
            visit.click(".sizes .primary", "Add").await;
            visit
                .page
                .until(&format!(
                    "document.getElementById('bag-count').textContent === {pieces:?}"
                ))
                .await;
            visit
                .page
                .until("!document.querySelector('.sizes .primary').disabled")
                .await;
            assert_eq!(visit.text("#bag").await, read);
        }
        visit.click("#bag", "Bag").await;
        visit
            .page
            .until("document.querySelector('.lines ul')")
            .await;
        let name = visit.api("/products/3").await["name"].clone();
        assert_eq!(visit.text(".lines li a").await, name);
        assert!(visit.text(".lines li > span").await.starts_with("2 ×"));
        visit.page.screenshot("bag").await;
        // A link would open another bag, because the browser sends no token with it.
        assert_eq!(visit.text("dialog .call").await, "GET /cart");
        assert_eq!(visit.text("dialog a.call").await, "nothing");
        // The bag belongs to this browser alone.
        assert_eq!(visit.api("/cart").await, json!([]));
        (visit, vec![])
    });
}

/// Loses the first response that fulfils a condition on its `path` and `method`.
async fn lose(visit: &mut Visit, condition: &str) {
    let lose = format!(
        "(() => {{
            const real = window.fetch;
            window.fetch = async (path, options) => {{
                const method = options.method ?? 'GET';
                const answer = await real(path, options);
                if (!({condition})) return answer;
                window.fetch = real;
                throw new TypeError('lost');
            }};
        }})()"
    );
    visit.page.value(&lose).await;
}

/// Adds one unit to the bag, and returns the message.
async fn add(visit: &mut Visit) -> String {
    visit.click(".sizes .primary", "Add").await;
    let done = "!document.querySelector('.sizes .primary').disabled";
    visit.page.until(done).await;
    visit.text(".sizes .hint").await
}

#[test]
fn click_adds_one_unit_when_responses_are_lost() {
    visit(async |mut visit| {
        visit.open("#/products/3").await;
        let size = "document.querySelector('.size input:enabled').click()";
        visit.page.value(size).await;
        lose(&mut visit, "path === '/cart' && method === 'POST'").await;
        let away = "The server can't be reached. Is it running?";
        assert_eq!(add(&mut visit).await, away);
        // The first try was stored, so the second adds nothing.
        assert_eq!(add(&mut visit).await, "It is in your bag.");
        assert_eq!(visit.text("#bag-count").await, "1");
        // When only the count cannot be read, no retry is offered.
        lose(&mut visit, "path === '/cart' && method === 'GET'").await;
        assert_eq!(add(&mut visit).await, "It is in your bag.");
        assert_eq!(add(&mut visit).await, "It is in your bag.");
        assert_eq!(visit.text("#bag-count").await, "3");
        (visit, vec![])
    });
}
