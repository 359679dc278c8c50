//! The storefront as it is looked at.

use serde_json::{Value, json};

use crate::browser::visit::{PRODUCTS, Visit, visit};

/// Maximum size of the page with all of its files, as transferred.
const WEIGHT: u64 = 100_000;

#[test]
fn catalogue_is_small_and_shows_every_product() {
    visit(async |mut visit| {
        visit.open("").await;
        let weight = "performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))
            .filter(({ name }) => name.endsWith('/') || name.includes('/storefront/'))
            .map(({ name, transferSize, encodedBodySize }) => [name, Math.max(transferSize, encodedBodySize)])";
        let files = visit.page.value(weight).await;
        let files = files.as_array().expect("a list");
        let sum: u64 = files.iter().filter_map(|file| file[1].as_u64()).sum();
        assert!(files.len() > 10 && sum > 5_000, "{files:?}");
        assert!(sum <= WEIGHT, "{sum} bytes: {files:?}");
        let paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime";
        let paint = visit.page.value(paint).await;
        println!(
            "{} files, {sum} bytes; first paint after {paint} ms",
            files.len()
        );

        let (mut seen, mut without_picture) = (vec![], vec![]);
        for next in 2.. {
            let links = "[...document.querySelectorAll('.card a')].map((link) => link.getAttribute('href'))";
            let links = visit.page.value(links).await;
            seen.extend(links.as_array().expect("a list").iter().cloned());
            let bare = "[...document.querySelectorAll('.card')].filter((card) => !card.querySelector('img')?.naturalWidth)
                .map((card) => card.querySelector('a').getAttribute('href'))";
            let bare = visit.page.value(bare).await;
            without_picture.extend(bare.as_array().expect("a list").iter().cloned());
            if visit.text(".pager").await.ends_with("Next →") {
                visit.click(".pager a", "Next").await;
                // Not for the loading state, which may be over by now.
                let turned = format!(
                    "document.querySelector('.pager [aria-current]')?.textContent === '{next}'"
                );
                visit.page.until(&turned).await;
                visit.shown().await;
            } else {
                break;
            }
        }
        let all: Vec<_> = (1..=PRODUCTS)
            .map(|id| json!(format!("#/products/{id}")))
            .collect();
        assert_eq!(seen, all);
        for link in &all {
            let id = link
                .as_str()
                .expect("a text")
                .trim_start_matches("#/products/");
            let styles = visit.api(&format!("/products/{id}/styles")).await;
            let none = styles["results"].as_array().is_some_and(Vec::is_empty);
            assert_eq!(without_picture.contains(link), none, "{link}");
        }
        (visit, vec![])
    });
}

#[test]
fn product_page_shows_api_values() {
    visit(async |mut visit| {
        visit.open("#/products/2").await;
        let product = visit.api("/products/2").await;
        let styles = visit.api("/products/2/styles").await;
        let meta = visit.api("/reviews/meta?product_id=2").await;
        let said = async |visit: &mut Visit, selector: &str| visit.text(selector).await;
        assert_eq!(said(&mut visit, "h1").await, product["name"]);
        assert_eq!(said(&mut visit, ".slogan").await, product["slogan"]);
        assert_eq!(
            said(&mut visit, ".description").await,
            product["description"]
        );
        let features = said(&mut visit, ".features").await;
        for feature in product["features"].as_array().expect("a list") {
            assert!(features.contains(feature["feature"].as_str().expect("a text")));
        }
        let number: u64 = (1..=5)
            .filter_map(|star| {
                meta["ratings"][star.to_string()]
                    .as_str()?
                    .parse::<u64>()
                    .ok()
            })
            .sum();
        let score = said(&mut visit, ".about .score").await;
        assert!(score.ends_with(&format!("{number} reviews")), "{score}");
        let shown = "[...document.querySelectorAll('.scale b')].map((name) => name.textContent)";
        let shown = visit.page.value(shown).await;
        let mut shown: Vec<_> = shown
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        shown.sort_unstable();
        let rated = meta["characteristics"]
            .as_object()
            .expect("an object")
            .keys();
        assert!(rated.eq(shown.iter()), "{shown:?}");

        // Another style has other images and sizes; the arrow keys page through the large images.
        let second = &styles["results"][1];
        visit
            .page
            .value("document.querySelectorAll('.swatch input')[1].click()")
            .await;
        assert_eq!(said(&mut visit, ".chosen").await, second["name"]);
        let shown = "document.querySelector('.large img').src";
        assert_eq!(visit.page.value(shown).await, second["photos"][0]["url"]);
        visit.click(".thumb[aria-label='Photo 2']", "").await;
        assert_eq!(visit.page.value(shown).await, second["photos"][1]["url"]);
        visit.click(".large", "").await;
        visit.page.press("ArrowRight").await;
        let large = "document.querySelector('dialog .shown img').src";
        assert_eq!(visit.page.value(large).await, second["photos"][2]["url"]);
        visit.page.press("Escape").await;
        visit.page.until("!document.querySelector('dialog')").await;

        sorts(&mut visit).await;
        // An address identifies the view, also after a reload.
        visit.page.reload().await;
        visit.shown().await;
        assert_eq!(said(&mut visit, "h1").await, product["name"]);
        (visit, vec![])
    });
}

