//! Caching of the catalogue: concurrent misses, expiry, and the headers of real servers.

use std::sync::Arc;

use atelier_conformance::matrix::RUNTIME;
use atelier_test_support::nginx::Nginx;
use tokio::sync::Notify;

use super::caching::{KEPT, PATIENT};
use super::replicas::Replica;
use super::upstream::{Does, Upstream, response};
use super::{get, three};

#[test]
fn concurrent_misses_share_one_request() {
    RUNTIME.block_on(async {
        let go = Arc::new(Notify::new());
        let when = Arc::clone(&go);
        let upstream = Upstream::doing(move |place, _| match place {
            0 => Does::Later(Arc::clone(&when), Box::new(response("200 OK", KEPT, "x"))),
            _ => response("200 OK", KEPT, "another"),
        })
        .await;
        let edits = [PATIENT, ("proxy_read_timeout 6s", "proxy_read_timeout 60s")];
        let nginx = Nginx::edited(&[upstream.address], &edits).await;
        let at = nginx.address;
        let many: Vec<_> = (0..20)
            .map(|_| tokio::spawn(async move { get(at, "/products", &[]).await }))
            .collect();
        upstream.heard(1).await;
        go.notify_one();
        for one in many {
            assert_eq!(one.await.expect("an answer").text(), "x");
        }
        assert_eq!(upstream.asked().len(), 1);
    });
}

#[test]
fn stale_answers_are_not_served() {
    RUNTIME.block_on(async {
        let go = Arc::new(Notify::new());
        let when = Arc::clone(&go);
        let upstream = Upstream::doing(move |place, _| match place {
            0 => response("200 OK", "x-accel-expires: 1\r\n", "old"),
            1 => Does::Later(Arc::clone(&when), Box::new(response("200 OK", "", "new"))),
            _ => response("200 OK", "", "newer"),
        })
        .await;
        let nginx = Nginx::edited(&[upstream.address], &[PATIENT]).await;
        let at = nginx.address;
        let asking = tokio::spawn(async move {
            loop {
                let reply = get(at, "/products", &[]).await;
                if reply.text() != "old" {
                    return reply;
                }
            }
        });
        // Not even while another request refreshes the cache.
        upstream.heard(2).await;
        assert_eq!(get(at, "/products", &[]).await.text(), "newer");
        go.notify_one();
        assert_eq!(asking.await.expect("it is renewed").text(), "new");
    });
}

#[test]
fn replicas_allow_caching_of_the_catalogue_only() {
    three(async |nginx, replicas| {
        let answered = |replicas: &[Replica]| replicas.iter().map(Replica::answered).sum::<u64>();
        let gzip = &[("accept-encoding", "gzip")][..];
        for (target, kept) in [
            ("/products", true),
            ("/products/501", true),
            ("/products/501/styles", true),
            ("/products/501/related", true),
            ("/products/504", false),
            ("/reviews?product_id=501", false),
            ("/reviews/meta?product_id=501", false),
            ("/qa/questions?product_id=501", false),
            ("/qa/questions/71/answers", false),
            ("/cart", false),
            ("/openapi.json", false),
        ] {
            for way in [&[][..], gzip] {
                let before = answered(replicas);
                let mut replies = vec![];
                for _ in 0..40 {
                    replies.push(get(nginx.address, target, way).await);
                }
                assert!(replies.iter().all(|reply| *reply == replies[0]), "{target}");
                // An answer that is cached for a second may be fetched again, but not by each request.
                let asked = answered(replicas) - before;
                assert!(
                    if kept { asked <= 20 } else { asked == 40 },
                    "{target}: {asked}"
                );
            }
        }
    });
}
