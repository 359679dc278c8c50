use super::*;

const SECOND: u64 = 1_000_000_000;

/// The status of a primary of our database.
fn primary(timeline: i64, lsn: i64) -> ServerStatus {
    ServerStatus {
        database: "ours".to_owned(),
        started_at: 1,
        is_standby: false,
        is_writable: true,
        timeline,
        lsn,
    }
}

fn standby(timeline: i64, lsn: i64) -> ServerStatus {
    ServerStatus {
        is_standby: true,
        is_writable: false,
        ..primary(timeline, lsn)
    }
}

/// A healthy primary with two standbys.
fn three() -> Topology {
    let mut topology = Topology::new(3);
    let transition = topology.apply(0, 10, Some(primary(1, 100)));
    assert_eq!(transition.primary, None);
    topology.apply(1, 11, Some(standby(1, 100)));
    topology.apply(2, 12, Some(standby(1, 100)));
    topology
}

fn consistent_as_of(topology: &Topology) -> [u64; 3] {
    [0, 1, 2].map(|server| topology.consistent_as_of(server))
}

#[test]
fn standby_is_consistent_as_of_the_latest_sample_that_it_replayed() {
    let mut topology = three();
    assert_eq!(consistent_as_of(&topology), [0, 10, 10]);
    // Nothing was written.
    topology.apply(0, 20, Some(primary(1, 100)));
    topology.apply(1, 21, Some(standby(1, 100)));
    assert_eq!(consistent_as_of(&topology), [0, 20, 10]);
    // A standby that lags.
    for (now, lsn) in [(30, 200), (40, 300), (50, 400)] {
        topology.apply(0, now, Some(primary(1, lsn)));
    }
    topology.apply(1, 51, Some(standby(1, 350)));
    topology.apply(2, 52, Some(standby(1, 199)));
    assert_eq!(consistent_as_of(&topology), [0, 40, 20]);
    topology.apply(1, 53, Some(standby(1, 400)));
    assert_eq!(consistent_as_of(&topology), [0, 50, 20]);
    // It lags further than the samples reach, and keeps the last one that it had replayed.
    for now in 100..300 {
        let lsn = 400 + i64::try_from(now).expect("small");
        topology.apply(0, now, Some(primary(1, lsn)));
    }
    topology.apply(1, 301, Some(standby(1, 450)));
    assert_eq!(consistent_as_of(&topology), [0, 50, 20]);
    // Restored from an old backup, it may lack even that.
    topology.apply(1, 302, Some(standby(1, 399)));
    assert_eq!(consistent_as_of(&topology), [0, 0, 20]);
}

#[test]
fn promoted_standby_is_primary_and_the_old_primary_stays_deposed() {
    let mut topology = three();
    topology.apply(0, 20, None);
    let transition = topology.apply(2, 21, Some(standby(1, 150)));
    assert_eq!(transition, Transition::default());
    let transition = topology.apply(1, 22, Some(primary(2, 150)));
    assert_eq!(
        (transition.primary, transition.role_changed),
        (Some(1), true)
    );
    // The other standby may have replayed more of the old timeline than the new one started with.
    assert_eq!(consistent_as_of(&topology), [0, 0, 0]);
    topology.apply(2, 23, Some(standby(1, 150)));
    assert_eq!(consistent_as_of(&topology), [0, 0, 0]);
    // Samples of the old primary do not count for the new one.
    topology.apply(2, 24, Some(standby(2, 140)));
    assert_eq!(consistent_as_of(&topology), [0, 0, 0]);
    topology.apply(2, 24, Some(standby(2, 150)));
    assert_eq!(consistent_as_of(&topology), [0, 0, 22]);
    // The old primary returns, also while the new one is unreachable.
    assert_eq!(topology.apply(0, 30, Some(primary(1, 500))).primary, None);
    topology.apply(1, 31, None);
    assert_eq!(topology.apply(0, 32, Some(primary(1, 500))).primary, None);
    assert_eq!(topology.apply(2, 33, Some(standby(2, 160))).primary, None);
    assert_eq!(consistent_as_of(&topology), [0, 0, 22]);
    // A primary that was restored to an earlier position adds no sample for standbys that are ahead.
    topology.apply(1, 35, Some(primary(1, 100)));
    topology.apply(2, 36, Some(standby(2, 170)));
    assert_eq!(consistent_as_of(&topology), [0, 0, 22]);
    // The old primary is useful as a standby of the new one.
    topology.apply(1, 40, Some(primary(2, 600)));
    let mut restarted = standby(2, 600);
    restarted.started_at = 2;
    assert!(topology.apply(0, 41, Some(restarted)).role_changed);
    assert_eq!(consistent_as_of(&topology), [40, 0, 22]);
}

#[test]
fn one_of_two_servers_that_claim_to_be_primary_is_elected() {
    // The URL of a standby may lead to the primary as well.
    let mut topology = three();
    assert_eq!(topology.apply(2, 20, Some(primary(1, 100))).primary, None);
    assert_eq!(consistent_as_of(&topology), [0, 10, 0]);
    // The first URL leads to a read-only standby meanwhile.
    let transition = topology.apply(0, 21, Some(standby(1, 100)));
    assert_eq!(transition.primary, Some(2));
    let mut fenced = primary(1, 100);
    fenced.is_writable = false;
    assert_eq!(topology.apply(2, 22, Some(fenced.clone())).primary, None);
    let transition = topology.apply(0, 23, Some(primary(1, 100)));
    assert_eq!(transition.primary, Some(0));
    // A later timeline wins even if its server is not writable.
    fenced.timeline = 2;
    assert_eq!(topology.apply(1, 24, Some(fenced)).primary, Some(1));
}

#[test]
fn server_with_another_database_is_never_used() {
    let mut topology = three();
    let mut foreign = primary(9, 9_999);
    foreign.database = "theirs".to_owned();
    let transition = topology.apply(1, 20, Some(foreign.clone()));
    assert_eq!((transition.primary, transition.is_foreign), (None, true));
    topology.apply(0, 21, None);
    foreign.is_standby = true;
    assert!(topology.apply(2, 22, Some(foreign)).is_foreign);
    assert_eq!(topology.apply(2, 23, None), Transition::default());
    assert_eq!(topology.consistent_as_of(1), 0);
}

#[test]
fn restart_of_a_server_changes_its_role() {
    let mut topology = three();
    let mut restarted = standby(1, 100);
    restarted.started_at = 2;
    assert_eq!(topology.apply(1, 20, None), Transition::default());
    assert!(topology.apply(1, 21, Some(restarted.clone())).role_changed);
    assert!(!topology.apply(1, 22, Some(restarted)).role_changed);
}

#[test]
fn standby_answers_what_it_has_replayed_within_the_maximum_lag() {
    let now = 10 * SECOND;
    // Never modified: no lag, the maximum lag, more than that.
    assert!(may_answer(now - 1, 0, now, true));
    assert!(may_answer(now - SECOND, 0, now, true));
    assert!(!may_answer(now - SECOND - 1, 0, now, true));
    // Modified before, at the same time, later.
    assert!(may_answer(now - 2, now - 3, now, true));
    assert!(!may_answer(now - 2, now - 2, now, true));
    assert!(!may_answer(now - 2, now - 1, now, true));
    // Without a healthy primary the lag does not matter, but changes do.
    assert!(may_answer(1, 0, now, false));
    assert!(!may_answer(now - 2, now - 1, now, false));
    // Unknown.
    assert!(!may_answer(0, 0, now, false));
    // Sampled after `now` was read.
    assert!(may_answer(now + 1, 0, now, true));
}
