//! The files of a directory: which are there, what they are known by, and reading them under observation.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use atelier_core::Millis;
use xxhash_rust::xxh3::Xxh3Default;

use crate::csv::record::Records;
use crate::error::{Error, ReadError};
use crate::generate::PLACED;
use crate::report::progress::{FileProgress, Progress, now};
use crate::report::reject_log::REJECT_LOG;
use crate::schema::{LAYOUTS, Layout};

/// `created_at` and `updated_at` of all products unless `--created-at` names another time, as the files have none:
/// 2021-01-01, when the reviews of the late full set were written.
pub(crate) const DEFAULT_CREATED_AT: Millis = Millis(1_609_459_200_000);

/// What this program writes by itself: the default reject log, and the list of `generate --dirt`.
const OUTPUTS: [&str; 2] = [REJECT_LOG, PLACED];

pub(crate) const CREATED_AT: &str = "--created-at";

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
    let misnamed = misnamed(dir, &[]).map_err(|source| Error::Directory {
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
        // Opening a pipe would wait for its other side.
        let about = fs::metadata(&path);
        if about.is_ok_and(|about| !about.is_file() && !about.is_dir()) {
            return Err(unreadable(ReadError::NotAFile));
        }
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
            misnamed,
        })
    } else {
        Ok(inputs)
    }
}

/// Files of the directory that are not read although they look like one of those that are: `photos.csv.gz`,
/// `answers1.csv`, `Skus.CSV`. `ours` are meant for something else.
pub(crate) fn misnamed(dir: &Path, ours: &[PathBuf]) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let small = name.to_ascii_lowercase();
        let stem = small.split('.').next();
        let alike = small.contains(".csv")
            || LAYOUTS
                .iter()
                .any(|layout| layout.name.split('.').next() == stem);
        let known =
            LAYOUTS.iter().any(|layout| layout.name == name) || OUTPUTS.contains(&name.as_str());
        let path = entry.path();
        if alike
            && !known
            && !name.starts_with('.')
            && path.is_file()
            && !ours.iter().any(|other| same_file(other, &path))
        {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Whether two paths are one, or lead to one file that is there.
pub(crate) fn same_file(one: &Path, other: &Path) -> bool {
    let known = |path: &Path| {
        fs::metadata(path)
            .map(|about| (about.dev(), about.ino()))
            .ok()
    };
    one == other || known(one).is_some_and(|file| known(other) == Some(file))
}

/// Names what an interrupted load began with, so that it is resumed with nothing else: the names, sizes and times of the
/// files, and `created_at`.
pub(crate) fn fingerprint(inputs: &[Input], created_at: Millis) -> String {
    let mut text = format!("{CREATED_AT} {created_at}\n");
    for input in inputs {
        let _ = writeln!(
            text,
            "{} {} {}",
            input.layout.name, input.size, input.changed
        );
    }
    text
}

/// The files, or the option, whose lines differ between two fingerprints.
pub(crate) fn changed(before: &str, now: &str) -> Vec<&'static str> {
    let lines = |of: &str, name: &str| {
        let line = of.lines().find(|line| line.split(' ').next() == Some(name));
        line.map(str::to_owned)
    };
    let names = LAYOUTS.iter().map(|layout| layout.name);
    names
        .chain([CREATED_AT])
        .filter(|name| lines(before, name) != lines(now, name))
        .collect()
}

/// What a store was loaded from, so that the same files are recognized wherever they lie: a line for each, with its size
/// and a hash, after one for `created_at` where that is not the default.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Content(String);

impl Content {
    pub(crate) fn new(created_at: Millis) -> Self {
        if created_at == DEFAULT_CREATED_AT {
            Self::default()
        } else {
            Self(format!("{CREATED_AT} {created_at}\n"))
        }
    }

    pub(crate) fn add(&mut self, input: &Input, hash: u128) {
        let _ = writeln!(self.0, "{} {} {hash:032x}", input.layout.name, input.size);
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `known` is the content of these files. They are read only if their sizes are right.
    pub(crate) fn is_of(
        known: &str,
        inputs: &[Input],
        created_at: Millis,
        progress: &Progress,
    ) -> Result<bool, Error> {
        let mut content = Self::new(created_at);
        let Some(known_files) = known.strip_prefix(content.as_str()) else {
            return Ok(false);
        };
        let known_sizes = known_files
            .lines()
            .map(|line| line.rsplit_once(' ').map_or(line, |(size, _)| size));
        let sizes = inputs
            .iter()
            .map(|input| format!("{} {}", input.layout.name, input.size));
        if !known_sizes.eq(sizes) {
            return Ok(false);
        }
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
