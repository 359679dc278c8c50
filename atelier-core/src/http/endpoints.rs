//! The table of endpoints.

use std::fmt;
use std::pin::Pin;

use ::http::{HeaderMap, Method};

use super::cache::CachedReads;
use super::decode::query::Query;
use super::handlers::{answers, cart, interactions, openapi, products, questions, reviews};
use super::paging::PageLimits;
use super::reply::{CachePolicy, HandlerResult};
use super::write_request::WriteRequest;
use crate::api::Atelier;

/// What handlers can take; a row of [`ENDPOINTS`] names the parts that its handler takes.
pub(super) struct RequestContext<'a> {
    pub(super) atelier: &'a Atelier,
    pub(super) campus: &'a str,
    pub(super) headers: &'a HeaderMap,
    /// The decoded id in the path; empty if it has none.
    pub(super) id: &'a str,
    pub(super) query: Query<'a>,
    pub(super) limits: PageLimits,
    pub(super) reads: CachedReads<'a>,
    pub(super) write: WriteRequest<'a>,
}

type Handler =
    for<'a> fn(&'a RequestContext<'a>) -> Pin<Box<dyn Future<Output = HandlerResult> + Send + 'a>>;

/// An endpoint of the API.
pub struct Endpoint {
    /// The method; `GET` includes `HEAD`.
    pub method: Method,
    /// The path below a base path; `{..}` stands for an id.
    pub path: &'static str,
    /// The name in idempotency keys.
    pub name: &'static str,
    /// Caching of its responses.
    pub cache: CachePolicy,
    pub(super) handler: Handler,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

macro_rules! endpoints {
    ($($method:ident $path:literal $name:literal $cache:ident $resource:ident :: $handler:ident ($($part:ident),*);)*) => {
        &[$(Endpoint {
            method: Method::$method,
            path: $path,
            name: $name,
            cache: CachePolicy::$cache,
            handler: |request| Box::pin($resource::$handler($(&request.$part),*)),
        }),*]
    };
}

/// All endpoints: method, path, name, cache policy and handler.
pub const ENDPOINTS: &[Endpoint] = endpoints! {
    GET  "/products"                            "products"              Catalogue  products::list(atelier, reads, query, limits, campus);
    GET  "/products/{product_id}"               "product"               Catalogue  products::get(atelier, reads, id, campus);
    GET  "/products/{product_id}/styles"        "styles"                Catalogue  products::styles(atelier, reads, id);
    GET  "/products/{product_id}/related"       "related"               Catalogue  products::related(atelier, reads, id);
    GET  "/reviews"                             "reviews"               Revalidate reviews::list(atelier, reads, query, limits);
    POST "/reviews"                             "add_review"            Never      reviews::add(atelier, write);
    GET  "/reviews/meta"                        "review_meta"           Revalidate reviews::meta(atelier, reads, query);
    PUT  "/reviews/{review_id}/helpful"         "mark_review_helpful"   Never      reviews::mark_helpful(atelier, write);
    PUT  "/reviews/{review_id}/report"          "report_review"         Never      reviews::report(atelier, id);
    GET  "/qa/questions"                        "questions"             Revalidate questions::list(atelier, reads, query, limits);
    POST "/qa/questions"                        "add_question"          Never      questions::add(atelier, write);
    GET  "/qa/questions/{question_id}/answers"  "answers"               Revalidate questions::answers(atelier, reads, id, query, limits);
    POST "/qa/questions/{question_id}/answers"  "add_answer"            Never      questions::add_answer(atelier, write);
    PUT  "/qa/questions/{question_id}/helpful"  "mark_question_helpful" Never      questions::mark_helpful(atelier, write);
    PUT  "/qa/questions/{question_id}/report"   "report_question"       Never      questions::report(atelier, id);
    PUT  "/qa/answers/{answer_id}/helpful"      "mark_answer_helpful"   Never      answers::mark_helpful(atelier, write);
    PUT  "/qa/answers/{answer_id}/report"       "report_answer"         Never      answers::report(atelier, id);
    GET  "/cart"                                "cart"                  Private    cart::list(atelier, headers);
    POST "/cart"                                "add_to_cart"           Never      cart::add(atelier, write);
    POST "/interactions"                        "add_interaction"       Never      interactions::add(atelier, write);
    GET  "/openapi.json"                        "openapi"               Revalidate openapi::document(reads);
};
