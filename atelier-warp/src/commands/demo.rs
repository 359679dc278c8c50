//! `atelier demo reset`.

use atelier_core::store;

use super::{database, refused, sqlite_file, welcome};
use crate::cli::{Failure, Options, say};

/// Generates the demo catalogue in an empty database, or in place of a demo and everything that was added to it.
pub(crate) async fn reset(options: &Options) -> Result<(), Failure> {
    sqlite_file::has_folder(options)?;
    let url = options.url();
    let unusable = |error| refused::failure(&url, error);
    let load = store::bulk_load(&url).await.map_err(unusable)?;
    let content = load.content().await.map_err(unusable)?;
    if content.products && !content.demo {
        return Err(Failure::new(
            format!("{url} was not reset."),
            "Its products are not demo data.",
            "Name another database: --database-url sqlite:PATH",
        ));
    }
    let products = options.demo.unwrap_or(database::DEMO_PRODUCTS);
    let filled = database::fill(&*load, products).await.map_err(unusable)?;
    say(format_args!("{url}: {}", welcome::made(&filled)));
    Ok(())
}
