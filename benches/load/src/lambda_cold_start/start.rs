//! Cold starts.

use std::path::Path;
use std::time::Duration;

use atelier_test_support::runtime_api::{Lambda, Outcome, reply};

use crate::Result;
use crate::data::{Places, any, get, reads};
use crate::table::Row;

/// Lambda's own default.
pub(crate) const DEADLINE: Duration = Duration::from_secs(3);

pub(crate) async fn rows(bootstrap: &Path, places: &Places, starts: u32) -> Result<Vec<Row>> {
    eprintln!("starting it {starts} times on each store");
    let mut polls = vec![];
    let mut answers = [vec![], vec![]];
    for number in 0..starts {
        for ((_, url), answers) in places.both.iter().zip(&mut answers) {
            let (poll, answer) = start(bootstrap, url, number).await?;
            polls.push(poll);
            answers.push(answer);
        }
    }
    let mut rows = vec![Row::new(
        "process start to first poll",
        "ms",
        Some(15.0),
        polls,
    )];
    for (((name, _), answers), most) in places.both.iter().zip(answers).zip([60.0, 100.0]) {
        let what = format!("process start to first answer, {name}");
        rows.push(Row::new(what, "ms", Some(most), answers));
    }
    Ok(rows)
}

/// Milliseconds from the start of a process to its first poll, and to its answer to an event that waits for it.
async fn start(bootstrap: &Path, url: &str, number: u32) -> Result<(f64, f64)> {
    let lambda = function(bootstrap, url).await?;
    let targets = reads(any(number));
    let outcome = lambda
        .invoke(get(&targets[number as usize % targets.len()]), DEADLINE)
        .await;
    let answered = tokio::time::Instant::now();
    expect(outcome, |status| status == 200)?;
    let polled = lambda.first_poll().await;
    let polled = polled.map_err(|ended| format!("it ended: {}", ended.log))?;
    let since_start =
        |instant: tokio::time::Instant| (instant - lambda.started()).as_secs_f64() * 1e3;
    Ok((since_start(polled), since_start(answered)))
}

/// A process over the database at `url`.
pub(crate) async fn function(bootstrap: &Path, url: &str) -> Result<Lambda> {
    let started = Lambda::start(bootstrap, &[("DATABASE_URL", url)]).await;
    started.map_err(|error| format!("{} can't be started: {error}", bootstrap.display()))
}

/// An answer of an expected status: its bytes.
pub(crate) fn expect(outcome: Outcome, expected: impl Fn(u16) -> bool) -> Result<usize> {
    match outcome {
        Outcome::Answer(answer) => {
            let reply = reply(&answer);
            if expected(reply.status.as_u16()) {
                Ok(reply.body.len())
            } else {
                Err(format!("answered {}: {}", reply.status, reply.text()))
            }
        }
        other => Err(format!("no answer, but {other:?}")),
    }
}
