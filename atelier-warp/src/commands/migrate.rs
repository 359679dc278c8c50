//! `atelier migrate`.

use atelier_core::{DatabaseUrl, store};

use super::{refused, sqlite_file};
use crate::cli::{Failure, Options, say};

/// Brings the database's schema up to date, or tells whether it is: with `--check` nothing is changed, and it fails as a server
/// does that can't use the database.
pub(crate) async fn migrate(options: &Options) -> Result<(), Failure> {
    sqlite_file::has_folder(options)?;
    let url = options.url();
    let unusable = |error| refused::failure(&url, error);
    if options.check {
        store::check_schema(&url).await.map_err(unusable)?;
        say(format_args!("{url}: up to date"));
        return Ok(());
    }
    let new = sqlite_file::is_new(&url);
    let steps = store::migrate(&url).await.map_err(unusable)?;
    if let (DatabaseUrl::Sqlite(path), true) = (&url, new) {
        say(format_args!(
            "{url}: created {}",
            sqlite_file::whole_path(path).display()
        ));
    }
    say(format_args!(
        "{url}: {steps} migration{} applied, up to date",
        if steps == 1 { "" } else { "s" }
    ));
    Ok(())
}
