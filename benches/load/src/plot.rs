//! Draws the figures of a sweep as SVG: goodput and p99 against the number of clients.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::Value;

use crate::Result;
use crate::data::Store;

/// Options of `atelier-load plot`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Figures of `atelier-load sweep`
    #[arg(value_name = "FILE.json")]
    json: PathBuf,
    /// The drawing
    #[arg(value_name = "OUT.svg")]
    svg: PathBuf,
    /// The store under Atelier
    #[arg(long, value_enum, default_value_t = Store::Postgres)]
    store: Store,
}

/// Writes the drawing.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", options.json.display());
    let text = std::fs::read_to_string(&options.json).map_err(|error| failed(&error))?;
    let figures: Value = serde_json::from_str(&text).map_err(|error| failed(&error))?;
    let drawing = draw(&figures, options.store.name()).map_err(|words| failed(&words))?;
    let written = std::fs::write(&options.svg, drawing);
    written.map_err(|error| format!("{}: {error}", options.svg.display()))?;
    Ok(ExitCode::SUCCESS)
}

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 640.0;

/// Colours that can be read on a light and on a dark page, whichever the reader has.
const STYLE: &str = "\
text{font:13px system-ui,-apple-system,'Segoe UI',sans-serif;fill:#24292f}\
.title{font-weight:600;font-size:14px}.small{font-size:12px;fill:#57606a}\
.grid{stroke:#d0d7de;stroke-width:1}.axis{stroke:#8c959f;stroke-width:1}\
.line{fill:none;stroke-width:2.5;stroke-linejoin:round}.case{fill:none;stroke-width:1;opacity:.28}\
.ours{stroke:#0b62d6}.peer{stroke:#d4580b}.ours-dot{fill:#0b62d6}.peer-dot{fill:#d4580b}\
.ours-text{fill:#0b62d6;font-weight:600}.peer-text{fill:#b34700;font-weight:600}\
.failed{fill:#fff;stroke-width:2}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.small{fill:#9198a1}.grid{stroke:#30363d}.axis{stroke:#656c76}\
.ours{stroke:#58a6ff}.peer{stroke:#f0883e}.ours-dot{fill:#58a6ff}.peer-dot{fill:#f0883e}\
.ours-text{fill:#58a6ff}.peer-text{fill:#f0883e}.failed{fill:#0d1117}}";

/// What is drawn over the number of clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Figure {
    Goodput,
    P99,
}

/// Values of one side at ascending numbers of clients.
#[derive(Debug, Clone, Default, PartialEq)]
struct Series {
    values: Vec<f64>,
    /// Whether requests failed there.
    failed: Vec<bool>,
}

/// The curves of one class of cases.
struct Panel {
    clients: Vec<f64>,
    ours: Vec<Series>,
    peer: Vec<Series>,
}

fn draw(figures: &Value, store: &str) -> Result<String> {
    let cores = &figures["settings"]["cores"];
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"Goodput and p99 latency against the number of clients\">\n<style>{STYLE}</style>\n"
    );
    text(
        &mut svg,
        (24.0, 30.0),
        "title",
        &format!(
            "Closed loop on {store}, no cache, {cores} cores shared by server, database and clients"
        ),
    );
    legend(&mut svg);
    let mut drawn = 0;
    for (column, (class, name)) in [("reads", "Reads"), ("writes", "Writes")]
        .iter()
        .enumerate()
    {
        for (row, figure) in [Figure::Goodput, Figure::P99].into_iter().enumerate() {
            let panel = Panel::of(figures, class, store, figure);
            if panel.clients.is_empty() {
                continue;
            }
            let frame = Frame::new(column, row, &panel, figure);
            let what = match figure {
                Figure::Goodput => "successful answers per second",
                Figure::P99 => "p99 latency",
            };
            let cases = panel.ours.len();
            let of = if cases == 1 {
                String::new()
            } else {
                format!(" (mean of {cases})")
            };
            text(
                &mut svg,
                (frame.left, frame.top - 12.0),
                "title",
                &format!("{name}: {what}{of}"),
            );
            frame.draw(&mut svg, &panel);
            drawn += 1;
        }
    }
    svg.push_str("</svg>\n");
    if drawn == 0 {
        return Err(format!("no reads or writes on {store}"));
    }
    Ok(svg)
}

fn legend(svg: &mut String) {
    for (x, class, words) in [
        (24.0, "ours", "Atelier"),
        (
            120.0,
            "peer",
            "peer: axum, tokio-postgres, one query per route",
        ),
    ] {
        let end = x + 22.0;
        let _ = writeln!(svg, "<path class=\"line {class}\" d=\"M{x} 52H{end}\"/>");
        text(svg, (end + 6.0, 56.0), &format!("{class}-text"), words);
    }
    let note = "thin: one route; thick: geometric mean; hollow: failures";
    anchored(svg, (WIDTH - 24.0, 56.0), "end", note);
}

