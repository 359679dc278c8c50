//! What the server answers by itself, before the API is asked.

use std::sync::Arc;

use atelier_core::http::Matched;
use bytes::Bytes;
use http::{Method, Request, Response};

use crate::health::{Health, plain};
use crate::observe::metrics::Metrics;
use crate::pages;
use crate::serve::Serving;

/// Probes, numbers, pages, and the texts of load testers.
pub(crate) struct Own {
    /// None where probes are answered elsewhere.
    probes: Option<Health>,
    /// Likewise.
    metrics: Option<Arc<Metrics>>,
    pages: bool,
    load_test_tokens: Vec<String>,
}

impl Own {
    pub(crate) fn new(health: &Health, serving: &Serving, metrics: Option<Arc<Metrics>>) -> Self {
        Self {
            probes: serving.probes.then(|| health.clone()),
            metrics: metrics.filter(|_| serving.probes),
            pages: serving.pages,
            load_test_tokens: serving.load_test_tokens.clone(),
        }
    }

    /// The answer, if it is the server's.
    pub(crate) fn answer<B>(&self, request: &Request<B>) -> Option<Response<Bytes>> {
        let probed = self
            .probes
            .as_ref()
            .and_then(|probes| probes.answer(request));
        let metrics = || self.metrics.as_ref()?.answer(request);
        probed
            .or_else(metrics)
            .or_else(|| self.page(request))
            .or_else(|| self.load_test(request))
    }

    fn page<B>(&self, request: &Request<B>) -> Option<Response<Bytes>> {
        let mut page = self.pages.then(|| pages::answer(request))??;
        let docs = request.uri().path().starts_with("/docs");
        let matched = Matched(if docs { "/docs" } else { "/" });
        page.extensions_mut().insert(matched);
        Some(page)
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
