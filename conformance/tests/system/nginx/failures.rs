//! Servers that are down, or fail while they answer.

use atelier_conformance::matrix::RUNTIME;
use atelier_test_support::nginx::Nginx;
use http::Method;

use super::upstream::{Does, Upstream, header, response};
use super::{ask, get, post, replicas, three};

const SKU: &str = r#"{"sku_id":77001}"#;

#[test]
fn server_that_is_down_fails_no_request() {
    three(async |nginx, replicas| {
        replicas.pop().expect("a server").end().await;
        for _ in 0..60 {
            assert_eq!(
                get(nginx.address, "/reviews?product_id=501", &[])
                    .await
                    .status,
                200
            );
            assert_eq!(get(nginx.address, "/products/501", &[]).await.status, 200);
            assert_eq!(post(nginx.address, "/cart", SKU).await.status, 201);
        }
        assert_eq!(
            get(nginx.address, "/cart", &[]).await.text(),
            r#"[{"sku_id":77001,"count":"60"}]"#
        );
        for replica in replicas {
            assert!(replica.answered() > 20, "the others share what there is");
        }
    });
}

#[test]
fn every_attempt_of_a_write_carries_the_same_key() {
    RUNTIME.block_on(async {
        // The first attempt of each request fails, the second succeeds.
        let upstream = Upstream::doing(|place, _| match place % 2 {
            0 => Does::Closes,
            _ => response("200 OK", "", "x"),
        })
        .await;
        let nginx = Nginx::before(&[upstream.address; 2]).await;
        let mut keys = vec![];
        for (method, target) in [
            (Method::POST, "/cart"),
            (Method::PUT, "/reviews/31/helpful"),
            (Method::POST, "/cart"),
        ] {
            let made_up = [("atelier-retry-key", "made-up")];
            assert_eq!(
                ask(nginx.address, &method, target, &made_up, SKU.as_bytes())
                    .await
                    .status,
                200
            );
            let asked = upstream.asked();
            let [first, second] = &asked[asked.len() - 2..] else {
                panic!("two attempts")
            };
            assert_eq!(first, second, "all of it");
            assert!(first.ends_with(SKU), "{first}");
            let key = header(first, "atelier-retry-key").expect("a key");
            assert!(
                key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{key}"
            );
            keys.push(key.to_owned());
        }
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 3, "each request its own");
        for target in ["/reviews", "/products"] {
            let made_up = [("atelier-retry-key", "made-up")];
            assert_eq!(get(nginx.address, target, &made_up).await.status, 200);
            assert_eq!(
                header(
                    upstream.asked().last().expect("a request"),
                    "atelier-retry-key"
                ),
                None
            );
        }
        assert_eq!(upstream.asked().len(), 10);
    });
}

#[test]
fn write_with_lost_answer_is_applied_once() {
    RUNTIME.block_on(async {
        let (replicas, _database) = replicas::some(2).await;
        let [one, other] = [0, 1].map(|place: usize| replicas[place].address);
        let lossy = Upstream::doing(move |_, _| Does::Forwards(one)).await;
        let nginx = Nginx::before(&[lossy.address, other]).await;
        for sent in 1..=10 {
            assert_eq!(post(nginx.address, "/cart", SKU).await.status, 201);
            let cart = format!(r#"[{{"sku_id":77001,"count":"{sent}"}}]"#);
            assert_eq!(get(other, "/cart", &[]).await.text(), cart);
        }
        assert!(!lossy.asked().is_empty());
        for replica in replicas {
            replica.end().await;
        }
    });
}

#[test]
fn silent_server_times_out() {
    RUNTIME.block_on(async {
        let upstream = Upstream::doing(|place, _| match place {
            0 => Does::Waits,
            _ => response("201 Created", "", "Created"),
        })
        .await;
        let edits = [("proxy_read_timeout 6s;", "proxy_read_timeout 1s;")];
        let nginx = Nginx::edited(&[upstream.address; 2], &edits).await;
        assert_eq!(post(nginx.address, "/cart", SKU).await.status, 201);
        let asked = upstream.asked();
        assert_eq!((asked.len(), &asked[0]), (2, &asked[1]));
    });
}

#[test]
fn request_is_tried_at_most_twice() {
    RUNTIME.block_on(async {
        let upstream = Upstream::doing(|_, _| Does::Closes).await;
        let nginx = Nginx::before(&[upstream.address; 3]).await;
        assert_eq!(get(nginx.address, "/reviews", &[]).await.status, 503);
        assert_eq!(upstream.asked().len(), 2);
    });
}

#[test]
fn connections_to_servers_are_reused() {
    RUNTIME.block_on(async {
        let upstream = Upstream::doing(|_, _| response("200 OK", "", "x")).await;
        let edits = [("worker_processes auto;", "worker_processes 1;")];
        let nginx = Nginx::edited(&[upstream.address], &edits).await;
        for target in ["/reviews", "/products", "/cart", "/products/1"] {
            assert_eq!(get(nginx.address, target, &[]).await.status, 200);
        }
        assert_eq!((upstream.asked().len(), upstream.connections()), (4, 1));
        assert!(
            upstream
                .asked()
                .iter()
                .all(|request| request.contains(" HTTP/1.1\r\n")
                    && header(request, "connection").is_none())
        );
    });
}

#[test]
fn server_receives_one_request_id_and_no_client_address() {
    RUNTIME.block_on(async {
        let upstream =
            Upstream::doing(|_, _| response("200 OK", "x-request-id: theirs\r\n", "x")).await;
        let nginx = Nginx::before(&[upstream.address]).await;
        let longest = "x".repeat(64);
        for (given, kept) in [
            ("Mine.1_-", true),
            (&*longest, true),
            ("a b", false),
            (&*(longest.clone() + "x"), false),
            ("a\"b", false),
            ("", false),
        ] {
            let headers = [
                ("x-request-id", given),
                ("x-forwarded-for", "192.0.2.7"),
                ("x-real-ip", "192.0.2.7"),
                ("forwarded", "for=192.0.2.7"),
            ];
            let reply = get(nginx.address, "/cart", &headers).await;
            let asked = upstream.asked().pop().expect("a request");
            let told = header(&asked, "x-request-id").expect("an id");
            assert_eq!(reply.header("x-request-id"), Some(told), "{given}");
            assert_eq!(told == given, kept, "{given}");
            assert!(kept || told.len() == 32, "{told}");
            assert!(!asked.contains("192.0.2.7"), "{asked}");
        }
    });
}
