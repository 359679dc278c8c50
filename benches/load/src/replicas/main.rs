//! `atelier-replicas`: the cost of restarting, killing and loading replicas behind nginx.
//!
//! Starts three servers as systemd would, with sockets that outlive them, over one PostgreSQL database, and nginx with the
//! shipped configuration in front. Sends requests at a constant rate, half of them writes, while the servers are
//! restarted one after the other, and then while they are killed; then compares the acknowledged writes with the database.
//! Prints one table of figures and their limits.
//!
//! Exit codes: 0 all limits are met, 1 a limit is missed or a measurement failed, 2 usage.

#![allow(
    clippy::cast_precision_loss,
    reason = "figures for people, far below the 2^53 that a float holds"
)]

mod coherence;
mod replica_set;
mod traffic;
mod write_ledger;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use atelier_core::DatabaseUrl;
use atelier_core::store::{self, Provenance};
use atelier_test_support::nginx::Nginx;
use atelier_test_support::postgres;
use atelier_warp::demo;
use clap::Parser;

use crate::replica_set::ReplicaSet;
use crate::traffic::{Kind, Outcome, Traffic};
use crate::write_ledger::WriteLedger;

/// A result whose error is a message.
type Result<T> = std::result::Result<T, String>;

/// Products of the database that is made when none is given.
const PRODUCTS: u32 = 1_000;

/// Measures restarts, kills and load of replicas behind nginx.
///
/// Needs nginx, and PostgreSQL's programs unless a database is given.
#[derive(Parser)]
#[command(name = "atelier-replicas", version)]
struct Cli {
    /// The server's program; `atelier` beside this program without it
    #[arg(long, value_name = "PATH")]
    atelier: Option<PathBuf>,
    /// A PostgreSQL database with products, which is written into; a throwaway one with a demo is made without it
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Restarts, one after the other
    #[arg(long, value_name = "N", default_value_t = 21)]
    restarts: u32,
    /// Kills, one after the other
    #[arg(long, value_name = "N", default_value_t = 30)]
    kills: u32,
    /// Requests in a second while replicas are restarted and killed
    #[arg(long, value_name = "N", default_value_t = 400)]
    rate: u32,
    /// Requests in a second while nothing happens to them
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    load: u32,
    /// Seconds of that
    #[arg(long, value_name = "N", default_value_t = 20)]
    seconds: u64,
    /// Seconds in which a replica goes on accepting when it is to end: longer than nginx keeps an idle connection, 5
    #[arg(long, value_name = "N", default_value_t = 6)]
    drain_delay: u16,
}

