//! The one table of what is served, and the way from a path to its row.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::LazyLock;

use ::http::Method;

use super::error::ApiError;
use super::{Answer, Call, answers, cart, interactions, openapi, products, questions, reviews};

type Handler =
    for<'a> fn(&'a Call<'a>) -> Pin<Box<dyn Future<Output = Result<Answer, ApiError>> + Send + 'a>>;

/// One thing that is served.
pub struct Endpoint {
    /// How it is asked for; `GET` brings `HEAD` with it.
    pub method: Method,
    /// Its path below a base path; `{..}` stands for an id.
    pub path: &'static str,
    /// How logs and metrics name it.
    pub name: &'static str,
    /// What caches may do with its answers.
    pub cache: CachePolicy,
    pub(super) handler: Handler,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// Seconds after which a proxy has to ask again: what a load brings is seen as soon as through a server.
pub(super) const CATALOGUE_AGE: u16 = 1;

/// What caches may do with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CachePolicy {
    /// Keep it, and ask before each use.
    Revalidate,
    /// The same; but no request can change it, so a proxy of the operator's may answer with it for a second.
    Catalogue,
    /// The same, for one owner's browser alone.
    Private,
    /// Not even keep it.
    Never,
}

impl CachePolicy {
    pub(super) fn header(self) -> &'static str {
        match self {
            Self::Revalidate | Self::Catalogue => "no-cache",
            Self::Private => "private, no-cache",
            Self::Never => "no-store",
        }
    }

    /// The request headers on which an answer that is kept depends.
    pub(super) fn vary(self) -> Option<&'static str> {
        match self {
            Self::Revalidate | Self::Catalogue => Some("Accept-Encoding"),
            Self::Private => Some("Accept-Encoding, Authorization"),
            Self::Never => None,
        }
    }
}

macro_rules! endpoints {
    ($($method:ident $path:literal $name:literal $cache:ident $noun:ident :: $handler:ident;)*) => {
        &[$(Endpoint {
            method: Method::$method,
            path: $path,
            name: $name,
            cache: CachePolicy::$cache,
            handler: |call| Box::pin($noun::$handler(call)),
        }),*]
    };
}

/// Everything that is served: an endpoint is a row of this table.
pub const ENDPOINTS: &[Endpoint] = endpoints! {
    GET  "/products"                             "products"              Catalogue  products::list;
    GET  "/products/{product_id}"                "product"               Catalogue  products::one;
    GET  "/products/{product_id}/styles"         "styles"                Catalogue  products::styles;
    GET  "/products/{product_id}/related"        "related"               Catalogue  products::related;
    GET  "/reviews"                              "reviews"               Revalidate reviews::list;
    POST "/reviews"                              "add_review"            Never      reviews::add;
    GET  "/reviews/meta"                         "review_meta"           Revalidate reviews::meta;
    PUT  "/reviews/{review_id}/helpful"          "mark_review_helpful"   Never      reviews::helpful;
    PUT  "/reviews/{review_id}/report"           "report_review"         Never      reviews::report;
    GET  "/qa/questions"                         "questions"             Revalidate questions::list;
    POST "/qa/questions"                         "add_question"          Never      questions::add;
    GET  "/qa/questions/{question_id}/answers"   "answers"               Revalidate questions::answers;
    POST "/qa/questions/{question_id}/answers"   "add_answer"            Never      questions::add_answer;
    PUT  "/qa/questions/{question_id}/helpful"   "mark_question_helpful" Never      questions::helpful;
    PUT  "/qa/questions/{question_id}/report"    "report_question"       Never      questions::report;
    PUT  "/qa/answers/{answer_id}/helpful"       "mark_answer_helpful"   Never      answers::helpful;
    PUT  "/qa/answers/{answer_id}/report"        "report_answer"         Never      answers::report;
    GET  "/cart"                                 "cart"                  Private    cart::list;
    POST "/cart"                                 "add_to_cart"           Never      cart::add;
    POST "/interactions"                         "add_interaction"       Never      interactions::add;
    GET  "/openapi.json"                         "openapi"               Revalidate openapi::document;
};

