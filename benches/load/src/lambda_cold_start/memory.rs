//! What the process holds in memory at most.

use std::path::Path;

use atelier_test_support::runtime_api::http_event;
use serde_json::json;

use crate::Result;
use crate::data::{FAT, Places, any, get, reads};
use crate::start::{DEADLINE, expect, function};
use crate::table::Row;

/// Requests before it is asked.
const REQUESTS: u32 = 1_000;

pub(crate) async fn rows(bootstrap: &Path, places: &Places) -> Result<Vec<Row>> {
    eprintln!("asking it {REQUESTS} times for all sorts of things");
    let mut rows = vec![];
    for (name, url) in &places.both {
        let lambda = function(bootstrap, url).await?;
        let mut largest = 0;
        for number in 0..REQUESTS {
            let changes = (2..=9).contains(&(number % 20));
            // A packed file takes none, and there may be no such row.
            let fine = |status| status == 200 || changes && matches!(status, 201 | 204 | 404 | 503);
            let answer = lambda.invoke(event(number), DEADLINE).await;
            largest = largest.max(expect(answer, fine)?);
        }
        let status = std::fs::read_to_string(format!("/proc/{}/status", lambda.id()));
        let status = status.map_err(|error| format!("no memory of a process: {error}"))?;
        let mebibytes = |name| {
            let found = mebibytes(&status, name);
            found.ok_or_else(|| format!("no {name} in the state of a process"))
        };
        let what = format!("memory at most, {REQUESTS} requests, {name}");
        let row = Row::new(what, "MiB", Some(64.0), vec![mebibytes("VmHWM")?]);
        // Which the machine takes back when it needs them.
        let files = mebibytes("RssFile")?;
        let largest = largest as f64 / 1_048_576.0;
        rows.push(row.with(format!(
            "of it {files:.1} MiB of files at the end; largest body {largest:.1} MiB"
        )));
    }
    Ok(rows)
}

/// One of the mix: every route, the largest pages among them.
fn event(number: u32) -> Vec<u8> {
    let id = any(number);
    let post = |target: &str, body: serde_json::Value| {
        http_event(
            "POST",
            target,
            &[("authorization", "visitor")],
            body.to_string().as_bytes(),
        )
    };
    let put = |target: String| http_event("PUT", &target, &[], b"");
    let about = || json!({"product_id": id, "body": "Does it shrink?", "name": "gull", "email": "gull@example.org"});
    match number % 20 {
        0 if number == 500 => get(&format!("/reviews?product_id={FAT}&count=10000")),
        0 => get("/products?count=10000"),
        1 => get("/openapi.json"),
        2 => post(
            "/reviews",
            json!({
                "product_id": id, "rating": 4, "body": "Warm.", "recommend": true, "name": "gull",
                "email": "gull@example.org",
            }),
        ),
        3 => post("/qa/questions", about()),
        4 => post(&format!("/qa/questions/{id}/answers"), about()),
        5 => post("/cart", json!({"sku_id": id})),
        6 => post(
            "/interactions",
            json!({"element": "e", "widget": "w", "time": "t"}),
        ),
        7 => put(format!("/reviews/{id}/helpful")),
        8 => put(format!("/qa/questions/{id}/helpful")),
        9 => put(format!("/qa/answers/{id}/report")),
        10 => http_event("GET", "/cart", &[("authorization", "visitor")], b""),
        11 => http_event(
            "GET",
            &format!("/products/{id}/styles"),
            &[("accept-encoding", "gzip")],
            b"",
        ),
        _ => get(&reads(id)[number as usize % 8]),
    }
}

/// MiB from the text of `/proc/ID/status`.
fn mebibytes(status: &str, name: &str) -> Option<f64> {
    let of_name = |line: &str| Some(line.strip_prefix(name)?.strip_prefix(':')?.to_owned());
    let value = status.lines().find_map(of_name)?;
    let kib: f64 = value.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib / 1_024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_by_its_name() {
        let status = "VmPeak:\t 1 kB\nVmHWM:\t   20480 kB\nRssFile:\t   1024 kB\n";
        assert_eq!(mebibytes(status, "VmHWM"), Some(20.0));
        assert_eq!(mebibytes(status, "RssFile"), Some(1.0));
        assert_eq!(mebibytes("VmRSS: 1 kB", "VmHWM"), None);
    }
}
