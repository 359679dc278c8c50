//! The pages: the storefront at `/`, and Swagger UI at `/docs`. Their files are embedded in the binary, and their scripts are
//! clients of the public API.

use std::io::Write;
use std::sync::OnceLock;

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

/// The Content-Security-Policy of the storefront. Photos are URLs in the data: `data:` in the demo, `https:` on any host in the
/// legacy data set. Everything else is loaded from this server, and scripts can't parse strings as HTML.
const STOREFRONT: &str = "default-src 'self'; img-src 'self' data: https:; object-src 'none'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// The Content-Security-Policy of Swagger UI, which has icons in `data:` URLs, and parses HTML that it sanitizes itself.
const DOCS: &str = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const ICON: &str = "image/svg+xml";

/// The start of a page, after which attributes are inserted.
const HTML_START: &str = "<!doctype html>\n<html lang=\"en\"";

const FILE_COUNT: usize = 22;

/// The pages of a server.
pub(crate) struct Pages {
    /// Attributes of the `html` element, for settings that the API does not expose.
    attributes: String,
    /// Each file uncompressed and as gzip, prepared at its first request.
    variants: [OnceLock<[Variant; 2]>; FILE_COUNT],
}

/// A file, and the path at which it is served.
struct File {
    path: &'static str,
    content_type: &'static str,
    policy: &'static str,
    source: Source,
}

enum Source {
    Embedded(&'static [u8]),
    /// A file in the archive of Swagger UI.
    SwaggerUi(&'static str),
}

/// A body to send.
struct Variant {
    body: Bytes,
    etag: HeaderValue,
    gzip: bool,
}

const fn file(
    path: &'static str,
    content_type: &'static str,
    policy: &'static str,
    source: Source,
) -> File {
    File {
        path,
        content_type,
        policy,
        source,
    }
}

/// A file in `pages/`, served at the same path.
macro_rules! embedded {
    ($kind:ident, $policy:ident, $name:literal) => {
        embedded!($kind, $policy, $name at concat!("/", $name))
    };
    ($kind:ident, $policy:ident, $name:literal at $path:expr) => {
        file($path, $kind, $policy, Source::Embedded(include_bytes!(concat!("pages/", $name))))
    };
}

static FILES: [File; FILE_COUNT] = [
    embedded!(HTML, STOREFRONT, "storefront/index.html" at "/"),
    embedded!(STYLE, STOREFRONT, "storefront/base.css"),
    embedded!(STYLE, STOREFRONT, "storefront/product.css"),
    embedded!(STYLE, STOREFRONT, "storefront/dialogs.css"),
    embedded!(ICON, STOREFRONT, "storefront/icon.svg"),
    embedded!(SCRIPT, STOREFRONT, "storefront/main.js"),
    embedded!(SCRIPT, STOREFRONT, "storefront/api.js"),
    embedded!(SCRIPT, STOREFRONT, "storefront/dom.js"),
    embedded!(SCRIPT, STOREFRONT, "storefront/catalogue.js"),
    embedded!(SCRIPT, STOREFRONT, "storefront/product.js"),
    embedded!(SCRIPT, STOREFRONT, "storefront/reviews.js"),
    embedded!(SCRIPT, STOREFRONT, "storefront/questions.js"),
    embedded!(SCRIPT, STOREFRONT, "storefront/dialogs.js"),
    embedded!(SCRIPT, STOREFRONT, "storefront/forms.js"),
    embedded!(SCRIPT, STOREFRONT, "storefront/scales.js"),
    embedded!(SCRIPT, STOREFRONT, "storefront/votes.js"),
    embedded!(SCRIPT, STOREFRONT, "storefront/bag.js"),
    embedded!(HTML, DOCS, "docs/index.html" at "/docs"),
    embedded!(STYLE, DOCS, "docs/docs.css"),
    embedded!(SCRIPT, DOCS, "docs/docs.js"),
    file(
        "/docs/swagger-ui.css",
        STYLE,
        DOCS,
        Source::SwaggerUi("swagger-ui.css"),
    ),
    file(
        "/docs/swagger-ui-bundle.js",
        SCRIPT,
        DOCS,
        Source::SwaggerUi("swagger-ui-bundle.js"),
    ),
];

impl Pages {
    /// Creates the pages of a server that is read-only or needs a token, or neither.
    pub(crate) fn new(read_only: bool, needs_token: bool) -> Self {
        let attributes = [(read_only, " data-read-only"), (needs_token, " data-token")];
        let set = attributes.iter().filter(|(is_set, _)| *is_set);
        Self {
            attributes: set.map(|(_, attribute)| *attribute).collect(),
            variants: [const { OnceLock::new() }; FILE_COUNT],
        }
    }

    /// Responds to a request for a page or one of its files; returns none to other requests.
    pub(crate) fn respond<B>(&self, request: &Request<B>) -> Option<Response<Bytes>> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return None;
        }
        let path = match request.uri().path() {
            "/docs/" => "/docs",
            path => path,
        };
        let index = FILES.iter().position(|file| file.path == path)?;
        let file = &FILES[index];
        let gzip = accepts_gzip(request.headers());
        let variants = self.variants[index].get_or_init(|| file.variants(&self.attributes));
        let variant = &variants[usize::from(gzip)];

        let mut response = Response::new(Bytes::new());
        set_request_id(request.headers(), &mut response);
        let headers = response.headers_mut();
        headers.insert(ETAG, variant.etag.clone());
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
        if is_not_modified(request.headers(), &variant.etag) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return Some(response);
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.content_type));
        if variant.gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if request.method() == Method::HEAD {
            headers.insert(CONTENT_LENGTH, variant.body.len().into());
        } else {
            *response.body_mut() = variant.body.clone();
        }
        Some(response)
    }
}

impl File {
    /// The file for clients that do not accept gzip, and for those that do.
    fn variants(&self, attributes: &str) -> [Variant; 2] {
        let (plain, compressed) = match self.source {
            Source::Embedded(bytes) => {
                let rest = bytes.strip_prefix(HTML_START.as_bytes());
                let plain = rest.map_or_else(
                    || Bytes::from_static(bytes),
                    |rest| {
                        [HTML_START.as_bytes(), attributes.as_bytes(), rest]
                            .concat()
                            .into()
                    },
                );
                let compressed = gzip(&plain);
                (plain, compressed)
            }
            Source::SwaggerUi(name) => swagger::file(name).unwrap_or_default(),
        };
        let gzip = compressed.len() < plain.len();
        let second = if gzip { compressed } else { plain.clone() };
        [
            Variant {
                etag: etag(&plain, false),
                body: plain,
                gzip: false,
            },
            Variant {
                etag: etag(&second, gzip),
                body: second,
                gzip,
            },
        ]
    }
}

fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to a `Vec` never fails.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default().into()
}

#[cfg(test)]
mod tests;
