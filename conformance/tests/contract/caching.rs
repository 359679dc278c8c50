//! `ETag`, `If-None-Match` and `Cache-Control`.

use std::collections::BTreeMap;

use atelier_conformance::{TestResponse, cases};
use http::Method;

use crate::{CREATED, NO_CONTENT, READS, add, review, reviews_of};

fn tag(reply: &TestResponse) -> String {
    reply.header("etag").expect("a tag").to_owned()
}

cases! {
    async fn every_read_has_a_strong_etag(shop: TestApp) {
        let empty = ["/products?page=9", "/reviews?product_id=999", "/reviews/meta?product_id=999"];
        for target in READS.into_iter().chain(empty) {
            let tag = tag(&shop.get(target).await);
            let opaque = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap_or_default();
            assert!(!opaque.is_empty() && !opaque.contains(['"', ' ']), "{target}: {tag}");
        }
        for target in ["/products/0", "/nothing", "/reviews"] {
            assert_eq!(shop.get(target).await.header("etag"), None, "{target}");
        }
    }

    async fn equal_bytes_have_equal_etags(shop: TestApp) {
        let mut tags = BTreeMap::new();
        let bases = ["", "/api/fec2/x", ""];
        let mut targets: Vec<_> = READS.iter().flat_map(|target| bases.map(|base| format!("{base}{target}"))).collect();
        for product in [502, 503, 505, 506, 507] {
            for tail in ["", "/styles", "/related"] {
                targets.push(format!("/products/{product}{tail}"));
            }
            for query in ["", "&sort=newest", "&sort=helpful", "&count=1", "&count=2"] {
                targets.push(format!("/reviews?product_id={product}{query}"));
            }
            targets.push(format!("/reviews/meta?product_id={product}"));
        }
        for target in targets {
            let reply = shop.get(&target).await;
            let known = tags.entry(reply.text().to_owned()).or_insert_with(|| tag(&reply)).clone();
            assert_eq!(tag(&reply), known, "{target}");
        }
        let mut all: Vec<_> = tags.values().collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), tags.len(), "two bodies share a tag");
        assert!(all.len() > 20, "only {} bodies were compared", all.len());
    }

    async fn write_changes_etag_of_affected_reads(shop: TestApp) {
        let (list, meta) = ("/reviews?product_id=502", "/reviews/meta?product_id=502");
        let other = shop.get("/reviews?product_id=501").await;
        let before = (shop.get(list).await, shop.get(meta).await);
        assert_eq!(add(&shop, &[("product_id", "502")]).await.parts(), CREATED);
        let after = (shop.get(list).await, shop.get(meta).await);
        assert!(tag(&after.0) != tag(&before.0) && tag(&after.1) != tag(&before.1));
        for (target, before) in [(list, &before.0), (meta, &before.1)] {
            let reply = shop.request(Method::GET, target, &[("if-none-match", &tag(before))], b"").await;
            assert_eq!(reply.status, 200, "{target} with the tag from before the write");
        }
        assert_eq!(shop.get("/reviews?product_id=501").await, other);
        // Hidden again, the same bytes come under the same tag.
        let id = reviews_of(&shop, 502).await[0]["review_id"].clone();
        assert_eq!(shop.put(&format!("/reviews/{id}/report")).await.parts(), NO_CONTENT);
        assert_eq!((shop.get(list).await, shop.get(meta).await), before);
    }

    async fn matching_if_none_match_is_304(shop: TestApp) {
        for target in READS {
            let got = shop.get(target).await;
            let tag = tag(&got);
            for (matching, status) in [
                (vec![tag.clone()], 304),
                (vec![format!("W/{tag}")], 304),
                (vec!["*".to_owned()], 304),
                (vec![format!("\"x\", {tag}")], 304),
                (vec![format!("\"x\",W/\"y\" ,W/{tag},\"z\"")], 304),
                (vec![format!("  {tag}  ")], 304),
                (vec![format!("\"a,b\", {tag}")], 304),
                (vec![format!("\"\", {tag}, \"\"")], 304),
                (vec!["\"x\"".to_owned(), tag.clone()], 304),
                (vec![format!("\"\u{e4}\", \"a\\\", {tag}")], 304),
                (vec!["\"a,*,b\"".to_owned()], 200),
                (vec![format!("\"a, {} ,b\"", tag.replace('"', ""))], 200),
                (vec![], 200),
                (vec![String::new()], 200),
                (vec!["\"x\"".to_owned()], 200),
                (vec!["\"*\"".to_owned()], 200),
                (vec!["W/\"x\", \"y\"".to_owned()], 200),
                (vec![format!("{}x\"", &tag[..tag.len() - 1])], 200),
                (vec![format!("\"x{}", &tag[1..])], 200),
                (vec![tag.replace('"', "'")], 200),
                (vec![",,;".to_owned()], 200),
            ] {
                for method in [Method::GET, Method::HEAD] {
                    let headers: Vec<_> = matching.iter().map(|value| ("if-none-match", value.as_str())).collect();
                    let reply = shop.request(method.clone(), target, &headers, b"").await;
                    let row = format!("{method} {target} with {matching:?}");
                    assert_eq!(reply.status, status, "{row}");
                    assert_eq!(reply.header("etag"), Some(&*tag), "{row}");
                    assert_eq!(reply.header("cache-control"), Some("no-cache"), "{row}");
                    let body = if status == 200 && method == Method::GET { got.text() } else { "" };
                    assert_eq!(reply.text(), body, "{row}");
                }
            }
        }
    }

    async fn if_none_match_applies_to_successful_reads_only(shop: TestApp) {
        let any = [("if-none-match", "*")];
        for (method, target, status) in [
            (Method::GET, "/products/0", 404), (Method::GET, "/nothing", 404), (Method::GET, "/reviews", 422),
            (Method::HEAD, "/products/504", 404), (Method::POST, "/reviews", 201),
            (Method::PUT, "/reviews/31/helpful", 204), (Method::OPTIONS, "/products", 204),
            (Method::DELETE, "/products", 405),
        ] {
            let reply = shop.request(method.clone(), target, &any, review(&[]).as_bytes()).await;
            assert_eq!(reply.status, status, "{method} {target}");
        }
    }

    async fn reads_are_no_cache_and_everything_else_no_store(shop: TestApp) {
        for target in READS {
            assert_eq!(shop.get(target).await.header("cache-control"), Some("no-cache"), "{target}");
        }
        let large = " ".repeat(1_048_577);
        for (method, target, body) in [
            (Method::POST, "/reviews", &*review(&[])), (Method::POST, "/reviews", "{}"),
            (Method::POST, "/reviews", "{"), (Method::POST, "/reviews", &*large),
            (Method::PUT, "/reviews/31/helpful", ""), (Method::PUT, "/reviews/31/report", ""),
            (Method::PUT, "/reviews/0/report", ""), (Method::GET, "/products/0", ""),
            (Method::GET, "/products/504/styles", ""), (Method::GET, "/reviews", ""), (Method::GET, "/nothing", ""),
            (Method::HEAD, "/products/0", ""), (Method::DELETE, "/products", ""),
        ] {
            let reply = shop.request(method.clone(), target, &[], body.as_bytes()).await;
            assert_eq!(reply.header("cache-control"), Some("no-store"), "{method} {target}: {}", reply.status);
        }
    }

    async fn nothing_changeable_is_stored_by_proxies(shop: TestApp) {
        for target in ["/reviews?product_id=501", "/reviews/meta?product_id=501", "/products/0", "/nothing"] {
            assert_eq!(shop.get(target).await.header("x-accel-expires"), None, "{target}");
        }
    }

    async fn vary_names_negotiated_headers(shop: TestApp) {
        let names = |reply: &TestResponse, name: &str| {
            reply.header("vary").unwrap_or_default().split(',').any(|member| member.trim().eq_ignore_ascii_case(name))
        };
        for target in READS {
            assert!(names(&shop.get(target).await, "accept-encoding"), "{target}");
        }
        for target in ["/products/0", "/nothing", "/reviews"] {
            assert!(names(&shop.get(target).await, "accept"), "{target}");
        }
    }
}
