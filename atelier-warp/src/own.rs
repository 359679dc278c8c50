//! What the server answers by itself, before the API is asked.

use std::sync::Arc;

use atelier_core::Settings;
use bytes::Bytes;
use http::{Method, Request, Response};

use crate::health::{Health, plain};
use crate::observe::metrics::Metrics;
use crate::pages::Pages;
use crate::serve::Serving;

/// Probes, numbers, pages, and the texts of load testers.
pub(crate) struct Own {
    /// None where probes are answered elsewhere.
    probes: Option<Health>,
    /// Likewise.
    metrics: Option<Arc<Metrics>>,
    /// None where they are not wanted.
    pages: Option<Pages>,
    load_test_tokens: Vec<String>,
}

impl Own {
    pub(crate) fn new(
        settings: &Settings,
        health: &Health,
        serving: &Serving,
        metrics: Option<Arc<Metrics>>,
    ) -> Self {
        Self {
            probes: serving.probes.then(|| health.clone()),
            metrics: metrics.filter(|_| serving.probes),
            pages: serving.pages.then(|| Pages::new(settings)),
            load_test_tokens: serving.load_test_tokens.clone(),
        }
    }

    /// The answer, if it is the server's, and of which page it is, if it is of one.
    pub(crate) fn answer<B>(
        &self,
        request: &Request<B>,
    ) -> Option<(Response<Bytes>, Option<&'static str>)> {
        let probed = self
            .probes
            .as_ref()
            .and_then(|probes| probes.answer(request));
        let metrics = || self.metrics.as_ref()?.answer(request);
        let page = || Some((self.pages.as_ref()?.answer(request)?, Some(page(request))));
        let other = || Some((self.load_test(request)?, None));
        let probed = probed.or_else(metrics).map(|probed| (probed, None));
        probed.or_else(page).or_else(other)
    }

    fn load_test<B>(&self, request: &Request<B>) -> Option<Response<Bytes>> {
        if self.load_test_tokens.is_empty()
            || !matches!(*request.method(), Method::GET | Method::HEAD)
        {
            return None;
        }
        let path = request.uri().path().strip_prefix('/')?;
        let name = ["/", ".txt", ".html"]
            .iter()
            .find_map(|end| path.strip_suffix(end))?;
        let token = self.load_test_tokens.iter().find(|token| *token == name)?;
        Some(plain(Bytes::copy_from_slice(token.as_bytes())))
    }
}

/// Which page a request is for; the files of one are told apart from it.
fn page<B>(request: &Request<B>) -> &'static str {
    match request.uri().path() {
        "/" => "/",
        "/docs" | "/docs/" => "/docs",
        path if path.starts_with("/docs") => "/docs/{file}",
        _ => "/storefront/{file}",
    }
}
