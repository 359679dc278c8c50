//! Closed loop: a connection sends its next request when it has its response. This measures the capacity of a server;
//! its latencies do not describe independent clients, which do not wait for each other.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use crate::client::Connection;
use crate::load::Share;
use crate::targets::Random;

/// Drives one connection until the time is up, pausing for `sleep` after each answer. An error means it broke.
pub(crate) async fn drive<S: AsyncRead + AsyncWrite + Unpin>(
    mut connection: Connection<S>,
    share: &Share<'_>,
    sleep: Duration,
    random: &mut Random,
) -> io::Result<()> {
    let mut request = Vec::with_capacity(1_024);
    let mut now = Instant::now();
    while now < share.end {
        share.source.next(random, &mut request);
        share.exchange(&mut connection, &request, now).await?;
        if !sleep.is_zero() {
            tokio::time::sleep(sleep).await;
        }
        now = Instant::now();
    }
    Ok(())
}
