//! In which of its forms a file is written, as far as its records tell.

use crate::csv::record::{Record, Shape};
use crate::schema::{Kind, LAYOUTS, Layout, LegacyFile};

/// The forms of all files.
#[derive(Debug, Default)]
pub(crate) struct Forms([Form; LAYOUTS.len()]);

/// How many records, or values, of a file are written this way or that.
#[derive(Debug, Default)]
struct Form {
    commas: Counts<2>,
    dates: Counts<3>,
    booleans: Counts<3>,
}

type Counts<const N: usize> = [u64; N];

const COMMAS: [&str; 2] = ["bare commas", "blanks behind commas"];
const DATES: [&str; 3] = ["dates in milliseconds", "dates as days", "dates otherwise"];
const BOOLEANS: [&str; 3] = ["true/false", "1/0", "booleans otherwise"];

impl Forms {
    pub(crate) fn see(&mut self, layout: &Layout, record: &Record<'_>) {
        if record.shape != Shape::Whole {
            return;
        }
        let form = &mut self.0[layout.file as usize];
        // The first comma stands behind the id, which holds none.
        if let Some(at) = memchr::memchr(b',', record.text.as_bytes()) {
            let padded = matches!(record.text.as_bytes().get(at + 1), Some(b' ' | b'\t'));
            form.commas[usize::from(padded)] += 1;
        }
        for (at, column) in layout.columns.iter().enumerate() {
            let counted = match column.kind {
                Kind::Date => record.written(at).map(|it| (&mut form.dates, date(it))),
                Kind::Bool(_) => record
                    .written(at)
                    .map(|it| (&mut form.booleans, boolean(it))),
                _ => None,
            };
            if let Some((counts, way)) = counted {
                counts[way] += 1;
            }
        }
    }

    /// `bare commas, dates in milliseconds, true/false, 1/0`: of each trait, the more frequent way first. Empty for a file
    /// without records.
    pub(crate) fn of(&self, file: LegacyFile) -> String {
        let form = &self.0[file as usize];
        let mut ways = by_count(form.commas, COMMAS);
        ways.extend(by_count(form.dates, DATES));
        ways.extend(by_count(form.booleans, BOOLEANS));
        ways.join(", ")
    }
}

fn by_count<const N: usize>(counts: Counts<N>, names: [&'static str; N]) -> Vec<&'static str> {
    let mut ways: Vec<_> = counts.into_iter().zip(names).collect();
    ways.retain(|(count, _)| *count > 0);
    ways.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    ways.into_iter().map(|(_, name)| name).collect()
}

fn date(text: &str) -> usize {
    let text = text.trim();
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.len() {
        13 if digits => 0,
        10 if !digits => 1,
        _ => 2,
    }
}

fn boolean(text: &str) -> usize {
    match text.trim() {
        "true" | "false" => 0,
        "1" | "0" => 1,
        _ => 2,
    }
}