/// Asserts that reviews follow the chosen order, page by page.
async fn sorts(visit: &mut Visit) {
    for sort in ["newest", "helpful", "relevant"] {
        let choose = format!(
            "(() => {{ const sort = document.querySelector('.sort select'); sort.value = {sort:?};
                sort.dispatchEvent(new Event('change')); }})()"
        );
        visit.page.value(&choose).await;
        visit
            .page
            .until(&format!(
                "document.querySelector('#reviews .asked').textContent.includes({sort:?})
                && !document.querySelector('#reviews .secondary').hidden"
            ))
            .await;
        visit.click("#reviews .secondary", "More").await;
        visit
            .page
            .until("document.querySelectorAll('#reviews .entry').length === 8")
            .await;
        let shown = "[...document.querySelectorAll('#reviews .entry > .words')].map((words) => words.textContent)";
        let shown = visit.page.value(shown).await;
        let target = format!("/reviews?product_id=2&count=8&sort={sort}");
        let reviews = visit.api(&target).await;
        let reviews = reviews["results"].as_array().expect("a list").iter();
        let bodies: Vec<Value> = reviews.map(|review| review["body"].clone()).collect();
        assert_eq!(shown, json!(bodies), "{sort}");
    }
}

#[test]
fn feature_without_value_shows_its_name() {
    visit(async |mut visit| {
        let mut bare = None;
        for id in 1..=PRODUCTS {
            let product = visit.api(&format!("/products/{id}")).await;
            let features = product["features"].as_array().expect("a list").clone();
            if features.iter().any(|feature| feature["value"].is_null()) {
                bare = Some((id, features));
            }
        }
        let (id, features) = bare.expect("the demo has one");
        visit.open(&format!("#/products/{id}")).await;
        let shown = "[...document.querySelectorAll('.features div')]
            .map((row) => [...row.children].map((part) => part.textContent))";
        let shown = visit.page.value(shown).await;
        let expected: Vec<Value> = features
            .iter()
            .map(|of| match &of["value"] {
                Value::Null => json!([of["feature"]]),
                value => json!([of["feature"], value]),
            })
            .collect();
        assert_eq!(shown, json!(expected));
        (visit, vec![])
    });
}

#[test]
fn layout_fits_desktop_and_phone() {
    visit(async |mut visit| {
        for scheme in ["light", "dark"] {
            visit.page.scheme(scheme).await;
            for (width, height) in [(1440, 1000), (360, 780)] {
                visit.page.size(width, height).await;
                for (name, address) in [("catalogue", ""), ("product", "#/products/2")] {
                    visit.open(address).await;
                    visit.fits(width).await;
                    visit
                        .page
                        .screenshot(&format!("{name}-{scheme}-{width}"))
                        .await;
                }
                visit.click("#reviews .primary", "Write").await;
                visit
                    .page
                    .screenshot(&format!("review-{scheme}-{width}"))
                    .await;
                visit.page.press("Escape").await;
            }
        }
        (visit, vec![])
    });
}
