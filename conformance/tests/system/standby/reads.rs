//! The choice of the server for a read.

use atelier_conformance::matrix::Transport;
use atelier_conformance::{TestApp, parsed};
use atelier_core::store::Topic;
use atelier_core::{DatabaseUrl, ProductId, QuestionId, StoreOptions};
use atelier_test_support::until;

use crate::standby::{STYLES, Servers, pause, resume, review, reviews, styles, until_used};

const CART: &str = "-- The lines of an owner";
const EXISTS: &str = "-- A row when there is such a question";
const CONTENT: &str = "-- Whether there is any product";
const NEWEST: &str = "-- A page of the reviews of a product that are not reported, by date";

#[test]
fn standbys_share_reads_and_primary_serves_consistent_ones() {
    Servers::run(2, async |servers| {
        let shop = servers.shop().await;
        for standby in &servers.standbys {
            until_used(&shop, standby).await;
        }
        let before = servers.primary.asked(CONTENT);
        for _ in 0..10 {
            assert_eq!(shop.get("/cart").await.status, 200);
            assert!(shop.store.has_question(QuestionId(71)).await.expect("asks"));
            shop.store.content().await.expect("content");
        }
        for (words, before) in [(CART, 0), (EXISTS, 0), (CONTENT, before)] {
            assert_eq!(servers.primary.asked(words), before + 10, "{words}");
            for standby in &servers.standbys {
                assert_eq!(standby.asked(words), 0, "{words}");
            }
        }
        shop.store.close().await;
        // Closing the store closes the connections to all servers.
        let connected =
            "select count(*)::text from pg_stat_activity where application_name = 'atelier'";
        for server in servers.standbys.iter().chain([&servers.primary]) {
            until("the connections end", async || {
                server.value(connected).await == "0"
            })
            .await;
        }
    });
}

#[test]
fn own_write_is_read_back_when_standby_lags() {
    Servers::run(1, async |servers| {
        let standby = &servers.standbys[0];
        let shop = servers.shop().await;
        until_used(&shop, standby).await;
        pause(standby).await;
        let begin = reviews(&shop, 501).await.expect("reviews").total;
        for n in 1..=20 {
            let body = format!("the review {n}");
            assert_eq!(shop.post("/reviews", &review(501, &body)).await.status, 201);
            let read = reviews(&shop, 501).await.expect("reviews");
            assert_eq!(read.total, begin + n);
            assert!(read.rows.iter().any(|review| review.body == body));
            let kept = shop.get("/reviews?product_id=501&count=99").await;
            assert!(kept.text().contains(&body), "{}", kept.text());
        }
        let question = serde_json::json!({"product_id": 501, "body": "why?", "name": "n", "email": "e@example.org"});
        assert_eq!(shop.post("/qa/questions", &question).await.status, 201);
        let read = shop.get("/qa/questions?product_id=501&count=99").await;
        assert!(read.text().contains("why?"), "{}", read.text());
        let answered = shop.post("/qa/questions/71/answers", &question).await;
        assert_eq!(answered.status, 201);
        let read = shop.get("/qa/questions/71/answers?count=99").await;
        assert!(read.text().contains("why?"), "{}", read.text());
        // Once it has caught up, it serves reads again.
        resume(standby).await;
        let before = standby.asked(NEWEST);
        until("the standby answers for the reviews", async || {
            let read = reviews(&shop, 501).await.expect("reviews");
            assert_eq!(read.total, begin + 20);
            standby.asked(NEWEST) > before
        })
        .await;
        shop.store.close().await;
    });
}

#[test]
fn write_of_other_server_is_read_when_standby_lags() {
    Servers::run(1, async |servers| {
        let standby = &servers.standbys[0];
        let (one, other) = (servers.shop().await, servers.shop().await);
        until_used(&other, standby).await;
        let topic = Topic::Reviews(ProductId(501));
        let before = other.store.topic_version(topic);
        let begin = reviews(&other, 501).await.expect("reviews").total;
        pause(standby).await;
        assert_eq!(one.post("/reviews", &review(501, "news")).await.status, 201);
        until("it is heard of", async || {
            other.store.topic_version(topic) > before
        })
        .await;
        let read = reviews(&other, 501).await.expect("reviews");
        assert_eq!(read.total, begin + 1);
        one.store.close().await;
        other.store.close().await;
    });
}

#[test]
fn lagging_standby_is_skipped_until_it_catches_up() {
    Servers::run(1, async |servers| {
        let standby = &servers.standbys[0];
        let shop = servers.shop().await;
        until_used(&shop, standby).await;
        pause(standby).await;
        // This change bypasses the API: only the lag of the standby shows that it may lack something.
        let change = "update products set slogan = 'behind its back' where id = 501";
        servers.primary.execute(change).await;
        until("the primary answers", async || {
            let product = shop.store.product(ProductId(501)).await.expect("reads");
            product.expect("a product").product.slogan == "behind its back"
        })
        .await;
        let before = standby.asked(STYLES);
        for _ in 0..20 {
            styles(&shop).await.expect("styles");
        }
        assert_eq!(standby.asked(STYLES), before);
        resume(standby).await;
        until_used(&shop, standby).await;
        shop.store.close().await;
    });
}

#[test]
fn unreachable_or_foreign_standby_is_not_used() {
    Servers::run(1, async |mut servers| {
        let standby = servers.standbys[0].clone();
        let others = servers.cluster.primary("d");
        // A higher position than ours, so that by the position alone it would be up to date.
        let filler =
            "create table filler as select repeat('x', 1000) from generate_series(1, 50000)";
        others.execute(filler).await;
        let foreign = servers.cluster.standby("e", &others);
        servers
            .cluster
            .stop(&standby, atelier_test_support::postgres::cluster::End::Fast);
        let readers = [parsed(&foreign.url()), parsed(&standby.url())];
        let shop =
            TestApp::with_readers(parsed(&servers.primary.url()), &readers, Transport::Core).await;
        for _ in 0..20 {
            styles(&shop).await.expect("styles");
        }
        assert_eq!(foreign.asked(STYLES), 0);
        servers.cluster.start(&standby);
        until_used(&shop, &standby).await;
        shop.store.close().await;
        let options = StoreOptions {
            readers: vec![DatabaseUrl::sqlite("shop.db")],
            ..StoreOptions::default()
        };
        let refused = atelier_core::open(&parsed(&servers.primary.url()), &options).await;
        let words = refused.expect_err("refused").to_string();
        assert!(words.contains("sqlite:shop.db"), "{words}");
    });
}
