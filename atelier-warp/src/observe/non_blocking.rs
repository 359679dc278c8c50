//! A non-blocking writer for log lines: they gather in memory, and a thread writes them in batches.
//!
//! `tracing-appender` sends each line through a channel and writes it by itself. Where the thread has caught up, that is a
//! wake-up and a system call for each line, 10 µs of processor time; batches of 20 ms cost less than 1 µs.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::output::write_all;

/// Size of the buffer. Lines that do not fit are dropped and counted.
const BUFFER_BYTES: usize = 4 * 1_024 * 1_024;

/// How long lines gather before they are written.
const FLUSH_INTERVAL: Duration = Duration::from_millis(20);

/// How long [`NonBlockingWriter::close`] waits for the last lines.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Hands lines to a thread that writes them.
#[derive(Debug)]
pub(super) struct NonBlockingWriter(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    dropped: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    buffer: Vec<u8>,
    /// Whether the thread is writing a batch.
    writing: bool,
    closed: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl NonBlockingWriter {
    /// Starts the thread that writes to `out`. Fails if the thread can't be started.
    pub(super) fn new(out: impl Write + Send + 'static) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let writer = Arc::clone(&shared);
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || write_batches(&writer, out))?;
        Ok(Self(shared))
    }

    /// Adds a line to the buffer, or drops it if the buffer is full.
    pub(super) fn add(&self, line: &[u8]) {
        let mut state = self.0.state();
        if state.buffer.len() + line.len() > BUFFER_BYTES {
            self.0.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let first = state.buffer.is_empty();
        state.buffer.extend_from_slice(line);
        drop(state);
        if first {
            self.0.changed.notify_all();
        }
    }

    /// Number of lines that were dropped, because the buffer was full or because writing failed.
    pub(super) fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }

    /// Ends the thread once all lines are written, and waits for that for [`CLOSE_TIMEOUT`]. Later lines are ignored.
    pub(super) fn close(&self) {
        let mut state = self.0.state();
        state.closed = true;
        self.0.changed.notify_all();
        let pending = |state: &mut State| state.writing || !state.buffer.is_empty();
        let closed = self
            .0
            .changed
            .wait_timeout_while(state, CLOSE_TIMEOUT, pending);
        drop(closed.unwrap_or_else(PoisonError::into_inner));
    }
}

fn write_batches(shared: &Shared, mut out: impl Write) {
    let mut batch = Vec::new();
    loop {
        let idle = |state: &mut State| state.buffer.is_empty() && !state.closed;
        let state = shared.changed.wait_while(shared.state(), idle);
        let state = state.unwrap_or_else(PoisonError::into_inner);
        if state.buffer.is_empty() {
            return;
        }
        let closed = state.closed;
        drop(state);
        if !closed {
            thread::sleep(FLUSH_INTERVAL);
        }
        let mut state = shared.state();
        std::mem::swap(&mut state.buffer, &mut batch);
        state.writing = true;
        drop(state);
        let mut unwritten = &*batch;
        if write_all(&mut out, &mut unwritten).is_err() {
            // The pipe is closed, or the disk is full.
            let lost = unwritten.split_inclusive(|byte| *byte == b'\n').count();
            let lost = u64::try_from(lost).unwrap_or(u64::MAX);
            shared.dropped.fetch_add(lost, Ordering::Relaxed);
        }
        batch.clear();
        shared.state().writing = false;
        shared.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Sends each write through a channel, and blocks while the channel is full.
    struct ChannelWriter(mpsc::SyncSender<Vec<u8>>);

    impl Write for ChannelWriter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let sent = self.0.send(bytes.to_vec());
            sent.map_err(|_| std::io::ErrorKind::BrokenPipe)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// A thousand numbered lines.
    fn lines() -> Vec<String> {
        (0..1_000).map(|number| format!("{number}\n")).collect()
    }

    #[test]
    fn close_writes_all_lines_in_order() {
        let (sender, written) = mpsc::sync_channel(1_000);
        let writer = NonBlockingWriter::new(ChannelWriter(sender)).expect("a thread");
        for line in lines() {
            writer.add(line.as_bytes());
        }
        writer.close();
        let written = written.iter().collect::<Vec<_>>().concat();
        assert_eq!(String::from_utf8(written).expect("text"), lines().concat());
    }

    #[test]
    fn lines_are_dropped_and_counted_while_the_reader_is_stalled() {
        let (sender, written) = mpsc::sync_channel(0);
        let writer = NonBlockingWriter::new(ChannelWriter(sender)).expect("a thread");
        let line = [b'x'; 1_024];
        // The first batch blocks in the channel; then the buffer fills up.
        for _ in 0..3 * BUFFER_BYTES / line.len() {
            writer.add(&line);
        }
        let dropped = writer.dropped();
        assert!(dropped >= 4_096, "{dropped}");
        let reader = thread::spawn(move || written.iter().map(|bytes| bytes.len()).sum::<usize>());
        writer.close();
        let read = reader.join().expect("reads");
        assert_eq!(
            read + usize::try_from(dropped).expect("few") * line.len(),
            3 * BUFFER_BYTES
        );
    }

    /// Behaves as a non-blocking descriptor: every other write is short, and the next one fails with `WouldBlock`.
    struct NonBlockingDescriptor {
        out: ChannelWriter,
        ready: bool,
    }

    impl Write for NonBlockingDescriptor {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.ready = !self.ready;
            if self.ready {
                self.out.write(&bytes[..bytes.len().min(1_000)])
            } else {
                Err(std::io::ErrorKind::WouldBlock.into())
            }
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn no_line_is_lost_on_a_non_blocking_descriptor() {
        let (sender, written) = mpsc::sync_channel(1_000);
        let out = NonBlockingDescriptor {
            out: ChannelWriter(sender),
            ready: false,
        };
        let writer = NonBlockingWriter::new(out).expect("a thread");
        for line in lines() {
            writer.add(line.as_bytes());
        }
        writer.close();
        let written = written.iter().collect::<Vec<_>>().concat();
        assert_eq!(String::from_utf8(written).expect("text"), lines().concat());
        assert_eq!(writer.dropped(), 0);
    }

    #[test]
    fn lines_are_counted_as_dropped_after_the_pipe_is_closed() {
        let (sender, written) = mpsc::sync_channel(0);
        drop(written);
        let writer = NonBlockingWriter::new(ChannelWriter(sender)).expect("a thread");
        writer.add(b"lost\n");
        writer.close();
        assert_eq!(writer.dropped(), 1);
    }
}
