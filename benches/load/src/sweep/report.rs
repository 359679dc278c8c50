//! The figures of the sweep, as text and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::case::Case;
use crate::data::Store;
use crate::load::{Errors, Outcome};
use crate::table::median;

/// Goodput at more clients, as a share of the best at fewer, that counts as not falling.
const LEAST_SHARE: f64 = 0.95;

/// One case on one store.
#[derive(Debug)]
pub(super) struct Curve {
    pub(super) store: Store,
    pub(super) case: Case,
    /// By ascending number of clients.
    pub(super) cells: Vec<Cell>,
}

/// Both sides at one number of clients.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) clients: u32,
    pub(super) ours: Side,
    pub(super) peer: Option<Side>,
}

/// The rounds of one side.
#[derive(Debug, Default)]
pub(super) struct Side {
    /// Successful answers per second.
    goodput: Vec<f64>,
    /// Milliseconds.
    p50: Vec<f64>,
    p99: Vec<f64>,
    errors: Errors,
}

impl Side {
    pub(super) fn add(&mut self, outcome: Outcome) {
        self.goodput.push(outcome.rate());
        self.p50.push(outcome.quantile(0.5) / 1e3);
        self.p99.push(outcome.quantile(0.99) / 1e3);
        self.errors.join(outcome.errors);
    }

    fn goodput(&self) -> f64 {
        median(self.goodput.clone())
    }

    fn p50(&self) -> f64 {
        median(self.p50.clone())
    }

    fn p99(&self) -> f64 {
        median(self.p99.clone())
    }

    fn json(&self) -> Value {
        json!({
            "goodput": self.goodput(), "p50_ms": self.p50(), "p99_ms": self.p99(),
            "requests": self.errors.requests, "failed": self.errors.count, "failed_share": self.errors.share(),
            "first_failure": self.errors.first,
            "rounds": { "goodput": self.goodput, "p50_ms": self.p50, "p99_ms": self.p99 },
        })
    }
}

impl Cell {
    /// The median of the rounds' ratios to the peer.
    fn ratio(&self) -> Option<f64> {
        let peer = &self.peer.as_ref()?.goodput;
        let ratios = self.ours.goodput.iter().zip(peer);
        Some(median(ratios.map(|(ours, peer)| ours / peer).collect()))
    }

    /// The 99th percentile as a multiple of clients / goodput, the mean latency of a closed loop.
    fn p99_in_turns(&self) -> f64 {
        self.ours.p99() * self.ours.goodput() / (1e3 * f64::from(self.clients))
    }
}

impl Curve {
    /// Failed requests of both sides.
    pub(super) fn failures(&self) -> u64 {
        let of = |cell: &Cell| {
            cell.ours.errors.count + cell.peer.as_ref().map_or(0, |peer| peer.errors.count)
        };
        self.cells.iter().map(of).sum()
    }

    /// Goodput of each cell as a share of the best at fewer clients; none for the first.
    fn shares(&self) -> Vec<Option<f64>> {
        let goodput: Vec<f64> = self.cells.iter().map(|cell| cell.ours.goodput()).collect();
        shares_of_best(&goodput)
    }
}

/// Each value as a share of the largest before it; none for the first.
fn shares_of_best(values: &[f64]) -> Vec<Option<f64>> {
    let mut best = None;
    let share = |value: &f64| {
        let share = best.map(|best| value / best);
        best = Some(best.map_or(*value, |best: f64| best.max(*value)));
        share
    };
    values.iter().map(share).collect()
}

/// One case for people, a line per number of clients.
pub(super) fn table(curve: &Curve) -> String {
    let mut text = format!("{}, {}\n", curve.case.title(), curve.store.name());
    text.push_str("clients   good/s   failed   p50 ms   p99 ms  p99/turn  of best");
    if curve.cells.iter().any(|cell| cell.peer.is_some()) {
        text.push_str("   peer/s   failed   p50 ms   p99 ms  ratio");
    }
    text.push('\n');
    for (cell, share) in curve.cells.iter().zip(curve.shares()) {
        // Writing into memory never fails.
        let _ = write!(text, "{:>7}", cell.clients);
        let _ = side(&mut text, &cell.ours);
        let share = share.map_or_else(String::new, |share| format!("{:.0} %", 100.0 * share));
        let _ = write!(text, "  {:>8.1}  {share:>7}", cell.p99_in_turns());
        if let (Some(peer), Some(ratio)) = (&cell.peer, cell.ratio()) {
            let _ = side(&mut text, peer);
            let _ = write!(text, "  {ratio:>5.2}");
        }
        text.push('\n');
    }
    for (who, first) in first_failures(curve) {
        let _ = writeln!(text, "first failure of {who}: {first}");
    }
    text
}

fn side(text: &mut String, side: &Side) -> std::fmt::Result {
    let (goodput, failed) = (side.goodput(), side.errors.text());
    write!(
        text,
        "{goodput:>9.0}  {failed:>7}  {:>7.1}  {:>7.1}",
        side.p50(),
        side.p99()
    )
}

fn first_failures(curve: &Curve) -> impl Iterator<Item = (&'static str, &String)> {
    let of = |errors: fn(&Cell) -> Option<&Errors>| {
        let mut all = curve.cells.iter().filter_map(errors);
        all.find_map(|errors| errors.first.as_ref())
    };
    let ours = of(|cell| Some(&cell.ours.errors)).map(|first| ("Atelier", first));
    let peer = of(|cell| cell.peer.as_ref().map(|peer| &peer.errors));
    ours.into_iter()
        .chain(peer.map(|first| ("the peer", first)))
}

