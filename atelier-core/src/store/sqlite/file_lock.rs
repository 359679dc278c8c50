//! The lock of a SQLite file: exclusive for a server or load that writes it, shared for servers that only read it.
//!
//! On Linux it is an open file description lock on a byte of the file that SQLite does not lock. So it holds under every name of
//! the file: through symbolic links, hard links and bind mounts. Elsewhere, a lock file beside the database is used, which only
//! follows symbolic links.
//!
//! Closing *any* descriptor of a file releases all POSIX locks of the process on it, which SQLite uses. So a file that this
//! process has locked is not opened a second time, and the lock is released after the connections are closed.

use std::collections::HashSet;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::error::{Error, Failure, FileFault, Result};
use crate::store::sqlite::error;

/// Device and inode.
type FileId = (u64, u64);

/// The files that this process has locked exclusively.
static WRITTEN: Mutex<Option<HashSet<FileId>>> = Mutex::new(None);

fn written() -> MutexGuard<'static, Option<HashSet<FileId>>> {
    WRITTEN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn id(metadata: &Metadata) -> FileId {
    (metadata.dev(), metadata.ino())
}

/// A lock that is held until it is dropped or the process ends.
#[derive(Debug)]
pub(crate) struct FileLock {
    file: Option<File>,
    /// Set for an exclusive lock.
    writes: Option<FileId>,
}

impl FileLock {
    /// Takes the exclusive lock of the file at `path`; creates the file and its folder where needed. [`Error::Config`] when another
    /// process holds the lock.
    pub(crate) fn to_write(path: &Path) -> Result<Self> {
        if let Some(folder) = path.parent() {
            let what = || format!("Cannot make the folder {}", folder.display());
            fs::create_dir_all(folder).map_err(|error| unusable(&what(), error))?;
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        Self::hold(path, &options, true)
    }

    /// Takes the shared lock of the file at `path`. On a file system without locks nothing is locked, because no process can write.
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
                    // A load may have replaced the file meanwhile.
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
        // The file is closed after its id is removed: once it is closed, a new file may get the same inode.
        let mut written = written();
        if let Some(file) = &self.file {
            // Closing does not release it while a child process that is being spawned has a copy of the descriptor.
            system::unlock(file);
        }
        if let (Some(id), Some(all)) = (self.writes, &mut *written) {
            all.remove(&id);
        }
    }
}

fn unusable(what: &str, error: io::Error) -> Error {
    let failure =
        Failure::new(format!("{what}: {error}.")).with_file_fault(error::file_fault_of_io(&error));
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

    /// The locked byte: behind the content of any file, and behind those that SQLite locks, which begin at 2^30.
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

    /// Locks the file; `None` when another process holds the lock.
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

    /// Locks the file beside the database; `None` when another process holds the lock.
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
