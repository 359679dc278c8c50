//! What is served beside the API.

use std::io::Read;

use flate2::read::GzDecoder;
use http::header::{ACCEPT_ENCODING, HeaderName, IF_NONE_MATCH};

use super::*;

fn ask(path: &str, headers: &[(HeaderName, &str)]) -> Response<Bytes> {
    ask_of(&Pages::new(&Settings::default()), path, headers)
}

fn ask_of(pages: &Pages, path: &str, headers: &[(HeaderName, &str)]) -> Response<Bytes> {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    let request = request.body(()).expect("a request");
    pages.answer(&request).expect("a page")
}

fn header(response: &Response<Bytes>, name: HeaderName) -> &str {
    response.headers()[name].to_str().expect("text")
}

#[test]
fn every_file_is_there_in_both_forms_under_tags_of_their_own() {
    let packed_form = [(ACCEPT_ENCODING, "gzip")];
    for file in &FILES {
        let (plain, packed) = (ask(file.path, &[]), ask(file.path, &packed_form));
        assert!(plain.body().len() > 100, "{}", file.path);
        assert_eq!(header(&packed, CONTENT_TYPE), file.kind);
        if let Some(coding) = packed.headers().get(CONTENT_ENCODING) {
            assert_eq!(coding, "gzip");
            let mut unpacked = Vec::new();
            let mut decoder = GzDecoder::new(&packed.body()[..]);
            decoder.read_to_end(&mut unpacked).expect("it is gzip");
            assert_eq!(&unpacked, plain.body(), "{}", file.path);
            assert!(packed.body().len() < plain.body().len());
            assert_ne!(header(&packed, ETAG), header(&plain, ETAG));
        } else {
            assert_eq!(packed.body(), plain.body());
        }
    }
}

#[test]
fn who_has_a_page_is_told_so() {
    for coding in ["gzip", "identity"] {
        let first = ask("/", &[(ACCEPT_ENCODING, coding)]);
        let tag = header(&first, ETAG);
        assert!(tag.starts_with('"'), "{tag}");
        let second = ask("/", &[(ACCEPT_ENCODING, coding), (IF_NONE_MATCH, tag)]);
        assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
        assert!(second.body().is_empty());
        assert_eq!(header(&second, ETAG), tag);
        assert_eq!(header(&second, CACHE_CONTROL), "no-cache");
    }
}

#[test]
fn browsers_are_told_to_be_strict() {
    for path in ["/", "/docs", "/docs/"] {
        let page = ask(path, &[]);
        let policy = header(&page, CONTENT_SECURITY_POLICY);
        assert!(policy.starts_with("default-src 'self'; "), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(header(&page, X_CONTENT_TYPE_OPTIONS), "nosniff");
        assert_eq!(header(&page, REFERRER_POLICY), "no-referrer");
    }
}

#[test]
fn head_is_told_the_length_and_other_methods_are_the_apis() {
    let of = |method: &str| Request::builder().method(method).uri("/").body(());
    let pages = Pages::new(&Settings::default());
    let asked = |method| pages.answer(&of(method).expect("a request"));
    let page = asked("GET").expect("a page");
    let head = asked("HEAD").expect("a page");
    assert!(head.body().is_empty());
    assert_eq!(header(&head, CONTENT_LENGTH), page.body().len().to_string());
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        assert!(asked(method).is_none(), "{method}");
    }
}

#[test]
fn no_page_begins_like_a_route_of_the_api() {
    for file in &FILES {
        let mut segments = file.path.split('/').skip(1);
        let first = segments.next().expect("a segment");
        assert!(["", "docs", "storefront"].contains(&first), "{}", file.path);
    }
}

#[test]
fn a_page_is_told_what_it_cannot_ask() {
    let told = |settings: &Settings, path| {
        let page = ask_of(&Pages::new(settings), path, &[]);
        let page = String::from_utf8(page.body().to_vec()).expect("text");
        let html = page.lines().nth(1).expect("a second line").to_owned();
        (html, page)
    };
    let open = Settings::default();
    let closed = Settings {
        read_only: true,
        tokens: vec!["open sesame".to_owned()],
        ..Settings::default()
    };
    for path in ["/", "/docs"] {
        let (html, _) = told(&open, path);
        assert_eq!(html, r#"<html lang="en">"#, "{path}");
        let (html, page) = told(&closed, path);
        assert_eq!(html, r#"<html lang="en" data-read-only data-token>"#);
        assert!(!page.contains("sesame"), "{path}");
        let pages = [&open, &closed].map(|settings| ask_of(&Pages::new(settings), path, &[]));
        assert_ne!(header(&pages[0], ETAG), header(&pages[1], ETAG), "{path}");
    }
}
