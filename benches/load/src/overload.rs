//! A server at ten times its capacity: goodput, latency of accepted requests, latency of refusals, and the time to recover.
//!
//! Load generator, server and PostgreSQL share one machine, which cannot send ten times the capacity. So
//! a proxy delays the connections to the database, which lowers the capacity and leaves processor time for the load.

mod table;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use atelier_test_support::fault_proxy::{Fault, FaultProxy};

use self::table::Figures;
use crate::data::{Data, Given};
use crate::load::{Load, Outcome, Pace, run as put_on};
use crate::server::{self, Cache, Child};
use crate::targets::{Read, Source};
use crate::{Result, interrupted, until_interrupted, write_json};

/// The first of the rates that are tried; each is a third more than the one before, until a tenth is not answered.
const FIRST: u32 = 50;

/// Connections at a constant rate: more than the queue admits, so that requests queue in the server and not in the client.
const CONNECTIONS: usize = 8_192;

/// Duration of the load before the measurement.
const WARM_UP: Duration = Duration::from_secs(10);

/// The overload takes this many times the duration of another measurement, because it begins with a burst.
const OVERLOAD: u32 = 6;

/// Probes per second.
const PROBES: u32 = 50;

/// Duration of one check whether the server has recovered.
const LOOK: Duration = Duration::from_millis(250);

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    given: Given,
    /// Seconds of a measurement; the overload takes six times as long
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// How many times as much is sent as can be answered
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    times: u32,
    /// Where the figures go
    #[arg(long, value_name = "FILE", default_value = "overload.json")]
    json: PathBuf,
}

/// Something to send.
struct Work {
    name: &'static str,
    source: Source,
    /// How long the way to the database is.
    delay: Duration,
}

/// Measures, prints the table and writes the figures.
pub(crate) fn run(options: Options) -> Result<ExitCode> {
    let (seconds, times, json) = (options.seconds, options.times, options.json);
    let Some(all) = until_interrupted(measure(options.given, seconds, times))? else {
        return Ok(interrupted());
    };
    print!("{}", table::text(&all, times));
    write_json(&json, &table::json(&all, seconds, times))?;
    Ok(ExitCode::SUCCESS)
}

async fn measure(given: Given, seconds: u32, times: u32) -> Result<Vec<Figures>> {
    let data = Data::new(given)?;
    let place = data.postgres().await?;
    let mut all = Vec::new();
    for work in [
        Work {
            name: "unbatched reads",
            source: Source::listed(&["/cart".to_owned()]),
            delay: Duration::from_millis(5),
        },
        Work {
            name: "batched reads",
            source: Source::Uniform(&[Read::Product, Read::Meta], place.ids),
            delay: Duration::from_millis(60),
        },
    ] {
        eprintln!("{}", work.name);
        let proxy = FaultProxy::before(&place.url);
        proxy.set(Fault::Delay(work.delay));
        let server = server::without_log(proxy.url(), Cache::Off).await?;
        let bench = Bench {
            server,
            work,
            time: Duration::from_secs(seconds.into()),
        };
        all.push(bench.figures(times).await?);
        bench.server.stop().await?;
    }
    Ok(all)
}

struct Bench {
    server: Child,
    work: Work,
    time: Duration,
}

impl Bench {
    async fn put_on(
        &self,
        connections: usize,
        rate: Option<u32>,
        time: Duration,
    ) -> Result<Outcome> {
        let load = Load {
            address: self.server.address,
            source: self.work.source.clone(),
            connections,
            time,
            rate,
            sheds: true,
            seed: 1,
            pace: Pace::default(),
        };
        good(put_on(load).await?)
    }

    async fn probe(&self, time: Duration) -> Result<Outcome> {
        let load = Load {
            address: self.server.address,
            source: Source::listed(&["/live".to_owned()]),
            connections: 2,
            time,
            rate: Some(PROBES),
            sheds: false,
            seed: 1,
            pace: Pace::default(),
        };
        good(put_on(load).await?)
    }

    /// Returns the maximum goodput: the rate grows until a tenth of the requests is not served.
    async fn peak(&self) -> Result<f64> {
        let (mut peak, mut rate) = (0.0_f64, FIRST);
        loop {
            let outcome = self.put_on(CONNECTIONS, Some(rate), self.time / 2).await?;
            eprintln!("  {rate} per second sent, {:.0} served", outcome.rate());
            peak = peak.max(outcome.rate());
            if outcome.rate() < 0.9 * f64::from(rate) {
                return Ok(peak);
            }
            rate += rate.div_ceil(3);
        }
    }

    async fn figures(&self, times: u32) -> Result<Figures> {
        // Opens every connection and prepares every statement.
        self.put_on(CONNECTIONS, Some(4 * FIRST), WARM_UP).await?;
        let peak = self.peak().await?;
        let most = whole(peak * 0.8);
        let normal = self.put_on(CONNECTIONS, Some(most), self.time).await?;
        let normal_p99 = normal.quantile(0.99) / 1e3;
        let rate = whole(peak).saturating_mul(times);
        let long = self.time * OVERLOAD;
        let (overload, probes) =
            tokio::try_join!(self.put_on(CONNECTIONS, Some(rate), long), self.probe(long))?;
        let since = Instant::now();
        let normal_again = loop {
            let begun = since.elapsed();
            let look = self.put_on(CONNECTIONS, Some(most), LOOK).await?;
            let slowest = look.quantile(1.0) / 1e3;
            if look.refused.is_empty() && slowest <= 3.0 * normal_p99 {
                break begun;
            }
            if begun > Duration::from_mins(1) {
                return Err("the server has not recovered a minute after the overload".to_owned());
            }
        };
        Ok(Figures {
            what: self.work.name,
            delay: self.work.delay,
            peak,
            normal_refused: normal.refused.len(),
            normal_p99,
            offered: (overload.latencies.len() + overload.refused.len()) as f64
                / long.as_secs_f64(),
            goodput: overload.rate(),
            accepted_p99: overload.quantile(0.99) / 1e3,
            refused: overload.refused.len(),
            refused_p50: overload.refused.value_at_quantile(0.5) as f64 / 1e6,
            refused_p99: overload.refused.value_at_quantile(0.99) as f64 / 1e6,
            live_p99: probes.quantile(0.99) / 1e3,
            normal_again: normal_again.as_secs_f64(),
        })
    }
}

fn good(outcome: Outcome) -> Result<Outcome> {
    match outcome.errors.first {
        Some(words) => Err(words),
        None => Ok(outcome),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is no larger than what one machine can send"
)]
fn whole(rate: f64) -> u32 {
    rate.max(1.0) as u32
}
