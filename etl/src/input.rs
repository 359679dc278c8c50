//! The files of a directory: which are there, what they are known by, and reading them under observation.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use atelier_core::Millis;
use xxhash_rust::xxh3::Xxh3Default;

use crate::error::{Error, ReadError};
use crate::files::{LAYOUTS, Layout, LegacyFile};
use crate::progress::{FileProgress, Progress, now};
use crate::record::Records;

/// A file that is there.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) layout: &'static Layout,
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
    /// When it was last changed, in nanoseconds.
    changed: u128,
}

/// The files that are there, in load order, each with a header that can be read.
pub(crate) fn inputs(dir: &Path) -> Result<Vec<Input>, Error> {
    fs::read_dir(dir).map_err(|source| Error::Directory {
        path: dir.to_owned(),
        source,
    })?;
    let mut inputs = Vec::new();
    for layout in &LAYOUTS {
        let path = dir.join(layout.name);
        let unreadable = |source| Error::Read {
            path: path.clone(),
            layout,
            source,
        };
        let failed = |source| unreadable(ReadError::Io { source, offset: 0 });
        match File::open(&path) {
            // A link to nowhere is there, and cannot be read.
            Err(error)
                if error.kind() == io::ErrorKind::NotFound
                    && fs::symlink_metadata(&path).is_err() => {}
            Err(error) => return Err(failed(error)),
            Ok(file) => {
                let about = file.metadata().map_err(failed)?;
                Records::new(layout, file).map_err(unreadable)?;
                let changed = about.modified().map_err(failed)?;
                inputs.push(Input {
                    layout,
                    size: about.len(),
                    changed: changed
                        .duration_since(UNIX_EPOCH)
                        .map_or(0, |since| since.as_nanos()),
                    path,
                });
            }
        }
    }
    if inputs.is_empty() {
        Err(Error::NoFiles {
            path: dir.to_owned(),
        })
    } else {
        Ok(inputs)
    }
}

/// What tells whether these are still the files that a load began with: their names, sizes and times.
pub(crate) fn fingerprint(inputs: &[Input]) -> String {
    let mut text = String::new();
    for input in inputs {
        let _ = writeln!(
            text,
            "{} {} {}",
            input.layout.name, input.size, input.changed
        );
    }
    text
}

/// The files whose lines differ between two fingerprints.
pub(crate) fn changed(before: &str, now: &str) -> Vec<&'static str> {
    let lines = |of: &str, name: &str| {
        let line = of.lines().find(|line| line.split(' ').next() == Some(name));
        line.map(str::to_owned)
    };
    let names = LAYOUTS.iter().map(|layout| layout.name);
    names
        .filter(|name| lines(before, name) != lines(now, name))
        .collect()
}

/// When the products were made, as far as the files tell: when theirs was last changed. The same files give the same
/// rows in any store.
pub(crate) fn made(inputs: &[Input]) -> Millis {
    let products = inputs
        .iter()
        .find(|input| input.layout.file == LegacyFile::Product);
    let millis = products.map_or(0, |input| input.changed / 1_000_000);
    Millis(i64::try_from(millis).unwrap_or_default())
}

/// What files hold, so that the same ones are known again wherever they lie: a line for each, with its size and a hash.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Content(String);

impl Content {
    pub(crate) fn add(&mut self, input: &Input, hash: u128) {
        let _ = writeln!(self.0, "{} {} {hash:032x}", input.layout.name, input.size);
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `known` is the content of these files. They are read only if their sizes are right.
    pub(crate) fn is_of(known: &str, inputs: &[Input], progress: &Progress) -> Result<bool, Error> {
        let known_sizes = known
            .lines()
            .map(|line| line.rsplit_once(' ').map_or(line, |(size, _)| size));
        let sizes = inputs
            .iter()
            .map(|input| format!("{} {}", input.layout.name, input.size));
        if !known_sizes.eq(sizes) {
            return Ok(false);
        }
        let mut content = Self::default();
        for input in inputs {
            let mut reading = input.open(progress)?;
            io::copy(&mut reading, &mut io::sink()).map_err(|source| {
                let offset = reading.progress.read.get();
                input.unreadable(ReadError::Io { source, offset })
            })?;
            now(&reading.progress.ended);
            content.add(input, reading.hash());
        }
        Ok(content.as_str() == known)
    }
}

impl Input {
    /// The file from its start.
    pub(crate) fn open<'p>(&self, progress: &'p Progress) -> Result<Reading<'p>, Error> {
        let file = File::open(&self.path)
            .map_err(|source| self.unreadable(ReadError::Io { source, offset: 0 }))?;
        let progress = progress.file(self.layout.file);
        now(&progress.began);
        Ok(Reading {
            file,
            progress,
            hash: Xxh3Default::new(),
        })
    }

    pub(crate) fn unreadable(&self, source: ReadError) -> Error {
        Error::Read {
            path: self.path.clone(),
            layout: self.layout,
            source,
        }
    }
}

/// A file that is being read.
pub(crate) struct Reading<'p> {
    file: File,
    progress: &'p FileProgress,
    hash: Xxh3Default,
}

impl Reading<'_> {
    /// The hash of what was read so far.
    pub(crate) fn hash(&self) -> u128 {
        self.hash.digest128()
    }
}

impl Read for Reading<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.progress.read.add(read as u64);
        Ok(read)
    }
}
