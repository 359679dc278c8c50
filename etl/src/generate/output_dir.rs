//! Output directory of the generator: protects files of other origin, and marks an incomplete data set.

use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::schema::{LegacyFile, TABLES};

/// File with the parameters and the expected counts. Written last.
pub(crate) const MANIFEST: &str = "manifest.json";
/// List of the rows with defects.
pub(crate) const INJECTED_DEFECTS: &str = "injected_defects.csv";
/// Present while the data set is incomplete.
const UNFINISHED: &str = "manifest.unfinished";

/// Reason why a data set was not written.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message names the fields")]
pub enum GenerateError {
    /// The directory holds CSV files of unknown origin.
    #[error(
        "{} holds a {name} that was not generated: there is no {MANIFEST} beside it.\nNothing was written. Name another \
         directory, or remove the file.",
        .path.display()
    )]
    ForeignFile { path: PathBuf, name: &'static str },
    /// A file cannot be written.
    #[error(
        "Cannot write {}: {source}.\nThe data set is incomplete: {}",
        .path.display(),
        write_hint(.source)
    )]
    Write { path: PathBuf, source: io::Error },
}

fn write_hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "the disk is full. 1000011 products take about 7 GB, and fewer proportionally less. Free space or name another \
             directory, and start again."
        }
        io::ErrorKind::PermissionDenied => {
            "permission is denied. Name another directory, and start again."
        }
        _ => "do not load it. Fix the cause, and start again.",
    }
}

/// Directory of a data set that is being written.
#[derive(Debug)]
pub(crate) struct OutputDir {
    path: PathBuf,
}

impl OutputDir {
    /// Creates the directory, or reuses one without CSV files or with generated ones. Fails with
    /// [`GenerateError::ForeignFile`] otherwise.
    pub(crate) fn open(path: &Path) -> Result<Self, GenerateError> {
        let dir = Self {
            path: path.to_owned(),
        };
        fs::create_dir_all(path).map_err(|source| dir.error("", source))?;
        let (manifest, unfinished) = (path.join(MANIFEST), path.join(UNFINISHED));
        let mut tables = TABLES.iter();
        if !is_generated(&manifest)
            && !unfinished.exists()
            && let Some(table) = tables.find(|table| path.join(table.name).exists())
        {
            return Err(GenerateError::ForeignFile {
                path: path.to_owned(),
                name: table.name,
            });
        }
        let text = "Remove this file together with the CSV files beside it.\n";
        fs::write(&unfinished, text).map_err(|source| dir.error(UNFINISHED, source))?;
        if manifest.exists() {
            fs::remove_file(&manifest).map_err(|source| dir.error(MANIFEST, source))?;
        }
        Ok(dir)
    }

    /// Creates a CSV file, and an unnamed file for the list of its rows with defects.
    pub(crate) fn create(&self, file: LegacyFile) -> Result<(File, File), GenerateError> {
        let name = file.schema().name;
        let csv = File::create(self.path.join(name)).map_err(|source| self.error(name, source))?;
        let list = tempfile::tempfile_in(&self.path);
        let list = list.map_err(|source| self.error(INJECTED_DEFECTS, source))?;
        Ok((csv, list))
    }

    /// Returns the error that a file cannot be written.
    pub(crate) fn error(&self, name: &str, source: io::Error) -> GenerateError {
        let path = self.path.join(name);
        GenerateError::Write { path, source }
    }

    /// Writes the list of rows with defects, then the manifest.
    pub(crate) fn finish(
        self,
        manifest: &Value,
        defect_lists: Vec<File>,
    ) -> Result<(), GenerateError> {
        self.write_defect_list(defect_lists)
            .map_err(|source| self.error(INJECTED_DEFECTS, source))?;
        let unfinished = self.path.join(UNFINISHED);
        serde_json::to_string_pretty(manifest)
            .map_err(io::Error::from)
            .and_then(|text| fs::write(&unfinished, text + "\n"))
            .and_then(|()| fs::rename(&unfinished, self.path.join(MANIFEST)))
            .map_err(|source| self.error(MANIFEST, source))
    }

    fn write_defect_list(&self, lists: Vec<File>) -> io::Result<()> {
        let mut output = File::create(self.path.join(INJECTED_DEFECTS))?;
        output.write_all(b"file,line,id,kind,outcome\n")?;
        for mut list in lists {
            list.rewind()?;
            io::copy(&mut list, &mut output)?;
        }
        Ok(())
    }
}

/// Whether a file is the manifest of a generated data set.
fn is_generated(path: &Path) -> bool {
    let manifest = fs::read(path).ok();
    let manifest = manifest.and_then(|text| serde_json::from_slice::<Value>(&text).ok());
    manifest.is_some_and(|manifest| {
        let generator = manifest["generator"].as_str();
        generator.is_some_and(|name| name.starts_with("atelier-etl "))
    })
}
