//! Map from ids to small values, with limited memory: recently used pages are cached, the others are in a file.

use std::fs::File;
use std::io;
use std::marker::PhantomData;
use std::os::unix::fs::FileExt;

use crate::spill::dir::SpillDir;

/// Block size of common file systems, so that pages never written are holes in the file.
const PAGE_BYTES: usize = 4096;

/// Bytes of pages that a map caches by default.
pub(crate) const DEFAULT_MEMORY: usize = 16 << 20;

/// Entries of the page table: the page is absent, in the file, or, from [`FIRST_FRAME`] on, in a frame.
const ABSENT: u16 = 0;
const IN_FILE: u16 = 1;
const FIRST_FRAME: u16 = 2;

/// Value of fixed size. Its default is all zeros, and means absent.
pub(crate) trait Entry: Copy + Default + PartialEq {
    /// Size in bytes.
    const SIZE: usize;

    /// Decodes [`SIZE`](Self::SIZE) bytes.
    fn read(bytes: &[u8]) -> Self;

    /// Encodes to [`SIZE`](Self::SIZE) bytes.
    fn write(self, bytes: &mut [u8]);
}

/// Map from ids, 1 to 2147483647, divided into pages. Memory holds a limited number of pages, and a page table of two
/// bytes per page. Pages are evicted to an unnamed file by the clock algorithm; the file is created with the first
/// eviction.
///
/// Each access may read or write a page. After an error the map must not be used.
#[derive(Debug)]
pub(crate) struct PagedMap<T> {
    spill_dir: SpillDir,
    file: Option<File>,
    page_table: Vec<u16>,
    frames: Vec<Frame>,
    max_frames: usize,
    /// Next frame to examine for eviction.
    clock_hand: usize,
    entry: PhantomData<T>,
}

#[derive(Debug)]
struct Frame {
    page: usize,
    bytes: Box<[u8; PAGE_BYTES]>,
    dirty: bool,
    /// Accessed since the clock hand passed. Such a frame is not evicted in this round.
    referenced: bool,
}

impl<T: Entry> PagedMap<T> {
    const ENTRIES_PER_PAGE: usize = PAGE_BYTES / T::SIZE;

    /// Creates an empty map that caches about `memory` bytes, at least one page.
    pub(crate) fn new(spill_dir: &SpillDir, memory: usize) -> Self {
        Self {
            spill_dir: spill_dir.clone(),
            file: None,
            page_table: Vec::new(),
            frames: Vec::new(),
            max_frames: (memory / PAGE_BYTES).clamp(1, usize::from(u16::MAX - FIRST_FRAME)),
            clock_hand: 0,
            entry: PhantomData,
        }
    }

    /// Returns the value of an id, or the default.
    pub(crate) fn get(&mut self, id: u32) -> io::Result<T> {
        let (page, at) = Self::locate(id);
        match self.page_table.get(page) {
            None | Some(&ABSENT) => Ok(T::default()),
            Some(_) => Ok(T::read(&self.frame(page)?.bytes[at..at + T::SIZE])),
        }
    }

    pub(crate) fn insert(&mut self, id: u32, value: T) -> io::Result<()> {
        self.update(id, |held| *held = value)
    }

    /// Updates the value of an id in place.
    pub(crate) fn update(&mut self, id: u32, change: impl FnOnce(&mut T)) -> io::Result<()> {
        let (page, at) = Self::locate(id);
        let frame = self.frame(page)?;
        let bytes = &mut frame.bytes[at..at + T::SIZE];
        let mut value = T::read(bytes);
        change(&mut value);
        value.write(bytes);
        frame.dirty = true;
        Ok(())
    }

