//! Measures reading and validating the files of a directory on one core:
//! `cargo bench -p atelier-etl --bench read -- DIR [RUNS]`.
//!
//! Reports the best of several runs. The files should fit in the page cache, so that the disk is not measured.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use atelier_core::Millis;
use atelier_etl::{RowValidator, SpillDir, TABLES};

fn main() {
    // `cargo bench` adds `--bench`; `cargo test --benches` names no directory.
    let mut arguments = std::env::args().skip(1).filter(|arg| arg != "--bench");
    let Some(dir) = arguments.next() else {
        println!(
            "Name a directory with the legacy files: cargo bench -p atelier-etl --bench read -- DIR [RUNS]"
        );
        return;
    };
    let runs = arguments
        .next()
        .map_or(3, |runs| runs.parse().expect("a number of runs"));
    let mut best = [None; TABLES.len()];
    for _ in 0..runs {
        for (best, run) in best.iter_mut().zip(read(Path::new(&dir))) {
            *best = [*best, run].into_iter().flatten().min();
        }
    }
    let mut whole = (Duration::ZERO, 0, 0);
    for (table, run) in TABLES.iter().zip(best) {
        let Some((took, bytes, rows)) = run else {
            continue;
        };
        print(table.name, took, bytes, rows);
        whole = (whole.0 + took, whole.1 + bytes, whole.2 + rows);
    }
    print("all", whole.0, whole.1, whole.2);
}

/// Returns time, bytes and rows of each file that is present.
fn read(dir: &Path) -> [Option<(Duration, u64, u64)>; TABLES.len()] {
    let mut validator = RowValidator::new(Millis(1_800_000_000_000), &SpillDir::default());
    TABLES.each_ref().map(|table| {
        let file = File::open(dir.join(table.name)).ok()?;
        let bytes = file.metadata().expect(table.name).len();
        let start = Instant::now();
        let report = validator
            .validate_file(table, file, |_, _, _| Ok(()))
            .expect(table.name);
        Some((start.elapsed(), bytes, report.loaded()))
    })
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn print(name: &str, took: Duration, bytes: u64, rows: u64) {
    let seconds = took.as_secs_f64();
    println!(
        "{name:<28}{:>9.1} MB {rows:>10} rows {:>8.1} MB/s {:>8.1} ns a row",
        bytes as f64 / 1e6,
        bytes as f64 / 1e6 / seconds,
        seconds * 1e9 / rows.max(1) as f64
    );
}