/// All cases for people, a line each.
pub(super) fn summary(curves: &[Curve]) -> String {
    let mut text = format!(
        "{:<31} {:<10} {:>9} {:>8} {:>14} {:>13}  \n",
        "case", "store", "best/s", "failed", "least of best", "ratio to peer"
    );
    for curve in curves {
        let goodput = curve.cells.iter().map(|cell| cell.ours.goodput());
        let best = goodput.fold(0.0, f64::max);
        let least = curve.shares().into_iter().flatten().reduce(f64::min);
        let ratios: Vec<_> = curve.cells.iter().filter_map(Cell::ratio).collect();
        let ratio = match (
            ratios.iter().copied().reduce(f64::min),
            ratios.iter().copied().reduce(f64::max),
        ) {
            (Some(least), Some(most)) => format!("{least:.2} to {most:.2}"),
            _ => String::new(),
        };
        let mut failed = Errors::default();
        for cell in &curve.cells {
            failed.join(cell.ours.errors.clone());
        }
        let verdict = match least {
            _ if curve.failures() > 0 => "failed",
            Some(least) if least < LEAST_SHARE => "falls",
            _ => "ok",
        };
        let least = least.map_or_else(String::new, |least| format!("{:.0} %", 100.0 * least));
        let _ = writeln!(
            text,
            "{:<31} {:<10} {best:>9.0} {:>8} {least:>14} {ratio:>13}  {verdict}",
            curve.case.title(),
            curve.store.name(),
            failed.text()
        );
    }
    text
}

/// One case for programs.
pub(super) fn json(curve: &Curve) -> Value {
    let cell = |(cell, share): (&Cell, Option<f64>)| {
        json!({
            "clients": cell.clients, "ours": cell.ours.json(), "peer": cell.peer.as_ref().map(Side::json),
            "ratio": cell.ratio(), "share_of_best": share, "p99_in_turns": cell.p99_in_turns(),
        })
    };
    let cells: Vec<_> = curve.cells.iter().zip(curve.shares()).map(cell).collect();
    json!({
        "case": curve.case.title(), "class": curve.case.class().name(), "store": curve.store.name(),
        "cells": cells,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn outcome(answers: u64, milliseconds: u64, failed: u64) -> Outcome {
        let mut outcome = Outcome::new(Duration::from_secs(2));
        let latency = milliseconds * 1_000_000;
        outcome
            .latencies
            .record_n(latency, answers)
            .expect("within bounds");
        outcome.errors.requests = answers + failed;
        if failed > 0 {
            outcome.errors.add(failed, || "503: GET /".to_owned());
        }
        outcome
    }

    fn curve(goodput: &[u64], failed: u64) -> Curve {
        let cell = |(place, goodput): (usize, &u64)| {
            let (mut ours, mut peer) = (Side::default(), Side::default());
            // Ratios 2, 1 and 0.5: the median is 1, whatever the ratio of the medians.
            for times in [2, 4, 8] {
                ours.add(outcome(2 * goodput, 10, failed));
                peer.add(outcome(goodput * times / 2, 20, 0));
            }
            let clients = 8 << place;
            Cell {
                clients,
                ours,
                peer: Some(peer),
            }
        };
        Curve {
            store: Store::Postgres,
            case: Case::Vote,
            cells: goodput.iter().enumerate().map(cell).collect(),
        }
    }

    #[test]
    fn share_of_best_compares_with_the_best_at_fewer_clients() {
        assert_eq!(
            shares_of_best(&[100.0, 200.0, 150.0, 300.0, 270.0]),
            [None, Some(2.0), Some(0.75), Some(1.5), Some(0.9)]
        );
        assert_eq!(shares_of_best(&[]), []);
    }

    #[test]
    fn goodput_counts_successful_answers_only() {
        let curve = curve(&[1_000], 500);
        let json = json(&curve);
        let ours = &json["cells"][0]["ours"];
        assert_eq!(ours["goodput"], 1_000.0);
        assert_eq!(ours["failed"], 1_500);
        assert_eq!(ours["failed_share"], 0.2);
        assert_eq!(json["class"], "writes");
        assert_eq!(json["cells"][0]["ratio"], 1.0);
        assert_eq!(curve.failures(), 1_500);
        let table = table(&curve);
        assert!(table.contains(" 20.0 %"), "{table}");
        assert!(
            table.ends_with("first failure of Atelier: 503: GET /\n"),
            "{table}"
        );
    }

    #[test]
    fn summary_names_a_curve_that_falls_or_fails() {
        let verdict = |curve| {
            let summary = summary(&[curve]);
            let last = summary.split_whitespace().next_back();
            last.expect("a verdict").to_owned()
        };
        assert_eq!(verdict(curve(&[1_000, 960, 1_100], 0)), "ok");
        assert_eq!(verdict(curve(&[1_000, 940, 1_100], 0)), "falls");
        assert_eq!(verdict(curve(&[1_000, 1_000], 1)), "failed");
    }

    #[test]
    fn p99_is_a_multiple_of_the_mean_latency() {
        // 8 clients at 1,000/s: a turn is 8 ms.
        let turns = curve(&[1_000], 0).cells[0].p99_in_turns();
        assert!((turns - 1.25).abs() < 0.01, "{turns}");
    }
}
