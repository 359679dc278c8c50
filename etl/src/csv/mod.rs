pub(crate) mod encoding;
pub(crate) mod header;
pub(crate) mod lines;
pub(crate) mod parser;
pub(crate) mod record;
