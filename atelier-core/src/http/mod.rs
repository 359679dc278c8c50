//! The HTTP API on the types of the crate `http`, for any transport: routing, decoding, caching, status codes, headers.
//!
//! A transport passes requests to [`HttpApi::handle`] and sends the responses. For a request that it can't pass on, such as one
//! whose body does not arrive, it sends [`error_response`].
//!
//! Files import from their own layer and from lower ones: decoding (`decode`, `error`, `encoding`, `request_id`), responses
//! (`body`, `reply`, `paging`, `deadline`, `write_request`), `cache`, `handlers`, `endpoints`, `router`, and this file.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use ::http::{HeaderValue, Method, Request, Response};
use bytes::Bytes;
use futures_util::FutureExt;

mod body;
mod cache;
mod deadline;
mod decode;
mod encoding;
mod endpoints;
mod error;
mod handlers;
mod in_flight;
mod paging;
mod reply;
mod request_id;
mod router;
mod settings;
mod tokens;
mod write_request;

pub use body::etag;
pub use decode::header_list::list_elements;
pub use decode::negotiation::{accepts_gzip, is_not_modified};
pub use endpoints::{ENDPOINTS, Endpoint};
pub use error::ApiError;
pub use reply::{CachePolicy, error_response};
pub use request_id::set_request_id;
pub use settings::HttpSettings;

use crate::api::Atelier;
use crate::metrics;
use crate::model::error::{Error, Failure};
use cache::{CachedReads, ResponseCache};
use deadline::{Timings, with_deadline};
use decode::path::{self, BasePath};
use decode::query::Query;
use endpoints::RequestContext;
use in_flight::InFlight;
use paging::PageLimits;
use router::Route;
use tokens::AcceptedTokens;
use write_request::WriteRequest;

/// Maximum length of a request target in bytes.
const MAX_TARGET_BYTES: usize = 16 * 1_024;

/// Seconds for which a trusted proxy may reuse responses of the catalogue. A load is then visible through a proxy as soon as
/// through a server.
const CATALOGUE_MAX_AGE: u16 = 1;

/// Request extension that a transport sets in place of a body larger than [`HttpSettings::max_body_bytes`], so that it need not
/// buffer such a body.
#[derive(Debug, Clone, Copy)]
pub struct Oversized;

/// Request extension that a transport sets on requests from a trusted proxy. Only then `Atelier-Retry-Key` is honoured: requests
/// with the same key are executed once, so the proxy may retry them.
#[derive(Debug, Clone, Copy)]
pub struct FromTrustedProxy;

/// What logs and metrics report of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequestSummary {
    /// Path of the endpoint, such as `/products/{product_id}`; empty if there is none. The path of the request is unsuitable for
    /// logs and metrics, since it may contain anything.
    pub route: &'static str,
    /// Result of the cache lookup: `hit`, `miss`, or `stale` for an expired entry that was served because the database was
    /// unreachable. `None` if the response is not cacheable.
    pub cache: Option<&'static str>,
    /// Time in the store, including the wait for a connection, validation and serialisation. `None` for a cache hit, and for a
    /// request that was rejected by path, method or token.
    pub store: Option<Duration>,
}

/// The HTTP API over an [`Atelier`]. Cheap to clone; clones share the response cache.
#[derive(Clone)]
pub struct HttpApi(Arc<Inner>);

struct Inner {
    atelier: Atelier,
    settings: HttpSettings,
    base_paths: Vec<BasePath>,
    tokens: AcceptedTokens,
    cache: Option<ResponseCache>,
    in_flight: InFlight,
}

impl HttpApi {
    /// Creates the HTTP API over `atelier`.
    pub fn new(atelier: Atelier, settings: HttpSettings) -> Self {
        let base_paths = settings.base_paths.iter();
        let in_flight = InFlight::beside_cache(settings.cache_bytes);
        let (is_shared, clock) = (atelier.store().is_shared(), atelier.clock().clone());
        Self(Arc::new(Inner {
            base_paths: base_paths.map(|path| BasePath::parse(path)).collect(),
            tokens: AcceptedTokens::new(&settings.tokens),
            cache: ResponseCache::with_capacity(
                settings.cache_bytes,
                is_shared,
                clock,
                in_flight.clone(),
            ),
            in_flight,
            atelier,
            settings,
        }))
    }

    /// Returns the typed API.
    pub fn atelier(&self) -> &Atelier {
        &self.0.atelier
    }

    /// Returns the settings.
    pub fn settings(&self) -> &HttpSettings {
        &self.0.settings
    }

