//! Input files of a load: which are present, how they are identified, and reading them with progress.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use atelier_core::Millis;
use xxhash_rust::xxh3::Xxh3Default;

use crate::csv::record::Records;
use crate::error::{CREATED_AT, Error, ReadError};
use crate::generate::output_dir::INJECTED_DEFECTS;
use crate::report::progress::{FileProgress, set_now};
use crate::report::reject_log::DEFAULT_REJECT_LOG;
use crate::schema::{TABLES, TableSchema};

/// Default of `--created-at`: 2021-01-01, the time of the late files. A fixed default makes loads reproducible.
pub(crate) const DEFAULT_CREATED_AT: Millis = Millis(1_609_459_200_000);

/// CSV files that this program writes, and does not warn about.
const OUTPUT_NAMES: [&str; 2] = [DEFAULT_REJECT_LOG, INJECTED_DEFECTS];

/// A file that is present.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) table: &'static TableSchema,
    pub(crate) path: PathBuf,
    pub(crate) progress: Arc<FileProgress>,
    size: u64,
    /// Modification time in nanoseconds.
    modified: u128,
}

/// Returns the files that are present, in load order. Fails if one cannot be opened or has a wrong header.
pub(crate) fn find_inputs(dir: &Path) -> Result<Vec<Input>, Error> {
    let misnamed = misnamed_files(dir, &[])?;
    let mut inputs = Vec::new();
    for table in &TABLES {
        let path = dir.join(table.name);
        inputs.extend(open_input(table, &path).map_err(|source| Error::Read {
            path,
            table,
            source,
        })?);
    }
    if inputs.is_empty() {
        let path = dir.to_owned();
        return Err(Error::NoFiles { path, misnamed });
    }
    Ok(inputs)
}

fn open_input(table: &'static TableSchema, path: &Path) -> Result<Option<Input>, ReadError> {
    let failed = |source| ReadError::Io { source, offset: 0 };
    // Checked before opening: opening a pipe blocks until it has a writer.
    if fs::metadata(path).is_ok_and(|it| !it.is_file() && !it.is_dir()) {
        return Err(ReadError::NotAFile);
    }
    let file = match File::open(path) {
        // A dangling link is present, and an error.
        Err(error)
            if error.kind() == io::ErrorKind::NotFound && fs::symlink_metadata(path).is_err() =>
        {
            return Ok(None);
        }
        file => file.map_err(failed)?,
    };
    let metadata = file.metadata().map_err(failed)?;
    let modified = metadata.modified().map_err(failed)?;
    Records::new(table, file)?;
    Ok(Some(Input {
        table,
        path: path.to_owned(),
        progress: FileProgress::new(table, metadata.len()),
        size: metadata.len(),
        modified: modified
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos()),
    }))
}

/// Lists files that are not read although their names resemble those of inputs: `photos.csv.gz`, `answers1.csv`,
/// `Skus.CSV`. Files in `known` have another purpose.
pub(crate) fn misnamed_files(dir: &Path, known: &[PathBuf]) -> Result<Vec<String>, Error> {
    let failed = |source| Error::Directory {
        path: dir.to_owned(),
        source,
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let lower = name.to_ascii_lowercase();
        let stem = lower.split('.').next();
        let mut tables = TABLES.iter();
        let is_similar =
            lower.contains(".csv") || tables.any(|table| table.name.split('.').next() == stem);
        let is_expected = TABLES.iter().any(|table| table.name == name)
            || OUTPUT_NAMES.contains(&&*name)
            || name.starts_with('.');
        if is_similar
            && !is_expected
            && path.is_file()
            && !known.iter().any(|other| same_file(other, &path))
        {
            names.push(name.into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Whether two paths are equal or refer to the same file.
pub(crate) fn same_file(one: &Path, other: &Path) -> bool {
    let inode = |path: &Path| fs::metadata(path).map(|it| (it.dev(), it.ino())).ok();
    one == other || inode(one).is_some_and(|file| inode(other) == Some(file))
}

/// Identifies the inputs of a load that may be resumed: `created_at`, and name, size and modification time of each
/// file.
pub(crate) fn fingerprint(inputs: &[Input], created_at: Millis) -> String {
    let mut text = format!("{CREATED_AT} {created_at}\n");
    for input in inputs {
        let (name, size, modified) = (input.table.name, input.size, input.modified);
        let _ = writeln!(text, "{name} {size} {modified}");
    }
    text
}

/// Returns the names of files, or of the option, whose lines in two fingerprints differ.
pub(crate) fn changed_inputs(before: &str, after: &str) -> Vec<&'static str> {
    let line = |of: &str, name: &str| {
        let mut lines = of.lines();
        lines
            .find(|line| line.split(' ').next() == Some(name))
            .map(str::to_owned)
    };
    let names = TABLES.iter().map(|table| table.name).chain([CREATED_AT]);
    names
        .filter(|name| line(before, name) != line(after, name))
        .collect()
}

/// Identifies the content of a store, independent of file locations and times: name, size and hash of each file, after
/// `created_at` if that is not the default.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ContentId(String);

impl ContentId {
    pub(crate) fn new(created_at: Millis) -> Self {
        if created_at == DEFAULT_CREATED_AT {
            Self::default()
        } else {
            Self(format!("{CREATED_AT} {created_at}\n"))
        }
    }

    pub(crate) fn add(&mut self, input: &Input, hash: u128) {
        let _ = writeln!(self.0, "{} {} {hash:032x}", input.table.name, input.size);
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `stored` identifies these inputs. They are hashed only if all sizes match.
    pub(crate) fn matches(
        stored: &str,
        inputs: &[Input],
        created_at: Millis,
    ) -> Result<bool, Error> {
        let mut content = Self::new(created_at);
        let Some(stored_files) = stored.strip_prefix(content.as_str()) else {
            return Ok(false);
        };
        let stored_sizes = stored_files
            .lines()
            .map(|line| line.rsplit_once(' ').map_or(line, |(size, _)| size));
        let sizes = inputs.iter();
        let sizes = sizes.map(|input| format!("{} {}", input.table.name, input.size));
        if !stored_sizes.eq(sizes) {
            return Ok(false);
        }
        for input in inputs {
            let mut reader = input.open()?;
            io::copy(&mut reader, &mut io::sink()).map_err(|source| {
                let offset = input.progress.bytes_read.get();
                input.error(ReadError::Io { source, offset })
            })?;
            set_now(&input.progress.ended);
            content.add(input, reader.hash());
        }
        Ok(content.as_str() == stored)
    }
}

impl Input {
    /// Opens the file for reading from its start.
    pub(crate) fn open(&self) -> Result<HashingReader<'_>, Error> {
        let file = File::open(&self.path)
            .map_err(|source| self.error(ReadError::Io { source, offset: 0 }))?;
        set_now(&self.progress.started);
        Ok(HashingReader {
            file,
            progress: &self.progress,
            hash: Xxh3Default::new(),
        })
    }

    pub(crate) fn error(&self, source: ReadError) -> Error {
        Error::Read {
            path: self.path.clone(),
            table: self.table,
            source,
        }
    }
}

/// Reads a file, hashes its bytes and counts them as progress.
pub(crate) struct HashingReader<'p> {
    file: File,
    progress: &'p FileProgress,
    hash: Xxh3Default,
}

impl HashingReader<'_> {
    /// Returns the hash of the bytes read so far.
    pub(crate) fn hash(&self) -> u128 {
        self.hash.digest128()
    }
}

impl Read for HashingReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.progress.bytes_read.add(read as u64);
        Ok(read)
    }
}
