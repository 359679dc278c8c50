//! Rows of any number, in the order of their keys, in little memory: an external merge sort.
//!
//! The old files stand nearly in order, so what is in order goes straight into one long run. Stragglers are collected,
//! sorted when there is memory full of them, and written as runs of their own. Reading merges the runs.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::mem;
use std::ops::Range;

use crate::spill::dir::Scratch;

/// What rows are sorted by: the ids of a parent, of its child, of the child's child, as far as there are any.
pub(crate) type Key = [u32; 3];

/// Bytes of stragglers in memory.
const STRAGGLERS: usize = 16 << 20;

/// So many runs of a level are merged into one of the next, which bounds files and buffers.
const RUNS: usize = 32;

const BUFFER: usize = 64 * 1024;

/// Takes rows in, in any order.
#[derive(Debug)]
pub(crate) struct Sorter {
    scratch: Scratch,
    memory: usize,
    in_order: Option<Writer>,
    last: Key,
    stragglers: Vec<(Key, Range<usize>)>,
    bytes: Vec<u8>,
    /// Runs of stragglers; those of a level are made of [`RUNS`] of the level before.
    levels: Vec<Vec<Run>>,
    row: Vec<u8>,
}

impl Sorter {
    pub(crate) fn new(scratch: &Scratch) -> Self {
        Self::with_memory(scratch, STRAGGLERS)
    }

    fn with_memory(scratch: &Scratch, memory: usize) -> Self {
        Self {
            scratch: scratch.clone(),
            memory,
            in_order: None,
            last: Key::default(),
            stragglers: Vec::new(),
            bytes: Vec::new(),
            levels: Vec::new(),
            row: Vec::new(),
        }
    }

    /// Takes a row: `write` appends its bytes.
    pub(crate) fn push(&mut self, key: Key, write: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        if key >= self.last {
            self.last = key;
            self.row.clear();
            write(&mut self.row);
            let run = match &mut self.in_order {
                Some(run) => run,
                none => none.insert(Writer::new(&self.scratch)?),
            };
            return run.push(key, &self.row);
        }
        let start = self.bytes.len();
        write(&mut self.bytes);
        self.stragglers.push((key, start..self.bytes.len()));
        if self.bytes.len() + self.stragglers.len() * mem::size_of::<(Key, Range<usize>)>()
            >= self.memory
        {
            self.write_stragglers()?;
        }
        Ok(())
    }

    /// All rows by ascending key.
    pub(crate) fn finish(mut self) -> io::Result<Sorted> {
        self.write_stragglers()?;
        let in_order = self.in_order.take().map(Writer::finish).transpose()?;
        Sorted::new(
            in_order
                .into_iter()
                .chain(self.levels.into_iter().flatten()),
        )
    }

    fn write_stragglers(&mut self) -> io::Result<()> {
        if self.stragglers.is_empty() {
            return Ok(());
        }
        self.stragglers.sort_unstable_by_key(|(key, _)| *key);
        let mut run = Writer::new(&self.scratch)?;
        for (key, range) in self.stragglers.drain(..) {
            run.push(key, &self.bytes[range])?;
        }
        self.bytes.clear();
        self.add(0, run.finish()?)
    }

    fn add(&mut self, level: usize, run: Run) -> io::Result<()> {
        if self.levels.len() == level {
            self.levels.push(Vec::new());
        }
        self.levels[level].push(run);
        if self.levels[level].len() < RUNS {
            return Ok(());
        }
        let mut rows = Sorted::new(mem::take(&mut self.levels[level]).into_iter())?;
        let mut merged = Writer::new(&self.scratch)?;
        while let Some((key, row)) = rows.peek() {
            merged.push(key, row)?;
            rows.advance()?;
        }
        self.add(level + 1, merged.finish()?)
    }
}

/// A sorted run on disk, ready to be read.
#[derive(Debug)]
struct Run(File);

#[derive(Debug)]
struct Writer(BufWriter<File>);

impl Writer {
    fn new(scratch: &Scratch) -> io::Result<Self> {
        Ok(Self(BufWriter::with_capacity(BUFFER, scratch.file()?)))
    }

