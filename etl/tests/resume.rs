//! A load that is killed at random moments and resumed stores the same rows as an uninterrupted one.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use atelier_test_support::rows::all_rows;
use atelier_test_support::{RUNTIME, StoreKind, TempStore};
use fastrand::Rng;
use tempfile::TempDir;

const KILLS: u32 = 20;

/// Store, and the folder with the files to load.
struct Loading<'a> {
    folder: &'a TempDir,
    store: TempStore,
}

impl<'a> Loading<'a> {
    async fn new(folder: &'a TempDir, store: StoreKind) -> Self {
        Self {
            folder,
            store: TempStore::empty(store).await,
        }
    }

    fn command(&self, resume: bool) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_atelier-etl"));
        command
            .current_dir(self.folder.path())
            .args(["load", "csv", "--database-url", self.store.url()])
            .args(resume.then_some("--resume"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command
    }

    /// Loads without interruption, and returns the time taken.
    fn load(&self) -> Duration {
        let started = Instant::now();
        let output = self.command(false).output().expect("the program starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        started.elapsed()
    }

    /// Loads, killed after random times below `max_time`, until a load completes. Returns the number of kills.
    fn load_with_kills(&self, max_time: Duration, rng: &mut Rng) -> u32 {
        for kills in 0.. {
            let command = self.command(kills > 0).spawn();
            let mut child = command.expect("the program starts");
            // Kills at a random moment; waiting for a condition would defeat the test.
            std::thread::sleep(max_time.mul_f64(rng.f64()));
            let ended = child.try_wait().expect("a child");
            let _ = child.kill();
            let output = child.wait_with_output().expect("a child");
            if ended.is_some() {
                let stderr = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "{stderr}");
                return kills;
            }
        }
        0
    }
}

fn generate(dir: &Path) {
    let made = Command::new(env!("CARGO_BIN_EXE_atelier-etl"))
        .arg("generate")
        .arg(dir)
        .args(["--products", "3000", "--defect-rate", "0.001"])
        .output()
        .expect("the program starts");
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
}

fn assert_killed_load_stores_the_same_rows(store: StoreKind) {
    let folder = tempfile::tempdir().expect("a folder");
    generate(&folder.path().join("csv"));
    RUNTIME.block_on(async {
        let whole = Loading::new(&folder, store).await;
        let took = whole.load();
        let expected = all_rows(whole.store.url()).await;
        assert!(expected.len() > 50_000, "{}", expected.len());

        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("a clock");
        let seed = now.as_secs();
        println!("seed {seed}");
        let mut rng = Rng::with_seed(seed);
        let mut kills = 0;
        while kills < KILLS {
            let loading = Loading::new(&folder, store).await;
            kills += loading.load_with_kills(took.mul_f64(1.5), &mut rng);
            let rows = all_rows(loading.store.url()).await;
            assert!(rows == expected, "after {kills} kills, seed {seed}");
        }
    });
}

#[test]
fn killed_load_stores_the_same_rows_on_sqlite() {
    assert_killed_load_stores_the_same_rows(StoreKind::Sqlite);
}

#[test]
fn killed_load_stores_the_same_rows_on_postgres() {
    assert_killed_load_stores_the_same_rows(StoreKind::Postgres);
}
