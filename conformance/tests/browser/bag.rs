//! What visitors put into the bag.

use serde_json::json;

use crate::visit::visit;

#[test]
fn pieces_are_put_into_the_bag() {
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
        // A link would lead to another bag: the browser sends no name with it.
        assert_eq!(visit.text("dialog .call").await, "GET /cart");
        assert_eq!(visit.text("dialog a.call").await, "nothing");
        // It is this browser's bag, and nobody else's.
        assert_eq!(visit.api("/cart").await, json!([]));
        (visit, vec![])
    });
}
