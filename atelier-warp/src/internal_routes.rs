//! Routes of the server itself: health checks, metrics, pages, and tokens of load testers. They are looked up before the API.

use std::sync::Arc;

use atelier_core::http::HttpApi;
use bytes::Bytes;
use http::{Method, Request, Response};

use crate::config::ServerConfig;
use crate::health::{Health, plain_text};
use crate::observe::metrics::Metrics;
use crate::pages::Pages;

/// The routes that are enabled on the public port.
pub(crate) struct InternalRoutes {
    /// None if the admin port serves health checks.
    health: Option<Health>,
    /// None if the admin port serves metrics.
    metrics: Option<Arc<Metrics>>,
    pages: Option<Pages>,
    load_test_tokens: Vec<String>,
}

impl InternalRoutes {
    pub(crate) fn new(
        api: &HttpApi,
        health: &Health,
        config: &ServerConfig,
        metrics: Option<Arc<Metrics>>,
    ) -> Self {
        Self {
            health: config.probes.then(|| health.clone()),
            metrics: metrics.filter(|_| config.probes),
            pages: config.pages.then(|| {
                let read_only = api.atelier().limits().read_only;
                Pages::new(read_only, !api.settings().tokens.is_empty())
            }),
            load_test_tokens: config.load_test_tokens.clone(),
        }
    }

    /// Responds to an internal route; returns none to other requests. The label is the route of a page, and none for requests
    /// of operators' tools, which are not observed.
    pub(crate) fn respond<B>(
        &self,
        request: &Request<B>,
    ) -> Option<(Response<Bytes>, Option<&'static str>)> {
        let health = || self.health.as_ref()?.respond(request);
        let metrics = || self.metrics.as_ref()?.respond(request);
        if let Some(response) = health().or_else(metrics) {
            return Some((response, None));
        }
        if let Some(page) = self.pages.as_ref().and_then(|pages| pages.respond(request)) {
            return Some((page, Some(page_route(request.uri().path()))));
        }
        Some((self.load_test_token(request)?, None))
    }

    /// Responds to a load tester that verifies that its operator controls the server.
    fn load_test_token<B>(&self, request: &Request<B>) -> Option<Response<Bytes>> {
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
        Some(plain_text(Bytes::copy_from_slice(token.as_bytes())))
    }
}

/// The route label of a page or of one of its files.
fn page_route(path: &str) -> &'static str {
    match path {
        "/" => "/",
        "/docs" | "/docs/" => "/docs",
        path if path.starts_with("/docs") => "/docs/{file}",
        _ => "/storefront/{file}",
    }
}
