//! `/`, the storefront, and `/docs`, the API to try: pages for people, from files in the binary. Their scripts ask the API as
//! anybody does.

use std::io::Write;
use std::sync::OnceLock;

use atelier_core::Settings;
use atelier_core::http::{accepts_gzip, etag, is_not_modified, set_request_id};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Method, Request, Response, StatusCode};

mod swagger;

/// Everything is from here, but for photos, which are URLs in the data: the demo's are `data:`, those of the legacy data set
/// `https:`, on hosts that nobody knows beforehand. No script may make markup out of text.
const STOREFRONT: &str = "default-src 'self'; img-src 'self' data: https:; object-src 'none'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// Swagger UI draws its icons from `data:`, and does make markup out of text, which it cleans.
const DOCS: &str = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const ICON: &str = "image/svg+xml";

/// How a page begins, up to where it can be told something.
const BEGINNING: &str = "<!doctype html>\n<html lang=\"en\"";

/// How many files there are.
const COUNT: usize = 22;

/// The pages of a server.
pub(crate) struct Pages {
    /// What a page can't ask the API, as attributes of its `html`.
    told: String,
    /// Of each file, made when it is first asked for.
    forms: [OnceLock<[Form; 2]>; COUNT],
}

/// A file that is served at a path.
struct File {
    path: &'static str,
    kind: &'static str,
    policy: &'static str,
    source: Source,
}

enum Source {
    Here(&'static [u8]),
    /// In the archive of Swagger UI, under this name.
    Archive(&'static str),
}

/// The bytes that are sent, as they are or as gzip.
struct Form {
    body: Bytes,
    etag: HeaderValue,
    gzip: bool,
}

const fn file(
    path: &'static str,
    kind: &'static str,
    policy: &'static str,
    source: Source,
) -> File {
    File {
        path,
        kind,
        policy,
        source,
    }
}

/// A file of this crate below `pages/`, served at the same path.
macro_rules! here {
    ($kind:ident, $policy:ident, $name:literal) => {
        here!($kind, $policy, $name at concat!("/", $name))
    };
    ($kind:ident, $policy:ident, $name:literal at $path:expr) => {
        file($path, $kind, $policy, Source::Here(include_bytes!(concat!("pages/", $name))))
    };
}

static FILES: [File; COUNT] = [
    here!(HTML, STOREFRONT, "storefront/index.html" at "/"),
    here!(STYLE, STOREFRONT, "storefront/base.css"),
    here!(STYLE, STOREFRONT, "storefront/product.css"),
    here!(STYLE, STOREFRONT, "storefront/dialogs.css"),
    here!(ICON, STOREFRONT, "storefront/icon.svg"),
    here!(SCRIPT, STOREFRONT, "storefront/main.js"),
    here!(SCRIPT, STOREFRONT, "storefront/api.js"),
    here!(SCRIPT, STOREFRONT, "storefront/dom.js"),
    here!(SCRIPT, STOREFRONT, "storefront/catalogue.js"),
    here!(SCRIPT, STOREFRONT, "storefront/product.js"),
    here!(SCRIPT, STOREFRONT, "storefront/reviews.js"),
    here!(SCRIPT, STOREFRONT, "storefront/questions.js"),
    here!(SCRIPT, STOREFRONT, "storefront/dialogs.js"),
    here!(SCRIPT, STOREFRONT, "storefront/forms.js"),
    here!(SCRIPT, STOREFRONT, "storefront/scales.js"),
    here!(SCRIPT, STOREFRONT, "storefront/votes.js"),
    here!(SCRIPT, STOREFRONT, "storefront/bag.js"),
    here!(HTML, DOCS, "docs/index.html" at "/docs"),
    here!(STYLE, DOCS, "docs/docs.css"),
    here!(SCRIPT, DOCS, "docs/docs.js"),
    file(
        "/docs/swagger-ui.css",
        STYLE,
        DOCS,
        Source::Archive("swagger-ui.css"),
    ),
    file(
        "/docs/swagger-ui-bundle.js",
        SCRIPT,
        DOCS,
        Source::Archive("swagger-ui-bundle.js"),
    ),
];

impl Pages {
    /// The pages of a server with these settings.
    pub(crate) fn new(settings: &Settings) -> Self {
        let told = [
            (settings.read_only, " data-read-only"),
            (!settings.tokens.is_empty(), " data-token"),
        ];
        let told = told.iter().filter(|(holds, _)| *holds);
        Self {
            told: told.map(|(_, attribute)| *attribute).collect(),
            forms: [const { OnceLock::new() }; COUNT],
        }
    }

    /// The answer to who asks for a page or a part of one; none to others.
    pub(crate) fn answer<B>(&self, request: &Request<B>) -> Option<Response<Bytes>> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return None;
        }
        let path = match request.uri().path() {
            "/docs/" => "/docs",
            path => path,
        };
        let place = FILES.iter().position(|file| file.path == path)?;
        let file = &FILES[place];
        let gzip = accepts_gzip(request.headers());
        let forms = self.forms[place].get_or_init(|| file.forms(&self.told));
        let form = &forms[usize::from(gzip)];

        let mut response = Response::new(Bytes::new());
        set_request_id(request.headers(), &mut response);
        let headers = response.headers_mut();
        headers.insert(ETAG, form.etag.clone());
        for (name, value) in [
            (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
            (CACHE_CONTROL, "no-cache"),
            (CONTENT_SECURITY_POLICY, file.policy),
            (REFERRER_POLICY, "no-referrer"),
            (VARY, "Accept-Encoding"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if is_not_modified(request.headers(), &form.etag) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return Some(response);
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.kind));
        if form.gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if request.method() == Method::HEAD {
            headers.insert(CONTENT_LENGTH, form.body.len().into());
        } else {
            *response.body_mut() = form.body.clone();
        }
        Some(response)
    }
}

impl File {
    /// What is sent to who takes no gzip, and to who does.
    fn forms(&self, told: &str) -> [Form; 2] {
        let (plain, packed) = match self.source {
            Source::Here(bytes) => {
                let rest = bytes.strip_prefix(BEGINNING.as_bytes());
                let plain = rest.map_or_else(
                    || Bytes::from_static(bytes),
                    |rest| {
                        [BEGINNING.as_bytes(), told.as_bytes(), rest]
                            .concat()
                            .into()
                    },
                );
                let packed = gzip(&plain);
                (plain, packed)
            }
            Source::Archive(name) => swagger::file(name).unwrap_or_default(),
        };
        let gzip = packed.len() < plain.len();
        let second = if gzip { packed } else { plain.clone() };
        [
            Form {
                etag: etag(&plain, false),
                body: plain,
                gzip: false,
            },
            Form {
                etag: etag(&second, gzip),
                body: second,
                gzip,
            },
        ]
    }
}

fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing into memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default().into()
}

#[cfg(test)]
mod tests;
