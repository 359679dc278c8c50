//! A load into a SQLite file replaces its rows, and keeps its links, owner and mode.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;

use tempfile::TempDir;

use crate::{copies, fails, folder, load, samples, shell, text};

const STORE: [&str; 2] = ["--database-url", "sqlite:shop.db"];

fn loads(folder: &TempDir) {
    let loaded = load(folder, &samples(), &STORE);
    assert!(loaded.status.success(), "{}", text(&loaded.stderr));
}

/// Makes an empty store at `path`, by a load in which nothing is good.
fn empty_store(folder: &TempDir, path: &Path) {
    let none = folder.path().join("none");
    fs::create_dir_all(&none).expect("a folder");
    fs::write(none.join("product.csv"), "").expect("a file");
    let url = format!("sqlite:{}", path.display());
    fails(
        &load(folder, &none, &["--database-url", &url]),
        1,
        &["Not one record"],
    );
    assert!(path.is_file());
}

#[test]
fn load_through_a_symbolic_link_fills_the_file_it_leads_to() {
    for exists in [true, false] {
        let folder = folder();
        let data = folder.path().join("data");
        fs::create_dir(&data).expect("a folder");
        if exists {
            empty_store(&folder, &data.join("real.db"));
        }
        let link = folder.path().join("shop.db");
        // Through a second link, which is relative to its own folder.
        symlink("data/link.db", &link).expect("a link");
        symlink("real.db", data.join("link.db")).expect("a link");
        loads(&folder);
        assert!(fs::symlink_metadata(&link).expect("a link").is_symlink());
        assert!(!data.join("real.db.load").exists());
        let through_target = load(
            &folder,
            &samples(),
            &["--database-url", "sqlite:data/real.db"],
        );
        assert!(text(&through_target.stdout).contains("nothing to do"));
        assert!(!folder.path().join("shop.db.load").exists());
    }
    let folder = folder();
    symlink("shop.db", folder.path().join("shop.db")).expect("a link");
    let refused = load(&folder, &samples(), &STORE);
    fails(&refused, 1, &["shop.db is a symbolic link that leads back"]);
}

#[test]
fn load_keeps_owner_and_mode_of_the_file() {
    let folder = folder();
    let file = folder.path().join("shop.db");
    empty_store(&folder, &file);
    fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("a mode");
    // To another owner only root may give it.
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
    // While it is filled, what will take its place is as private.
    let refused = load(
        &folder,
        &samples(),
        &[&STORE[..], &["--max-rejects", "0"]].concat(),
    );
    fails(&refused, 5, &["--resume"]);
    assert_eq!(owner(&folder.path().join("shop.db.load")), before);
    loads(&folder);
    assert_eq!(owner(&file), before);
}

#[test]
fn load_into_a_file_of_another_user_is_refused_unless_its_owner_can_be_kept() {
    let folder = folder();
    let file = folder.path().join("shop.db");
    empty_store(&folder, &file);
    if fs::metadata(&file).expect("a file").uid() != 0 {
        return; // only root can make the case
    }
    copies(&folder);
    let line = "chown 12345:54321 . data; chown 0:0 shop.db; chmod 666 shop.db shop.db.lock; \
                setpriv --reuid 12345 --regid 54321 --clear-groups \
                atelier-etl load csv --database-url sqlite:shop.db --rejects /dev/null";
    fs::create_dir_all(folder.path().join("data")).expect("a folder");
    let before = fs::read(&file).expect("a file");
    let refused = shell(&folder, line);
    fails(
        &refused,
        1,
        &[
            "owner and mode of shop.db",
            "Load as the user who owns",
            "Nothing was loaded.",
        ],
    );
    assert!(fs::read(&file).expect("a file") == before);
}

#[test]
fn file_with_a_second_name_is_refused() {
    let folder = folder();
    let file = folder.path().join("shop.db");
    empty_store(&folder, &file);
    let other = folder.path().join("other.db");
    fs::hard_link(&file, &other).expect("a link");
    let refused = load(&folder, &samples(), &STORE);
    fails(
        &refused,
        1,
        &["2 names (hard links)", "Nothing was loaded."],
    );
    fs::remove_file(&other).expect("a file");
    loads(&folder);
}
