//! Scripts of a deployment: the rolling restart, with scripted servers, and the scripts of `compose.yaml`, without containers.

mod restart;
mod standby;

use std::path::{Path, PathBuf};

/// Returns the path of a file in `deploy/`.
fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../deploy")
        .join(name)
}
