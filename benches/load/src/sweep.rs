//! A closed loop over numbers of clients: whether throughput falls, or requests fail, as clients are added, next to the peer.
//!
//! Within a case the rounds are the outer loop and the numbers of clients the inner one, so that a machine that is slower for
//! a while is slower for all of them.

mod case;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use serde_json::json;

use self::case::Case;
use self::report::{Cell, Curve, Side};
use crate::data::{Data, Given, Place, Store};
use crate::load::{Load, Outcome, Pace, run as put_on};
use crate::server::{self, Cache, Child, raise_file_limit};
use crate::targets::{Ids, Source};
use crate::{Result, exit_code, interrupted, peer, until_interrupted, write_json};

/// Clients and time of the load before the first measurement of a case.
const WARM_UP: (usize, Duration) = (64, Duration::from_secs(1));

/// Options of `atelier-load sweep`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    given: Given,
    /// Only these cases
    #[arg(long = "case", value_name = "CASE", value_delimiter = ',', value_enum)]
    cases: Vec<Case>,
    /// Numbers of clients
    #[arg(
        long, value_name = "N", value_delimiter = ',',
        default_values_t = [8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096],
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    clients: Vec<u32>,
    /// Only this store
    #[arg(long, value_delimiter = ',', value_enum)]
    store: Vec<Store>,
    /// Measurements of each side at each number of clients
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Seconds of a measurement
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// A PostgreSQL database for the peer, which creates the schema `peer` there and fills it from Atelier's tables of the
    /// same database, unless it exists. By default the database of --database-url
    #[arg(long, value_name = "URL")]
    peer_database_url: Option<String>,
    /// Measures Atelier alone
    #[arg(long)]
    no_peer: bool,
    /// File for the figures of every round, in which `plot` finds its points
    #[arg(long, value_name = "FILE", default_value = "sweep.json")]
    json: PathBuf,
}

/// Runs the sweep; the exit code is 1 when any request failed.
pub(crate) fn run(options: Options) -> Result<ExitCode> {
    let Some(curves) = until_interrupted(measure(options))? else {
        return Ok(interrupted());
    };
    println!("{}", report::summary(&curves));
    Ok(exit_code(curves.iter().map(Curve::failures).sum()))
}

async fn measure(mut options: Options) -> Result<Vec<Curve>> {
    options.clients.sort_unstable();
    options.clients.dedup();
    raise_file_limit();
    let data = Data::new(std::mem::take(&mut options.given))?;
    let mut curves = Vec::new();
    for store in Store::value_variants() {
        if !options.store.is_empty() && !options.store.contains(store) {
            continue;
        }
        let place = data.place(*store).await?;
        let peer = match store {
            Store::Postgres if !options.no_peer => Some(start_peer(&options, &place).await?),
            _ => None,
        };
        let ids = peer.as_ref().map_or(place.ids, |(_, ids)| *ids);
        println!("{} with {ids}", store.name());
        let characteristics = place.characteristics().await?;
        let ours = server::without_log(&place.url, Cache::Off).await?;
        for case in Case::value_variants() {
            if !options.cases.is_empty() && !options.cases.contains(case) {
                continue;
            }
            let source = case.source(ids, Arc::clone(&characteristics));
            let peer = peer.as_ref().map(|(peer, _)| peer);
            let curve = options.curve(*store, *case, &source, &ours, peer).await?;
            println!("\n{}", report::table(&curve));
            curves.push(curve);
            // After every case, so that an interrupted run has the figures so far.
            write_json(&options.json, &options.figures(&curves))?;
        }
        ours.stop().await?;
        if let Some((peer, _)) = peer {
            peer.stop().await?;
        }
    }
    Ok(curves)
}

/// Starts the peer, with the largest ids that both sides have.
async fn start_peer(options: &Options, place: &Place) -> Result<(Child, Ids)> {
    let url = options.peer_database_url.as_ref().unwrap_or(&place.url);
    let ids = peer::prepare(url).await?.least(place.ids);
    Ok((peer::start(url).await?, ids))
}

impl Options {
    /// Measures one case at all numbers of clients.
    async fn curve(
        &self,
        store: Store,
        case: Case,
        source: &Source,
        ours: &Child,
        peer: Option<&Child>,
    ) -> Result<Curve> {
        let cell = |clients: &u32| Cell {
            clients: *clients,
            ours: Side::default(),
            peer: peer.map(|_| Side::default()),
        };
        let mut cells: Vec<Cell> = self.clients.iter().map(cell).collect();
        let (clients, time) = WARM_UP;
        for side in [Some(ours), peer].into_iter().flatten() {
            put_on(load(side, source, clients, time, u64::MAX)).await?;
        }
        for round in 0..self.rounds {
            eprintln!("{}, {}, round {}", store.name(), case.title(), round + 1);
            for cell in &mut cells {
                let measure = async |side: &Child| -> Result<Outcome> {
                    let time = Duration::from_secs(self.seconds.into());
                    let load = load(side, source, cell.clients as usize, time, round.into());
                    let outcome = put_on(load).await;
                    outcome.map_err(|words| format!("{}: {words}", side.name))
                };
                match (&mut cell.peer, peer) {
                    // Whoever comes first changes from round to round.
                    (Some(figures), Some(peer)) if round % 2 == 0 => {
                        figures.add(measure(peer).await?);
                        cell.ours.add(measure(ours).await?);
                    }
                    (Some(figures), Some(peer)) => {
                        cell.ours.add(measure(ours).await?);
                        figures.add(measure(peer).await?);
                    }
                    _ => cell.ours.add(measure(ours).await?),
                }
            }
        }
        Ok(Curve { store, case, cells })
    }

    fn figures(&self, curves: &[Curve]) -> serde_json::Value {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let curves: Vec<_> = curves.iter().map(report::json).collect();
        json!({
            "settings": { "rounds": self.rounds, "seconds": self.seconds, "cores": cores },
            "curves": curves,
        })
    }
}

fn load(side: &Child, source: &Source, clients: usize, time: Duration, seed: u64) -> Load {
    Load {
        address: side.address,
        source: source.clone(),
        connections: clients,
        time,
        rate: None,
        sheds: false,
        seed,
        pace: Pace::default(),
    }
}
