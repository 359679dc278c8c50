//! Addresses of pictures: a small pool, used again and again.

use std::fmt::Write as _;

use super::random::Random;

const POOL: u64 = 1_000;

/// The shortest address that has all its parts.
pub(crate) const SHORTEST: u64 = 110;

/// A pool of addresses, each for a picture and for its thumbnail.
#[derive(Debug)]
pub(super) struct Urls(Vec<[String; 2]>);

impl Urls {
    /// A pool of addresses of `length` bytes each, or of the lengths they have in the real files.
    pub(super) fn new(seed: u64, length: Option<u64>) -> Self {
        Self((0..POOL).map(|number| pair(seed, number, length)).collect())
    }

    /// A picture and its thumbnail.
    pub(super) fn pick(&self, random: &mut Random) -> (&str, &str) {
        let [url, thumbnail] = random.pick(&self.0);
        (url, thumbnail)
    }
}

fn pair(seed: u64, number: u64, length: Option<u64>) -> [String; 2] {
    let mut random = Random::of(seed, number);
    let stamp = 1_500_000_000_000 + random.below(100_000_000_000);
    let tag = random.below(1 << 48);
    let mut start = format!("https://img.shop.test/photo-{stamp}-{tag:012x}?ixlib=rb-1.2.1");
    let end = "&auto=format&fit=crop&w=1650&q=80";
    let mark = "&ixid=";
    let filler = match length {
        Some(length) => usize::try_from(length)
            .unwrap_or(0)
            .saturating_sub(start.len() + mark.len() + end.len()),
        // Two in five carry one.
        None => usize::try_from(random.below(5) / 3 * 45).unwrap_or(0),
    };
    if filler > 0 {
        start.push_str(mark);
        let mut text = String::new();
        while text.len() < filler {
            let _ = write!(text, "{:016x}", random.next());
        }
        start.push_str(&text[..filler]);
    }
    let thumbnail = format!("{start}{}", end.replace("1650", "300"));
    start.push_str(end);
    [start, thumbnail]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_the_length_that_is_asked_for() {
        for length in [SHORTEST, 121, 256, 999] {
            let urls = Urls::new(7, Some(length));
            for [url, thumbnail] in &urls.0 {
                assert_eq!(url.len() as u64, length, "{url}");
                assert_eq!(thumbnail.len() + 1, url.len());
            }
        }
    }
}