/// A figure, and whether it is as it should be.
struct Row {
    what: String,
    figure: String,
    limit: &'static str,
    good: bool,
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let rows = match runtime {
        Ok(runtime) => runtime.block_on(measure(Cli::parse())),
        Err(error) => Err(error.to_string()),
    };
    match rows {
        Ok(rows) => {
            println!("| | figure | limit | |\n|---|---|---|---|");
            for row in &rows {
                let verdict = if row.good { "ok" } else { "MISSED" };
                println!(
                    "| {} | {} | {} | {verdict} |",
                    row.what, row.figure, row.limit
                );
            }
            let all = rows.iter().all(|row| row.good);
            ExitCode::from(u8::from(!all))
        }
        Err(words) => {
            eprintln!("{words}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(cli: Cli) -> Result<Vec<Row>> {
    let atelier = match cli.atelier {
        Some(path) => path,
        None => std::env::current_exe()
            .map_err(|error| error.to_string())?
            .with_file_name("atelier"),
    };
    let atelier = atelier.canonicalize().map_err(|_| {
        let path = atelier.display();
        format!("There is no {path}. Build it: cargo build --profile dist -p atelier-warp")
    })?;
    let throwaway = if cli.database_url.is_none() {
        eprintln!("making a database of {PRODUCTS} products");
        let database = postgres::database().await;
        let url = DatabaseUrl::parse(&database.url()).map_err(|error| error.to_string())?;
        let filled = store::fill(&url, demo::catalogue(PRODUCTS, 42), Provenance::Demo).await;
        filled.map_err(|error| error.to_string())?;
        Some(database)
    } else {
        None
    };
    let url = cli.database_url.unwrap_or_else(|| {
        throwaway
            .as_ref()
            .map_or_else(String::new, postgres::Database::url)
    });
    let ledger = WriteLedger::open(&url).await?;
    let mut replicas = ReplicaSet::start(&atelier, &url, cli.drain_delay).await?;
    let nginx = Nginx::before(&replicas.addresses()).await;

    let mut rows = coherence::rows(&replicas.addresses(), &ledger).await?;
    rows.push(steady(&nginx, &ledger, cli.load, cli.seconds).await?);
    rows.extend(restarted(&nginx, &ledger, &mut replicas, cli.rate, cli.restarts).await?);
    rows.extend(killed(&nginx, &ledger, &mut replicas, cli.rate, cli.kills).await?);
    Ok(rows)
}

async fn steady(nginx: &Nginx, ledger: &WriteLedger, rate: u32, seconds: u64) -> Result<Row> {
    eprintln!("{rate} reads a second for {seconds} s");
    let traffic = Traffic::start(nginx.address, rate, ledger.ids(), Kind::Reads);
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let outcome = traffic.stop().await;
    let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|part| outcome.latency(part));
    let achieved = outcome.requests as f64 / seconds as f64;
    Ok(Row {
        what: format!("{rate} reads/s through nginx: p99 (p50, p99.9; achieved; failed)"),
        figure: format!(
            "{p99:.1} ms ({p50:.1}, {p999:.1}; {achieved:.0}/s; {}){}",
            outcome.failed,
            outcome.words()
        ),
        limit: "50 ms, 0 failed",
        good: p99 <= 50.0 && outcome.failed == 0 && achieved >= 0.99 * f64::from(rate),
    })
}

async fn restarted(
    nginx: &Nginx,
    ledger: &WriteLedger,
    replicas: &mut ReplicaSet,
    rate: u32,
    restarts: u32,
) -> Result<Vec<Row>> {
    eprintln!("{restarts} restarts under {rate} requests a second");
    let before = ledger.balance().await?;
    let traffic = Traffic::start(nginx.address, rate, ledger.ids(), Kind::HalfWrites);
    for restart in 0..restarts {
        replicas.restart(restart as usize).await?;
    }
    let outcome = traffic.stop().await;
    let (lost, doubled) = ledger.audit(before, &outcome).await?;
    Ok(vec![
        Row {
            what: format!(
                "failed of {} requests, {restarts} restarts",
                outcome.requests
            ),
            figure: format!("{}{}", outcome.failed, outcome.words()),
            limit: "0",
            good: outcome.failed == 0,
        },
        Row {
            what: format!("writes lost, doubled, of {}", outcome.written()),
            figure: format!("{lost}, {doubled}"),
            limit: "0, 0",
            good: (lost, doubled) == (0, 0),
        },
    ])
}

async fn killed(
    nginx: &Nginx,
    ledger: &WriteLedger,
    replicas: &mut ReplicaSet,
    rate: u32,
    kills: u32,
) -> Result<Vec<Row>> {
    eprintln!("{kills} kills under {rate} requests a second");
    let before = ledger.balance().await?;
    let traffic = Traffic::start(nginx.address, rate, ledger.ids(), Kind::HalfWrites);
    let mut back = Vec::new();
    for kill in 0..kills {
        // What comes between: more writes than there are kills by far.
        tokio::time::sleep(Duration::from_secs(1)).await;
        back.push(replicas.kill(kill as usize).await?);
    }
    let outcome = traffic.stop().await;
    let (lost, doubled) = ledger.audit(before, &outcome).await?;
    back.sort();
    let back = back.get(back.len() / 2).copied().unwrap_or_default();
    Ok(vec![
        Row {
            what: format!(
                "acknowledged writes lost, doubled, of {}, {kills} kills",
                outcome.written()
            ),
            figure: format!("{lost}, {doubled}"),
            limit: "0, 0",
            good: (lost, doubled) == (0, 0),
        },
        Row {
            what: format!("failed of {} requests meanwhile", outcome.requests),
            figure: format!("{}{}", outcome.failed, outcome.words()),
            limit: "told",
            good: true,
        },
        Row {
            what: "from a kill until /ready says 200 again, median".to_owned(),
            figure: format!("{} ms", back.as_millis()),
            limit: "told",
            good: true,
        },
    ])
}

impl Outcome {
    /// What the first failure was.
    fn words(&self) -> String {
        self.first
            .as_ref()
            .map_or_else(String::new, |words| format!(" (the first: {words})"))
    }
}
