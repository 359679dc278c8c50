//! What has to be fetched before it can start.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::Result;
use crate::table::Row;

/// What a zip adds to its one file: two headers with its name, and an end.
const AROUND: usize = 150;

pub(crate) fn rows(bootstrap: &Path) -> Result<[Row; 2]> {
    let words = |error: std::io::Error| format!("{}: {error}", bootstrap.display());
    let program = std::fs::read(bootstrap).map_err(words)?;
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&program).map_err(words)?;
    let packed = packed.finish().map_err(words)?.len() + AROUND;
    let megabytes = |bytes: usize| vec![bytes as f64 / 1e6];
    Ok([
        Row::new("the program", "MB", None, megabytes(program.len())),
        Row::new("the program as a zip", "MB", Some(8.0), megabytes(packed)),
    ])
}
