//! The directory of a set: what may be overwritten, and in which order things appear in it.

use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::{error, fmt};

use serde_json::Value;

use super::manifest::Manifest;
use super::{MANIFEST, PLACED};
use crate::schema::{LAYOUTS, Layout};

/// Stands in the directory while the set is not whole.
const UNFINISHED: &str = "manifest.unfinished";

/// Why a set was not written.
#[derive(Debug)]
#[expect(missing_docs, reason = "the message names the fields")]
pub enum GenerateError {
    /// The directory holds files that are of nobody knows where.
    Foreign { path: PathBuf, name: &'static str },
    /// Something cannot be written.
    Write { path: PathBuf, source: io::Error },
}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign { path, name } => write!(
                f,
                "{} holds a {name} that this command has not written: there is no {MANIFEST} beside it.\nNothing was \
                 written. Name another directory, or take the file away.",
                path.display()
            ),
            Self::Write { path, source } => {
                write!(
                    f,
                    "Cannot write {}: {source}.\nThe set is not whole: ",
                    path.display()
                )?;
                f.write_str(match source.kind() {
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                        "the disk is full. The full set takes some 7 GB, and a smaller number of products as much less. \
                         Make room or name another directory, and start again."
                    }
                    io::ErrorKind::PermissionDenied => {
                        "this user may not write there. Name another directory, and start again."
                    }
                    _ => "do not load it. Put this right, and start again.",
                })
            }
        }
    }
}

impl error::Error for GenerateError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Write { source, .. } => Some(source),
            Self::Foreign { .. } => None,
        }
    }
}

/// A directory that a set is being written to.
#[derive(Debug)]
pub(super) struct Dir {
    path: PathBuf,
    /// For each file its dirty rows; no file has a name yet.
    placed: Mutex<Vec<(&'static Layout, File)>>,
}

impl Dir {
    /// Makes the directory, or takes over one that holds no such files, or only such as this command has written.
    /// [`GenerateError::Foreign`] otherwise.
    pub(super) fn open(path: &Path) -> Result<Self, GenerateError> {
        let failed = |at: &Path| {
            let path = at.to_owned();
            |source| GenerateError::Write { path, source }
        };
        fs::create_dir_all(path).map_err(failed(path))?;
        let (manifest, unfinished) = (path.join(MANIFEST), path.join(UNFINISHED));
        if !is_ours(&manifest) && !unfinished.exists() {
            let mut layouts = LAYOUTS.iter();
            if let Some(layout) = layouts.find(|layout| path.join(layout.name).exists()) {
                return Err(GenerateError::Foreign {
                    path: path.to_owned(),
                    name: layout.name,
                });
            }
        }
        fs::write(
            &unfinished,
            "Remove this file together with the CSV files beside it.\n",
        )
        .map_err(failed(&unfinished))?;
        if manifest.exists() {
            fs::remove_file(&manifest).map_err(failed(&manifest))?;
        }
        Ok(Self {
            path: path.to_owned(),
            placed: Mutex::default(),
        })
    }

    /// Where a file goes.
    pub(super) fn file(&self, layout: &Layout) -> PathBuf {
        self.path.join(layout.name)
    }

    /// A place for the list of dirty rows of one file.
    pub(super) fn placed(&self, layout: &'static Layout) -> Result<File, GenerateError> {
        let file = tempfile::tempfile_in(&self.path);
        let both = file.and_then(|file| Ok((file.try_clone()?, file)));
        let (file, kept) = both.map_err(|source| self.failed(PLACED, source))?;
        let mut placed = self.placed.lock().unwrap_or_else(PoisonError::into_inner);
        placed.push((layout, kept));
        Ok(file)
    }

    fn failed(&self, name: &str, source: io::Error) -> GenerateError {
        GenerateError::Write {
            path: self.path.join(name),
            source,
        }
    }

    /// Writes the list of dirty rows, and then the manifest.
    pub(super) fn finish(self, manifest: &Manifest) -> Result<(), GenerateError> {
        self.list().map_err(|source| self.failed(PLACED, source))?;
        let unfinished = self.path.join(UNFINISHED);
        serde_json::to_string_pretty(&manifest.to_json())
            .map_err(io::Error::from)
            .and_then(|text| fs::write(&unfinished, text + "\n"))
            .and_then(|()| fs::rename(&unfinished, self.path.join(MANIFEST)))
            .map_err(|source| self.failed(MANIFEST, source))
    }

    fn list(&self) -> io::Result<()> {
        let mut placed = self.placed.lock().unwrap_or_else(PoisonError::into_inner);
        placed.sort_by_key(|(layout, _)| layout.file);
        let mut list = File::create(self.path.join(PLACED))?;
        list.write_all(b"file,line,id,kind,outcome\n")?;
        for (_, rows) in placed.iter_mut() {
            rows.rewind()?;
            io::copy(rows, &mut list)?;
        }
        Ok(())
    }
}

/// Whether the manifest there is one of a generated set.
fn is_ours(path: &Path) -> bool {
    let manifest = fs::read(path)
        .ok()
        .and_then(|text| serde_json::from_slice::<Value>(&text).ok());
    let generator = manifest
        .as_ref()
        .and_then(|manifest| manifest["generator"].as_str());
    generator.is_some_and(|name| name.starts_with("atelier-etl "))
}
