//! How the process is told to end.

use std::future::Future;

use atelier_warp::serve::Shutdown;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::{Failure, exit};

/// Resolves when the process is told to end: by SIGTERM with a drain, by Ctrl-C at once. A second signal ends the process.
pub(super) fn told() -> Result<impl Future<Output = Shutdown>, Failure> {
    let on = |kind: SignalKind| {
        signal(kind).map_err(|error| {
            let why = format!("The system says: {error}.");
            let cure = "Is there a limit on the open files of this user?";
            Failure::new("Signals can't be received.", why, cure)
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
