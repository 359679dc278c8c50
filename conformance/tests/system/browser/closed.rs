//! A read-only server, and one without products.

use atelier_conformance::TestApp;
use atelier_conformance::matrix::{StoreKind, Transport};
use atelier_core::bulk::Batch;
use atelier_core::store::{self, Provenance};
use atelier_core::{DatabaseUrl, Limits};
use atelier_warp::demo;
use serde_json::json;

use crate::browser::visit::{PRODUCTS, Visit, visit};

const CLOSED: &str = "This server is read-only: it takes no reviews, questions or votes, and puts nothing into a bag.";

/// Returns the visible notice.
async fn notice(visit: &mut Visit) -> String {
    let notice = "[...document.querySelectorAll('.closed')].filter((one) => one.checkVisibility())
        .map((one) => one.textContent).join()";
    let notice = visit.page.value(notice).await;
    notice.as_str().expect("a text").to_owned()
}

/// Counts the buttons that write and are enabled, or disabled.
async fn buttons(visit: &mut Visit, usable: bool) -> usize {
    let buttons = "[...document.querySelectorAll('button')]
        .filter((one) => /^(Write|Ask|Answer|Helpful|Report|Post|Add)/.test(one.textContent))
        .map((one) => one.getAttribute('aria-disabled') !== 'true' && !one.disabled)";
    let buttons = visit.page.value(buttons).await;
    let buttons = buttons.as_array().expect("a list");
    buttons.iter().filter(|one| **one == usable).count()
}

#[test]
fn read_only_server_shows_no_forms() {
    visit(async |visit| {
        let mut visit = visit.configured(Limits {
            read_only: true,
            ..Limits::default()
        });
        for width in [1440, 360] {
            visit.page.size(width, 780).await;
            visit.open("").await;
            assert_eq!(notice(&mut visit).await, CLOSED);
            visit.open("#/products/3").await;
            assert_eq!(notice(&mut visit).await, CLOSED);
            visit.fits(width).await;
            visit.page.screenshot(&format!("read-only-{width}")).await;
        }
        assert_eq!(buttons(&mut visit, true).await, 0);
        assert!(buttons(&mut visit, false).await > 10);

        // The buttons explain themselves and send nothing: the console would show a refused request.
        visit
            .page
            .value("document.querySelector('.size input:enabled').click()")
            .await;
        for (selector, text) in [
            (".sizes .primary", "Add"),
            ("#reviews .primary", "Write"),
            ("#reviews .actions .plain", "Helpful"),
            ("#reviews .actions .plain", "Report"),
            ("#questions .primary", "Ask"),
            ("#questions .actions .plain", "Answer"),
        ] {
            let forget = "document.getElementById('toast').textContent = ''";
            visit.page.value(forget).await;
            visit.click(selector, text).await;
            assert_eq!(visit.toast().await, CLOSED, "{text}");
            assert_eq!(visit.text("dialog").await, "nothing", "{text}");
        }
        visit.click("#bag", "Bag").await;
        visit
            .page
            .until("document.querySelector('dialog .empty')")
            .await;
        (visit, vec![])
    });
}

#[test]
fn typed_text_survives_when_server_becomes_read_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("shop.db");
    visit(async |visit| {
        // Of a read-only file the page learns by the first refusal only.
        let url = DatabaseUrl::sqlite(&file);
        let rows = demo::catalogue(PRODUCTS, 42);
        store::fill(&url, rows, Provenance::Demo)
            .await
            .expect("fills");
        let url = DatabaseUrl::SqliteReadOnly(file);
        let mut visit = visit.of(TestApp::over(url, Transport::Warp).await);
        visit.open("#/products/3").await;
        assert_eq!(notice(&mut visit).await, "");
        assert!(buttons(&mut visit, true).await > 10);

        visit.click("#questions .primary", "Ask").await;
        visit.fill("body", "Is it warm?").await;
        visit.fill("name", "gull").await;
        visit.fill("email", "gull@example.org").await;
        visit.click("dialog .primary", "Post").await;
        visit
            .page
            .until("document.querySelector('dialog .fault').textContent")
            .await;
        let said = visit.text("dialog .fault").await;
        assert_eq!(said, "Error: this service is read-only");
        visit.page.screenshot("read-only-refused").await;
        let body = visit
            .page
            .value("document.querySelector('dialog [name=body]').value")
            .await;
        assert_eq!(body, "Is it warm?");
        assert_eq!(buttons(&mut visit, true).await, 0);
        assert_eq!(notice(&mut visit).await, CLOSED);
        visit.click("dialog .primary", "Post").await; // sends nothing more
        assert_eq!(visit.toast().await, CLOSED);
        let above = "document.querySelector('dialog').matches(':modal') && document.getElementById('toast').matches(':popover-open')";
        assert_eq!(visit.page.value(above).await, true);
        visit.page.screenshot("read-only-toast").await;
        // One key press does not discard typed text.
        visit.page.press("Escape").await;
        let warned =
            "document.querySelector('dialog .fault')?.textContent.includes('not posted yet')";
        visit.page.until(warned).await;
        visit.page.press("Escape").await;
        visit.page.until("!document.querySelector('dialog')").await;

        // Later views are read-only as well.
        visit.click("main .crumbs a", "Catalogue").await;
        visit.page.until("document.querySelector('.card')").await;
        visit.shown().await;
        visit.click(".card a", "").await;
        visit.page.until("document.querySelector('.product')").await;
        visit.shown().await;
        assert_eq!(buttons(&mut visit, true).await, 0);
        let refused = visit.failed("403 (Forbidden)", "/qa/questions");
        (visit, vec![refused])
    });
}

#[test]
fn empty_catalogue_explains_how_to_load_data() {
    visit(async |visit| {
        let empty = TestApp::with_rows(StoreKind::Sqlite, Transport::Warp, Batch::default()).await;
        let mut visit = visit.of(empty);
        for width in [1440, 360] {
            visit.page.size(width, 780).await;
            visit.open("").await;
            assert_eq!(visit.text(".lead").await, "There are no products yet.");
            let told =
                "[...document.querySelectorAll('.notice code')].map((code) => code.textContent)";
            let told = visit.page.value(told).await;
            assert_eq!(told, json!(["atelier-etl load ./csv", "atelier"]));
            visit.fits(width).await;
            visit.page.screenshot(&format!("empty-{width}")).await;
        }
        (visit, vec![])
    });
}