    fn push(&mut self, key: Key, row: &[u8]) -> io::Result<()> {
        let mut head = [0; 16];
        for (bytes, part) in head.chunks_exact_mut(4).zip(key) {
            bytes.copy_from_slice(&part.to_le_bytes());
        }
        let length = u32::try_from(row.len()).map_err(io::Error::other)?;
        head[12..].copy_from_slice(&length.to_le_bytes());
        self.0.write_all(&head)?;
        self.0.write_all(row)
    }

    fn finish(self) -> io::Result<Run> {
        let mut file = self
            .0
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(Run(file))
    }
}

/// Rows by ascending key.
#[derive(Debug)]
pub(crate) struct Sorted {
    /// Each stands at its next row; those at their end are gone.
    runs: Vec<Reader>,
    /// The run with the least key.
    least: usize,
}

impl Sorted {
    fn new(runs: impl Iterator<Item = Run>) -> io::Result<Self> {
        let mut sorted = Self {
            runs: Vec::new(),
            least: 0,
        };
        for run in runs {
            let mut reader = Reader {
                file: BufReader::with_capacity(BUFFER, run.0),
                key: Key::default(),
                row: Vec::new(),
            };
            if reader.next()? {
                sorted.runs.push(reader);
            }
        }
        sorted.find_least();
        Ok(sorted)
    }

    /// The next row.
    pub(crate) fn peek(&self) -> Option<(Key, &[u8])> {
        self.runs.get(self.least).map(|run| (run.key, &run.row[..]))
    }

    /// Goes on behind the next row.
    pub(crate) fn advance(&mut self) -> io::Result<()> {
        if let Some(run) = self.runs.get_mut(self.least) {
            if !run.next()? {
                self.runs.swap_remove(self.least);
            }
            self.find_least();
        }
        Ok(())
    }

    fn find_least(&mut self) {
        let keys = self.runs.iter().map(|run| run.key).enumerate();
        self.least = keys.min_by_key(|(_, key)| *key).map_or(0, |(at, _)| at);
    }
}

#[derive(Debug)]
struct Reader {
    file: BufReader<File>,
    key: Key,
    row: Vec<u8>,
}

impl Reader {
    fn next(&mut self) -> io::Result<bool> {
        let mut head = [0; 16];
        if self.file.fill_buf()?.is_empty() {
            return Ok(false);
        }
        self.file.read_exact(&mut head)?;
        let part =
            |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        self.key = [part(0), part(4), part(8)];
        self.row.resize(part(12) as usize, 0);
        self.file.read_exact(&mut self.row)?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(keys: &[Key], memory: usize) -> Vec<Key> {
        let mut sorter = Sorter::with_memory(&Scratch::default(), memory);
        for key in keys {
            let row = format!("{key:?}");
            sorter
                .push(*key, |bytes| bytes.extend_from_slice(row.as_bytes()))
                .expect("room on disk");
        }
        let mut rows = sorter.finish().expect("room on disk");
        let mut found = Vec::new();
        while let Some((key, row)) = rows.peek() {
            assert_eq!(row, format!("{key:?}").as_bytes());
            found.push(key);
            rows.advance().expect("readable");
        }
        found
    }

    #[test]
    fn rows_come_back_by_ascending_key_whatever_their_order() {
        let ascending: Vec<Key> = (1..4_000).map(|at| [at / 9, at % 9, 7]).collect();
        let mut expected = ascending.clone();
        expected.sort_unstable();
        let mut shuffled = ascending.clone();
        for at in 0..shuffled.len() {
            let other = at * 7_919 % shuffled.len();
            shuffled.swap(at, other);
        }
        let mut one_ahead = expected.clone();
        one_ahead.rotate_right(1);
        let backwards: Vec<Key> = expected.iter().rev().copied().collect();
        for keys in [&ascending, &expected, &shuffled, &one_ahead, &backwards] {
            // From one straggler a run, through several levels, to all in memory.
            for memory in [1, 4_096, STRAGGLERS] {
                assert_eq!(sorted(keys, memory), expected);
            }
        }
        assert_eq!(sorted(&[], 1), Vec::<Key>::new());
    }
}
