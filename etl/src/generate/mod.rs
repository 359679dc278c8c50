//! `atelier-etl generate`: writes invented files of any size, in the format of the original ones and with their defects, and
//! the counts that a load of them must report.
//!
//! Files are written in parallel, each from its own random sequence. [`rows`] has the structure, [`catalog`] and [`posts`]
//! the values, [`defect_catalog`] the defects. Memory does not depend on the size.

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
pub(crate) mod output_dir;
mod posts;
mod rows;
mod vocabulary;

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

pub use self::manifest::Manifest;
pub use self::output_dir::GenerateError;

use self::csv_writer::{CsvFileWriter, FileTotals};
use self::dataset_spec::DatasetSpec;
use self::image_urls::MIN_URL_LENGTH;
use self::output_dir::{INJECTED_DEFECTS, MANIFEST, OutputDir};
use crate::schema::LegacyFile;

/// Maximum number of products, for which all ids fit.
const MAX_PRODUCTS: u64 = 100_000_000;

/// Files by ascending size. The largest are written first, so that all threads end at about the same time.
const FILES_BY_SIZE: [LegacyFile; 14] = [
    LegacyFile::Cart,
    LegacyFile::Characteristics,
    LegacyFile::Styles,
    LegacyFile::Features,
    LegacyFile::Related,
    LegacyFile::Skus,
    LegacyFile::Product,
    LegacyFile::AnswersPhotos,
    LegacyFile::ReviewsPhotos,
    LegacyFile::CharacteristicReviews,
    LegacyFile::Questions,
    LegacyFile::Answers,
    LegacyFile::Photos,
    LegacyFile::Reviews,
];

/// Options of the generator.
#[derive(Debug, Clone, clap::Args)]
pub struct Generate {
    /// Output directory, created if absent
    pub dir: PathBuf,
    /// Number of products; 1000011 gives about 70 million rows and 7 GB
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MAX_PRODUCTS))]
    pub products: u64,
    /// Random seed; the same seed gives the same bytes
    #[arg(long, value_name = "S", default_value_t = 42)]
    pub seed: u64,
    /// Probability of each kind of injected defect in each row, such as 0.001; at most half of the rows get a defect
    #[arg(long, alias = "dirt", value_name = "P", default_value_t = 0.0, value_parser = parse_probability)]
    pub defect_rate: f64,
    /// Format: late, of 2021 on; or early, of 2019, with blanks after commas, ISO days and mixed booleans
    #[arg(long, alias = "vintage", value_name = "FORMAT", value_enum, default_value_t = FormatVersion::Late)]
    pub format_version: FormatVersion,
    /// Write features.csv without a header
    #[arg(long)]
    pub no_features_header: bool,
    /// Length of all image URLs [default: 102 or 153, as in the original files]
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(MIN_URL_LENGTH..=100_000))]
    pub url_length: Option<u64>,
}

/// Format in which the files circulate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[expect(missing_docs, reason = "described by the option")]
pub enum FormatVersion {
    Early,
    Late,
}

fn parse_probability(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if (0.0..=1.0).contains(&number) => Ok(number),
        _ => Err("expected a number from 0 to 1, such as 0.001".to_owned()),
    }
}

/// Writes the files, the list of rows with defects and, last, the manifest, so that an incomplete data set has none. Prints a
/// summary to standard output.
pub fn generate(options: &Generate) -> Result<Manifest, GenerateError> {
    let started = Instant::now();
    let spec = DatasetSpec::new(options);
    let dir = OutputDir::open(&options.dir)?;
    let files = write_all(&spec, &dir)?;
    let manifest = Manifest::new(spec, files);
    dir.finish(&manifest.to_json())?;
    let elapsed = started.elapsed();
    let summary = manifest.summary(&options.dir, MANIFEST, INJECTED_DEFECTS, elapsed);
    let _ = io::stdout().write_all(summary.as_bytes());
    Ok(manifest)
}

/// Writes all files with a thread per core, and returns their totals in load order.
fn write_all(spec: &DatasetSpec, dir: &OutputDir) -> Result<Vec<FileTotals>, GenerateError> {
    let queue = Mutex::new(FILES_BY_SIZE.to_vec());
    let queue = || queue.lock().unwrap_or_else(PoisonError::into_inner);
    let work = || {
        let mut written = Vec::new();
        loop {
            let next = queue().pop();
            let Some(file) = next else {
                return Ok(written);
            };
            match write_file(spec, dir, file) {
                Ok(totals) => written.push((file, totals)),
                Err(error) => {
                    queue().clear();
                    return Err(error);
                }
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let written = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let results = threads.into_iter().map(|thread| {
            thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        results.collect::<Result<Vec<_>, _>>()
    })?;
    let mut written = written.concat();
    written.sort_by_key(|(file, _)| *file);
    Ok(written.into_iter().map(|(_, totals)| totals).collect())
}

fn write_file(
    spec: &DatasetSpec,
    dir: &OutputDir,
    file: LegacyFile,
) -> Result<FileTotals, GenerateError> {
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
