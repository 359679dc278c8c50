//! The database, or a proxy before it, closes connections that are idle.

use super::*;

/// Connections that have been idle for so long that the pool probes them before use.
const LONG_IDLE: &str = "select pid::text from pg_stat_activity where datname = current_database()
    and application_name = 'atelier' and state = 'idle' and state_change < now() - interval '1500 milliseconds'";

const TERMINATE: &str =
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
    and application_name = 'atelier' and state = 'idle'";

/// Waits until connections have been idle for long, and terminates them. One is busy with the log of changes.
async fn close_idle(past: &TestApp) {
    let mut connection = connect(&past.url).await;
    until("connections are idle", async || {
        count(&past.url, LONG_IDLE).await > 2
    })
    .await;
    execute(&mut connection, TERMINATE).await;
}

#[test]
fn connections_closed_while_idle_fail_no_request() {
    staged(without_cache(), async |Stage { shop, past, .. }| {
        for round in 0..3 {
            assert!(all_succeed(shop).await, "every connection is used");
            close_idle(past).await;
            for number in 0..12 {
                let text = format!("idle-{round}-{number}");
                let reply = ask_under_key(shop, &text).await;
                assert_eq!(reply.status, 201, "{text}: {:?}", reply.parts());
                let reply = shop.get(&fresh()).await;
                assert_eq!(reply.status, 200, "{text}: {:?}", reply.parts());
            }
        }
    });
}
