//! The peer over a throwaway PostgreSQL with the rows of the contract's cases.

use atelier_conformance::TestApp;
use atelier_conformance::matrix::{StoreKind, Transport};
use atelier_core::DatabaseUrl;
use serde_json::Value;
use tokio::net::TcpStream;

use super::*;
use crate::client::Connection;
use crate::targets::{Random, Read};
use crate::writes::Write;

/// Ids that exist, among them the product that has everything.
const IDS_OF_SEED: Ids = Ids {
    products: 501,
    reviews: 31,
    questions: 71,
    answers: 81,
};

struct Peer(Connection<TcpStream>);

impl Peer {
    async fn over(shop: &TestApp) -> Self {
        let DatabaseUrl::Postgres(url) = &shop.url else {
            panic!("the peer needs PostgreSQL");
        };
        let url = url.expose();
        prepare(url).await.expect("the peer's tables are filled");
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let app = router(url).await.expect("the statements are valid");
        tokio::spawn(async move { axum::serve(listener, app).await });
        let stream = TcpStream::connect(address).await.expect("a connection");
        Self(Connection::new(stream))
    }

    async fn send(&mut self, request: &[u8]) -> (u16, Vec<u8>) {
        let answer = self.0.exchange(request).await.expect("an answer");
        (answer.status, answer.body.to_vec())
    }

    async fn get(&mut self, target: &str) -> Value {
        let (status, body) = self.send(&crate::targets::get(target)).await;
        assert_eq!(status, 200, "{target}: {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).expect("JSON")
    }

    async fn write(&mut self, kind: Write) -> u16 {
        let mut request = Vec::new();
        let characteristics = vec![[61, 63]; 501];
        let (largest, random) = (|_: &mut Random, most| most, &mut Random::new(1));
        kind.json(IDS_OF_SEED, &characteristics, largest, random, &mut request);
        let (status, body) = self.send(&request).await;
        assert!(status < 300, "{kind:?}: {}", String::from_utf8_lossy(&body));
        status
    }
}

/// Each id in a list of results.
fn ids<'a>(list: &'a Value, key: &str) -> Vec<&'a Value> {
    let results = list["results"].as_array().expect("results");
    results.iter().map(|result| &result[key]).collect()
}

#[tokio::test]
async fn peer_serves_the_same_rows_as_atelier() {
    let shop = TestApp::open(StoreKind::Postgres, Transport::Core).await;
    let mut peer = Peer::over(&shop).await;
    for read in Read::ALL {
        let id = read.most(IDS_OF_SEED);
        let target = read.target(id);
        let (theirs, ours) = (peer.get(&target).await, shop.get(&target).await.json());
        match read {
            Read::Product => {
                assert_eq!(theirs["features"], ours["features"]);
                assert_eq!(theirs["default_price"], ours["default_price"]);
            }
            Read::Related => assert_eq!(theirs, ours),
            Read::Meta => {
                assert_eq!(theirs["ratings"], ours["ratings"]);
                assert_eq!(theirs["recommended"], ours["recommended"]);
                let quality = |meta: &Value| meta["characteristics"]["Quality"].clone();
                assert_eq!(quality(&theirs), quality(&ours));
            }
            Read::Styles => {
                assert_eq!(theirs["results"][0], ours["results"][0]);
                assert_eq!(ids(&theirs, "style_id"), ids(&ours, "style_id"));
            }
            Read::Reviews | Read::Newest => {
                assert_eq!(ids(&theirs, "review_id"), ids(&ours, "review_id"));
                assert_eq!(ids(&theirs, "response"), ids(&ours, "response"));
            }
            Read::Questions => {
                assert_eq!(ids(&theirs, "question_id"), ids(&ours, "question_id"));
                let answer = |list: &Value| list["results"][1]["answers"]["81"]["photos"].clone();
                assert_eq!(answer(&theirs), answer(&ours));
            }
            Read::Answers => assert_eq!(ids(&theirs, "answer_id"), ids(&ours, "answer_id")),
        }
    }
    let page = peer.get("/products?page=2&count=2").await;
    assert_eq!(
        page[0]["id"],
        shop.get("/products?page=2&count=2").await.json()[0]["id"]
    );
}

#[tokio::test]
async fn peer_stores_every_kind_of_write() {
    let shop = TestApp::open(StoreKind::Postgres, Transport::Core).await;
    let mut peer = Peer::over(&shop).await;
    let before = peer.get("/reviews/meta?product_id=501").await;
    assert_eq!(peer.write(Write::ReviewVote).await, 204);
    assert_eq!(peer.write(Write::QuestionVote).await, 204);
    assert_eq!(peer.write(Write::AnswerVote).await, 204);
    for kind in [
        Write::Review,
        Write::Question,
        Write::Answer,
        Write::Interaction,
    ] {
        assert_eq!(peer.write(kind).await, 201);
    }
    // The second adds a unit.
    assert_eq!(peer.write(Write::Cart).await, 201);
    assert_eq!(peer.write(Write::Cart).await, 201);

    let reviews = peer
        .get("/reviews?product_id=501&count=100&sort=newest")
        .await;
    let newest = &reviews["results"][0];
    assert_eq!(newest["reviewer_name"], "pierwalker");
    assert_eq!(newest["photos"].as_array().map(Vec::len), Some(2));
    let voted = ids(&reviews, "review_id").iter().position(|id| **id == 31);
    assert_eq!(
        reviews["results"][voted.expect("review 31")]["helpfulness"],
        4
    );
    let after = peer.get("/reviews/meta?product_id=501").await;
    assert_ne!(
        before["characteristics"]["Fit"],
        after["characteristics"]["Fit"]
    );
    let questions = peer.get("/qa/questions?product_id=501").await;
    assert_eq!(questions["results"].as_array().map(Vec::len), Some(3));
    assert_eq!(questions["results"][0]["question_helpfulness"], 7);
    let answers = peer.get("/qa/questions/71/answers").await;
    assert_eq!(answers["results"].as_array().map(Vec::len), Some(3));

    let report = b"PUT /reviews/31/report HTTP/1.1\r\nhost: peer\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(peer.send(report).await.0, 204);
    let reviews = peer.get("/reviews?product_id=501&count=100").await;
    assert!(!ids(&reviews, "review_id").contains(&&Value::from(31)));
}
