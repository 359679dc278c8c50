//! Pool of image URLs.

use std::fmt::Write as _;

use fastrand::Rng;

use crate::generate::dataset_spec::{DatasetSpec, Stream};
use crate::schema::LegacyFile;

const POOL_SIZE: u64 = 1_000;

/// Pool of pairs of an image URL and a thumbnail URL.
#[derive(Debug)]
pub(crate) struct ImageUrls(Vec<[String; 2]>);

impl ImageUrls {
    pub(crate) fn new(spec: &DatasetSpec, file: LegacyFile) -> Self {
        let pool = (0..POOL_SIZE).map(|number| {
            let mut rng = spec.rng(file, Stream::Urls, number);
            url_pair(&mut rng, spec.options.url_length)
        });
        Self(pool.collect())
    }

    pub(crate) fn pick(&self, rng: &mut Rng) -> &[String; 2] {
        &self.0[rng.usize(..self.0.len())]
    }
}

fn url_pair(rng: &mut Rng, length: Option<u64>) -> [String; 2] {
    let number = rng.u64(1_500_000_000_000..1_600_000_000_000);
    let tag = rng.u64(..1 << 48);
    let mut start = format!("https://img.shop.test/photo-{number}-{tag:012x}?ixlib=rb-1.2.1");
    let end = "&auto=format&fit=crop&w=1650&q=80";
    let parameter = "&ixid=";
    let filler = match length {
        Some(length) => usize::try_from(length)
            .unwrap_or(0)
            .saturating_sub(start.len() + parameter.len() + end.len()),
        // Two in five URLs have the parameter.
        None if rng.u8(..5) < 2 => 45,
        None => 0,
    };
    if filler > 0 {
        start.push_str(parameter);
        let length = start.len() + filler;
        while start.len() < length {
            let _ = write!(start, "{:016x}", rng.u64(..));
        }
        start.truncate(length);
    }
    let thumbnail = format!("{start}{}", end.replace("1650", "300"));
    [start + end, thumbnail]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::options::MIN_URL_LENGTH;

    #[test]
    fn urls_have_the_requested_length() {
        let mut rng = Rng::with_seed(7);
        for length in [MIN_URL_LENGTH, 121, 256, 999] {
            for _ in 0..1_000 {
                let [url, thumbnail] = url_pair(&mut rng, Some(length));
                assert_eq!(url.len() as u64, length, "{url}");
                assert_eq!(thumbnail.len() + 1, url.len());
            }
        }
    }
}