    /// Handles a request. Never fails and never panics: every error becomes a response.
    ///
    /// The transport passes the whole body, or [`Oversized`] in its place.
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.handle_with_summary(request).await.0
    }

    /// Handles a request, and returns what logs and metrics report of it.
    pub async fn handle_with_summary(
        &self,
        request: Request<Bytes>,
    ) -> (Response<Bytes>, RequestSummary) {
        let mut summary = RequestSummary::default();
        let respond = self.respond(&request, &mut summary);
        let outcome = AssertUnwindSafe(respond).catch_unwind().await;
        let bug = if outcome.is_ok() { "internal" } else { "panic" };
        let panicked = |_| Err(Error::Internal(Failure::new("a handler panicked")).into());
        let response = match outcome.unwrap_or_else(panicked) {
            Ok(mut response) => {
                set_request_id(request.headers(), &mut response);
                response
            }
            Err(error) => {
                match &error {
                    ApiError::Internal(_) => metrics::bug(bug),
                    ApiError::Unavailable(Error::Unavailable(failure)) => {
                        metrics::shed(failure.reason());
                    }
                    ApiError::IdempotencyKeyReused => metrics::idempotency("refused"),
                    _ => {}
                }
                let response = error_response(&error, request.method(), request.headers());
                error.log(request.method(), summary.route, response.headers());
                response
            }
        };
        (response, summary)
    }

    /// Returns the path of the endpoint for a request path, such as `/products/{product_id}`; empty if there is none.
    pub fn route(&self, path: &str) -> &'static str {
        let segments = path::segments(path);
        Route::find(&segments, &self.0.base_paths).map_or("", |route| route.path())
    }

    /// Sets the gauges among the [`metrics`]. Call it whenever the recorder is read.
    pub fn record_gauges(&self) {
        self.0.atelier.record_gauges();
        if let Some(cache) = &self.0.cache {
            cache.record_gauges();
        }
    }

    /// Handles a request; sets each field of `summary` as soon as it is known.
    async fn respond(
        &self,
        request: &Request<Bytes>,
        summary: &mut RequestSummary,
    ) -> Result<Response<Bytes>, ApiError> {
        let inner = &*self.0;
        let (uri, headers) = (request.uri(), request.headers());
        let target_bytes = uri.path_and_query().map_or(0, |it| it.as_str().len());
        if target_bytes > MAX_TARGET_BYTES {
            return Err(ApiError::TargetTooLong);
        }
        let segments = path::segments(uri.path());
        let route = Route::find(&segments, &inner.base_paths)?;
        summary.route = route.path();
        if request.method() == Method::OPTIONS {
            return Ok(reply::options_response(&route.allow()));
        }
        let endpoint = route.endpoint(request.method())?;
        inner.tokens.check(headers)?;
        let is_oversized = request.body().len() > inner.settings.max_body_bytes
            || request.extensions().get::<Oversized>().is_some();
        let from_trusted_proxy = request.extensions().get::<FromTrustedProxy>().is_some();
        let timings = Timings::default();
        let store = inner.atelier.store();
        let context = RequestContext {
            atelier: &inner.atelier,
            campus: &inner.settings.campus,
            headers,
            id: route.id,
            query: Query::new(uri.query().unwrap_or_default()),
            limits: PageLimits::new(
                inner.atelier.limits().max_rows,
                inner.settings.max_response_bytes,
            ),
            reads: CachedReads {
                store,
                cache: inner.cache.as_ref(),
                in_flight: &inner.in_flight,
                gzip: accepts_gzip(headers),
                timings: &timings,
            },
            write: WriteRequest {
                endpoint: endpoint.name,
                id: route.id,
                headers,
                body: (!is_oversized).then(|| request.body()),
                from_trusted_proxy,
            },
        };
        let handling = (endpoint.handler)(&context);
        let reply = if endpoint.cache.is_cached() {
            // A cache hit needs no deadline; `CachedReads` sets one for a miss.
            handling.await
        } else {
            with_deadline(store.is_shared(), &timings, handling).await
        };
        summary.cache = timings.cache.get().copied();
        summary.store = timings.store.get().copied();
        let reply = reply?;
        let head = request.method() == Method::HEAD;
        let mut response = reply.response(endpoint.cache, headers, head);
        if from_trusted_proxy && endpoint.cache == CachePolicy::Catalogue {
            let max_age = HeaderValue::from(CATALOGUE_MAX_AGE);
            response.headers_mut().insert("x-accel-expires", max_age);
        }
        Ok(response)
    }
}
