//! A visitor of the pages of a server that shows the demo.

use std::future::Future;

use atelier_conformance::matrix::{RUNTIME, StoreKind, Transport};
use atelier_conformance::{Settings, TestApp};
use atelier_warp::demo;
use serde_json::{Value, json};

use crate::browser::devtools::Page;

/// Products of the demo.
pub(crate) const PRODUCTS: u32 = 30;

/// A server, and a browser on its storefront.
pub(crate) struct Visit {
    pub(crate) shop: TestApp,
    pub(crate) page: Page,
    pub(crate) origin: String,
}

/// Opens a browser on a new server. Afterwards asserts that no other server was contacted, and that the console contains
/// only the messages that `case` returns.
pub(crate) fn visit<F: Future<Output = (Visit, Vec<String>)>>(case: impl FnOnce(Visit) -> F) {
    RUNTIME.block_on(async {
        let rows = demo::catalogue(PRODUCTS, 42);
        let shop = TestApp::with_rows(StoreKind::Sqlite, Transport::Warp, rows).await;
        shop.advance(10 * 365 * 86_400_000); // newer than the rows of the demo
        let address = shop.address().expect("the server is behind a socket");
        let mut page = Page::new().await;
        page.scheme("light").await;
        let origin = format!("http://{address}");
        let (mut visit, mut expected) = case(Visit { shop, page, origin }).await;
        // The last events arrive before the result of this.
        visit.page.value("1").await;
        let mut console = visit.page.console();
        console.sort();
        expected.sort();
        assert_eq!(console, expected);
        assert_eq!(visit.page.outside(&visit.origin), [""; 0]);
    });
}

impl Visit {
    /// Restarts the server with other settings.
    pub(crate) fn configured(self, settings: impl Into<Settings>) -> Self {
        let shop = self.shop.configured(settings);
        Self { shop, ..self }.moved()
    }

    /// Replaces the server.
    pub(crate) fn of(self, shop: TestApp) -> Self {
        Self { shop, ..self }.moved()
    }

    fn moved(self) -> Self {
        let address = self.shop.address().expect("the server is behind a socket");
        let origin = format!("http://{address}");
        Self { origin, ..self }
    }

    /// Returns the console message of a failed request.
    pub(crate) fn failed(&self, status: &str, target: &str) -> String {
        format!(
            "\"Failed to load resource: the server responded with a status of {status}\" \"{}{target}\"",
            self.origin
        )
    }

    /// Opens a view of the storefront, `#/` or below, and waits until it is complete.
    pub(crate) async fn open(&mut self, address: &str) {
        self.page.go(&format!("{}/{address}", self.origin)).await;
        self.shown().await;
    }

    /// Waits until nothing is loading.
    pub(crate) async fn shown(&mut self) {
        let shown =
            "document.querySelector('main h1') && !document.querySelector('.loading, .loadingline')
            && [...document.querySelectorAll('.entries, .strip')].every((list) => list.children.length)";
        self.page.until(shown).await;
        self.page.drawn().await;
    }

    /// Clicks the first element of a selector that has this text, or any.
    pub(crate) async fn click(&mut self, selector: &str, text: &str) {
        let click = format!(
            "[...document.querySelectorAll({selector:?})].find((one) => one.textContent.includes({text:?})).click()"
        );
        self.page.value(&click).await;
    }

    pub(crate) async fn text(&mut self, selector: &str) -> String {
        let text = format!("document.querySelector({selector:?})?.textContent ?? 'nothing'");
        let text = self.page.value(&text).await;
        text.as_str().expect("a text").to_owned()
    }

    /// Returns the toast, and asserts that it is within the window.
    pub(crate) async fn toast(&mut self) -> String {
        let place = "(() => {
            const toast = document.getElementById('toast');
            const { left, top, right, bottom } = toast.getBoundingClientRect();
            const { clientWidth, clientHeight } = document.documentElement;
            return toast.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && left >= 0 && top >= 0
                && right <= clientWidth && bottom <= clientHeight && bottom - top > 20 || [left, top, right, bottom];
        })()";
        assert_eq!(self.page.value(place).await, true);
        self.text("#toast").await
    }

    /// Fills a field of a form.
    pub(crate) async fn fill(&mut self, name: &str, text: &str) {
        let focus = format!("document.querySelector('dialog [name={name}]').focus()");
        self.page.value(&focus).await;
        self.page.write(text).await;
    }

    /// Asserts that nothing is wider than the window. `innerWidth` would not tell: a phone zooms out until everything fits.
    pub(crate) async fn fits(&mut self, width: u32) {
        let overflow = format!("document.documentElement.scrollWidth - {width}");
        let overflow = self.page.value(&overflow).await;
        assert!(overflow.as_i64() <= Some(0), "{overflow} at {width}");
        let beyond = format!(
            "[...document.querySelectorAll('body *')]
                .filter((one) => one.getBoundingClientRect().right > {width} + 1 && !one.closest('.unseen'))
                .map((one) => one.outerHTML.slice(0, 80))"
        );
        let beyond = self.page.value(&beyond).await;
        assert_eq!(beyond, json!([]), "at {width}");
    }

    /// Returns the JSON of a response of the API.
    pub(crate) async fn api(&self, target: &str) -> Value {
        self.shop.get(target).await.json()
    }
}