impl Panel {
    fn of(figures: &Value, class: &str, store: &str, figure: Figure) -> Self {
        let all = figures["curves"].as_array().map_or(&[][..], Vec::as_slice);
        let curves = all
            .iter()
            .filter(|curve| curve["class"] == class && curve["store"] == store);
        let mut panel = Self {
            clients: vec![],
            ours: vec![],
            peer: vec![],
        };
        for curve in curves {
            let cells = curve["cells"].as_array().map_or(&[][..], Vec::as_slice);
            let clients = cells.iter().filter_map(|cell| cell["clients"].as_f64());
            panel.clients = clients.collect();
            panel.ours.push(Series::of(cells, "ours", figure));
            let peer = Series::of(cells, "peer", figure);
            if !peer.values.is_empty() {
                panel.peer.push(peer);
            }
        }
        panel
    }

    fn largest(&self) -> f64 {
        let all = self.ours.iter().chain(&self.peer);
        all.flat_map(|series| &series.values)
            .copied()
            .fold(1.0, f64::max)
    }
}

impl Series {
    fn of(cells: &[Value], side: &str, figure: Figure) -> Self {
        let key = match figure {
            Figure::Goodput => "goodput",
            Figure::P99 => "p99_ms",
        };
        let mut series = Self::default();
        for cell in cells {
            if let Some(value) = cell[side][key].as_f64() {
                series.values.push(value);
                series.failed.push(cell[side]["failed"].as_u64() != Some(0));
            }
        }
        series
    }

    /// The geometric mean, in which every case counts the same, fast or slow.
    fn mean(all: &[Self]) -> Self {
        let places = all
            .iter()
            .map(|series| series.values.len())
            .min()
            .unwrap_or(0);
        let at = |place: usize| {
            let logarithms = all.iter().map(|series| series.values[place].max(1e-3).ln());
            (logarithms.sum::<f64>() / all.len() as f64).exp()
        };
        let failed = |place: usize| all.iter().any(|series| series.failed[place]);
        Self {
            values: (0..places).map(at).collect(),
            failed: (0..places).map(failed).collect(),
        }
    }
}

/// Where a panel lies, and its scales.
struct Frame {
    left: f64,
    top: f64,
    figure: Figure,
    clients: (f64, f64),
    largest: f64,
}

impl Frame {
    const WIDTH: f64 = 392.0;
    const HEIGHT: f64 = 200.0;

    fn new(column: usize, row: usize, panel: &Panel, figure: Figure) -> Self {
        let first = panel.clients.first().copied().unwrap_or(1.0);
        let last = panel.clients.last().copied().unwrap_or(1.0);
        let largest = match figure {
            Figure::Goodput => panel.largest() * 1.05,
            Figure::P99 => 10_f64.powf(panel.largest().log10().ceil()),
        };
        Self {
            left: 64.0 + 476.0 * column as f64,
            top: 108.0 + 282.0 * row as f64,
            figure,
            clients: (first, last.max(first * 2.0)),
            largest,
        }
    }

    fn x(&self, clients: f64) -> f64 {
        let (first, last) = self.clients;
        self.left + Self::WIDTH * (clients / first).ln() / (last / first).ln()
    }

    /// Linear from 0 for goodput, logarithmic from 1 ms for latencies.
    fn y(&self, value: f64) -> f64 {
        let share = match self.figure {
            Figure::Goodput => value / self.largest,
            Figure::P99 => value.max(1.0).ln() / self.largest.max(10.0).ln(),
        };
        self.top + Self::HEIGHT * (1.0 - share)
    }

    fn ticks(&self) -> Vec<f64> {
        match self.figure {
            Figure::Goodput => linear_ticks(self.largest),
            Figure::P99 => {
                let decades = std::iter::successors(Some(1.0), |tick| Some(tick * 10.0));
                decades
                    .take_while(|tick| *tick <= self.largest.max(10.0) * 1.01)
                    .collect()
            }
        }
    }

    fn label(&self, tick: f64) -> String {
        match self.figure {
            Figure::Goodput if tick >= 1_000.0 => format!("{} k", tick / 1_000.0),
            Figure::P99 if tick >= 1_000.0 => format!("{} s", tick / 1_000.0),
            Figure::P99 => format!("{tick} ms"),
            Figure::Goodput => tick.to_string(),
        }
    }

