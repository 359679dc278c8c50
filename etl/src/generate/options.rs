//! Options of `atelier-etl generate`.

use std::path::PathBuf;

/// Maximum number of products, for which all ids fit.
const MAX_PRODUCTS: u64 = 100_000_000;

/// Minimum of `--url-length`: a URL with all its parts.
pub(crate) const MIN_URL_LENGTH: u64 = 110;

/// Options of the generator.
#[derive(Debug, Clone, clap::Args)]
pub struct Generate {
    /// Output directory, created if absent
    pub dir: PathBuf,
    /// Number of products; 1000011 gives about 70 million rows and 7 GB
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MAX_PRODUCTS))]
    pub products: u64,
    /// Random seed; the same seed gives the same bytes
    #[arg(long, value_name = "S", default_value_t = 42)]
    pub seed: u64,
    /// Probability of each kind of injected defect in each row, such as 0.001; at most half of the rows get a defect
    #[arg(long, alias = "dirt", value_name = "P", default_value_t = 0.0, value_parser = parse_probability)]
    pub defect_rate: f64,
    /// Format: late, of 2021 on; or early, of 2019, with blanks after commas, ISO days and mixed booleans
    #[arg(long, alias = "vintage", value_name = "FORMAT", value_enum, default_value_t = FormatVersion::Late)]
    pub format_version: FormatVersion,
    /// Write features.csv without a header
    #[arg(long)]
    pub no_features_header: bool,
    /// Length of all image URLs [default: 102 or 153, as in the original files]
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(MIN_URL_LENGTH..=100_000))]
    pub url_length: Option<u64>,
}

/// Format in which the files circulate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[expect(missing_docs, reason = "described by the option")]
pub enum FormatVersion {
    Early,
    Late,
}

fn parse_probability(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if (0.0..=1.0).contains(&number) => Ok(number),
        _ => Err("expected a number from 0 to 1, such as 0.001".to_owned()),
    }
}
