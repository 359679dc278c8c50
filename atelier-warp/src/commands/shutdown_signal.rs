//! Signals that stop the process.

use std::future::Future;

use atelier_warp::serve::Shutdown;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::{CliError, exit};

/// Returns a future that resolves on SIGTERM, which drains connections, or on Ctrl-C, which does not. A second signal exits at
/// once.
pub(super) fn shutdown_signal() -> Result<impl Future<Output = Shutdown>, CliError> {
    let on = |kind: SignalKind| {
        signal(kind).map_err(|error| {
            let hint = "Check the limit on open files of this user.";
            CliError::system("Cannot receive signals.", error, hint)
        })
    };
    let (mut terminate, mut interrupt) =
        (on(SignalKind::terminate())?, on(SignalKind::interrupt())?);
    Ok(async move {
        let stop = first(&mut terminate, &mut interrupt).await;
        tokio::spawn(async move {
            first(&mut terminate, &mut interrupt).await;
            std::process::exit(i32::from(exit::INTERRUPTED));
        });
        stop
    })
}

async fn first(terminate: &mut Signal, interrupt: &mut Signal) -> Shutdown {
    tokio::select! {
        _ = terminate.recv() => Shutdown::Graceful,
        _ = interrupt.recv() => Shutdown::Immediate,
    }
}
