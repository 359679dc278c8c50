//! The same reads over another database, over fewer products, and further back.

use crate::Result;
use crate::data::Place;
use crate::load::Errors;
use crate::run::{CONNECTIONS, Run};
use crate::server::{self, Cache};
use crate::table::{Goal, Round, Row};
use crate::targets::{Read, Source};

/// Rows of a page of products, by default.
const PAGE: u64 = 5;

/// The common part of two sides of a comparison.
struct Compared {
    row: Row,
    connections: usize,
    /// A figure of an outcome.
    of: fn(&crate::load::Outcome) -> f64,
}

/// Uncached reads over SQLite against those over PostgreSQL.
pub(crate) async fn sqlite(run: &Run, place: &Place) -> Result<Vec<Row>> {
    let file = run.data.sqlite().await?;
    let compared = Compared {
        row: row(
            "uncached reads on SQLite, all eight; PostgreSQL",
            format!(
                "uniform ids, {CONNECTIONS} connections, {}",
                Cache::Off.name()
            ),
            "r/s",
            Goal::AtLeast(1.5),
        ),
        connections: CONNECTIONS,
        of: crate::load::Outcome::rate,
    };
    let any = |place: &Place| Source::Uniform(Read::ALL, place.ids);
    let row = compare(run, compared, (&file, any(&file)), (place, any(place))).await?;
    Ok(vec![row])
}

/// Uncached reads of many products against those of few.
pub(crate) async fn products(run: &Run, place: &Place) -> Result<Vec<Row>> {
    let small = run.data.small(place.ids).await?;
    let (many, few) = (place.ids.products, small.ids.products);
    let compared = Compared {
        row: row(
            &format!("uncached p50 of {many} products; of {few}"),
            format!("all eight, 1 connection, {}", Cache::Off.name()),
            "us",
            Goal::AtMost(1.5),
        ),
        connections: 1,
        of: |outcome| outcome.quantile(0.5),
    };
    let any = |place: &Place| Source::Uniform(Read::ALL, place.ids);
    let row = compare(run, compared, (place, any(place)), (&small, any(&small))).await?;
    Ok(vec![row])
}

/// The last page of `GET /products` against the first.
pub(crate) async fn pages(run: &Run, place: &Place) -> Result<Vec<Row>> {
    let last = place.ids.products.div_ceil(PAGE);
    let compared = Compared {
        row: row(
            &format!("p50 of page {last} of GET /products; of page 1"),
            format!("1 connection, {}", Cache::Off.name()),
            "us",
            Goal::AtMost(2.0),
        ),
        connections: 1,
        of: |outcome| outcome.quantile(0.5),
    };
    let page = |number: u64| Source::listed(&[format!("/products?page={number}")]);
    let row = compare(run, compared, (place, page(last)), (place, page(1))).await?;
    Ok(vec![row])
}

fn row(what: &str, setting: String, unit: &'static str, goal: Goal) -> Row {
    Row {
        what: what.to_owned(),
        setting,
        unit,
        goal,
        rounds: vec![],
        errors: Errors::default(),
    }
}

/// Measures a server over each database, alternating.
async fn compare(
    run: &Run,
    compared: Compared,
    (one, asked_one): (&Place, Source),
    (other, asked_other): (&Place, Source),
) -> Result<Row> {
    let Compared {
        mut row,
        connections,
        of,
    } = compared;
    let ours = server::atelier(&one.url, Cache::Off).await?;
    let limit = server::atelier(&other.url, Cache::Off).await?;
    run.warm_up(ours.address, &asked_one, connections).await?;
    run.warm_up(limit.address, &asked_other, connections)
        .await?;
    for round in 0..run.rounds {
        eprintln!("{}, round {}", row.what, round + 1);
        let limit = run
            .closed(
                limit.address,
                &asked_other,
                connections,
                round,
                &mut row.errors,
            )
            .await?;
        let ours = run
            .closed(
                ours.address,
                &asked_one,
                connections,
                round,
                &mut row.errors,
            )
            .await?;
        row.rounds.push(Round {
            ours: of(&ours),
            limit: of(&limit),
            parts: vec![],
        });
    }
    ours.stop().await?;
    limit.stop().await?;
    Ok(row)
}
