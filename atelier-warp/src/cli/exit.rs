//! Exit codes of `atelier`; `settings.template.md` describes them.

/// Success, or a shutdown by signal.
pub(crate) const SUCCESS: u8 = 0;
/// An error at run time: a port, a file, the system.
pub(crate) const RUNNING: u8 = 1;
/// An invalid setting or command line.
pub(crate) const SETTING: u8 = 2;
/// The database cannot be used.
pub(crate) const UNREACHABLE: u8 = 3;
/// The schema of the database has another version.
pub(crate) const SCHEMA: u8 = 4;
/// A second signal came before the shutdown was complete.
pub(crate) const INTERRUPTED: u8 = 130;
