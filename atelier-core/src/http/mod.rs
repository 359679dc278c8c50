//! The API on the types of the crate `http`, for any transport: routes, decoding, status codes, headers.
//!
//! A transport carries bytes to [`Atelier::handle`] and back, and decides nothing. What it can't carry (a body that never
//! ends) it reports by [`refuse`].

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use ::http::header::AUTHORIZATION;
use ::http::{HeaderMap, HeaderValue, Method, Request, Response};
use bytes::Bytes;
use futures_util::FutureExt;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};
use tokio::time::timeout;

mod answers;
mod cache;
mod cart;
mod decode;
mod encoding;
mod error;
mod in_flight;
mod interactions;
mod list;
mod openapi;
mod paging;
mod post;
mod products;
mod questions;
mod reply;
mod request_id;
mod reviews;
mod routes;

pub use encoding::accepts_gzip;
pub use error::ApiError;
pub use list::elements as list_elements;
pub use reply::{etag, is_not_modified};
pub use request_id::set as set_request_id;
pub use routes::{CachePolicy, ENDPOINTS, Endpoint};

use crate::api::Atelier;
use crate::metrics;
use crate::model::error::{Error, Failure, ShedReason};
pub(crate) use cache::Cache;
use decode::{Fields, Query};
pub(crate) use in_flight::InFlight;
use reply::Finished;
pub(crate) use routes::BaseSegment;
use routes::Route;

/// The longest request target that is answered.
const MAX_TARGET: usize = 16 * 1_024;

/// Longest that an answer takes whose store is behind a network: what takes longer there is lost, or of no use any more.
const LONGEST: Duration = Duration::from_secs(5);

/// What `work` comes to, if that is soon enough; how long it took is noted. A write that is under way then goes on, and is
/// kept in mind.
async fn in_time<T>(
    shared: bool,
    noted: &Noted,
    work: impl Future<Output = Result<T, ApiError>>,
) -> Result<T, ApiError> {
    let begun = Instant::now();
    let outcome = if shared {
        timeout(LONGEST, work).await
    } else {
        Ok(work.await)
    };
    let _ = noted.store.set(begun.elapsed());
    outcome.unwrap_or_else(|_| {
        let failure =
            Failure::new("The store has not answered in time.").with_reason(ShedReason::Deadline);
        Err(Error::Unavailable(failure).into())
    })
}

/// What is known of a request while it is answered, each as soon as that is so; see [`RequestSummary`].
#[derive(Debug, Default)]
struct Noted {
    cache: OnceLock<&'static str>,
    store: OnceLock<Duration>,
    /// Set where the answer ended early for its bytes.
    cut: OnceLock<()>,
}

/// Put into a request's extensions by a transport in place of a body that is larger than
/// [`Settings::max_body`](crate::Settings::max_body), which it need not keep.
#[derive(Debug, Clone, Copy)]
pub struct Oversized;

/// Put into a request's extensions by a transport that got it from a proxy of the operator's. Only then is
/// `Atelier-Retry-Key` believed: a request that such a proxy sends again, under the same value, is carried out once.
#[derive(Debug, Clone, Copy)]
pub struct FromTrustedProxy;

/// What became of a request, as logs and numbers tell it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequestSummary {
    /// The path of the table to which it led, such as `/products/{product_id}`; empty where it led nowhere. In an address a
    /// client may have put anything.
    pub route: &'static str,
    /// Where the answer was looked for in memory: `hit`, it was there; `miss`, it was not; `stale`, an old one was given,
    /// since the database could not be asked.
    pub cache: Option<&'static str>,
    /// How long it was with the store: in line, until a connection was free, and until the store had answered; with the
    /// little that validation and rendering take. None where memory had the answer, or the path, the method or the token was
    /// refused.
    pub store: Option<Duration>,
}

/// What a handler is given.
struct Call<'a> {
    atelier: &'a Atelier,
    endpoint: &'static Endpoint,
    /// The id of the path, decoded, as given; empty where the endpoint has none.
    id: &'a str,
    query: Query<'a>,
    headers: &'a HeaderMap,
    /// None when the body is too large.
    body: Option<&'a Bytes>,
    /// Whether a proxy of the operator's sent it.
    trusted: bool,
    noted: Noted,
}

impl<'a> Call<'a> {
    /// Whether the answer may be gzip.
    fn gzip(&self) -> bool {
        encoding::accepts_gzip(self.headers)
    }

    /// The fields of the body. A body that is too large, or can't be read, is a fault.
    fn fields(&self) -> Result<Fields<'a>, ApiError> {
        Fields::read(self.body.ok_or(ApiError::BodyTooLarge)?, self.headers)
    }
}

/// What a handler answers when nothing is wrong.
enum Answer {
    /// 200 with this JSON.
    Read(Arc<Finished>),
    /// 201.
    Created,
    /// The 201 of an earlier post.
    Replayed,
    /// 204.
    NoContent,
}

