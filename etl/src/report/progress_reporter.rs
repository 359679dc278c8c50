//! Shows progress on standard error: lines that are redrawn on a terminal, JSON lines otherwise.

use std::convert::Infallible;
use std::env;
use std::fmt::Write as _;
use std::future::Future;
use std::io::{self, IsTerminal, Stderr, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::report::progress::Progress;
use crate::report::progress_line::{ProgressLine, StoreLine};

/// Interval of redrawing on a terminal.
const DRAW_INTERVAL: Duration = Duration::from_millis(200);

/// Delay before a terminal shows progress. Shorter loads show none.
const TERMINAL_DELAY: Duration = Duration::from_secs(1);

/// Interval of JSON lines, and the delay before the first.
const JSON_INTERVAL: Duration = Duration::from_secs(5);

/// Reports the progress of a load.
pub(crate) struct ProgressReporter<W = Stderr> {
    out: W,
    is_terminal: bool,
    progress: Arc<Progress>,
    started: Instant,
    /// Number of files whose final line is printed.
    files_reported: usize,
    /// Number of lines on the terminal that the next drawing replaces.
    live_lines: usize,
    /// When the next JSON lines are due.
    json_due: Instant,
}

impl ProgressReporter {
    pub(crate) fn new(progress: Arc<Progress>) -> Self {
        let out = io::stderr();
        let has_cursor = env::var_os("TERM").is_some_and(|name| name != "dumb");
        let is_terminal = out.is_terminal() && has_cursor;
        Self::with_output(out, is_terminal, progress, Instant::now())
    }

    /// Runs `work` and reports its progress. Fails with [`Error::Interrupted`] if `stop` completes first.
    pub(crate) async fn during<T>(
        &mut self,
        stop: impl Future<Output = ()>,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let result = tokio::select! {
            biased;
            result = work => result,
            () = stop => Err(Error::Interrupted),
            never = self.run() => match never {},
        };
        self.draw(Instant::now());
        self.live_lines = 0;
        result
    }

    /// Returns the time since the start in seconds.
    pub(crate) fn seconds(&self) -> u64 {
        self.started.elapsed().as_secs()
    }

    async fn run(&mut self) -> Infallible {
        let mut ticks = tokio::time::interval(DRAW_INTERVAL);
        loop {
            ticks.tick().await;
            self.draw(Instant::now());
        }
    }
}

impl<W: Write> ProgressReporter<W> {
    fn with_output(out: W, is_terminal: bool, progress: Arc<Progress>, started: Instant) -> Self {
        Self {
            out,
            is_terminal,
            progress,
            started,
            files_reported: 0,
            live_lines: 0,
            json_due: started + JSON_INTERVAL,
        }
    }

    fn draw(&mut self, now: Instant) {
        let text = match self.is_terminal {
            true if now >= self.started + TERMINAL_DELAY => self.drawing(now),
            false if now >= self.started + JSON_INTERVAL => self.json_lines(now),
            _ => return,
        };
        // A closed standard error does not stop the load.
        let _ = self.out.write_all(text.as_bytes());
        let _ = self.out.flush();
    }

    /// Returns new final lines, and live lines that replace those of the last drawing.
    fn drawing(&mut self, now: Instant) -> String {
        let ended = self.ended_files(now);
        let live = self.live(now);
        let mut text = String::from("\r");
        if self.live_lines > 0 {
            let _ = write!(text, "\x1b[{}A", self.live_lines);
        }
        // Clears to the end of the screen, and truncates long lines instead of wrapping them.
        text.push_str("\x1b[J\x1b[?7l");
        for line in ended.iter().chain(&live) {
            let _ = writeln!(text, "{line}");
        }
        text.push_str("\x1b[?7h");
        self.live_lines = live.len();
        text
    }

    /// Returns a JSON line for each file that has ended, and at each interval one for each part in progress.
    fn json_lines(&mut self, now: Instant) -> String {
        let mut lines = self.ended_files(now);
        if now >= self.json_due {
            self.json_due = now + JSON_INTERVAL;
            lines.extend(self.live(now));
        }
        lines.iter().fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "{}", line.to_json());
            text
        })
    }

    fn ended_files(&mut self, now: Instant) -> Vec<ProgressLine> {
        let files = self.progress.files.iter().skip(self.files_reported);
        let ended: Vec<_> = files
            .take_while(|file| file.ended.get().is_some())
            .map(|file| ProgressLine::file(file, now))
            .collect();
        self.files_reported += ended.len();
        ended
    }

    /// Returns the parts in progress: the file being read, the rows being stored, the final steps.
    fn live(&self, now: Instant) -> Vec<ProgressLine> {
        let reading = self.progress.files.get(self.files_reported);
        let mut lines: Vec<_> = reading
            .map(|file| ProgressLine::file(file, now))
            .into_iter()
            .collect();
        let Some(store_started) = self.progress.store_started.get() else {
            return lines;
        };
        let finish_started = self.progress.finish_started.get();
        if self.is_terminal || finish_started.is_none() {
            let until = finish_started.copied().unwrap_or(now);
            lines.push(ProgressLine::Store(StoreLine {
                stored: self.progress.stored.get(),
                rows: self.progress.rows_to_store(),
                all_read: reading.is_none(),
                elapsed: until.duration_since(*store_started),
            }));
        }
        lines.extend(finish_started.map(|started| ProgressLine::Finish {
            elapsed: now.duration_since(*started),
        }));
        lines
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::report::progress::{FileProgress, set_now};
    use crate::schema::LegacyFile;

    /// Returns the output of a drawing, `after` milliseconds from the start.
    fn drawn(reporter: &mut ProgressReporter<Vec<u8>>, after: u64) -> String {
        reporter.draw(reporter.started + Duration::from_millis(after));
        String::from_utf8(std::mem::take(&mut reporter.out)).expect("text")
    }

    /// A load that has read the first of two files and half of the second, and has stored nothing.
    fn half_read(is_terminal: bool) -> ProgressReporter<Vec<u8>> {
        let started = Instant::now();
        let file = |file: LegacyFile, size, read, records| {
            let file = FileProgress::new(file.schema(), size);
            file.started.get_or_init(|| started);
            file.bytes_read.add(read);
            file.records.add(records);
            file.rejected.add(7);
            file
        };
        let progress = Progress {
            files: vec![
                file(LegacyFile::Product, 3_362, 3_362, 30),
                file(LegacyFile::Features, 621, 310, 20_000),
            ],
            store_started: started.into(),
            ..Progress::default()
        };
        let ended = started + Duration::from_secs(1);
        progress.files[0].ended.get_or_init(|| ended);
        ProgressReporter::with_output(Vec::new(), is_terminal, progress.into(), started)
    }

    #[test]
    fn terminal_keeps_a_line_for_each_file_that_has_ended() {
        let mut reporter = half_read(true);
        assert_eq!(drawn(&mut reporter, 900), "", "a short load shows nothing");
        let first = drawn(&mut reporter, 10_000);
        let lines: Vec<_> = first.lines().collect();
        assert_eq!(
            lines[..2],
            [
                "\r\x1b[J\x1b[?7l  product.csv                ████████████████ 100 %           30 rows      30/s   in    \
                 0:01  rejected 7",
                "  features.csv               ███████           49 %       20,000 rows   2,000/s  ETA    0:10  rejected 7",
            ]
        );
        assert!(lines[2].starts_with("  into the store "), "{first}");
        assert!(!lines[2].contains('%'), "the total is unknown: {first}");
        assert_eq!(lines[3], "\x1b[?7h");

        let second = drawn(&mut reporter, 11_000);
        assert!(second.starts_with("\r\x1b[2A\x1b[J"), "{second:?}");
        assert!(!second.contains("product.csv") && second.contains("features.csv"));
    }

    #[test]
    fn terminal_shows_the_store_and_the_final_steps_when_all_is_read() {
        let mut reporter = half_read(true);
        let progress = Arc::clone(&reporter.progress);
        set_now(&progress.files[1].ended);
        progress.stored.add(10_008);
        let text = drawn(&mut reporter, 10_000);
        assert_eq!(
            text.lines().nth(2).expect("a line"),
            "  into the store             ████████          50 %       10,008 rows   1,000/s  ETA    0:10  of 20,016"
        );
        progress.stored.add(10_008);
        let finish_started = reporter.started + Duration::from_secs(20);
        progress.finish_started.get_or_init(|| finish_started);
        let text = drawn(&mut reporter, 83_000);
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[0].contains("100 %"), "{text}");
        assert!(lines[0].ends_with("in    0:20  of 20,016"), "{text}");
        assert_eq!(lines[1], "  indexes, exchange          1:03");
    }

    #[test]
    fn without_a_terminal_json_lines_are_written_every_five_seconds() {
        let mut reporter = half_read(false);
        let progress = Arc::clone(&reporter.progress);
        let mut lines = |after| -> Vec<Value> {
            let text = drawn(&mut reporter, after);
            let lines = text.lines();
            lines
                .map(|line| serde_json::from_str(line).expect(line))
                .collect()
        };
        assert_eq!(lines(4_900).len(), 0);
        let first = lines(5_000);
        assert_eq!(first.len(), 3);
        assert_eq!(
            (&first[0]["file"], &first[0]["ended"]),
            (&json!("product.csv"), &json!(true))
        );
        assert_eq!(
            first[1..],
            [
                json!({
                    "file": "features.csv", "bytes": 310, "size": 621, "records": 20_000, "rejected": 7,
                    "rows_per_s": 4_000, "eta_s": 5, "seconds": 5.0, "ended": false,
                }),
                json!({
                    "stored": 0, "rows": 20_016, "all_read": false, "rows_per_s": 0, "eta_s": null,
                    "seconds": 5.0,
                }),
            ]
        );
        assert_eq!(lines(9_000).len(), 0);
        set_now(&progress.files[1].ended);
        let ended = lines(9_000);
        assert_eq!(ended.len(), 1, "the end of a file is reported at once");
        assert_eq!(ended[0]["file"], "features.csv");
        assert_eq!(lines(10_000).len(), 1);
        progress
            .finish_started
            .get_or_init(|| progress.store_started.get().copied().expect("set"));
        assert_eq!(lines(15_000), [json!({"finishing": true, "seconds": 15.0})]);
    }
}
