//! The lock on a SQLite file: one server or load that writes it, or any number that only read it.
//!
//! On Linux it is an open file description lock on a byte of the file itself, so it holds under every name that the file
//! has: through symbolic links, hard links and bind mounts. The byte is none that SQLite locks. Where there are no such
//! locks, a file beside the database is locked, whose name follows symbolic links alone.
//!
//! Closing *any* descriptor of a file releases all of SQLite's own locks that the process has on it. So a file that this
//! process has locked is not opened a second time, and the lock goes after the connections.

use std::collections::HashSet;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::error::{Error, Failure, FileFault, Result};
use crate::store::failure;

/// Device and inode: the file, whatever its name.
type FileId = (u64, u64);

/// The files that this process has locked to write them.
static WRITTEN: Mutex<Option<HashSet<FileId>>> = Mutex::new(None);

fn written() -> MutexGuard<'static, Option<HashSet<FileId>>> {
    WRITTEN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn id(metadata: &Metadata) -> FileId {
    (metadata.dev(), metadata.ino())
}

/// A lock that is held until it is dropped, or until the process ends.
#[derive(Debug)]
pub(crate) struct FileLock {
    file: Option<File>,
    /// Where it is a lock to write.
    writes: Option<FileId>,
}

impl FileLock {
    /// Locks the file at `path` to write it; makes it, and the folder it is in, where there is none. [`Error::Config`]
    /// when another has it.
    pub(crate) fn to_write(path: &Path) -> Result<Self> {
        if let Some(folder) = path.parent() {
            let what = || format!("Cannot make the folder {}", folder.display());
            fs::create_dir_all(folder).map_err(|error| unusable(&what(), error))?;
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        Self::hold(path, &options, true)
    }

    /// Locks the file at `path` to read it, while nobody writes it. Where the file system has no locks there is nobody who
    /// could have one.
    pub(crate) fn to_read(path: &Path) -> Result<Self> {
        Self::hold(path, OpenOptions::new().read(true), false)
    }

    fn hold(path: &Path, options: &OpenOptions, write: bool) -> Result<Self> {
        let failed = |error| unusable(&format!("Cannot open {}", path.display()), error);
        let mut written = written();
        let written = written.get_or_insert_default();
        loop {
            if fs::metadata(path).is_ok_and(|file| written.contains(&id(&file))) {
                return Err(in_use(path));
            }
            let file = options.open(path).map_err(failed)?;
            let held = file.metadata().map_err(failed)?;
            match system::try_lock(path, file, write) {
                Ok(Some(file)) => {
                    // A load may have put another in its place meanwhile.
                    if fs::metadata(path).is_ok_and(|now| id(&now) != id(&held)) {
                        continue;
                    }
                    let writes = write.then(|| id(&held));
                    written.extend(writes);
                    return Ok(Self {
                        file: Some(file),
                        writes,
                    });
                }
                Ok(None) => return Err(in_use(path)),
                Err(_) if !write => {
                    return Ok(Self {
                        file: None,
                        writes: None,
                    });
                }
                Err(error) => {
                    return Err(unusable(&format!("Cannot lock {}", path.display()), error));
                }
            }
        }
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            // Closing alone may not do: a child process that is just being started holds a copy of it.
            system::unlock(&file);
        }
        if let (Some(id), Some(all)) = (self.writes, &mut *written()) {
            all.remove(&id);
        }
    }
}

fn unusable(what: &str, error: io::Error) -> Error {
    let failure = Failure::new(format!("{what}: {error}.")).with_file_fault(failure::of_io(&error));
    Error::Config(failure.with_source(error))
}

fn in_use(path: &Path) -> Error {
    let failure = Failure::new(format!(
        "{} is in use by another program. One server for each file: stop the other one, or use PostgreSQL for several.",
        path.display()
    ));
    Error::Config(failure.with_file_fault(Some(FileFault::InUse)))
}

#[cfg(target_os = "linux")]
mod system {
    use std::fs::File;
    use std::io;
    use std::path::Path;

