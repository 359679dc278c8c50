//! The file that takes the place of a served SQLite file by a rename: it keeps links, owner and mode.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use crate::model::error::{Error, Failure, Result};

/// As many symbolic links in a row as Linux follows.
const MAX_LINKS: usize = 40;

/// Returns the file that `path` leads to through symbolic links, whether it exists yet or not. A rename to the link
/// itself would replace the link, and leave the file it leads to as it was.
pub(crate) fn target(path: &Path) -> Result<PathBuf> {
    let mut target = path.to_owned();
    for _ in 0..=MAX_LINKS {
        match fs::read_link(&target) {
            Ok(next) => target = target.parent().unwrap_or(Path::new("")).join(next),
            // No link, or nothing there.
            Err(_) => return Ok(target),
        }
    }
    Err(unusable(format!(
        "{} is a symbolic link that leads back to itself. Remove it, or name another file.",
        path.display()
    )))
}

/// Checks that `served` has one name. A rename replaces one alone: under the others the old rows would stay.
pub(crate) fn ensure_one_name(served: &Path) -> Result<()> {
    match fs::metadata(served) {
        Ok(topic) if topic.nlink() > 1 => Err(unusable(format!(
            "{} is a file with {} names (hard links), and a load can replace one alone. Remove the others, or make them \
             symbolic links.",
            served.display(),
            topic.nlink()
        ))),
        _ => Ok(()),
    }
}

/// Creates `beside` as an empty file with the owner and mode of `served`: while it is filled it holds the same personal
/// data.
pub(crate) fn create(beside: &Path, served: &Path) -> Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true).mode(0o600);
    options
        .open(beside)
        .map_err(|error| unusable(format!("Cannot create {}: {error}.", beside.display())))?;
    copy_owner_and_mode(served, beside)
}

/// Gives `beside` the owner, group and mode of `served`.
pub(crate) fn copy_owner_and_mode(served: &Path, beside: &Path) -> Result<()> {
    let copy = || {
        let (file, model) = (File::open(beside)?, fs::metadata(served)?);
        let own = file.metadata()?;
        if (own.uid(), own.gid()) != (model.uid(), model.gid()) {
            fchown(&file, Some(model.uid()), Some(model.gid()))?;
        }
        file.set_permissions(model.permissions())
    };
    copy().map_err(|error| {
        unusable(format!(
            "Cannot give {} the owner and mode of {}: {error}. Load as the user who owns that file, or as root.",
            beside.display(),
            served.display()
        ))
    })
}

fn unusable(message: String) -> Error {
    Error::Config(Failure::new(message))
}
