//! What is shown on standard error while a load runs: lines that are drawn anew on a terminal, JSON anywhere else.

use std::convert::Infallible;
use std::env;
use std::fmt::Write as _;
use std::future::Future;
use std::io::{self, IsTerminal, Stderr, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::load::inputs::Input;
use crate::load::reader::Reader;
use crate::report::progress::Progress;
use crate::report::progress_line::Part;

/// How often the figures are looked at.
const TICK: Duration = Duration::from_millis(200);

/// What is over sooner shows nothing: its summary comes before anybody wonders.
const QUIET: Duration = Duration::from_secs(1);

/// Without a terminal, so often is a line written; what is over sooner writes none.
const LINES: Duration = Duration::from_secs(5);

/// Shows how far a load has come.
pub(crate) struct Show<W = Stderr> {
    out: W,
    terminal: bool,
    inputs: Arc<[Input]>,
    progress: Arc<Progress>,
    began: Instant,
    /// So many files have got their last line.
    told: usize,
    /// So many lines on the terminal are the next drawing's to replace.
    live: usize,
    /// When the next line of JSON is due.
    due: Instant,
}

impl Show {
    pub(crate) fn new(reader: &Reader) -> Self {
        let out = io::stderr();
        let moves = env::var_os("TERM").is_some_and(|name| name != "dumb");
        let terminal = out.is_terminal() && moves;
        Self::with(out, terminal, reader, Instant::now())
    }

    /// What `work` comes to, shown while it lasts; [`Error::Interrupted`] when `stop` comes first.
    pub(crate) async fn during<T>(
        &mut self,
        stop: impl Future<Output = ()>,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let ended = tokio::select! {
            biased;
            ended = work => ended,
            () = stop => Err(Error::Interrupted),
            never = self.run() => match never {},
        };
        self.draw(Instant::now());
        self.live = 0;
        ended
    }

    /// How long it has been showing.
    pub(crate) fn seconds(&self) -> u64 {
        self.began.elapsed().as_secs()
    }

    async fn run(&mut self) -> Infallible {
        let mut ticks = tokio::time::interval(TICK);
        loop {
            ticks.tick().await;
            self.draw(Instant::now());
        }
    }
}

impl<W: Write> Show<W> {
    fn with(out: W, terminal: bool, reader: &Reader, began: Instant) -> Self {
        Self {
            out,
            terminal,
            inputs: Arc::clone(&reader.inputs),
            progress: Arc::clone(&reader.progress),
            began,
            told: 0,
            live: 0,
            due: began + LINES,
        }
    }

    fn draw(&mut self, now: Instant) {
        let text = match self.terminal {
            true if now >= self.began + QUIET => self.drawing(now),
            false if now >= self.began + LINES => self.lines(now),
            _ => return,
        };
        // Nobody who looks is no reason to stop a load.
        let _ = self.out.write_all(text.as_bytes());
        let _ = self.out.flush();
    }

    /// The lines that are new, and those that replace the last drawing's.
    fn drawing(&mut self, now: Instant) -> String {
        let ended = self.ended(now);
        let live = self.live(now);
        let mut text = String::from("\r");
        if self.live > 0 {
            let _ = write!(text, "\x1b[{}A", self.live);
        }
        // Down to the end of the screen; and lines that are too long for it are cut, not wrapped.
        text.push_str("\x1b[J\x1b[?7l");
        for part in ended.iter().chain(&live) {
            let _ = writeln!(text, "{part}");
        }
        text.push_str("\x1b[?7h");
        self.live = live.len();
        text
    }

    /// Lines of JSON: one for each file that has ended, and every few seconds one for each part that has not.
    fn lines(&mut self, now: Instant) -> String {
        let mut parts = self.ended(now);
        if now >= self.due {
            self.due = now + LINES;
            parts.extend(self.live(now));
        }
        parts.iter().fold(String::new(), |mut text, part| {
            let _ = writeln!(text, "{}", part.json());
            text
        })
    }

    fn ended(&mut self, now: Instant) -> Vec<Part> {
        let files = self.inputs.iter().skip(self.told);
        let ended: Vec<_> = files
            .map(|input| (input, self.progress.file(input.layout.file)))
            .take_while(|(_, file)| file.ended.get().is_some())
            .map(|(input, file)| Part::file(input, file, now))
            .collect();
        self.told += ended.len();
        ended
    }

    /// What is going on: a file that is read, rows that are stored, the end.
    fn live(&self, now: Instant) -> Vec<Part> {
        let mut parts = Vec::new();
        let reading = self.inputs.get(self.told);
        if let Some(input) = reading {
            parts.push(Part::file(
                input,
                self.progress.file(input.layout.file),
                now,
            ));
        }
        if let Some(begun) = self.progress.begun.get() {
            let finishing = self.progress.finishing.get();
            // Lines of JSON need not repeat what is over; a drawing shows all of it.
            if self.terminal || finishing.is_none() {
                let until = finishing.copied().unwrap_or(now);
                parts.push(Part::Store {
                    rows: self.progress.stored.get(),
                    of: self.progress.to_store(),
                    all_read: reading.is_none(),
                    took: until.duration_since(*begun),
                });
            }
            if let Some(since) = finishing {
                parts.push(Part::Finish {
                    took: now.duration_since(*since),
                });
            }
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::*;
    use crate::load::inputs as input;
    use crate::report::progress;
    use crate::schema::LegacyFile;

    fn reader() -> Reader {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
        Reader::new(input::inputs(&samples).expect("samples"), None).expect("a scratch directory")
    }

    /// What is shown after so many milliseconds.
    fn shown(show: &mut Show<Vec<u8>>, after: u64) -> String {
        show.draw(show.began + Duration::from_millis(after));
        String::from_utf8(std::mem::take(&mut show.out)).expect("text")
    }

    /// A load that has read the first file and half of the second, and has put the rows of none.
    fn half_way() -> (Reader, Instant) {
        let reader = reader();
        let began = Instant::now();
        let files = &reader.progress;
        for (file, read, records) in [
            (LegacyFile::Product, 3_362, 30),
            (LegacyFile::Features, 310, 20_000),
        ] {
            let file = files.file(file);
            file.began.get_or_init(|| began);
            file.read.add(read);
            file.records.add(records);
            file.rejected.add(7);
        }
        files.begun.get_or_init(|| began);
        let ended = began + Duration::from_secs(1);
        files.file(LegacyFile::Product).ended.get_or_init(|| ended);
        (reader, began)
    }

    #[test]
    fn a_terminal_keeps_a_line_for_each_file_that_has_ended() {
        let (reader, began) = half_way();
        let mut show = Show::with(Vec::new(), true, &reader, began);
        assert_eq!(shown(&mut show, 900), "", "a short load shows nothing");
        let first = shown(&mut show, 10_000);
        let lines: Vec<_> = first.lines().collect();
        assert_eq!(
            lines[0],
            "\r\x1b[J\x1b[?7l  product.csv                ████████████████  100 %           30 rows      30/s   in    \
             0:01  rejected 7"
        );
        assert_eq!(
            lines[1],
            "  features.csv               ███████▊           49 %       20,000 rows   2,000/s  ETA    0:10  rejected 7"
        );
        assert!(
            lines[2].starts_with("  into the store ") && lines[2].contains(" 0 rows"),
            "{first}"
        );
        assert!(!lines[2].contains('%'), "of how many is not known: {first}");
        assert_eq!(lines[3], "\x1b[?7h");

        let second = shown(&mut show, 11_000);
        assert!(
            second.starts_with("\r\x1b[2A\x1b[J"),
            "two lines go: {second:?}"
        );
        assert!(!second.contains("product.csv") && second.contains("features.csv"));
        let colours = |text: &str| {
            let codes = text.split("\x1b[").skip(1);
            codes
                .filter(|code| {
                    code.trim_start_matches(|it: char| !it.is_alphabetic())
                        .starts_with('m')
                })
                .count()
        };
        assert_eq!(colours(&(first + &second)), 0);
    }

    #[test]
    fn a_terminal_shows_what_follows_when_all_is_read() {
        let (reader, began) = half_way();
        for input in reader.inputs.iter() {
            progress::now(&reader.progress.file(input.layout.file).ended);
        }
        reader.progress.stored.add(10_008);
        let mut show = Show::with(Vec::new(), true, &reader, began);
        let text = shown(&mut show, 10_000);
        let last = text.lines().nth(reader.inputs.len()).expect("a line");
        assert_eq!(
            last,
            "  into the store             ████████           50 %       10,008 rows   1,000/s  ETA    0:10  of 20,016"
        );
        reader.progress.stored.add(10_008);
        let finishing = began + Duration::from_secs(20);
        reader.progress.finishing.get_or_init(|| finishing);
        let text = shown(&mut show, 83_000);
        let lines: Vec<_> = text.lines().collect();
        assert!(
            lines[0].contains("100 %") && lines[0].ends_with("in    0:20  of 20,016"),
            "{text}"
        );
        assert_eq!(lines[1], "  indexes, exchange          1:03");
    }

    #[test]
    fn without_a_terminal_there_are_lines_of_json_every_five_seconds() {
        let (reader, began) = half_way();
        let mut show = Show::with(Vec::new(), false, &reader, began);
        assert_eq!(shown(&mut show, 4_900), "");
        let parts = |text: String| -> Vec<Value> {
            text.lines()
                .map(|line| serde_json::from_str(line).expect(line))
                .collect()
        };
        let expected = json!({
            "file": "features.csv", "bytes": 310, "size": 621, "records": 20_000, "rejected": 7,
            "rows_per_s": 4_000, "eta_s": 5, "seconds": 5.0, "ended": false,
        });
        let lines = parts(shown(&mut show, 5_000));
        assert_eq!(lines.len(), 3);
        assert_eq!(
            (&lines[0]["file"], &lines[0]["ended"]),
            (&json!("product.csv"), &json!(true))
        );
        assert_eq!(lines[1], expected);
        assert_eq!(
            lines[2],
            json!({"stored": 0, "rows": 20_016, "all_read": false, "rows_per_s": 0, "eta_s": null, "seconds": 5.0})
        );
        assert_eq!(shown(&mut show, 9_000), "");
        progress::now(&reader.progress.file(LegacyFile::Features).ended);
        let lines = parts(shown(&mut show, 9_000));
        assert_eq!(
            (lines.len(), &lines[0]["file"]),
            (1, &json!("features.csv")),
            "a file's end is told at once"
        );
        assert_eq!(parts(shown(&mut show, 10_000)).len(), 2);
        reader.progress.finishing.get_or_init(|| began);
        assert_eq!(
            parts(shown(&mut show, 15_000))[1..],
            [json!({"finishing": true, "seconds": 15.0})]
        );
    }
}
