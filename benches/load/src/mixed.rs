//! What visitors feel: how long answers take at a constant rate, one request of ten a write.

use std::time::Duration;

use crate::Result;
use crate::data::Place;
use crate::load::{Errors, Load, Outcome, Pace, run as put_on};
use crate::mix::Mix;
use crate::run::{CONNECTIONS, Run};
use crate::server::{self, Cache};
use crate::table::{Goal, Round, Row};
use crate::targets::Source;

/// Requests in a second.
const RATE: u32 = 2_000;

/// How many times as long as another measurement one at a constant rate takes: of 60,000 requests 60 are beyond p99.9.
const TIMES: u32 = 10;

/// The mix at a fixed rate, and at 80 % of all that the server can do.
pub(crate) async fn rows(run: &Run, place: &Place) -> Result<Vec<Row>> {
    let server = server::atelier(&place.url, Cache::Default).await?;
    let source = Source::Mix(Mix(place.ids));
    let at_rate = |rate: u32, round: u32| {
        let load = Load {
            address: server.address,
            source: source.clone(),
            connections: CONNECTIONS,
            time: Duration::from_secs((TIMES * run.seconds).into()),
            rate: Some(rate),
            sheds: false,
            // Others than the closed loop's.
            seed: 1_000 + 1_000 * u64::from(rate > RATE) + u64::from(round),
            pace: Pace::default(),
        };
        put_on(load)
    };
    run.warm_up(server.address, &source, CONNECTIONS).await?;
    let (mut p99, mut p999) = (
        row("p99", &format!("{RATE}/s")),
        row("p99.9", &format!("{RATE}/s")),
    );
    let mut near_knee = row("p99", "80 % of the knee");
    for round in 0..run.rounds {
        eprintln!("mix, round {}", round + 1);
        let outcome = at_rate(RATE, round).await?;
        let rate = outcome.rate();
        p99.rounds
            .push(figures(&outcome, 0.99, 20.0, vec![("answers/s", rate)]));
        p999.rounds
            .push(figures(&outcome, 0.999, 60.0, vec![("answers/s", rate)]));
        p99.errors.join(outcome.errors);

        let knee = run
            .closed(
                server.address,
                &source,
                CONNECTIONS,
                round,
                &mut near_knee.errors,
            )
            .await?;
        let outcome = at_rate(eighty_percent(knee.rate()), round).await?;
        let parts = vec![("knee", knee.rate()), ("answers/s", outcome.rate())];
        near_knee.rounds.push(figures(&outcome, 0.99, 50.0, parts));
        near_knee.errors.join(outcome.errors);
    }
    server.stop().await?;
    Ok(vec![p99, p999, near_knee])
}

fn row(quantile: &str, rate: &str) -> Row {
    Row {
        what: format!("mix, 10 % writes: {quantile} at {rate}"),
        setting: format!(
            "PostgreSQL, {CONNECTIONS} connections, {}",
            Cache::Default.name()
        ),
        unit: "ms",
        goal: Goal::AtMost(1.0),
        rounds: vec![],
        errors: Errors::default(),
    }
}

fn figures(outcome: &Outcome, share: f64, limit: f64, parts: Vec<(&'static str, f64)>) -> Round {
    Round {
        ours: outcome.quantile(share) / 1e3,
        limit,
        parts,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is no larger than what one machine can send"
)]
fn eighty_percent(rate: f64) -> u32 {
    (rate * 0.8).max(1.0) as u32
}