    /// Iterates over ids from `first` with a value other than the default, in ascending order.
    pub(crate) fn iter_from(
        &mut self,
        first: u32,
    ) -> impl Iterator<Item = io::Result<(u32, T)>> + '_ {
        let mut next = first;
        std::iter::from_fn(move || {
            loop {
                let id = next;
                let page = Self::locate(id).0;
                if *self.page_table.get(page)? == ABSENT {
                    next = u32::try_from((page + 1) * Self::ENTRIES_PER_PAGE).ok()?;
                    continue;
                }
                next = id + 1;
                match self.get(id) {
                    Ok(value) if value == T::default() => {}
                    Ok(value) => return Some(Ok((id, value))),
                    Err(error) => return Some(Err(error)),
                }
            }
        })
    }

    /// Returns the page of an id, and its offset in the page.
    fn locate(id: u32) -> (usize, usize) {
        let id = id as usize;
        (
            id / Self::ENTRIES_PER_PAGE,
            id % Self::ENTRIES_PER_PAGE * T::SIZE,
        )
    }

    /// Returns the frame that holds the page.
    fn frame(&mut self, page: usize) -> io::Result<&mut Frame> {
        let at = match self.page_table.get(page) {
            Some(entry @ FIRST_FRAME..) => usize::from(entry - FIRST_FRAME),
            _ => self.load_page(page)?,
        };
        let frame = &mut self.frames[at];
        frame.referenced = true;
        Ok(frame)
    }

    #[cold]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "there are fewer frames than numbers for them"
    )]
    fn load_page(&mut self, page: usize) -> io::Result<usize> {
        if self.page_table.len() <= page {
            self.page_table.resize(page + 1, ABSENT);
        }
        let at = self.allocate_frame()?;
        let frame = &mut self.frames[at];
        frame.page = page;
        frame.dirty = false;
        match &self.file {
            Some(file) if self.page_table[page] == IN_FILE => {
                file.read_exact_at(&mut frame.bytes[..], position(page))?;
            }
            _ => frame.bytes.fill(0),
        }
        self.page_table[page] = FIRST_FRAME + at as u16;
        Ok(at)
    }

    /// Returns a new frame while memory allows, else evicts the page of one that was not used recently.
    fn allocate_frame(&mut self) -> io::Result<usize> {
        if self.frames.len() < self.max_frames {
            self.frames.push(Frame {
                page: 0,
                bytes: Box::new([0; PAGE_BYTES]),
                dirty: false,
                referenced: false,
            });
            return Ok(self.frames.len() - 1);
        }
        loop {
            let at = self.clock_hand;
            self.clock_hand = (at + 1) % self.frames.len();
            let frame = &mut self.frames[at];
            if std::mem::take(&mut frame.referenced) {
                continue;
            }
            if frame.dirty {
                let file = match &mut self.file {
                    Some(file) => file,
                    none => none.insert(self.spill_dir.create_file()?),
                };
                file.write_all_at(&frame.bytes[..], position(frame.page))?;
            }
            // A clean page was read from the file, so it is there in both cases.
            self.page_table[frame.page] = IN_FILE;
            return Ok(at);
        }
    }
}

fn position(page: usize) -> u64 {
    (page * PAGE_BYTES) as u64
}

macro_rules! integer_entry {
    ($($integer:ty),*) => {
        $(impl Entry for $integer {
            const SIZE: usize = size_of::<$integer>();

            fn read(bytes: &[u8]) -> Self {
                bytes.try_into().map_or(0, Self::from_le_bytes)
            }

            fn write(self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&self.to_le_bytes());
            }
        })*
    };
}

integer_entry!(u8, u32, u64);

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Debug;

    use super::*;

    const LARGEST: u32 = 2_147_483_647;

    /// Applies random operations to a map of two pages and to a `BTreeMap`, and compares them.
    fn compare_with_model<T: Entry + Debug>(
        ids: impl Iterator<Item = u32>,
        value: impl Fn(u32) -> T,
    ) -> PagedMap<T> {
        let mut map = PagedMap::<T>::new(&SpillDir::default(), 2 * PAGE_BYTES);
        let mut model = BTreeMap::new();
        let mut random = fastrand::Rng::with_seed(7);
        for id in ids {
            let held = model.get(&id).copied().unwrap_or_default();
            assert_eq!(map.get(id).expect("readable"), held, "{id}");
            match random.u8(..8) {
                0 => {}
                1 => {
                    model.remove(&id);
                    map.insert(id, T::default()).expect("writable");
                }
                _ => {
                    let new = value(random.u32(..));
                    model.insert(id, new);
                    map.update(id, |found| {
                        assert_eq!(*found, held);
                        *found = new;
                    })
                    .expect("writable");
                }
            }
        }
        model.retain(|_, value| *value != T::default());
        let listed: Vec<_> = map
            .iter_from(0)
            .map(|found| found.expect("readable"))
            .collect();
        assert_eq!(listed, model.into_iter().collect::<Vec<_>>());
        map
    }

    #[test]
    fn map_with_two_pages_equals_a_btree_map_in_any_order_of_access() {
        let mut random = fastrand::Rng::with_seed(3);
        let byte = |number: u32| number.to_le_bytes()[0];
        compare_with_model(1..30_000, byte);
        compare_with_model((1..5_000).rev(), |number| number);
        compare_with_model((1..3_000).chain(1..3_000), u64::from);
        compare_with_model((0..4_000).map(|_| random.u32(1..9_000)), |number| number);
        let far = (0..3_000).map(|_| random.u32(1..=LARGEST));
        compare_with_model(far.chain([LARGEST, 1, LARGEST]), u64::from);
    }

    #[test]
    fn number_of_frames_stays_within_the_limit() {
        let map = compare_with_model(1..30_000, |number| number);
        assert_eq!(map.frames.len(), 2);
        assert!(map.file.is_some(), "thirty pages do not fit");
    }

    #[test]
    fn file_is_created_with_the_first_eviction() {
        let mut map = PagedMap::<u32>::new(&SpillDir::default(), 2 * PAGE_BYTES);
        for id in [1, 1024, LARGEST] {
            assert!(map.file.is_none());
            assert_eq!(map.get(id).expect("in memory"), 0);
            map.insert(id, 7).expect("writable");
        }
        assert!(map.file.is_some());
        assert_eq!(map.get(1).expect("readable"), 7);
    }

    #[test]
    fn missing_spill_directory_is_an_error() {
        let mut map = PagedMap::<u32>::new(&SpillDir::new("/nonexistent".into()), PAGE_BYTES);
        map.insert(1, 7).expect("in memory");
        let error = map.insert(LARGEST, 7).expect_err("no such directory");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