/// A known path, whatever the method.
pub(super) struct Route<'a> {
    /// The rows of [`ENDPOINTS`] that have it.
    rows: &'static [&'static Endpoint],
    /// What stands where the path has an id; empty where it has none.
    pub(super) id: &'a str,
}

impl<'a> Route<'a> {
    /// The route of a path of decoded segments, below any of the base paths.
    pub(super) fn find(
        segments: &'a [Cow<'_, str>],
        base_paths: &[Vec<BaseSegment>],
    ) -> Result<Self, ApiError> {
        let below = |base: &Vec<BaseSegment>| {
            let (head, rest) = segments.split_at_checked(base.len())?;
            head.iter()
                .zip(base)
                .all(|(segment, base)| base.admits(segment))
                .then_some(rest)
        };
        let found = base_paths.iter().filter_map(below).find_map(|rest| {
            PATTERNS
                .iter()
                .find_map(|(pattern, rows)| Some((matches(pattern, rest)?, rows)))
        });
        found
            .map(|(id, rows)| Self { rows, id })
            .ok_or(ApiError::NoRoute)
    }

    /// The row for a method.
    pub(super) fn endpoint(&self, method: &Method) -> Result<&'static Endpoint, ApiError> {
        let asked = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        self.rows
            .iter()
            .copied()
            .find(|endpoint| endpoint.method == asked)
            .ok_or_else(|| ApiError::WrongMethod(self.allow()))
    }

    /// The methods of the path, for `Allow`.
    pub(super) fn allow(&self) -> String {
        let mut allow = String::new();
        for endpoint in self.rows {
            allow.push_str(endpoint.method.as_str());
            allow.push_str(if endpoint.method == Method::GET {
                ", HEAD, "
            } else {
                ", "
            });
        }
        allow + "OPTIONS"
    }

    /// The path as the table has it.
    pub(super) fn path(&self) -> &'static str {
        self.rows.first().map_or("", |endpoint| endpoint.path)
    }
}

/// The paths of [`ENDPOINTS`], each once, in segments, with their rows.
static PATTERNS: LazyLock<Vec<(Vec<&str>, Vec<&Endpoint>)>> = LazyLock::new(|| {
    let mut patterns: Vec<(Vec<_>, Vec<&Endpoint>)> = vec![];
    for endpoint in ENDPOINTS {
        let segments: Vec<_> = endpoint.path[1..].split('/').collect();
        match patterns.iter_mut().find(|(known, _)| *known == segments) {
            Some((_, rows)) => rows.push(endpoint),
            None => patterns.push((segments, vec![endpoint])),
        }
    }
    patterns
});

/// The id, or nothing, when `segments` are those of a pattern.
fn matches<'a>(pattern: &[&str], segments: &'a [Cow<'_, str>]) -> Option<&'a str> {
    if pattern.len() != segments.len() {
        return None;
    }
    let mut id = "";
    for (pattern, segment) in pattern.iter().zip(segments) {
        if pattern.starts_with('{') {
            id = segment;
        } else if pattern != segment {
            return None;
        }
    }
    Some(id)
}

/// A segment of a base path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BaseSegment {
    /// This one.
    Fixed(String),
    /// Any that is not empty.
    Any,
}

impl BaseSegment {
    /// The segments of a base path such as `/api/fec2/{campus}`.
    pub(crate) fn parse(base_path: &str) -> Vec<Self> {
        let segment = |text: &str| {
            if text.starts_with('{') {
                Self::Any
            } else {
                Self::Fixed(text.to_owned())
            }
        };
        base_path
            .split('/')
            .filter(|text| !text.is_empty())
            .map(segment)
            .collect()
    }

    fn admits(&self, segment: &str) -> bool {
        match self {
            Self::Fixed(text) => text == segment,
            Self::Any => !segment.is_empty(),
        }
    }
}
