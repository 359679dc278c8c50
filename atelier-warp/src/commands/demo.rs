//! `atelier demo reset`.

use atelier_core::store;

use super::{banner, database, database_errors, sqlite_file};
use crate::cli::{CliError, ResetOptions, say};

/// Generates the demo catalogue in an empty database, or in place of a demo and everything that was added to it.
pub(crate) async fn reset(options: &ResetOptions) -> Result<(), CliError> {
    sqlite_file::require_directory(&options.database)?;
    let url = options.database.url();
    let unusable = |error| database_errors::describe(&url, &error);
    let load = store::bulk_load(&url).await.map_err(unusable)?;
    let content = load.content().await.map_err(unusable)?;
    if content.products && !content.demo {
        return Err(CliError::new(
            format!("Cannot reset {url}."),
            "It contains products that are not demo data.",
            "Name another database: --database-url sqlite:PATH",
        ));
    }
    let demo = database::fill(&*load, options.demo)
        .await
        .map_err(unusable)?;
    say(format_args!("{url}: {}", banner::demo_counts(&demo)));
    Ok(())
}
