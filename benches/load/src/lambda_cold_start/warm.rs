//! Warm requests.

use std::path::Path;

use atelier_core::http::{HttpApi, HttpSettings};
use atelier_core::{Atelier, DatabaseUrl};
use atelier_test_support::runtime_api::{Lambda, Outcome};
use bytes::Bytes;
use http::Request;
use tokio::time::Instant;

use crate::Result;
use crate::data::{Places, any, get, reads};
use crate::start::{DEADLINE, expect, function};
use crate::table::{Row, median};

/// Rounds in which each side has its turn; a round asks for everything that is read by key.
const ROUNDS: u32 = 150;

/// Rounds before that, of which nothing is noted.
const WARMING: u32 = 20;

pub(crate) async fn rows(bootstrap: &Path, places: &Places) -> Result<Vec<Row>> {
    eprintln!("asking it when it is warm");
    let mut rows = vec![];
    for (name, url) in &places.both {
        rows.extend(on(bootstrap, name, url).await?);
    }
    Ok(rows)
}

/// Milliseconds of a request to the function, of the same to `HttpApi::handle`, and of its event given back.
async fn on(bootstrap: &Path, name: &str, url: &str) -> Result<[Row; 4]> {
    let lambda = function(bootstrap, url).await?;
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let bare = function(&this, url).await?;
    let api = in_this_process(url).await?;
    let (mut asked, mut handled, mut given_back) = (vec![], vec![], vec![]);
    for round in 0..ROUNDS + WARMING {
        for target in reads(any(round)) {
            let event = get(&target);
            let one = invoke(&lambda, &event).await?;
            let two = handle(&api, &target).await?;
            let three = invoke(&bare, &event).await?;
            if round >= WARMING {
                asked.push(one);
                handled.push(two);
                given_back.push(three);
            }
        }
    }
    let less = |of: &[f64], other: &[f64]| of.iter().zip(other).map(|(a, b)| a - b).collect();
    let over: Vec<f64> = less(&asked, &handled);
    let floor = median(&given_back);
    Ok([
        Row::new(format!("warm request, {name}"), "ms", None, asked),
        Row::new(format!("`HttpApi::handle`, {name}"), "ms", None, handled),
        Row::new(
            "a bare function: what the protocol takes",
            "ms",
            None,
            given_back,
        ),
        Row::new(
            format!("warm overhead over `HttpApi::handle`, {name}"),
            "ms",
            Some(0.3),
            over,
        )
        .with(format!("of it the protocol {floor:.3} ms")),
    ])
}

async fn invoke(lambda: &Lambda, event: &[u8]) -> Result<f64> {
    // What it still does after an answer is no part of the next request.
    let idle = lambda.idle().await;
    idle.map_err(|ended| format!("it ended: {}", ended.log))?;
    let event = Bytes::copy_from_slice(event);
    let before = Instant::now();
    let outcome = lambda.invoke(event.clone(), DEADLINE).await;
    let took = before.elapsed().as_secs_f64() * 1e3;
    match outcome {
        // The bare one's answer is the event.
        Outcome::Answer(answer) if answer == event => Ok(took),
        other => expect(other, |status| status == 200).map(|_| took),
    }
}

async fn handle(api: &HttpApi, target: &str) -> Result<f64> {
    let request = Request::get(target).header("host", "atelier.example");
    let request = request
        .body(Bytes::new())
        .map_err(|error| error.to_string())?;
    let before = Instant::now();
    let answer = api.handle(request).await;
    let took = before.elapsed().as_secs_f64() * 1e3;
    if answer.status() == 200 {
        Ok(took)
    } else {
        Err(format!("{target} is answered {}", answer.status()))
    }
}

/// The API as the function runs it: one connection and no response cache.
async fn in_this_process(url: &str) -> Result<HttpApi> {
    let words = |error: atelier_core::Error| error.to_string();
    let url = DatabaseUrl::parse(url).map_err(|error| error.to_string())?;
    let store = atelier_core::open(&url, &atelier_core::StoreOptions::lambda())
        .await
        .map_err(words)?;
    let settings = HttpSettings {
        cache_bytes: 0,
        ..HttpSettings::default()
    };
    Ok(HttpApi::new(Atelier::new(store), settings))
}
