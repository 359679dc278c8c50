//! Reads, next to what limits them.

use std::slice;

use crate::data::Place;
use crate::load::Errors;
use crate::pgbench::{self, Pgbench};
use crate::run::{CONNECTIONS, Run};
use crate::server::{self, Cache};
use crate::table::{Goal, Round, Row};
use crate::targets::{HOT, Read, Source, hot, sample};
use crate::{Result, bare};

/// Answers that the bare server has of each read: enough that no cache of the processor holds them all for it alone.
const SAMPLE: usize = 512;

/// Reads of the hot set, from the cache, against the bare server.
pub(crate) async fn cached(run: &Run, place: &Place) -> Result<Vec<Row>> {
    let ours = server::atelier(&place.url, Cache::Default).await?;
    let targets = hot(place.ids);
    // It asks ours for each, so both have them all afterwards.
    let bare = bare::start(ours.address, &targets, run.data.folder()).await?;
    let source = Source::listed(&targets);
    let mut row = Row {
        what: "cached reads, all eight".to_owned(),
        setting: format!(
            "{HOT} hot products, {CONNECTIONS} connections, {}",
            Cache::Default.name()
        ),
        unit: "r/s",
        goal: Goal::AtLeast(0.85),
        rounds: vec![],
        errors: Errors::default(),
    };
    for address in [bare.address, ours.address] {
        run.warm_up(address, &source, CONNECTIONS).await?;
    }
    for round in 0..run.rounds {
        eprintln!("{}, round {}", row.what, round + 1);
        let limit = run
            .closed(bare.address, &source, CONNECTIONS, round, &mut row.errors)
            .await?;
        let ours = run
            .closed(ours.address, &source, CONNECTIONS, round, &mut row.errors)
            .await?;
        row.rounds.push(Round {
            ours: ours.rate(),
            limit: limit.rate(),
            parts: vec![],
        });
    }
    ours.stop().await?;
    bare.stop().await?;
    Ok(vec![row])
}

/// Each read without a cache, against what a server would carry that first asks pgbench's way and then answers as the
/// bare one.
pub(crate) async fn uncached(run: &Run, place: &Place) -> Result<Vec<Row>> {
    let pgbench = Pgbench::new(&place.url, place.ids, run.data.folder())?;
    let ours = server::atelier(&place.url, Cache::Off).await?;
    let mut rows = Vec::new();
    for read in Read::ALL {
        let reads = slice::from_ref(read);
        let targets = sample(reads, place.ids, SAMPLE);
        let bare = bare::start(ours.address, &targets, run.data.folder()).await?;
        let (known, any) = (Source::listed(&targets), Source::Uniform(reads, place.ids));
        let mut row = Row {
            what: format!("uncached {}", read.name()),
            setting: format!(
                "uniform ids, {CONNECTIONS} connections, {}",
                Cache::Off.name()
            ),
            unit: "r/s",
            goal: Goal::AtLeast(1.0),
            rounds: vec![],
            errors: Errors::default(),
        };
        run.warm_up(bare.address, &known, CONNECTIONS).await?;
        run.warm_up(ours.address, &any, CONNECTIONS).await?;
        for round in 0..run.rounds {
            eprintln!("{}, round {}", row.what, round + 1);
            let hyper = run
                .closed(bare.address, &known, CONNECTIONS, round, &mut row.errors)
                .await?
                .rate();
            let queries = pgbench.rate(reads, pgbench::CLIENTS, run.seconds).await?;
            let ours = run
                .closed(ours.address, &any, CONNECTIONS, round, &mut row.errors)
                .await?
                .rate();
            row.rounds.push(Round {
                ours,
                limit: 1.0 / (1.0 / hyper + 1.0 / queries),
                parts: vec![("bare", hyper), ("pgbench", queries)],
            });
        }
        bare.stop().await?;
        rows.push(row);
    }
    ours.stop().await?;
    Ok(rows)
}

/// All reads without a cache over one connection, against a query by one session and a round trip to the bare server.
pub(crate) async fn latency(run: &Run, place: &Place) -> Result<Vec<Row>> {
    let pgbench = Pgbench::new(&place.url, place.ids, run.data.folder())?;
    let ours = server::atelier(&place.url, Cache::Off).await?;
    let targets = sample(Read::ALL, place.ids, SAMPLE);
    let bare = bare::start(ours.address, &targets, run.data.folder()).await?;
    let (known, any) = (
        Source::listed(&targets),
        Source::Uniform(Read::ALL, place.ids),
    );
    let mut row = Row {
        what: "uncached latency, mean of all eight".to_owned(),
        setting: format!("uniform ids, 1 connection, {}", Cache::Off.name()),
        unit: "us",
        goal: Goal::AtMost(1.3),
        rounds: vec![],
        errors: Errors::default(),
    };
    run.warm_up(bare.address, &known, 1).await?;
    run.warm_up(ours.address, &any, 1).await?;
    for round in 0..run.rounds {
        eprintln!("{}, round {}", row.what, round + 1);
        let hyper = run
            .closed(bare.address, &known, 1, round, &mut row.errors)
            .await?
            .mean();
        let query = 1e6 / pgbench.rate(Read::ALL, 1, run.seconds).await?;
        let ours = run
            .closed(ours.address, &any, 1, round, &mut row.errors)
            .await?
            .mean();
        row.rounds.push(Round {
            ours,
            limit: hyper + query,
            parts: vec![("bare", hyper), ("pgbench", query)],
        });
    }
    ours.stop().await?;
    bare.stop().await?;
    Ok(vec![row])
}
