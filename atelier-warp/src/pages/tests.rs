//! Tests of the pages.

use std::io::Read;

use flate2::read::GzDecoder;
use http::header::{ACCEPT_ENCODING, HeaderName, IF_NONE_MATCH};

use super::*;

fn get(path: &str, headers: &[(HeaderName, &str)]) -> Response<Bytes> {
    get_from(&Pages::new(false, false), path, headers)
}

fn get_from(pages: &Pages, path: &str, headers: &[(HeaderName, &str)]) -> Response<Bytes> {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    let request = request.body(()).expect("a request");
    pages.respond(&request).expect("a page")
}

fn header(response: &Response<Bytes>, name: HeaderName) -> &str {
    response.headers()[name].to_str().expect("text")
}

#[test]
fn every_file_has_two_variants_with_different_etags() {
    let accept_gzip = [(ACCEPT_ENCODING, "gzip")];
    for file in &FILES {
        let (plain, compressed) = (get(file.path, &[]), get(file.path, &accept_gzip));
        assert!(plain.body().len() > 100, "{}", file.path);
        assert_eq!(header(&compressed, CONTENT_TYPE), file.content_type);
        if let Some(coding) = compressed.headers().get(CONTENT_ENCODING) {
            assert_eq!(coding, "gzip");
            let mut decompressed = Vec::new();
            let mut decoder = GzDecoder::new(&compressed.body()[..]);
            decoder.read_to_end(&mut decompressed).expect("it is gzip");
            assert_eq!(&decompressed, plain.body(), "{}", file.path);
            assert!(compressed.body().len() < plain.body().len());
            assert_ne!(header(&compressed, ETAG), header(&plain, ETAG));
        } else {
            assert_eq!(compressed.body(), plain.body());
        }
    }
}

#[test]
fn matching_if_none_match_is_answered_304() {
    for coding in ["gzip", "identity"] {
        let first = get("/", &[(ACCEPT_ENCODING, coding)]);
        let tag = header(&first, ETAG);
        assert!(tag.starts_with('"'), "{tag}");
        let second = get("/", &[(ACCEPT_ENCODING, coding), (IF_NONE_MATCH, tag)]);
        assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
        assert!(second.body().is_empty());
        assert_eq!(header(&second, ETAG), tag);
        assert_eq!(header(&second, CACHE_CONTROL), "no-cache");
    }
}

#[test]
fn pages_have_security_headers() {
    for path in ["/", "/docs", "/docs/"] {
        let page = get(path, &[]);
        let policy = header(&page, CONTENT_SECURITY_POLICY);
        assert!(policy.starts_with("default-src 'self'; "), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(header(&page, X_CONTENT_TYPE_OPTIONS), "nosniff");
        assert_eq!(header(&page, REFERRER_POLICY), "no-referrer");
    }
}

#[test]
fn head_has_the_length_and_other_methods_go_to_the_api() {
    let of = |method: &str| Request::builder().method(method).uri("/").body(());
    let pages = Pages::new(false, false);
    let respond = |method| pages.respond(&of(method).expect("a request"));
    let page = respond("GET").expect("a page");
    let head = respond("HEAD").expect("a page");
    assert!(head.body().is_empty());
    assert_eq!(header(&head, CONTENT_LENGTH), page.body().len().to_string());
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        assert!(respond(method).is_none(), "{method}");
    }
}

#[test]
fn no_page_path_overlaps_with_a_route_of_the_api() {
    for file in &FILES {
        let mut segments = file.path.split('/').skip(1);
        let first = segments.next().expect("a segment");
        assert!(["", "docs", "storefront"].contains(&first), "{}", file.path);
    }
}

#[test]
fn settings_are_attributes_of_the_html_element() {
    let open = Pages::new(false, false);
    let closed = Pages::new(true, true);
    let html_of = |pages: &Pages, path| {
        let page = get_from(pages, path, &[]);
        let page = String::from_utf8(page.body().to_vec()).expect("text");
        let html = page.lines().nth(1).expect("a second line").to_owned();
        (html, page)
    };
    for path in ["/", "/docs"] {
        let (html, _) = html_of(&open, path);
        assert_eq!(html, r#"<html lang="en">"#, "{path}");
        let (html, _) = html_of(&closed, path);
        assert_eq!(html, r#"<html lang="en" data-read-only data-token>"#);
        let pages = [&open, &closed].map(|pages| get_from(pages, path, &[]));
        assert_ne!(header(&pages[0], ETAG), header(&pages[1], ETAG), "{path}");
    }
}
