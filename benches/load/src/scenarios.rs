//! Load scripts of public projects of this kind, in which no request may fail. `k6/` has the same ones for k6.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use serde_json::{Value, json};

use crate::data::{Data, Given, Place, Store};
use crate::load::{Load, Outcome, Pace, run as put_on};
use crate::server::{self, Cache, raise_file_limit};
use crate::targets::{Read, Source};
use crate::writes::{Encoding, POSTS, Write, Writes};
use crate::{Result, exit_code, interrupted, until_interrupted, write_json};

/// Time of a scenario, and of the ramp in it.
const TIME: Duration = Duration::from_mins(1);
const RAMP: Duration = Duration::from_secs(30);

/// Pause of a client after each answer.
const SLEEP: Duration = Duration::from_secs(1);

/// Requests per second at a constant rate.
const RATE: u32 = 1_000;

/// One scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scenario {
    /// A ramp to 1,000 clients that read, each with a second of sleep
    ReadsRamp,
    /// A ramp to 1,000 clients that vote on random reviews, each with a second of sleep
    VotesRamp,
    /// A ramp to 1,000 clients that post as JSON, each with a second of sleep
    PostsRamp,
    /// Reviews as JSON, 1,000 per second
    ReviewsRate,
    /// Posts as HTML forms, 1,000 per second
    FormsRate,
    /// 2,000 clients that read styles, without a pause
    StylesClients,
}

/// Options of `atelier-load scenarios`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    given: Given,
    /// Only these scenarios
    #[arg(long, value_delimiter = ',', value_enum)]
    only: Vec<Scenario>,
    /// Only this store
    #[arg(long, value_delimiter = ',', value_enum)]
    store: Vec<Store>,
    /// Factor of all times but the sleep of a client: 0.1 makes 60 s and a ramp of 30 s to 6 s and 3 s
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = factor)]
    scale_time: f64,
    /// File for the figures
    #[arg(long, value_name = "FILE", default_value = "scenarios.json")]
    json: PathBuf,
}

fn factor(text: &str) -> std::result::Result<f64, String> {
    let factor = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.001..=1_000.0).contains(&factor) {
        Ok(factor)
    } else {
        Err("give 0.001 to 1000".to_owned())
    }
}

/// A scenario as it was run.
struct Figures {
    scenario: Scenario,
    store: Store,
    outcome: Outcome,
}

/// Runs the scenarios; the exit code is 1 when any request failed.
pub(crate) fn run(options: Options) -> Result<ExitCode> {
    let json = options.json.clone();
    let Some(all) = until_interrupted(measure(options))? else {
        return Ok(interrupted());
    };
    let figures: Vec<_> = all.iter().map(Figures::json).collect();
    write_json(&json, &json!({ "scenarios": figures }))?;
    Ok(exit_code(
        all.iter().map(|figures| figures.outcome.errors.count).sum(),
    ))
}

async fn measure(options: Options) -> Result<Vec<Figures>> {
    raise_file_limit();
    let data = Data::new(options.given)?;
    let mut all = Vec::new();
    println!("{HEAD}");
    for store in Store::value_variants() {
        if !options.store.is_empty() && !options.store.contains(store) {
            continue;
        }
        let place = data.place(*store).await?;
        let characteristics = place.characteristics().await?;
        let server = server::without_log(&place.url, Cache::Default).await?;
        for scenario in Scenario::value_variants() {
            if !options.only.is_empty() && !options.only.contains(scenario) {
                continue;
            }
            let mut load = scenario.load(&place, &characteristics);
            load.address = server.address;
            load.time = load.time.mul_f64(options.scale_time);
            load.pace.ramp = load.pace.ramp.mul_f64(options.scale_time);
            let figures = Figures {
                scenario: *scenario,
                store: *store,
                outcome: put_on(load).await?,
            };
            println!("{}", figures.line());
            all.push(figures);
        }
        server.stop().await?;
    }
    Ok(all)
}

impl Scenario {
    fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// The load, but for the server.
    fn load(self, place: &Place, characteristics: &Arc<[[u64; 2]]>) -> Load {
        let writes = |kinds, encoding| {
            Source::Writes(Writes {
                kinds,
                ids: place.ids,
                characteristics: Arc::clone(characteristics),
                encoding,
            })
        };
        let gradual = Pace {
            ramp: RAMP,
            sleep: SLEEP,
        };
        let (connections, rate, ramp) = match self {
            Self::ReadsRamp | Self::VotesRamp | Self::PostsRamp => (1_000, None, gradual),
            // As many connections as requests may be waiting in a second: none is sent late while the server keeps up.
            Self::ReviewsRate | Self::FormsRate => (1_000, Some(RATE), Pace::default()),
            Self::StylesClients => (2_000, None, Pace::default()),
        };
        Load {
            address: ([127, 0, 0, 1], 0).into(),
            source: match self {
                Self::ReadsRamp => Source::Uniform(Read::ALL, place.ids),
                Self::VotesRamp => writes(&[Write::ReviewVote], Encoding::Json),
                Self::PostsRamp => writes(POSTS, Encoding::Json),
                Self::ReviewsRate => writes(&[Write::Review], Encoding::Json),
                Self::FormsRate => writes(POSTS, Encoding::Form),
                Self::StylesClients => Source::Uniform(&[Read::Styles], place.ids),
            },
            connections,
            time: TIME,
            rate,
            sheds: false,
            seed: 1,
            pace: ramp,
        }
    }
}

const HEAD: &str =
    "scenario         store        requests   failed     good/s    p50 ms    p99 ms    max ms";

impl Figures {
    fn milliseconds(&self, quantile: f64) -> f64 {
        self.outcome.quantile(quantile) / 1e3
    }

    fn line(&self) -> String {
        let errors = &self.outcome.errors;
        let mut line = format!(
            "{:<16} {:<10} {:>10} {:>8} {:>10.0} {:>9.1} {:>9.1} {:>9.1}",
            self.scenario.name(),
            self.store.name(),
            errors.requests,
            errors.text(),
            self.outcome.rate(),
            self.milliseconds(0.5),
            self.milliseconds(0.99),
            self.milliseconds(1.0),
        );
        if let Some(first) = &errors.first {
            line.push_str("\n  first failure: ");
            line.push_str(first);
        }
        line
    }

    fn json(&self) -> Value {
        let errors = &self.outcome.errors;
        json!({
            "scenario": self.scenario.name(), "store": self.store.name(),
            "requests": errors.requests, "failed": errors.count, "failed_share": errors.share(),
            "first_failure": errors.first, "goodput": self.outcome.rate(),
            "p50_ms": self.milliseconds(0.5), "p99_ms": self.milliseconds(0.99), "max_ms": self.milliseconds(1.0),
        })
    }
}
