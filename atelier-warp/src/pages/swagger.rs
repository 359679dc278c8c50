//! Files of Swagger UI, extracted from the embedded archive of a release.

use std::io::Read;

use bytes::Bytes;
use flate2::read::GzDecoder;
use rawzip::{CompressionMethod, ZipArchive};
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;

/// Extracts a file of the folder `dist`, uncompressed and as gzip: the archive's deflate stream between a gzip header and
/// trailer.
pub(super) fn file(name: &str) -> Option<(Bytes, Bytes)> {
    let archive = ZipArchive::from_slice(SWAGGER_UI_VENDORED).ok()?;
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry().ok()? {
        let path = entry.file_path();
        let Some(("dist", last)) = path_in_release(path.as_ref()) else {
            continue;
        };
        if last != name || entry.compression_method() != CompressionMethod::DEFLATE {
            continue;
        }
        let deflated = archive.get_entry(entry.wayfinder()).ok()?;
        let checks = deflated.claim_verifier();
        let size = u32::try_from(checks.uncompressed_size).ok()?;
        let gzip = [
            &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255][..],
            deflated.data(),
            &checks.crc.to_le_bytes(),
            &size.to_le_bytes(),
        ]
        .concat();
        let mut plain = Vec::new();
        GzDecoder::new(&gzip[..]).read_to_end(&mut plain).ok()?;
        return Some((plain.into(), gzip.into()));
    }
    None
}

/// Splits a path `swagger-ui-VERSION/FOLDER/NAME` into folder and name.
fn path_in_release(path: &[u8]) -> Option<(&str, &str)> {
    let path = std::str::from_utf8(path).ok()?;
    path.split_once('/')?.1.split_once('/')
}
