//! Tests of the replacement of a SQLite file: links, owner and mode do not change.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;

use tempfile::TempDir;

use crate::{assert_fails, copy_samples, folder, load, samples, shell, text};

const STORE: &str = "--database-url sqlite:shop.db";

fn loads(folder: &TempDir) {
    let loaded = load(folder, &samples(), STORE);
    assert!(loaded.status.success(), "{}", text(&loaded.stderr));
}

/// Creates an empty store at `path`, by a load without a valid record.
fn empty_store(folder: &TempDir, path: &Path) {
    let none = folder.path().join("none");
    fs::create_dir_all(&none).expect("a folder");
    fs::write(none.join("product.csv"), "").expect("a file");
    let url = format!("--database-url sqlite:{}", path.display());
    assert_fails(&load(folder, &none, &url), 1, "No record of these files");
    assert!(path.is_file());
}

#[test]
fn load_through_symbolic_links_replaces_their_target() {
    for exists in [true, false] {
        let folder = folder();
        let data = folder.path().join("data");
        fs::create_dir(&data).expect("a folder");
        if exists {
            empty_store(&folder, &data.join("real.db"));
        }
        let link = folder.path().join("shop.db");
        // Through a second link, relative to its own folder.
        symlink("data/link.db", &link).expect("a link");
        symlink("real.db", data.join("link.db")).expect("a link");
        loads(&folder);
        assert!(fs::symlink_metadata(&link).expect("a link").is_symlink());
        assert!(!data.join("real.db.load").exists());
        let through_target = load(&folder, &samples(), "--database-url sqlite:data/real.db");
        assert!(text(&through_target.stdout).contains("nothing to do"));
        assert!(!folder.path().join("shop.db.load").exists());
    }
    let folder = folder();
    symlink("shop.db", folder.path().join("shop.db")).expect("a link");
    let refused = load(&folder, &samples(), STORE);
    assert_fails(&refused, 1, "shop.db is a symbolic link that leads back");
}

#[test]
fn load_keeps_owner_and_mode_of_the_file() {
    let folder = folder();
    let file = folder.path().join("shop.db");
    empty_store(&folder, &file);
    fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("a mode");
    // Only root may change the owner.
    let root = fs::metadata(&file).expect("a file").uid() == 0;
    if root {
        chown(&file, Some(12_345), Some(54_321)).expect("an owner");
    }
    let owner = |path: &Path| {
        let about = fs::metadata(path).expect("a file");
        (about.uid(), about.gid(), about.mode() & 0o7777)
    };
    let before = owner(&file);
    assert_eq!(before.2, 0o600);
    // The new file has the same owner and mode while it is filled.
    let refused = load(&folder, &samples(), &format!("{STORE} --max-rejects 0"));
    assert_fails(&refused, 5, "--resume");
    assert_eq!(owner(&folder.path().join("shop.db.load")), before);
    loads(&folder);
    assert_eq!(owner(&file), before);
}

#[test]
fn load_is_refused_if_it_cannot_set_the_owner_of_the_file() {
    let folder = folder();
    let file = folder.path().join("shop.db");
    empty_store(&folder, &file);
    if fs::metadata(&file).expect("a file").uid() != 0 {
        return; // only root can create this situation
    }
    copy_samples(&folder);
    let line = "chown 12345:54321 . data; chown 0:0 shop.db; chmod 666 shop.db shop.db.lock; \
                setpriv --reuid 12345 --regid 54321 --clear-groups \
                atelier-etl load csv --database-url sqlite:shop.db --rejects /dev/null";
    fs::create_dir_all(folder.path().join("data")).expect("a folder");
    let before = fs::read(&file).expect("a file");
    let refused = shell(&folder, line);
    assert_fails(
        &refused,
        1,
        "owner and mode of shop.db|Load as the user who owns|Nothing was loaded.",
    );
    assert!(fs::read(&file).expect("a file") == before);
}

#[test]
fn file_with_a_hard_link_is_refused() {
    let folder = folder();
    let file = folder.path().join("shop.db");
    empty_store(&folder, &file);
    let other = folder.path().join("other.db");
    fs::hard_link(&file, &other).expect("a link");
    let refused = load(&folder, &samples(), STORE);
    assert_fails(&refused, 1, "2 names (hard links)|Nothing was loaded.");
    fs::remove_file(&other).expect("a file");
    loads(&folder);
}
