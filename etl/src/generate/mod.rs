//! `atelier-etl generate`: writes invented files of any size, in the format of the original ones and with their
//! defects, and the counts that a load of them must report.
//!
//! Files are written in parallel, each from its own random sequence. [`rows`] has the structure, [`catalog`] and
//! [`posts`] the values, [`defect_catalog`] the defects. Memory does not depend on the size.

mod catalog;
mod characteristic_ratings;
mod csv_writer;
mod dataset_spec;
mod defect;
mod defect_catalog;
mod defect_placement;
mod expected;
mod image_urls;
mod known_defects;
mod manifest;
mod options;
pub(crate) mod output_dir;
mod posts;
mod rows;
mod vocabulary;

use std::io::{self, Write};
use std::thread;
use std::time::Instant;

pub use self::manifest::Manifest;
pub use self::options::{FormatVersion, Generate};
pub use self::output_dir::GenerateError;

use self::csv_writer::{CsvFileWriter, WrittenFile};
use self::dataset_spec::DatasetSpec;
use self::output_dir::{INJECTED_DEFECTS, MANIFEST, OutputDir};
use crate::schema::{LegacyFile, TABLES};

/// Writes the files, the list of rows with defects and, last, the manifest, so that an incomplete data set has none.
/// Prints a summary to standard output.
pub fn generate(options: &Generate) -> Result<Manifest, GenerateError> {
    let started = Instant::now();
    let spec = DatasetSpec::new(options);
    let dir = OutputDir::open(&options.dir)?;
    let (files, defect_lists) = write_all(&spec, &dir)?.into_iter().unzip();
    let manifest = Manifest::new(spec, files);
    dir.finish(&manifest.to_json(), defect_lists)?;
    let elapsed = started.elapsed();
    let summary = manifest.summary(&options.dir, MANIFEST, INJECTED_DEFECTS, elapsed);
    let _ = io::stdout().write_all(summary.as_bytes());
    Ok(manifest)
}

/// Writes all files, each on its own thread, and returns their totals in load order.
fn write_all(spec: &DatasetSpec, dir: &OutputDir) -> Result<Vec<WrittenFile>, GenerateError> {
    thread::scope(|scope| {
        let threads: Vec<_> = TABLES
            .iter()
            .map(|table| scope.spawn(|| write_file(spec, dir, table.file)))
            .collect();
        let joined = threads.into_iter().map(thread::ScopedJoinHandle::join);
        joined
            .map(|result| result.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

fn write_file(
    spec: &DatasetSpec,
    dir: &OutputDir,
    file: LegacyFile,
) -> Result<WrittenFile, GenerateError> {
    let (csv, defect_list) = dir.create(file)?;
    let mut out = CsvFileWriter::new(spec, file, csv, defect_list);
    write_rows(spec, file, &mut out)
        .and_then(|()| out.finish())
        .map_err(|source| dir.error(file.schema().name, source))
}

fn write_rows(spec: &DatasetSpec, file: LegacyFile, out: &mut CsvFileWriter<'_>) -> io::Result<()> {
    match file {
        LegacyFile::Product => catalog::products(spec, out),
        LegacyFile::Features => catalog::features(spec, out),
        LegacyFile::Styles => catalog::styles(spec, out),
        LegacyFile::Photos => catalog::photos(spec, out),
        LegacyFile::Skus => catalog::skus(spec, out),
        LegacyFile::Related => catalog::related(spec, out),
        LegacyFile::Cart => catalog::cart(spec, out),
        LegacyFile::Characteristics => catalog::write_characteristics(spec, out),
        LegacyFile::Reviews => posts::reviews(spec, out),
        LegacyFile::CharacteristicReviews => posts::characteristic_reviews(spec, out),
        LegacyFile::Questions | LegacyFile::Answers => posts::questions_or_answers(spec, file, out),
        LegacyFile::ReviewsPhotos | LegacyFile::AnswersPhotos => posts::photos(spec, file, out),
    }
}
