//! Lines on their way to whoever reads the log. Nobody waits for that: they gather in memory, and a thread of its own hands them
//! over, many at once. A channel would wake that thread for each line, which cost a tenth of what a server can answer.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::output::write_all;

/// Bytes that wait; what comes on top of that is dropped and counted.
const WAITING: usize = 4 * 1_024 * 1_024;

/// How long lines gather.
const GATHER: Duration = Duration::from_millis(20);

/// How long the last lines may take.
const LAST: Duration = Duration::from_secs(1);

/// The lines that wait.
#[derive(Debug)]
pub(super) struct Lines(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    dropped: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<u8>,
    /// Whether some are being handed over.
    writing: bool,
    ended: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines {
    /// Hands over to `out`. The failure is that of the thread.
    pub(super) fn to(out: impl Write + Send + 'static) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let lines = Arc::clone(&shared);
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || hand_over(&lines, out))?;
        Ok(Self(shared))
    }

    /// Adds a line, unless too many wait.
    pub(super) fn add(&self, line: &[u8]) {
        let mut state = self.0.state();
        if state.waiting.len() + line.len() > WAITING {
            self.0.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let first = state.waiting.is_empty();
        state.waiting.extend_from_slice(line);
        drop(state);
        if first {
            self.0.changed.notify_all();
        }
    }

    /// How many were dropped.
    pub(super) fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }

    /// Waits until all are handed over, for a second at most. None is taken afterwards.
    pub(super) fn end(&self) {
        let mut state = self.0.state();
        state.ended = true;
        self.0.changed.notify_all();
        let waiting = |state: &mut State| state.writing || !state.waiting.is_empty();
        let ended = self.0.changed.wait_timeout_while(state, LAST, waiting);
        drop(ended.unwrap_or_else(PoisonError::into_inner));
    }
}

fn hand_over(lines: &Shared, mut out: impl Write) {
    let mut taken = Vec::new();
    loop {
        let nothing = |state: &mut State| state.waiting.is_empty() && !state.ended;
        let state = lines.changed.wait_while(lines.state(), nothing);
        let state = state.unwrap_or_else(PoisonError::into_inner);
        if state.waiting.is_empty() {
            return;
        }
        let ended = state.ended;
        drop(state);
        if !ended {
            thread::sleep(GATHER);
        }
        let mut state = lines.state();
        std::mem::swap(&mut state.waiting, &mut taken);
        state.writing = true;
        drop(state);
        let mut rest = &*taken;
        if write_all(&mut out, &mut rest).is_err() {
            // The reader has gone, or the disk is full.
            let lost = rest.split_inclusive(|byte| *byte == b'\n').count();
            let lost = u64::try_from(lost).unwrap_or(u64::MAX);
            lines.dropped.fetch_add(lost, Ordering::Relaxed);
        }
        taken.clear();
        lines.state().writing = false;
        lines.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Hands on what it is given, each time somebody takes it.
    struct Reader(mpsc::SyncSender<Vec<u8>>);

    impl Write for Reader {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let sent = self.0.send(bytes.to_vec());
            sent.map_err(|_| std::io::ErrorKind::BrokenPipe)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_arrive_in_their_order_and_the_last_as_well() {
        let (sender, taken) = mpsc::sync_channel(1_000);
        let lines = Lines::to(Reader(sender)).expect("a thread");
        let sent: Vec<_> = (0..1_000).map(|line| format!("{line}\n")).collect();
        for line in &sent {
            lines.add(line.as_bytes());
        }
        lines.end();
        let taken = taken.iter().collect::<Vec<_>>().concat();
        assert_eq!(String::from_utf8(taken).expect("text"), sent.concat());
    }

    #[test]
    fn whoever_does_not_read_is_not_waited_for() {
        let (sender, taken) = mpsc::sync_channel(0);
        let lines = Lines::to(Reader(sender)).expect("a thread");
        let line = [b'x'; 1_024];
        // The first goes to the reader, who does not take it; the rest waits, or is dropped.
        for _ in 0..3 * WAITING / line.len() {
            lines.add(&line);
        }
        let dropped = lines.dropped();
        assert!(dropped >= 4_096, "{dropped}");
        let reading = thread::spawn(move || taken.iter().map(|bytes| bytes.len()).sum::<usize>());
        lines.end();
        let read = reading.join().expect("reads");
        assert_eq!(
            read + usize::try_from(dropped).expect("few") * line.len(),
            3 * WAITING
        );
    }

    /// A descriptor that is non-blocking: it takes a few bytes, and then none for a while.
    struct NonBlocking {
        next: Reader,
        takes: bool,
    }

    impl Write for NonBlocking {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.takes = !self.takes;
            if self.takes {
                self.next.write(&bytes[..bytes.len().min(1_000)])
            } else {
                Err(std::io::ErrorKind::WouldBlock.into())
            }
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn no_line_is_lost_on_a_descriptor_that_does_not_block() {
        let (sender, taken) = mpsc::sync_channel(1_000);
        let out = NonBlocking {
            next: Reader(sender),
            takes: false,
        };
        let lines = Lines::to(out).expect("a thread");
        let sent: Vec<_> = (0..1_000).map(|line| format!("line {line}\n")).collect();
        for line in &sent {
            lines.add(line.as_bytes());
        }
        lines.end();
        let taken = taken.iter().collect::<Vec<_>>().concat();
        assert_eq!(String::from_utf8(taken).expect("text"), sent.concat());
        assert_eq!(lines.dropped(), 0);
    }

    #[test]
    fn whoever_left_ends_nothing() {
        let (sender, taken) = mpsc::sync_channel(0);
        drop(taken);
        let lines = Lines::to(Reader(sender)).expect("a thread");
        lines.add(b"lost\n");
        lines.end();
        assert_eq!(lines.dropped(), 1);
    }
}
