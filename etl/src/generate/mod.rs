//! `atelier-etl generate`: the fourteen files at any size, invented, in the shape and with the dirt of the real ones, and
//! with the counts a load of them must come to.

mod catalog;
mod damage;
mod dir;
mod dirt;
mod hand;
mod kinds;
mod line;
mod manifest;
mod marks;
mod out;
mod plan;
mod posts;
mod random;
mod row;
mod set;
mod smear;
mod spots;
mod spread;
mod streams;
mod urls;
mod urn;
#[rustfmt::skip] // a word list has no use for a line of its own for each word
mod words;

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use std::{fs, thread};

use self::dir::Dir;
pub use self::dir::GenerateError;
pub use self::manifest::Manifest;
use self::out::{Out, Written};
use self::set::Set;
use crate::schema::{LAYOUTS, Layout, LegacyFile};

/// The counts, in the directory of the files.
const MANIFEST: &str = "manifest.json";
/// The dirty rows, one a line.
pub(crate) const PLACED: &str = "placed.csv";

/// So many products that all ids fit.
const MOST_PRODUCTS: u64 = 100_000_000;

/// The order in which files are begun: the longest first, so that all hands have work to the end.
const BY_SIZE: [LegacyFile; 14] = [
    LegacyFile::Reviews,
    LegacyFile::Photos,
    LegacyFile::Answers,
    LegacyFile::Questions,
    LegacyFile::CharacteristicReviews,
    LegacyFile::ReviewsPhotos,
    LegacyFile::AnswersPhotos,
    LegacyFile::Product,
    LegacyFile::Skus,
    LegacyFile::Related,
    LegacyFile::Features,
    LegacyFile::Styles,
    LegacyFile::Characteristics,
    LegacyFile::Cart,
];

/// What to write, and where.
#[derive(Debug, Clone, clap::Args)]
pub struct Generate {
    /// The directory to write to; it is made if it is not there
    pub dir: PathBuf,
    /// How many products; 1000011 gives the full set of 70 million rows, about 7 GB
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MOST_PRODUCTS))]
    pub products: u64,
    /// The same seed gives the same bytes
    #[arg(long, value_name = "S", default_value_t = 42)]
    pub seed: u64,
    /// Dirt that the real files do not have: each kind with this probability in each row, such as 0.001; at most every
    /// second row is made dirty
    #[arg(long, value_name = "P", default_value_t = 0.0, value_parser = probability)]
    pub dirt: f64,
    /// The form of the files: of 2021 on, or of 2019 with blanks after commas, ISO days and mixed booleans
    #[arg(long, value_name = "FORM", value_enum, default_value_t = Vintage::Late)]
    pub vintage: Vintage,
    /// Write features.csv without its header line
    #[arg(long)]
    pub no_features_header: bool,
    /// Make every address of a picture this long [default: 102 or 153, as in the real files]
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(urls::SHORTEST..=100_000))]
    pub url_length: Option<u64>,
}

/// One of the two forms in which the files circulate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[expect(missing_docs, reason = "the words of the data set")]
pub enum Vintage {
    Early,
    Late,
}

fn probability(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if (0.0..=1.0).contains(&number) => Ok(number),
        _ => Err("a number from 0 to 1 is wanted, such as 0.001".to_owned()),
    }
}

/// Writes the files, the list of dirty rows and, last of all, the manifest, so that a set without one is not whole.
/// Tells about it on standard output.
pub fn generate(options: &Generate) -> Result<Manifest, GenerateError> {
    let started = Instant::now();
    let set = Set::new(options);
    let dir = Dir::open(&options.dir)?;
    let files = write_all(&set, &dir)?;
    let manifest = Manifest::new(set, files);
    dir.finish(&manifest)?;
    let _ = io::stdout().write_all(manifest.summary(&options.dir, started.elapsed()).as_bytes());
    Ok(manifest)
}

/// Writes all files with as many hands as the machine has.
fn write_all(set: &Set, dir: &Dir) -> Result<Vec<Written>, GenerateError> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(vec![None; LAYOUTS.len()]);
    let work = || -> Result<(), GenerateError> {
        while let Some(file) = BY_SIZE.get(next.fetch_add(1, Ordering::Relaxed)) {
            match write_one(set, dir, file.layout()) {
                Ok(written) => {
                    done.lock().unwrap_or_else(PoisonError::into_inner)[*file as usize] =
                        Some(written);
                }
                Err(error) => {
                    // Nobody needs to begin another file.
                    next.store(BY_SIZE.len(), Ordering::Relaxed);
                    return Err(error);
                }
            }
        }
        Ok(())
    };
    let hands = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    thread::scope(|scope| {
        let hands: Vec<_> = (0..hands.min(BY_SIZE.len()))
            .map(|_| scope.spawn(work))
            .collect();
        let results = hands.into_iter().map(|hand| {
            hand.join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        results.collect::<Result<(), _>>()
    })?;
    let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(done.into_iter().flatten().collect())
}

fn write_rows(set: &Set, file: LegacyFile, out: &mut Out) -> io::Result<()> {
    match file {
        LegacyFile::Product => catalog::product(set, out),
        LegacyFile::Features => catalog::features(set, out),
        LegacyFile::Styles => catalog::styles(set, out),
        LegacyFile::Photos => catalog::photos(set, out),
        LegacyFile::Skus => catalog::skus(set, out),
        LegacyFile::Related => catalog::related(set, out),
        LegacyFile::Cart => catalog::cart(set, out),
        LegacyFile::Characteristics => catalog::characteristics(set, out),
        LegacyFile::Reviews => posts::reviews(set, out),
        LegacyFile::ReviewsPhotos => posts::reviews_photos(set, out),
        LegacyFile::CharacteristicReviews => posts::characteristic_reviews(set, out),
        LegacyFile::Questions => posts::questions(set, out),
        LegacyFile::Answers => posts::answers(set, out),
        LegacyFile::AnswersPhotos => posts::answers_photos(set, out),
    }
}

fn write_one(set: &Set, dir: &Dir, layout: &'static Layout) -> Result<Written, GenerateError> {
    let path = dir.file(layout);
    let failed = |source| GenerateError::Write {
        path: path.clone(),
        source,
    };
    let file = fs::File::create(&path).map_err(failed)?;
    let placed = dir.placed(layout)?;
    let mut out = Out::new(
        layout,
        set.spots(layout.file),
        set.separator(layout).as_bytes(),
        set.order(layout),
        set.header(layout).as_deref(),
        (file, placed),
    );
    write_rows(set, layout.file, &mut out).map_err(failed)?;
    out.finish().map_err(failed)
}
