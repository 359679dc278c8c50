//! A load that is killed at any moment, and gone on with, ends in the same rows as one that is left alone.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use atelier_test_support::rows::all_rows;
use atelier_test_support::{RUNTIME, StoreKind, TempStore};
use tempfile::TempDir;

const KILLS: u32 = 20;

/// The store, and how to load into it.
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

    /// Loads without a break: how long that takes.
    fn whole(&self) -> Duration {
        let started = Instant::now();
        let output = self.command(false).output().expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        started.elapsed()
    }

    /// Loads, killed again and again after a time below `most`, until it gets through: how often it was killed.
    fn killed(&self, most: Duration, random: &mut Random) -> u32 {
        for kills in 0.. {
            let command = self.command(kills > 0).spawn();
            let mut child = command.expect("the program starts");
            // The moment of the kill is what is tried here; nothing waits for the program to get anywhere.
            std::thread::sleep(most.mul_f64(random.next()));
            let ended = child.try_wait().expect("a child");
            let _ = child.kill();
            let output = child.wait_with_output().expect("a child");
            if ended.is_some() {
                let said = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "{said}");
                return kills;
            }
        }
        0
    }
}

/// Numbers from 0 to 1.
struct Random(u64);

impl Random {
    #[expect(clippy::cast_precision_loss, reason = "a fraction")]
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / (1_u64 << 31) as f64
    }
}

fn generate(dir: &Path) {
    let made = Command::new(env!("CARGO_BIN_EXE_atelier-etl"))
        .arg("generate")
        .arg(dir)
        .args(["--products", "3000", "--dirt", "0.001"])
        .output()
        .expect("the program starts");
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
}

fn ends_as_if_never_killed(store: StoreKind) {
    let folder = tempfile::tempdir().expect("a folder");
    generate(&folder.path().join("csv"));
    RUNTIME.block_on(async {
        let whole = Loading::new(&folder, store).await;
        let took = whole.whole();
        let expected = all_rows(whole.store.url()).await;
        assert!(expected.len() > 50_000, "{}", expected.len());

        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("a clock");
        let seed = now.as_secs();
        println!("seed {seed}");
        let mut random = Random(seed);
        let mut kills = 0;
        while kills < KILLS {
            let loading = Loading::new(&folder, store).await;
            kills += loading.killed(took.mul_f64(1.5), &mut random);
            let rows = all_rows(loading.store.url()).await;
            assert!(rows == expected, "after {kills} kills, seed {seed}");
        }
    });
}

#[test]
fn on_sqlite_a_killed_load_ends_as_if_never_killed() {
    ends_as_if_never_killed(StoreKind::Sqlite);
}

#[test]
fn on_postgres_a_killed_load_ends_as_if_never_killed() {
    ends_as_if_never_killed(StoreKind::Postgres);
}
