//! What no server can beat that asks PostgreSQL one by one: PostgreSQL's own `pgbench`, with the statements of ours,
//! prepared, on plans made as ours are.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::Result;
use crate::targets::{Ids, Read};

/// Sessions at a time: of 4, 8, 16 and 64, each with one and two threads of pgbench, those that bring the most on two
/// cores. With 64 it is a third to a half less.
pub(crate) const CLIENTS: u32 = 16;

/// The values of a first page, as the server binds them.
const PAGE: [(&str, &str); 3] = [
    ("skip", "0"),
    ("most", "5"),
    ("most_answers_less_1", "9999"),
];

/// What the parameters of a read are called in a script, in their order.
const NAMES: [&str; 4] = ["id", PAGE[0].0, PAGE[1].0, PAGE[2].0];

/// Runs scripts; each lies in a file by the name of its read.
pub(crate) struct Pgbench {
    program: OsString,
    url: String,
    scripts: BTreeMap<&'static str, PathBuf>,
}

impl Pgbench {
    /// Writes the scripts for data with these ids to `folder`.
    pub(crate) fn new(url: &str, ids: Ids, folder: &Path) -> Result<Self> {
        let mut scripts = BTreeMap::new();
        for read in Read::ALL {
            let name = read.query().name;
            let path = folder.join(format!("{}.pgbench", name.replace('/', "_")));
            let text = script(read.query().text, read.most(ids));
            std::fs::write(&path, text).map_err(|error| error.to_string())?;
            scripts.insert(name, path);
        }
        Ok(Self {
            program: program(),
            url: url.to_owned(),
            scripts,
        })
    }

    /// Look-ups in a second by `clients` sessions, each of `reads` as often.
    pub(crate) async fn rate(&self, reads: &[Read], clients: u32, seconds: u32) -> Result<f64> {
        let mut command = Command::new(&self.program);
        command.args(["-M", "prepared", "-n", "-j", "1"]);
        command.args(["-c", &clients.to_string(), "-T", &seconds.to_string()]);
        for (name, value) in PAGE {
            command.arg("-D").arg(format!("{name}={value}"));
        }
        for read in reads {
            command.arg("-f").arg(&self.scripts[read.query().name]);
        }
        command.arg(&self.url).kill_on_drop(true);
        let options = "-c plan_cache_mode=force_generic_plan -c jit=off";
        let output = command
            .env("PGOPTIONS", options)
            .env("LC_ALL", "C")
            .output()
            .await;
        let output = output.map_err(|error| {
            format!("pgbench, which comes with PostgreSQL, can't be started: {error}")
        })?;
        let text = String::from_utf8_lossy(&output.stdout);
        match rate(&text) {
            Some(rate) if output.status.success() => Ok(rate),
            _ => {
                let words = String::from_utf8_lossy(&output.stderr);
                Err(format!("pgbench failed: {words}{text}"))
            }
        }
    }
}

/// The program: on `PATH`, or the newest where Debian keeps them.
fn program() -> OsString {
    let on_path = std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| folder.join("pgbench").is_file())
    });
    let versions = std::fs::read_dir("/usr/lib/postgresql");
    let newest = versions
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin/pgbench"))
        .filter(|program| program.is_file())
        .max_by_key(|program| (program.as_os_str().len(), program.clone()));
    match newest {
        Some(program) if !on_path => program.into(),
        _ => "pgbench".into(),
    }
}

/// One look-up by an id from 1 to `most`.
fn script(text: &str, most: u64) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"));
    let mut query = lines.collect::<Vec<_>>().join("\n");
    for (place, name) in NAMES.iter().enumerate() {
        query = query.replace(&format!("${}", place + 1), &format!(":{name}"));
    }
    format!("\\set id random(1, {most})\n{};\n", query.trim_end())
}

/// Transactions in a second without the time to connect, from what `pgbench` prints; none when some failed.
fn rate(printed: &str) -> Option<f64> {
    let of = |what: &str| printed.lines().find_map(|line| line.strip_prefix(what));
    if of("number of failed transactions: ").is_some_and(|failed| !failed.starts_with("0 ")) {
        return None;
    }
    // Before version 14 there were two figures, of which this is the second.
    let mut lines = printed.lines().filter(|line| line.starts_with("tps = "));
    let line = lines.next_back()?;
    line.split_whitespace().nth(2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_binds_what_the_server_binds() {
        let reviews = script(Read::Reviews.query().text, 1_000_011);
        assert!(
            reviews.starts_with("\\set id random(1, 1000011)\nselect total.n"),
            "{reviews}"
        );
        assert!(
            reviews.contains("where product_id = :id and not reported"),
            "{reviews}"
        );
        assert!(reviews.contains("limit :most offset :skip\n"), "{reviews}");
        assert!(
            reviews.ends_with("order by r.helpfulness desc, r.id desc;\n"),
            "{reviews}"
        );
        for read in Read::ALL {
            let text = script(read.query().text, 9);
            assert!(!text.contains('$') && !text.contains("--"), "{text}");
        }
        let questions = script(Read::Questions.query().text, 9);
        assert!(
            questions.contains("limit 1 offset :most_answers_less_1\n"),
            "{questions}"
        );
    }

    #[test]
    fn the_rate_is_that_without_connecting() {
        let of_15 = "transaction type: one.pgbench\nnumber of failed transactions: 0 (0.000%)\n\
            latency average = 0.114 ms\ninitial connection time = 9.183 ms\n\
            tps = 8770.172943 (without initial connection time)\n";
        assert_eq!(rate(of_15), Some(8_770.172_943));
        let of_13 = "tps = 812.5 (including connections establishing)\n\
            tps = 899.25 (excluding connections establishing)\n";
        assert_eq!(rate(of_13), Some(899.25));
        let scripts = "tps = 100.5 (without initial connection time)\nSQL script 1: a.pgbench\n \
            - weight: 1\n - 5 transactions (50.0% of total, tps = 50.1)\n";
        assert_eq!(rate(scripts), Some(100.5));
        assert_eq!(
            rate(&of_15.replace("transactions: 0 (0", "transactions: 3 (1")),
            None
        );
        assert_eq!(rate("pgbench: error: no database"), None);
    }
}
