//! Servers that are lost, and come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use atelier_conformance::TestApp;
use atelier_core::{Error, QuestionId};
use atelier_test_support::postgres::cluster::End;
use atelier_test_support::until;
use tokio::task::{JoinHandle, block_in_place};

use crate::standby::{Servers, pause, review, reviews, styles, until_used};

/// Concurrent readers without pauses.
struct Load {
    ends: Arc<AtomicBool>,
    reads: Arc<AtomicU64>,
    readers: Vec<JoinHandle<Result<(), Error>>>,
}

impl Load {
    fn on(shop: &Arc<TestApp>) -> Self {
        let (ends, reads) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let reader = |_| {
            let (shop, ends, reads) = (Arc::clone(shop), Arc::clone(&ends), Arc::clone(&reads));
            tokio::spawn(async move {
                while !ends.load(Ordering::SeqCst) {
                    styles(&shop).await?;
                    reads.fetch_add(1, Ordering::SeqCst);
                }
                Ok(())
            })
        };
        Self {
            readers: (0..8).map(reader).collect(),
            ends,
            reads,
        }
    }

    /// Waits for 500 more reads.
    async fn go_on(&self) {
        let before = self.reads.load(Ordering::SeqCst);
        let going = || self.readers.iter().all(|reader| !reader.is_finished());
        until("500 more reads are answered", async || {
            !going() || self.reads.load(Ordering::SeqCst) >= before + 500
        })
        .await;
    }

    /// Stops the readers, and asserts that none failed.
    async fn end(self) {
        self.ends.store(true, Ordering::SeqCst);
        for reader in self.readers {
            let outcome = reader.await.expect("a reader");
            outcome.expect("every read is answered");
        }
    }
}

#[test]
fn reads_survive_loss_of_a_standby_and_return_to_it() {
    Servers::run(1, async |mut servers| {
        let standby = servers.standbys[0].clone();
        let shop = Arc::new(servers.shop().await);
        for end in [End::Immediate, End::Fast] {
            until_used(&shop, &standby).await;
            let load = Load::on(&shop);
            load.go_on().await;
            block_in_place(|| servers.cluster.stop(&standby, end));
            load.go_on().await;
            block_in_place(|| servers.cluster.start(&standby));
            load.go_on().await;
            load.end().await;
        }
        until_used(&shop, &standby).await;
        shop.store.close().await;
    });
}

#[test]
fn without_primary_unchanged_rows_are_served_and_writes_refused() {
    Servers::run(1, async |mut servers| {
        let standby = servers.standbys[0].clone();
        let shop = servers.shop().await;
        until_used(&shop, &standby).await;
        pause(&standby).await;
        assert_eq!(
            shop.post("/reviews", &review(502, "lost?")).await.status,
            201
        );
        block_in_place(|| servers.cluster.stop(&servers.primary, End::Immediate));
        // Longer than the maximum lag while there is a primary.
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(2) {
            styles(&shop).await.expect("what nobody changes");
            reviews(&shop, 501).await.expect("what nobody changed");
            let refused = reviews(&shop, 502).await;
            let refused = refused.expect_err("what the standby may lack");
            assert!(matches!(refused, Error::Unavailable(_)), "{refused}");
            assert_eq!(shop.post("/reviews", &review(503, "no")).await.status, 503);
        }
        // A write that is refused without a primary was certainly not stored.
        until("it is known to be gone", async || {
            let asked = shop.store.has_question(QuestionId(71)).await;
            let why = asked.expect_err("only the primary knows").to_string();
            why.contains("The primary") && why.contains("can't be reached")
        })
        .await;
        assert_eq!(shop.post("/reviews", &review(501, "no")).await.status, 503);
        reviews(&shop, 501).await.expect("what nobody changed");
        shop.store.ready().await.expect("it answers");
        servers.cluster.start(&servers.primary);
        until("writes are taken", async || {
            shop.post("/reviews", &review(501, "yes")).await.status == 201
        })
        .await;
        let read = reviews(&shop, 502).await.expect("reviews");
        assert!(read.rows.iter().any(|review| review.body == "lost?"));
        shop.store.close().await;
    });
}
