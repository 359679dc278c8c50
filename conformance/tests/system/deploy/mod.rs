//! What operates a deployment: the rolling restart, over servers that do as a test says, and the scripts of `compose.yaml`,
//! outside of its containers.

mod restart;
mod standby;

use std::path::{Path, PathBuf};

/// A file of the folder `deploy/`.
fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../deploy")
        .join(name)
}
