//! External merge sort: sorts any number of rows in limited memory.
//!
//! The files are nearly sorted, so rows in order are appended to one long run. Out-of-order rows are buffered, sorted
//! when the buffer is full, and written as runs of their own. Reading merges all runs.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::mem;
use std::ops::Range;

use crate::spill::dir::SpillDir;

/// Sort key: the ids of a parent, its child, and the child of that. Unused parts are 0.
pub(crate) type SortKey = [u32; 3];

/// Bytes of out-of-order rows in memory.
const MAX_BUFFERED_BYTES: usize = 16 << 20;

/// Number of runs of a level that are merged into one of the next, which limits open files and buffers.
const MERGE_RUNS: usize = 32;

const IO_BUFFER_BYTES: usize = 64 * 1024;

/// Collects rows in any order.
#[derive(Debug)]
pub(crate) struct Sorter {
    spill_dir: SpillDir,
    max_buffered_bytes: usize,
    in_order: Option<RunWriter>,
    last: SortKey,
    /// Keys of out-of-order rows, and their ranges in `bytes`.
    out_of_order: Vec<(SortKey, Range<usize>)>,
    bytes: Vec<u8>,
    /// Runs of out-of-order rows. A run of one level was merged from [`MERGE_RUNS`] of the level before.
    levels: Vec<Vec<Run>>,
    row: Vec<u8>,
}

impl Sorter {
    pub(crate) fn new(spill_dir: &SpillDir) -> Self {
        Self::with_memory(spill_dir, MAX_BUFFERED_BYTES)
    }

    fn with_memory(spill_dir: &SpillDir, memory: usize) -> Self {
        Self {
            spill_dir: spill_dir.clone(),
            max_buffered_bytes: memory,
            in_order: None,
            last: SortKey::default(),
            out_of_order: Vec::new(),
            bytes: Vec::new(),
            levels: Vec::new(),
            row: Vec::new(),
        }
    }

    /// Adds a row. `write` appends its bytes.
    pub(crate) fn push(
        &mut self,
        key: SortKey,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> io::Result<()> {
        if key >= self.last {
            self.last = key;
            self.row.clear();
            write(&mut self.row);
            let run = match &mut self.in_order {
                Some(run) => run,
                none => none.insert(RunWriter::new(&self.spill_dir)?),
            };
            return run.push(key, &self.row);
        }
        let start = self.bytes.len();
        write(&mut self.bytes);
        self.out_of_order.push((key, start..self.bytes.len()));
        if self.bytes.len() + self.out_of_order.len() * mem::size_of::<(SortKey, Range<usize>)>()
            >= self.max_buffered_bytes
        {
            self.write_out_of_order()?;
        }
        Ok(())
    }

    /// Returns all rows by ascending key.
    pub(crate) fn finish(mut self) -> io::Result<SortedRows> {
        self.write_out_of_order()?;
        let in_order = self.in_order.take().map(RunWriter::finish).transpose()?;
        SortedRows::new(
            in_order
                .into_iter()
                .chain(self.levels.into_iter().flatten()),
        )
    }

    fn write_out_of_order(&mut self) -> io::Result<()> {
        if self.out_of_order.is_empty() {
            return Ok(());
        }
        self.out_of_order.sort_unstable_by_key(|(key, _)| *key);
        let mut run = RunWriter::new(&self.spill_dir)?;
        for (key, range) in self.out_of_order.drain(..) {
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
        if self.levels[level].len() < MERGE_RUNS {
            return Ok(());
        }
        let mut rows = SortedRows::new(mem::take(&mut self.levels[level]).into_iter())?;
        let mut merged = RunWriter::new(&self.spill_dir)?;
        while let Some((key, row)) = rows.peek() {
            merged.push(key, row)?;
            rows.advance()?;
        }
        self.add(level + 1, merged.finish()?)
    }
}

/// Sorted run on disk, rewound for reading.
#[derive(Debug)]
struct Run(File);

#[derive(Debug)]
struct RunWriter(BufWriter<File>);

impl RunWriter {
    fn new(spill_dir: &SpillDir) -> io::Result<Self> {
        Ok(Self(BufWriter::with_capacity(
            IO_BUFFER_BYTES,
            spill_dir.create_file()?,
        )))
    }

    fn push(&mut self, key: SortKey, row: &[u8]) -> io::Result<()> {
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

/// Sorted rows, merged from runs.
#[derive(Debug)]
pub(crate) struct SortedRows {
    /// Readers positioned at their next row. Exhausted ones are removed.
    runs: Vec<RunReader>,
    /// Index of the run with the least key.
    least: usize,
}

impl SortedRows {
    fn new(runs: impl Iterator<Item = Run>) -> io::Result<Self> {
        let mut sorted = Self {
            runs: Vec::new(),
            least: 0,
        };
        for run in runs {
            let mut reader = RunReader {
                file: BufReader::with_capacity(IO_BUFFER_BYTES, run.0),
                key: SortKey::default(),
                row: Vec::new(),
            };
            if reader.next()? {
                sorted.runs.push(reader);
            }
        }
        sorted.find_least();
        Ok(sorted)
    }

    /// Returns the next row.
    pub(crate) fn peek(&self) -> Option<(SortKey, &[u8])> {
        self.runs.get(self.least).map(|run| (run.key, &run.row[..]))
    }

    /// Moves past the next row.
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
struct RunReader {
    file: BufReader<File>,
    key: SortKey,
    row: Vec<u8>,
}

impl RunReader {
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

    fn sorted(keys: &[SortKey], memory: usize) -> Vec<SortKey> {
        let mut sorter = Sorter::with_memory(&SpillDir::default(), memory);
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
    fn rows_in_any_order_are_returned_by_ascending_key() {
        let ascending: Vec<SortKey> = (1..4_000).map(|at| [at / 9, at % 9, 7]).collect();
        let mut expected = ascending.clone();
        expected.sort_unstable();
        let mut shuffled = ascending.clone();
        for at in 0..shuffled.len() {
            let other = at * 7_919 % shuffled.len();
            shuffled.swap(at, other);
        }
        let mut one_ahead = expected.clone();
        one_ahead.rotate_right(1);
        let backwards: Vec<SortKey> = expected.iter().rev().copied().collect();
        for keys in [&ascending, &expected, &shuffled, &one_ahead, &backwards] {
            // From one row a run, through several levels, to all rows in memory.
            for memory in [1, 4_096, MAX_BUFFERED_BYTES] {
                assert_eq!(sorted(keys, memory), expected);
            }
        }
        assert_eq!(sorted(&[], 1), Vec::<SortKey>::new());
    }
}
