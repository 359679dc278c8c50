//! A map from ids that holds a stated part of itself in memory and the rest in a file.

use std::fs::File;
use std::io;
use std::marker::PhantomData;
use std::os::unix::fs::FileExt;

use crate::spill::dir::Scratch;

/// A block of the usual file systems, so that a page that was never put aside is a hole in the file.
const PAGE: usize = 4096;

/// What a map keeps in memory; the pages put aside follow the ids, not this.
pub(crate) const MEMORY: usize = 16 << 20;

/// What the directory says of a page that is in no frame; from [`FRAMES`] on it says in which frame the page is.
const NOWHERE: u16 = 0;
const IN_FILE: u16 = 1;
const FRAMES: u16 = 2;

/// A value of a few bytes. Its default is all zeros, and stands for "not there".
pub(crate) trait Entry: Copy + Default + PartialEq {
    /// The bytes it takes.
    const SIZE: usize;

    /// From exactly [`SIZE`](Self::SIZE) bytes.
    fn read(bytes: &[u8]) -> Self;

    /// To exactly [`SIZE`](Self::SIZE) bytes.
    fn write(self, bytes: &mut [u8]);
}

/// A map from ids, 1 to 2147483647, in pages. In memory are the pages used of late, up to a number that is given, and
/// two bytes for each page up to the largest id; the others are in a file without a name, which is made when the first
/// page has to go.
///
/// Every access may have to read or write a page. After an error the map is of no more use.
#[derive(Debug)]
pub(crate) struct IdMap<T> {
    scratch: Scratch,
    file: Option<File>,
    directory: Vec<u16>,
    frames: Vec<Frame>,
    most_frames: usize,
    /// The frame that is looked at next when one has to be given up.
    hand: usize,
    entry: PhantomData<T>,
}

#[derive(Debug)]
struct Frame {
    page: usize,
    bytes: Box<[u8; PAGE]>,
    changed: bool,
    /// Used since the hand came by; it is spared once for that.
    used: bool,
}

impl<T: Entry> IdMap<T> {
    const PER_PAGE: usize = PAGE / T::SIZE;

    /// An empty map that keeps about `memory` bytes in memory, one page at least.
    pub(crate) fn new(scratch: &Scratch, memory: usize) -> Self {
        Self {
            scratch: scratch.clone(),
            file: None,
            directory: Vec::new(),
            frames: Vec::new(),
            most_frames: (memory / PAGE).clamp(1, usize::from(u16::MAX - FRAMES)),
            hand: 0,
            entry: PhantomData,
        }
    }

    /// The value of an id; the default when none was put in.
    pub(crate) fn get(&mut self, id: u32) -> io::Result<T> {
        let (page, at) = Self::place(id);
        match self.directory.get(page) {
            None | Some(&NOWHERE) => Ok(T::default()),
            Some(_) => Ok(T::read(&self.frame(page)?.bytes[at..at + T::SIZE])),
        }
    }

    pub(crate) fn insert(&mut self, id: u32, value: T) -> io::Result<()> {
        self.update(id, |held| *held = value)
    }

    /// Changes the value of an id where it stands.
    pub(crate) fn update(&mut self, id: u32, change: impl FnOnce(&mut T)) -> io::Result<()> {
        let (page, at) = Self::place(id);
        let frame = self.frame(page)?;
        let bytes = &mut frame.bytes[at..at + T::SIZE];
        let mut value = T::read(bytes);
        change(&mut value);
        value.write(bytes);
        frame.changed = true;
        Ok(())
    }