    use nix::errno::Errno;
    use nix::fcntl::{FcntlArg, fcntl};
    use nix::libc;

    /// The byte that is locked: far behind those of SQLite, which begin at 2^30, and behind whatever a file holds.
    const BYTE: i64 = i64::MAX - 1;

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the constants are 0 to 2, and of another type than the fields"
    )]
    fn byte(kind: libc::c_int) -> libc::flock {
        libc::flock {
            l_type: kind as libc::c_short,
            l_whence: libc::SEEK_SET as libc::c_short,
            l_start: BYTE,
            l_len: 1,
            l_pid: 0,
        }
    }

    /// The file with its lock; none when another has it.
    pub(crate) fn try_lock(_: &Path, file: File, write: bool) -> io::Result<Option<File>> {
        let kind = if write { libc::F_WRLCK } else { libc::F_RDLCK };
        match fcntl(&file, FcntlArg::F_OFD_SETLK(&byte(kind))) {
            Ok(_) => Ok(Some(file)),
            Err(Errno::EAGAIN | Errno::EACCES) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) fn unlock(file: &File) {
        let _ = fcntl(file, FcntlArg::F_OFD_SETLK(&byte(libc::F_UNLCK)));
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::fs::{self, File, TryLockError};
    use std::io;
    use std::path::Path;

    /// The file beside the database with its lock; none when another has it.
    pub(crate) fn try_lock(path: &Path, _: File, write: bool) -> io::Result<Option<File>> {
        let mut beside = fs::canonicalize(path)?.into_os_string();
        beside.push(".lock");
        let beside = File::create(beside)?;
        let locked = if write {
            beside.try_lock()
        } else {
            beside.try_lock_shared()
        };
        match locked {
            Ok(()) => Ok(Some(beside)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    pub(crate) fn unlock(file: &File) {
        let _ = file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(path: &Path) -> bool {
        let Err(error) = FileLock::to_write(path) else {
            return false;
        };
        assert_eq!(error.file_fault(), Some(FileFault::InUse), "{error}");
        true
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn lock_holds_under_every_name_of_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        // Through a link whose target is only made.
        std::os::unix::fs::symlink("shop.db", at("link.db")).expect("a link");
        let lock = FileLock::to_write(&at("link.db")).expect("a lock");
        fs::hard_link(at("shop.db"), at("hard.db")).expect("a link");
        for name in ["shop.db", "link.db", "hard.db"] {
            assert!(refused(&at(name)), "{name}");
            FileLock::to_read(&at(name)).expect_err(name);
        }
        drop(lock);
        let again = FileLock::to_write(&at("hard.db")).expect("it is free");
        assert!(refused(&at("shop.db")));
        drop(again);
        let reader = FileLock::to_read(&at("shop.db")).expect("a lock");
        FileLock::to_read(&at("hard.db")).expect("many read");
        assert!(refused(&at("link.db")), "it is read");
        drop(reader);
        assert!(!refused(&at("link.db")));
    }

    #[test]
    fn file_put_in_the_place_of_a_locked_one_is_free() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("shop.db");
        let _old = FileLock::to_write(&path).expect("a lock");
        let beside = folder.path().join("shop.db.load");
        fs::write(&beside, "").expect("a file");
        fs::rename(&beside, &path).expect("is put in its place");
        let _new = FileLock::to_write(&path).expect("a lock");
        assert!(refused(&path));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn lock_leaves_the_locks_of_sqlite_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("shop.db");
        let _lock = FileLock::to_write(&path).expect("a lock");
        let open = || rusqlite::Connection::open(&path).expect("opens");
        let (one, other) = (open(), open());
        one.execute_batch("begin exclusive").expect("begins");
        // The attempt opens nothing, so it does not release what SQLite has locked.
        assert!(refused(&path));
        other
            .execute_batch("begin exclusive")
            .expect_err("is locked");
        one.execute_batch("create table t (x); commit")
            .expect("commits");
    }
}