    fn draw(&self, svg: &mut String, panel: &Panel) {
        let right = self.left + Self::WIDTH;
        let bottom = self.top + Self::HEIGHT;
        for tick in self.ticks() {
            let y = self.y(tick);
            let class = if (y - bottom).abs() < 0.5 {
                "axis"
            } else {
                "grid"
            };
            let _ = writeln!(
                svg,
                "<path class=\"{class}\" d=\"M{:.1} {y:.1}H{right:.1}\"/>",
                self.left
            );
            anchored(svg, (self.left - 8.0, y + 4.0), "end", &self.label(tick));
        }
        for clients in &panel.clients {
            let x = self.x(*clients);
            let _ = writeln!(svg, "<path class=\"axis\" d=\"M{x:.1} {bottom:.1}v4\"/>");
            anchored(svg, (x, bottom + 18.0), "middle", &format!("{clients}"));
        }
        anchored(svg, (right, bottom + 36.0), "end", "clients");
        for (class, all) in [("peer", &panel.peer), ("ours", &panel.ours)] {
            if all.len() > 1 {
                for series in all {
                    self.line(svg, "case", class, panel, series);
                }
            }
        }
        for (class, all) in [("peer", &panel.peer), ("ours", &panel.ours)] {
            if all.is_empty() {
                continue;
            }
            let mean = Series::mean(all);
            self.line(svg, "line", class, panel, &mean);
            for (place, value) in mean.values.iter().enumerate() {
                let (x, y) = (self.x(panel.clients[place]), self.y(*value));
                let dot = if mean.failed[place] {
                    format!("{class} failed")
                } else {
                    format!("{class}-dot")
                };
                let _ = writeln!(
                    svg,
                    "<circle class=\"{dot}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\"/>"
                );
            }
        }
    }

    fn line(&self, svg: &mut String, kind: &str, class: &str, panel: &Panel, series: &Series) {
        let _ = write!(svg, "<polyline class=\"{kind} {class}\" points=\"");
        for (clients, value) in panel.clients.iter().zip(&series.values) {
            let _ = write!(svg, "{:.1},{:.1} ", self.x(*clients), self.y(*value));
        }
        svg.push_str("\"/>\n");
    }
}

/// From 0 in steps of 1, 2 or 5 times a power of ten: four to nine of them.
fn linear_ticks(largest: f64) -> Vec<f64> {
    let power = 10_f64.powf((largest / 4.0).log10().floor());
    let steps = [1.0, 2.0, 5.0].map(|factor| factor * power);
    let fitting = steps.into_iter().rfind(|step| largest / step >= 4.0);
    let step = fitting.unwrap_or(power);
    let ticks = std::iter::successors(Some(0.0), |tick| Some(tick + step));
    ticks.take_while(|tick| *tick <= largest).collect()
}

fn text(svg: &mut String, (x, y): (f64, f64), class: &str, words: &str) {
    let _ = writeln!(
        svg,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{words}</text>"
    );
}

fn anchored(svg: &mut String, (x, y): (f64, f64), anchor: &str, words: &str) {
    let _ = writeln!(
        svg,
        "<text class=\"small\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>"
    );
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn curve(class: &str, goodput: &[f64], failed: u64) -> Value {
        let side = |goodput: f64| json!({ "goodput": goodput, "p99_ms": 5.0, "failed": failed });
        let cell = |(place, value): (usize, &f64)| json!({ "clients": 8 << place, "ours": side(*value), "peer": side(value / 2.0) });
        let cells: Vec<_> = goodput.iter().enumerate().map(cell).collect();
        json!({ "class": class, "store": "PostgreSQL", "cells": cells })
    }

    #[test]
    fn thick_line_is_the_geometric_mean_of_the_cases() {
        let figures = json!({ "curves": [curve("reads", &[100.0, 400.0], 0), curve("reads", &[10_000.0, 100.0], 0)] });
        let panel = Panel::of(&figures, "reads", "PostgreSQL", Figure::Goodput);
        let mean = Series::mean(&panel.ours).values;
        assert!(
            (mean[0] - 1_000.0).abs() < 1e-6 && (mean[1] - 200.0).abs() < 1e-6,
            "{mean:?}"
        );
    }

    #[test]
    fn failed_requests_are_seen_in_the_drawing() {
        let drawing = |failed| {
            let figures = json!({ "settings": { "cores": 2 }, "curves": [curve("writes", &[100.0, 200.0], failed)] });
            draw(&figures, "PostgreSQL").expect("a drawing")
        };
        assert!(!drawing(0).contains("class=\"ours failed\""));
        assert!(drawing(3).contains("class=\"ours failed\""));
        assert!(draw(&json!({ "curves": [] }), "PostgreSQL").is_err());
    }

    #[test]
    fn ticks_are_round_and_reach_the_top() {
        assert_eq!(
            linear_ticks(10_500.0),
            [0.0, 2_000.0, 4_000.0, 6_000.0, 8_000.0, 10_000.0]
        );
        assert_eq!(linear_ticks(42.0), [0.0, 10.0, 20.0, 30.0, 40.0]);
    }
}
