//! Clients disconnect in the middle of their requests.

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::*;
use tokio::task::yield_now;

/// Number of clients; `ATELIER_LEAVERS` overrides it.
const LEAVERS: u64 = 400;

#[test]
fn disconnecting_clients_leave_no_transaction_open() {
    let leavers = std::env::var("ATELIER_LEAVERS")
        .map_or(LEAVERS, |leavers| leavers.parse().expect("a number"));
    staged(without_cache(), async |Stage { shop, past, proxy }| {
        let address = shop.address().expect("a socket");
        let mut random = Random(0x5eed);
        for leaver in 0..leavers {
            let body = question(&format!("left-{leaver}"));
            let request = match leaver % 4 {
                0 => {
                    "GET /reviews?product_id=501&count=99 HTTP/1.1\r\nhost: shop\r\n\r\n".to_owned()
                }
                1 => "PUT /reviews/31/helpful HTTP/1.1\r\nhost: shop\r\ncontent-length: 0\r\n\r\n"
                    .to_owned(),
                _ => format!(
                    "POST /qa/questions HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\n\
                     idempotency-key: left-{leaver}\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                ),
            };
            let mut stream = TcpStream::connect(address).await.expect("connects");
            // Some disconnect before the request is complete.
            let said = match leaver % 8 {
                7 => &request[..request.len() / 2],
                _ => &request,
            };
            stream.write_all(said.as_bytes()).await.expect("room");
            for _ in 0..random.below(200) {
                yield_now().await;
            }
        }
        let in_transaction =
            "select pid::text from pg_stat_activity where datname = current_database()
            and application_name = 'atelier' and state like 'idle in transaction%'";
        assert_eq!(count(&past.url, in_transaction).await, 0);
        until("all is well", async || all_succeed(shop).await).await;
        for _ in 0..100 {
            assert_eq!(shop.get("/reviews?product_id=501").await.status, 200);
            assert_eq!(
                ask_under_key(shop, &format!("stayed-{}", new()))
                    .await
                    .status,
                201
            );
        }
        assert_eq!(count(&past.url, in_transaction).await, 0);
        assert!(
            proxy.open() <= max_connections(),
            "{} connections",
            proxy.open()
        );
        // A retry is answered from the stored post, or stores it now.
        for leaver in (0..leavers).filter(|leaver| leaver % 4 >= 2) {
            ask_until_stored(shop, &format!("left-{leaver}")).await;
        }
        let rows = stored(&past.url).await;
        let mut names = rows.clone();
        names.dedup();
        assert_eq!(rows, names, "nothing is stored twice");
    });
}
