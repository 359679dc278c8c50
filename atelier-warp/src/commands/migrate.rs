//! `atelier migrate`.

use atelier_core::{DatabaseUrl, store};

use super::{database_errors, sqlite_file};
use crate::cli::{CliError, MigrateOptions, say};

/// Applies pending migrations. With `--check` it changes nothing, and fails if a server could not use the schema.
pub(crate) async fn migrate(options: &MigrateOptions) -> Result<(), CliError> {
    sqlite_file::require_directory(&options.database)?;
    let url = options.database.url();
    let unusable = |error| database_errors::describe(&url, &error);
    if options.check {
        store::check_schema(&url).await.map_err(unusable)?;
        say(format_args!("{url}: up to date"));
        return Ok(());
    }
    let new = sqlite_file::is_new(&url);
    let applied = store::migrate(&url).await.map_err(unusable)?;
    if let (DatabaseUrl::Sqlite(path), true) = (&url, new) {
        let path = sqlite_file::absolute(path);
        say(format_args!("{url}: created {}", path.display()));
    }
    let plural = if applied == 1 { "" } else { "s" };
    say(format_args!(
        "{url}: {applied} migration{plural} applied, up to date"
    ));
    Ok(())
}
