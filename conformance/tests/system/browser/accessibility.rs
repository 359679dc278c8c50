//! What axe-core finds on the pages.

use atelier_core::Limits;
use atelier_core::http::HttpSettings;
use serde_json::json;

use crate::browser::visit::{Visit, visit};

const AXE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../target/tools/axe/axe_playwright_python/axe.min.js"
);

#[test]
fn storefront_has_no_serious_axe_violations() {
    visit(async |mut visit| {
        let axe = axe();
        for scheme in ["light", "dark"] {
            visit.page.scheme(scheme).await;
            for width in [1440, 360] {
                visit.page.size(width, 900).await;
                visit.open("").await;
                judge(&mut visit, &axe, "the catalogue").await;
                visit.open("#/products/2").await;
                judge(&mut visit, &axe, "a product").await;
                for (selector, text) in [
                    ("#reviews .primary", "Write"),
                    ("#reviews .actions .plain", "Report"),
                    ("#questions .primary", "Ask"),
                    ("#questions .actions .plain", "Answer"),
                    (".large", ""),
                    ("#bag", "Bag"),
                ] {
                    visit.click(selector, text).await;
                    visit
                        .page
                        .until("!document.querySelector('dialog')?.textContent.includes('Loading')")
                        .await;
                    judge(
                        &mut visit,
                        &axe,
                        &format!("the dialog of {selector} {text}"),
                    )
                    .await;
                    visit.page.press("Escape").await;
                    visit.page.until("!document.querySelector('dialog')").await;
                }
                visit.open("#/products/4711").await;
                judge(&mut visit, &axe, "what is not there").await;
            }
        }
        let missing = visit.page.console();
        assert!(
            missing.iter().all(|line| line.contains("/products/4711")),
            "{missing:#?}"
        );
        (visit, missing)
    });
}

#[test]
fn read_only_storefront_has_no_serious_axe_violations() {
    visit(async |visit| {
        let axe = axe();
        let mut visit = visit.configured(Limits {
            read_only: true,
            ..Limits::default()
        });
        for scheme in ["light", "dark"] {
            visit.page.scheme(scheme).await;
            visit.open("#/products/2").await;
            judge(&mut visit, &axe, "a product that is only read").await;
        }
        (visit, vec![])
    });
}

#[test]
fn token_prompt_has_no_serious_axe_violations() {
    visit(async |visit| {
        let axe = axe();
        let mut visit = visit.configured(HttpSettings {
            tokens: vec!["open sesame".to_owned()],
            ..HttpSettings::default()
        });
        for scheme in ["light", "dark"] {
            visit.page.scheme(scheme).await;
            for page in ["", "docs"] {
                let target = format!("{}/{page}", visit.origin);
                visit.page.go(&target).await;
                visit
                    .page
                    .until("document.activeElement.matches('[type=password]')")
                    .await;
                judge(&mut visit, &axe, "who is asked for a token").await;
            }
        }
        let refused = ["/cart", "/products?page=1&count=12"]
            .map(|target| visit.failed("401 (Unauthorized)", target));
        (visit, [refused.clone(), refused].concat())
    });
}

fn axe() -> String {
    std::fs::read_to_string(AXE).expect("axe-core is there; if not, scripts/axe fetches it")
}

async fn judge(visit: &mut Visit, axe: &str, what: &str) {
    visit.page.value(&format!("{axe}; true")).await;
    let run = "axe.run(document, { resultTypes: ['violations'] }).then(({ violations, passes }) =>
        [passes.length, violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => `${html}: ${failureSummary}`)])])";
    let found = visit.page.value(run).await;
    assert!(found[0].as_u64() > Some(10), "{what}: {found:#}");
    assert_eq!(found[1], json!([]), "{what}: {found:#}");
}

#[test]
fn docs_page_has_no_serious_axe_violations() {
    visit(async |mut visit| {
        let axe = axe();
        for scheme in ["light", "dark"] {
            visit.page.scheme(scheme).await;
            let target = format!("{}/docs", visit.origin);
            visit.page.go(&target).await;
            visit.page.until("document.querySelector('.opblock')").await;
            judge(&mut visit, &axe, "the document").await;
            for method in ["get", "post", "put"] {
                visit
                    .click(&format!(".opblock-{method} .opblock-summary-control"), "")
                    .await;
                visit
                    .page
                    .until(&format!(
                        "document.querySelector('.opblock-{method} .execute')"
                    ))
                    .await;
                judge(&mut visit, &axe, &format!("a {method} to try")).await;
            }
        }
        (visit, vec![])
    });
}
