//! Table of the figures and their limits.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

/// What came of one kind of work; times in milliseconds, but where it says seconds.
#[derive(Debug, Clone)]
pub(super) struct Figures {
    pub(super) what: &'static str,
    pub(super) delay: Duration,
    /// Maximum goodput.
    pub(super) peak: f64,
    /// Requests refused at 80 % of that; should be none.
    pub(super) normal_refused: u64,
    pub(super) normal_p99: f64,
    /// Requests a second in the overload that were answered, refusals included.
    pub(super) offered: f64,
    pub(super) goodput: f64,
    pub(super) accepted_p99: f64,
    pub(super) refused: u64,
    pub(super) refused_p50: f64,
    pub(super) refused_p99: f64,
    pub(super) live_p99: f64,
    /// Seconds.
    pub(super) normal_again: f64,
}

/// The queue timeout of the server. A request that is admitted waits no longer, and one that would is refused at once; only a
/// change of the service rate refuses requests that have waited.
const QUEUE_TIMEOUT_MS: f64 = 2_000.0;

/// A measurement and its limit.
struct Line {
    what: String,
    found: String,
    limit: &'static str,
    met: Option<bool>,
}

impl Figures {
    fn lines(&self, times: u32) -> Vec<Line> {
        let line = |what: &str, found: String, limit, met| Line {
            what: what.to_owned(),
            found,
            limit,
            met,
        };
        let share = self.goodput / self.peak;
        let wait = self.accepted_p99 - self.normal_p99;
        vec![
            line("peak", format!("{:.0}/s", self.peak), "", None),
            line(
                "p99 at 80 %",
                format!("{:.1} ms", self.normal_p99),
                "",
                None,
            ),
            line(
                "refused at 80 %",
                self.normal_refused.to_string(),
                "0",
                Some(self.normal_refused == 0),
            ),
            line(
                &format!("offered at {times}x"),
                format!("{:.0}/s, {} refused", self.offered, self.refused),
                "",
                None,
            ),
            line(
                "goodput",
                format!("{:.0}/s, {:.0} % of the peak", self.goodput, share * 100.0),
                ">= 90 %",
                Some(share >= 0.9),
            ),
            line(
                "p99 of accepted",
                format!(
                    "{:.0} ms, {wait:.0} ms above that at 80 %",
                    self.accepted_p99
                ),
                "<= 2,000 ms above",
                Some(wait <= QUEUE_TIMEOUT_MS),
            ),
            line(
                "refused, p50 and p99",
                format!("{:.1} ms, {:.1} ms", self.refused_p50, self.refused_p99),
                "p50 <= 10 ms",
                Some(self.refused_p50 <= 10.0),
            ),
            line(
                "/live, p99",
                format!("{:.1} ms", self.live_p99),
                "<= 10 ms",
                Some(self.live_p99 <= 10.0),
            ),
            line(
                "normal again",
                format!("after {:.1} s", self.normal_again),
                "<= 5 s",
                Some(self.normal_again <= 5.0),
            ),
        ]
    }
}

/// For people.
pub(super) fn text(all: &[Figures], times: u32) -> String {
    let mut text =
        String::from("| work | measured | found | promised | met |\n|---|---|---|---|---|\n");
    for figures in all {
        let way = 2 * figures.delay.as_millis();
        for line in figures.lines(times) {
            let met = match line.met {
                Some(true) => "yes",
                Some(false) => "**no**",
                None => "",
            };
            // Writing into a string never fails.
            let _ = writeln!(
                text,
                "| {}, {way} ms to the database and back | {} | {} | {} | {met} |",
                figures.what, line.what, line.found, line.limit
            );
        }
    }
    text
}

/// For programs.
pub(super) fn json(all: &[Figures], seconds: u32, times: u32) -> Value {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let works: Vec<_> = all
        .iter()
        .map(|figures| {
            json!({
                "work": figures.what,
                "round_trip_ms": 2 * u64::try_from(figures.delay.as_millis()).unwrap_or(u64::MAX),
                "peak_per_s": figures.peak,
                "refused_at_80_percent": figures.normal_refused,
                "p99_at_80_percent_ms": figures.normal_p99,
                "offered_per_s": figures.offered,
                "goodput_per_s": figures.goodput,
                "accepted_p99_ms": figures.accepted_p99,
                "refused": figures.refused,
                "refused_p50_ms": figures.refused_p50,
                "refused_p99_ms": figures.refused_p99,
                "live_p99_ms": figures.live_p99,
                "normal_again_s": figures.normal_again,
            })
        })
        .collect();
    json!({ "seconds": seconds, "times": times, "cores": cores, "works": works })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missed_limits_are_reported() {
        let good = Figures {
            what: "reads",
            delay: Duration::from_millis(5),
            peak: 1_000.0,
            normal_refused: 0,
            normal_p99: 10.0,
            offered: 10_000.0,
            goodput: 900.0,
            accepted_p99: 2_010.0,
            refused: 91_000,
            refused_p50: 10.0,
            refused_p99: 50.0,
            live_p99: 10.0,
            normal_again: 5.0,
        };
        let missed = |figures: &Figures| {
            text(std::slice::from_ref(figures), 10)
                .matches("**no**")
                .count()
        };
        assert_eq!(missed(&good), 0);
        let bad = Figures {
            normal_refused: 1,
            goodput: 899.0,
            accepted_p99: 2_010.1,
            refused_p50: 10.1,
            live_p99: 10.1,
            normal_again: 5.1,
            ..good
        };
        assert_eq!(missed(&bad), 6);
        assert_eq!(json(&[bad], 10, 10)["works"][0]["round_trip_ms"], 10);
    }
}
