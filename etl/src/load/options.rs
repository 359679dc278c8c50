//! Options of `atelier-etl load`.

use std::path::Path;

use atelier_core::Millis;

use crate::load::check::Check;
use crate::report::reject_log::DEFAULT_REJECT_LOG;
use crate::rules::dates::parse_millis;

/// Options of a load.
#[derive(Debug, Clone, clap::Args)]
pub struct Load {
    /// Inputs and outputs.
    #[command(flatten)]
    pub files: Check,
    /// sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE [default: the embedded database]
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Creation time of all products, which the files lack: 2021-01-31, 2021-01-31T10:20:30Z, or milliseconds
    #[arg(long, value_name = "TIME", default_value = "2021-01-01", value_parser = parse_instant)]
    pub created_at: Millis,
    /// Validate the files and write only --rejects and --report, as `check` does
    #[arg(long)]
    pub dry_run: bool,
    /// Resume an interrupted load of these files
    #[arg(long, conflicts_with = "dry_run")]
    pub resume: bool,
}

impl Load {
    /// Returns the path of the reject log.
    pub(crate) fn reject_log(&self) -> &Path {
        let path = self.files.rejects.as_deref();
        path.unwrap_or(Path::new(DEFAULT_REJECT_LOG))
    }
}

fn parse_instant(text: &str) -> Result<Millis, String> {
    let millis = parse_millis(text.trim(), &mut false);
    millis.map(Millis).map_err(|_| {
        "expected a day such as 2021-01-31, or an instant such as 2021-01-31T10:20:30Z".to_owned()
    })
}
