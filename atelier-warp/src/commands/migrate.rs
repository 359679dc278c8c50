//! `atelier migrate`.

use atelier_core::store;

use super::refused;
use crate::cli::{Failure, Options, say};

/// Brings the database's schema up to date.
pub(crate) async fn migrate(options: &Options) -> Result<(), Failure> {
    let url = options.url();
    let steps = store::migrate(&url).await;
    let steps = steps.map_err(|error| refused::failure(&url, error))?;
    say(format_args!(
        "{url}: {steps} migrations applied, up to date"
    ));
    Ok(())
}
