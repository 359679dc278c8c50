//! A database that is unreachable or not set up: the process starts, logs it, and recovers.

use std::net::SocketAddr;

use atelier_core::store;
use atelier_test_support::postgres;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

use crate::{added, connect, execute, fill, function, get, logged, post, review, seeded, url_of};

/// A port that is bound but not listening, so connections are refused.
fn closed_port() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket
        .bind(SocketAddr::from(([127, 0, 0, 1], 0)))
        .expect("a free port");
    let address = socket.local_addr().expect("an address");
    (socket, address)
}

/// The server and the database name of a URL.
fn parts(url: &str) -> (&str, &str) {
    let place = url.rsplit_once('@').expect("a user").1;
    place.split_once('/').expect("a name")
}

#[tokio::test]
async fn database_that_starts_later_is_used() {
    let database = seeded().await;
    let url = database.url();
    let (server, _) = parts(&url);
    let server = server.to_owned();
    let (socket, port) = closed_port();
    let lambda = function(&url.replacen(&server, &port.to_string(), 1)).await;
    lambda.first_poll().await.expect("it starts all the same");
    assert_eq!(get(&lambda, "/products/501").await.status, 503);
    let refused = post(&lambda, "/reviews", &review("Refused.")).await;
    assert_eq!(refused.status, 503);
    logged(&lambda, &format!("PostgreSQL at {port} can't be used")).await;
    logged(&lambda, "Connection refused").await;

    let listener = socket.listen(16).expect("listens");
    let mut forwarding = JoinSet::new();
    forwarding.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((mut near, _)) = listener.accept().await {
            let mut far = TcpStream::connect(&server)
                .await
                .expect("PostgreSQL is there");
            connections.spawn(async move { copy_bidirectional(&mut near, &mut far).await });
        }
    });
    assert_eq!(get(&lambda, "/products/501").await.status, 200);
    assert_eq!(
        post(&lambda, "/reviews", &review("Kept.")).await.status,
        201
    );
    assert_eq!(added(&database).await, ["Kept."]);
}

#[tokio::test]
async fn empty_database_is_reported_and_used_after_setup() {
    let database = postgres::database().await;
    let lambda = function(&database.url()).await;
    lambda.first_poll().await.expect("it starts all the same");
    let status = get(&lambda, "/products/501").await.status;
    assert!(status == 500 || status == 503, "{status}");
    logged(&lambda, "Run: atelier migrate").await;

    store::migrate(&url_of(&database)).await.expect("is set up");
    assert_eq!(get(&lambda, "/products/501").await.status, 404);
    fill(&url_of(&database)).await;
    assert_eq!(get(&lambda, "/products/502").await.status, 200);
}

#[tokio::test]
async fn older_schema_is_reported_and_served_after_migration() {
    let database = seeded().await;
    let mut other = connect(&database).await;
    execute(
        &mut other,
        "create table kept as table _sqlx_migrations; delete from _sqlx_migrations",
    )
    .await;
    let lambda = function(&database.url()).await;
    for target in ["/products/501", "/reviews?product_id=501"] {
        let status = get(&lambda, target).await.status;
        assert!(status == 500 || status == 503, "{target}: {status}");
    }
    let status = post(&lambda, "/reviews", &review("Refused.")).await.status;
    assert!(status == 500 || status == 503, "{status}");
    logged(&lambda, "Run: atelier migrate").await;

    execute(&mut other, "insert into _sqlx_migrations table kept").await;
    assert_eq!(get(&lambda, "/products/501").await.status, 200);
    assert_eq!(
        post(&lambda, "/reviews", &review("Kept.")).await.status,
        201
    );
    assert_eq!(added(&database).await, ["Kept."]);
}
