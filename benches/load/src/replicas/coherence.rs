//! Time until a write through one server is visible through another.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::write_ledger::WriteLedger;
use crate::{Result, Row};

/// Number of writes to follow.
const WRITES: u64 = 100;

/// A write that is not visible after this time is lost.
const REQUEST_TIMEOUT: Duration = Duration::from_mins(1);

pub(crate) async fn rows(servers: &[SocketAddr], ledger: &WriteLedger) -> Result<Vec<Row>> {
    let [one, other, ..] = servers else {
        return Err("two servers are needed".to_owned());
    };
    eprintln!("{WRITES} reviews through one server, looked for through another");
    let client = Client::builder(TokioExecutor::new()).build_http();
    let mut delays = Vec::new();
    let mut at_once = 0;
    for number in 0..WRITES {
        let product = number % ledger.ids().products + 1;
        let list = format!("/reviews?product_id={product}&sort=newest&count=1");
        let mark = format!("mark seen {number} {:?}", Instant::now());
        let mark = mark.replace('"', "");
        // It keeps this answer, and so must hear that it is out of date.
        text(&client, *other, Method::GET, &list, String::new()).await?;
        let review = format!(
            r#"{{"product_id":{product},"rating":4,"body":"{mark}","recommend":true,"name":"r","email":"r@example.org"}}"#
        );
        text(&client, *one, Method::POST, "/reviews", review).await?;
        let written = Instant::now();
        let own = text(&client, *one, Method::GET, &list, String::new()).await?;
        at_once += u64::from(own.contains(&mark));
        while !text(&client, *other, Method::GET, &list, String::new())
            .await?
            .contains(&mark)
        {
            if written.elapsed() > REQUEST_TIMEOUT {
                return Err("a review is not seen through another server".to_owned());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        delays.push(written.elapsed());
    }
    delays.sort();
    let at = |part: usize| delays[(delays.len() - 1) * part / 100];
    let (median, p99) = (at(50), at(99));
    Ok(vec![
        Row {
            what: "a review is seen through another server after, p99 (median)".to_owned(),
            figure: format!("{} ms ({})", p99.as_millis(), median.as_millis()),
            limit: "1,000 ms",
            good: p99 <= Duration::from_secs(1),
        },
        Row {
            what: "and through the one that took it, at once".to_owned(),
            figure: format!("{at_once} of {WRITES}"),
            limit: "all",
            good: at_once == WRITES,
        },
    ])
}

async fn text(
    client: &Client<HttpConnector, Full<Bytes>>,
    server: SocketAddr,
    method: Method,
    target: &str,
    body: String,
) -> Result<String> {
    let request = Request::builder()
        .method(method)
        .uri(format!("http://{server}{target}"))
        .body(Full::from(body))
        .map_err(|error| error.to_string())?;
    let response = client.request(request).await;
    let body = response.map_err(|error| error.to_string())?.into_body();
    let body = body.collect().await.map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&body.to_bytes()).into_owned())
}