    /// All ids from `first` on with a value other than the default, ascending.
    pub(crate) fn from(&mut self, first: u32) -> impl Iterator<Item = io::Result<(u32, T)>> + '_ {
        let mut next = first;
        std::iter::from_fn(move || {
            loop {
                let id = next;
                let page = Self::place(id).0;
                if *self.directory.get(page)? == NOWHERE {
                    next = u32::try_from((page + 1) * Self::PER_PAGE).ok()?;
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

    /// The page of an id, and its first byte there.
    fn place(id: u32) -> (usize, usize) {
        let id = id as usize;
        (id / Self::PER_PAGE, id % Self::PER_PAGE * T::SIZE)
    }

    /// The frame that holds the page.
    fn frame(&mut self, page: usize) -> io::Result<&mut Frame> {
        let at = match self.directory.get(page) {
            Some(entry @ FRAMES..) => usize::from(entry - FRAMES),
            _ => self.bring_in(page)?,
        };
        let frame = &mut self.frames[at];
        frame.used = true;
        Ok(frame)
    }

    #[cold]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "there are fewer frames than numbers for them"
    )]
    fn bring_in(&mut self, page: usize) -> io::Result<usize> {
        if self.directory.len() <= page {
            self.directory.resize(page + 1, NOWHERE);
        }
        let at = self.free_frame()?;
        let frame = &mut self.frames[at];
        frame.page = page;
        frame.changed = false;
        match &self.file {
            Some(file) if self.directory[page] == IN_FILE => {
                file.read_exact_at(&mut frame.bytes[..], position(page))?;
            }
            _ => frame.bytes.fill(0),
        }
        self.directory[page] = FRAMES + at as u16;
        Ok(at)
    }

    /// A frame whose page is nowhere else in use: a new one while there is memory, else that of a page not used of late.
    fn free_frame(&mut self) -> io::Result<usize> {
        if self.frames.len() < self.most_frames {
            self.frames.push(Frame {
                page: 0,
                bytes: Box::new([0; PAGE]),
                changed: false,
                used: false,
            });
            return Ok(self.frames.len() - 1);
        }
        loop {
            let at = self.hand;
            self.hand = (at + 1) % self.frames.len();
            let frame = &mut self.frames[at];
            if std::mem::take(&mut frame.used) {
                continue;
            }
            if frame.changed {
                let file = match &mut self.file {
                    Some(file) => file,
                    none => none.insert(self.scratch.file()?),
                };
                file.write_all_at(&frame.bytes[..], position(frame.page))?;
            }
            // A page comes in to be changed, or from the file: here it is in the file.
            self.directory[frame.page] = IN_FILE;
            return Ok(at);
        }
    }
}

fn position(page: usize) -> u64 {
    (page * PAGE) as u64
}

impl Entry for u8 {
    const SIZE: usize = 1;

    fn read(bytes: &[u8]) -> Self {
        bytes[0]
    }

    fn write(self, bytes: &mut [u8]) {
        bytes[0] = self;
    }
}

impl Entry for u32 {
    const SIZE: usize = 4;

    fn read(bytes: &[u8]) -> Self {
        bytes.try_into().map_or(0, Self::from_le_bytes)
    }

    fn write(self, bytes: &mut [u8]) {
        bytes.copy_from_slice(&self.to_le_bytes());
    }
}

impl Entry for u64 {
    const SIZE: usize = 8;

    fn read(bytes: &[u8]) -> Self {
        bytes.try_into().map_or(0, Self::from_le_bytes)
    }

    fn write(self, bytes: &mut [u8]) {
        bytes.copy_from_slice(&self.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Debug;

    use super::*;

    const LARGEST: u32 = 2_147_483_647;

    /// A small generator of repeatable numbers (xorshift).
    fn random(state: &mut u64) -> u32 {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        u32::try_from(*state >> 33).expect("31 bits")
    }

    /// Does the same to a map of two pages and to one of the standard library, and compares them all along.
    fn like_a_map<T: Entry + Debug>(
        ids: impl Iterator<Item = u32>,
        value: impl Fn(u32) -> T,
    ) -> IdMap<T> {
        let mut map = IdMap::<T>::new(&Scratch::default(), 2 * PAGE);
        let mut model = BTreeMap::new();
        let mut state = 7;
        for id in ids {
            let held = model.get(&id).copied().unwrap_or_default();
            assert_eq!(map.get(id).expect("readable"), held, "{id}");
            match random(&mut state) % 8 {
                0 => {}
                1 => {
                    model.remove(&id);
                    map.insert(id, T::default()).expect("writable");
                }
                _ => {
                    let new = value(random(&mut state));
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
        let listed: Vec<_> = map.from(0).map(|found| found.expect("readable")).collect();
        assert_eq!(listed, model.into_iter().collect::<Vec<_>>());
        map
    }

    #[test]
    fn it_holds_what_a_map_holds_in_whatever_order() {
        let mut state = 3;
        let byte = |number: u32| number.to_le_bytes()[0];
        like_a_map(1..30_000, byte);
        like_a_map((1..5_000).rev(), |number| number);
        like_a_map((1..3_000).chain(1..3_000), u64::from);
        like_a_map(
            (0..4_000).map(|_| 1 + random(&mut state) % 9_000),
            |number| number,
        );
        let far = (0..3_000).map(|_| random(&mut state).max(1));
        like_a_map(far.chain([LARGEST, 1, LARGEST]), u64::from);
    }

    #[test]
    fn memory_stays_as_it_was_asked_for() {
        let map = like_a_map(1..30_000, |number| number);
        assert_eq!(map.frames.len(), 2);
        assert!(map.file.is_some(), "thirty pages had to go");
    }

    #[test]
    fn a_file_is_made_for_a_page_that_has_to_go_and_no_sooner() {
        let mut map = IdMap::<u32>::new(&Scratch::default(), 2 * PAGE);
        for id in [1, 1024, LARGEST] {
            assert!(map.file.is_none());
            assert_eq!(map.get(id).expect("in memory"), 0);
            map.insert(id, 7).expect("writable");
        }
        assert!(map.file.is_some());
        assert_eq!(map.get(1).expect("readable"), 7);
    }

    #[test]
    fn a_scratch_directory_that_is_not_there_is_an_error() {
        let mut map = IdMap::<u32>::new(&Scratch::new("/nonexistent".into()), PAGE);
        map.insert(1, 7).expect("in memory");
        let error = map.insert(LARGEST, 7).expect_err("no such directory");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
