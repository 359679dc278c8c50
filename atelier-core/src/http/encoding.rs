//! Compression of response bodies.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

/// Smaller bodies are not compressed: gzip would save little.
const MIN_COMPRESSED_BYTES: usize = 1_024;

/// Returns whether a body of this length is worth compressing.
pub(super) fn is_worth_compressing(length: usize) -> bool {
    length >= MIN_COMPRESSED_BYTES
}

/// Compresses a body with gzip.
pub(super) fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 3), Compression::fast());
    // Writing to a vector does not fail.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}
