//! As fast as it goes: a connection sends its next request when it has its answer. This finds how much a server can do;
//! its latencies say nothing about visitors, who do not wait for each other.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until};

use crate::client::Connection;
use crate::load::Share;
use crate::targets::Random;

/// One connection, until the time is up or it breaks.
pub(crate) async fn drive<S: AsyncRead + AsyncWrite + Unpin>(
    mut connection: Connection<S>,
    share: &Share<'_>,
    mut random: Random,
) {
    let mut request = Vec::with_capacity(1_024);
    sleep_until(share.begin).await;
    let mut now = Instant::now();
    while now < share.end {
        let expected = share.source.next(&mut random, &mut request);
        if share
            .exchange(&mut connection, &request, expected, now)
            .await
            .is_err()
        {
            return;
        }
        now = Instant::now();
    }
}
