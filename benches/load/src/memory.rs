//! What a server holds in memory.

use std::time::Duration;

use crate::Result;
use crate::data::Place;
use crate::load::{Errors, Load, Pace, run as put_on};
use crate::run::{CONNECTIONS, Run};
use crate::server::{self, CACHE_MIB, Cache};
use crate::table::{Goal, Round, Row};
use crate::targets::{Read, Source};

/// How many times as much as the cache may hold is asked for: it has to throw out most of it.
const TIMES: f64 = 4.0;

/// Loads of one measurement's time after which that much has been asked for on any machine, or there is no more.
const MOST_LOADS: u64 = 60;

/// Memory after the start, and what a full cache adds to that.
pub(crate) async fn rows(run: &Run, place: &Place) -> Result<Vec<Row>> {
    eprintln!("memory");
    let mut errors = Errors::default();
    let (idle, with) = filled(run, place, Cache::Default, &mut errors).await?;
    // The same load also needs connections and buffers, which are no part of the cache.
    let (idle_without, without) = filled(run, place, Cache::Off, &mut errors).await?;
    let cached = (with - idle) - (without - idle_without);
    let idle_row = Row {
        what: "memory, idle".to_owned(),
        setting: format!("PostgreSQL, {}", Cache::Default.name()),
        unit: "MiB",
        goal: Goal::AtMost(1.0),
        rounds: vec![Round {
            ours: idle,
            limit: 40.0,
            parts: vec![],
        }],
        errors: Errors::default(),
    };
    let full_row = Row {
        what: "memory of the full cache; its bound".to_owned(),
        setting: format!(
            "uniform ids, {CONNECTIONS} connections, {}",
            Cache::Default.name()
        ),
        unit: "MiB",
        goal: Goal::AtMost(1.1),
        rounds: vec![Round {
            ours: cached,
            limit: CACHE_MIB,
            parts: vec![("with the cache", with), ("without", without)],
        }],
        errors,
    };
    Ok(vec![idle_row, full_row])
}

/// MiB of a fresh server when idle, and after far more answers than a cache can hold.
async fn filled(run: &Run, place: &Place, cache: Cache, errors: &mut Errors) -> Result<(f64, f64)> {
    let server = server::atelier(&place.url, cache).await?;
    let idle = server.memory()?;
    let mut mebibytes = 0.0;
    for seed in 0..MOST_LOADS {
        let load = Load {
            address: server.address,
            source: Source::Uniform(Read::ALL, place.ids),
            connections: CONNECTIONS,
            time: Duration::from_secs(run.seconds.into()),
            rate: None,
            sheds: false,
            seed,
            pace: Pace::default(),
        };
        let outcome = put_on(load).await?;
        mebibytes += outcome.bytes as f64 / 1_048_576.0;
        errors.join(outcome.errors);
        if mebibytes > TIMES * CACHE_MIB {
            break;
        }
    }
    let full = server.memory()?;
    server.stop().await?;
    Ok((idle, full))
}