/// The answer to a request with this method and these headers that a transport could not carry to [`Atelier::handle`].
pub fn refuse(fault: &ApiError, method: &Method, headers: &HeaderMap) -> Response<Bytes> {
    let mut response = reply::refusal(fault, headers, method == Method::HEAD);
    request_id::set(headers, &mut response);
    response
}

impl Atelier {
    /// Answers a request as the contract says, whatever it is: this never fails and never panics.
    ///
    /// The transport hands over the body as it came, or [`Oversized`] in its place.
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.handle_routed(request).await.0
    }

    /// The same, with what logs and numbers tell of it.
    pub async fn handle_routed(
        &self,
        request: Request<Bytes>,
    ) -> (Response<Bytes>, RequestSummary) {
        let mut routed = RequestSummary::default();
        let answer = self.answer(&request, &mut routed);
        let outcome = AssertUnwindSafe(answer).catch_unwind().await;
        let bug = if outcome.is_ok() { "internal" } else { "panic" };
        let panicked = |_| Err(Error::Internal(Failure::new("a handler panicked")).into());
        let (mut response, fault) = match outcome.unwrap_or_else(panicked) {
            Ok(response) => (response, None),
            Err(fault) => {
                match &fault {
                    ApiError::Unexpected(_) => metrics::bug(bug),
                    ApiError::Unavailable(Error::Unavailable(failure)) => {
                        metrics::shed(failure.reason());
                    }
                    ApiError::KeyReused => metrics::idempotency("refused"),
                    _ => {}
                }
                let head = request.method() == Method::HEAD;
                let refusal = reply::refusal(&fault, request.headers(), head);
                (refusal, Some(fault))
            }
        };
        request_id::set(request.headers(), &mut response);
        if let Some(fault) = fault {
            fault.log(request.method(), routed.route, response.headers());
        }
        (response, routed)
    }

    /// The path of the table to which a path leads, such as `/products/{product_id}`; empty where it leads nowhere. This is
    /// for logs: in an address a client may have put anything.
    pub fn route(&self, path: &str) -> &'static str {
        let segments = decode::segments(path);
        Route::find(&segments, self.base_paths()).map_or("", |route| route.path())
    }

    /// The answer; `routed` is filled in as soon as something is known.
    async fn answer(
        &self,
        request: &Request<Bytes>,
        routed: &mut RequestSummary,
    ) -> Result<Response<Bytes>, ApiError> {
        let uri = request.uri();
        if uri
            .path_and_query()
            .map_or(0, |target| target.as_str().len())
            > MAX_TARGET
        {
            return Err(ApiError::TargetTooLong);
        }
        let segments = decode::segments(uri.path());
        let route = Route::find(&segments, self.base_paths())?;
        routed.route = route.path();
        if request.method() == Method::OPTIONS {
            return Ok(reply::options(&route));
        }
        let endpoint = route.endpoint(request.method())?;
        self.admit(request.headers())?;
        let oversized = request.body().len() > self.settings().max_body
            || request.extensions().get::<Oversized>().is_some();
        let call = Call {
            atelier: self,
            endpoint,
            id: route.id,
            query: Query::new(uri.query().unwrap_or_default()),
            headers: request.headers(),
            body: (!oversized).then(|| request.body()),
            trusted: request.extensions().get::<FromTrustedProxy>().is_some(),
            noted: Noted::default(),
        };
        let answer = (endpoint.handler)(&call);
        let kept = [CachePolicy::Revalidate, CachePolicy::Catalogue].contains(&endpoint.cache);
        let answer = if kept {
            // What is kept takes no time; see `Call::read` for the rest.
            answer.await
        } else {
            in_time(self.store().is_shared(), &call.noted, answer).await
        };
        routed.cache = call.noted.cache.get().copied();
        routed.store = call.noted.store.get().copied();
        let answer = answer?;
        let head = request.method() == Method::HEAD;
        let mut response = reply::answer(&answer, endpoint, request.headers(), head);
        if call.trusted && endpoint.cache == CachePolicy::Catalogue {
            let age = HeaderValue::from(routes::CATALOGUE_AGE);
            response.headers_mut().insert("x-accel-expires", age);
        }
        Ok(response)
    }

    /// Lets in who shows an accepted token, or everybody where none are set.
    fn admit(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let accepted = self.tokens();
        if accepted.is_empty() {
            return Ok(());
        }
        let shown = headers.get(AUTHORIZATION).ok_or(ApiError::NoToken)?;
        let shown = Sha256::digest(shown.as_bytes());
        // All are compared, and each in constant time: how long it takes tells nothing.
        let known = accepted
            .iter()
            .fold(Choice::from(0), |known, token| known | token.ct_eq(&shown));
        if known.into() {
            Ok(())
        } else {
            Err(ApiError::NoToken)
        }
    }
}
