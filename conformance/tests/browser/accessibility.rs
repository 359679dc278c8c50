//! What axe-core finds on the storefront.

use serde_json::json;

use crate::visit::{Visit, visit};

const AXE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../target/tools/axe/axe_playwright_python/axe.min.js"
);

#[test]
fn nothing_serious_stands_in_anybodys_way() {
    visit(async |mut visit| {
        let axe = std::fs::read_to_string(AXE)
            .expect("axe-core is there; if not, scripts/axe fetches it");
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

async fn judge(visit: &mut Visit, axe: &str, what: &str) {
    visit.page.value(&format!("{axe}; true")).await;
    let run = "axe.run(document, { resultTypes: ['violations'] }).then(({ violations, passes }) =>
        [passes.length, violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => `${html}: ${failureSummary}`)])])";
    let found = visit.page.value(run).await;
    assert!(found[0].as_u64() > Some(10), "{what}: {found:#}");
    assert_eq!(found[1], json!([]), "{what}: {found:#}");
}
