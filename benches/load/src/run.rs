//! The whole of a run: which parts of the table are measured, how long, and over what.

use std::net::SocketAddr;
use std::time::Duration;

use clap::ValueEnum;
use serde_json::{Value, json};

use crate::data::{Data, Given};
use crate::load::{Errors, Load, Outcome, Pace, run as put_on};
use crate::table::Row;
use crate::targets::{Ids, Source};
use crate::{Result, memory, mixed, reads, scale};

/// Connections where it is about how much is carried.
pub(crate) const CONNECTIONS: usize = 64;

/// How long each side runs before it is measured for the first time.
const WARM_UP: Duration = Duration::from_secs(1);

/// A part of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Reads of a hot set from the answer cache, against the bare server
    Cached,
    /// Each read without a cache, against the bare server and pgbench one after the other
    Uncached,
    /// The same, over one connection
    Latency,
    /// Reads over SQLite, against those over PostgreSQL
    Sqlite,
    /// Visitors at a constant rate, one request of ten a write
    Mix,
    /// Many products against few, and the last page against the first
    Scale,
    /// Memory when idle, and with a full cache
    Memory,
}

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    given: Given,
    /// How often each side is measured
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Seconds of a measurement; the mix at a constant rate takes ten times as long
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// Only these parts
    #[arg(long, value_delimiter = ',', value_enum)]
    only: Vec<Part>,
}

impl Options {
    /// The settings, for the figures.
    pub(crate) fn json(&self) -> Value {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        json!({ "rounds": self.rounds, "seconds": self.seconds, "cores": cores })
    }
}

/// What every part needs.
pub(crate) struct Run {
    pub(crate) data: Data,
    pub(crate) rounds: u32,
    pub(crate) seconds: u32,
}

impl Run {
    /// As fast as it goes, for the time of a measurement.
    pub(crate) async fn closed(
        &self,
        address: SocketAddr,
        source: &Source,
        connections: usize,
        round: u32,
        errors: &mut Errors,
    ) -> Result<Outcome> {
        let load = Load {
            address,
            source: source.clone(),
            connections,
            time: Duration::from_secs(self.seconds.into()),
            rate: None,
            sheds: false,
            seed: u64::from(round),
            pace: Pace::default(),
        };
        let mut outcome = put_on(load).await?;
        errors.join(std::mem::take(&mut outcome.errors));
        Ok(outcome)
    }

    /// A moment of the same, so that the first round is like the others.
    pub(crate) async fn warm_up(
        &self,
        address: SocketAddr,
        source: &Source,
        connections: usize,
    ) -> Result<()> {
        let load = Load {
            address,
            source: source.clone(),
            connections,
            time: WARM_UP,
            rate: None,
            sheds: false,
            seed: u64::from(u32::MAX),
            pace: Pace::default(),
        };
        match put_on(load).await?.errors.first {
            Some(words) => Err(words),
            None => Ok(()),
        }
    }
}

/// Measures; the largest ids of the data, and the rows of the table.
pub(crate) async fn run(options: Options) -> Result<(Ids, Vec<Row>)> {
    let run = Run {
        data: Data::new(options.given)?,
        rounds: options.rounds,
        seconds: options.seconds,
    };
    let is_wanted = |part| options.only.is_empty() || options.only.contains(&part);
    let main = run.data.postgres().await?;
    println!("PostgreSQL with {}", main.ids);
    let mut rows = Vec::new();
    if is_wanted(Part::Cached) {
        rows.extend(reads::cached(&run, &main).await?);
    }
    if is_wanted(Part::Uncached) {
        rows.extend(reads::uncached(&run, &main).await?);
    }
    if is_wanted(Part::Latency) {
        rows.extend(reads::latency(&run, &main).await?);
    }
    if is_wanted(Part::Sqlite) {
        rows.extend(scale::sqlite(&run, &main).await?);
    }
    if is_wanted(Part::Scale) {
        rows.extend(scale::products(&run, &main).await?);
        rows.extend(scale::pages(&run, &main).await?);
    }
    if is_wanted(Part::Memory) {
        rows.extend(memory::rows(&run, &main).await?);
    }
    // At the end, as it changes the rows.
    if is_wanted(Part::Mix) {
        rows.extend(mixed::rows(&run, &main).await?);
    }
    Ok((main.ids, rows))
}
