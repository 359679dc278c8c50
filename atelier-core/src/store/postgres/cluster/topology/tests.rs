use super::*;

const SECOND: u64 = 1_000_000_000;

/// What servers of one database say that have run since they were first asked.
fn primary(timeline: i64, position: i64) -> Says {
    Says {
        database: "ours".to_owned(),
        since: 1,
        standby: false,
        writable: true,
        timeline,
        position,
    }
}

fn standby(timeline: i64, position: i64) -> Says {
    Says {
        standby: true,
        writable: false,
        ..primary(timeline, position)
    }
}

impl Known {
    fn hear(&mut self, server: usize, asked: u64, says: impl Into<Option<Says>>) -> Noted {
        self.note(server, asked, says.into())
    }
}

/// The writer and two readers, as they are when all is well.
fn three() -> Known {
    let mut known = Known::new(3);
    assert_eq!(known.hear(0, 10, primary(1, 100)).primary, None);
    known.hear(1, 11, standby(1, 100));
    known.hear(2, 12, standby(1, 100));
    known
}

fn has_all_before(known: &Known) -> [u64; 3] {
    [0, 1, 2].map(|server| known.has_all_before(server))
}

#[test]
fn a_standby_has_what_was_stored_before_the_position_that_it_has_passed() {
    let mut known = three();
    assert_eq!(has_all_before(&known), [0, 10, 10]);
    // Nothing was written.
    known.hear(0, 20, primary(1, 100));
    known.hear(1, 21, standby(1, 100));
    assert_eq!(has_all_before(&known), [0, 20, 10]);
    // Behind what was written, but not behind all of it.
    for (asked, position) in [(30, 200), (40, 300), (50, 400)] {
        known.hear(0, asked, primary(1, position));
    }
    known.hear(1, 51, standby(1, 350));
    known.hear(2, 52, standby(1, 199));
    assert_eq!(has_all_before(&known), [0, 40, 20]);
    known.hear(1, 53, standby(1, 400));
    assert_eq!(has_all_before(&known), [0, 50, 20]);
    // So far behind that nobody remembers: it has what it had.
    for asked in 100..300 {
        known.hear(
            0,
            asked,
            primary(1, 400 + i64::try_from(asked).expect("small")),
        );
    }
    known.hear(1, 301, standby(1, 450));
    assert_eq!(has_all_before(&known), [0, 50, 20]);
    // Made anew from an old copy, it may not even have that.
    known.hear(1, 302, standby(1, 399));
    assert_eq!(has_all_before(&known), [0, 0, 20]);
}

#[test]
fn a_standby_that_is_promoted_is_the_primary_and_the_old_one_never_again() {
    let mut known = three();
    known.hear(0, 20, None);
    assert_eq!(known.hear(2, 21, standby(1, 150)), Noted::default());
    let noted = known.hear(1, 22, primary(2, 150));
    assert_eq!((noted.primary, noted.turned), (Some(1), true));
    // The other one may have more of the old timeline than the new one began with.
    assert_eq!(has_all_before(&known), [0, 0, 0]);
    known.hear(2, 23, standby(1, 150));
    assert_eq!(has_all_before(&known), [0, 0, 0]);
    // Nor does what the old one had written by some position say anything about the new one.
    known.hear(2, 24, standby(2, 140));
    assert_eq!(has_all_before(&known), [0, 0, 0]);
    known.hear(2, 24, standby(2, 150));
    assert_eq!(has_all_before(&known), [0, 0, 22]);
    // The old one comes back as if nothing had been, also while the new one can't be reached.
    assert_eq!(known.hear(0, 30, primary(1, 500)).primary, None);
    known.hear(1, 31, None);
    assert_eq!(known.hear(0, 32, primary(1, 500)).primary, None);
    assert_eq!(known.hear(2, 33, standby(2, 160)).primary, None);
    assert_eq!(has_all_before(&known), [0, 0, 22]);
    // Positions of a primary that was set back say nothing about those who went on.
    known.hear(1, 35, primary(1, 100));
    known.hear(2, 36, standby(2, 170));
    assert_eq!(has_all_before(&known), [0, 0, 22]);
    // As a standby of the new one it is of use.
    known.hear(1, 40, primary(2, 600));
    let mut again = standby(2, 600);
    again.since = 2;
    assert!(known.hear(0, 41, again).turned);
    assert_eq!(has_all_before(&known), [40, 0, 22]);
}

#[test]
fn of_two_that_call_themselves_primary_one_is_followed() {
    // The readers' addresses may lead to the primary as well.
    let mut known = three();
    assert_eq!(known.hear(2, 20, primary(1, 100)).primary, None);
    assert_eq!(has_all_before(&known), [0, 10, 0]);
    // The writer's leads to a standby meanwhile, which takes no changes.
    assert_eq!(known.hear(0, 21, standby(1, 100)).primary, Some(2));
    let mut fenced = primary(1, 100);
    fenced.writable = false;
    assert_eq!(known.hear(2, 22, fenced.clone()).primary, None);
    assert_eq!(known.hear(0, 23, primary(1, 100)).primary, Some(0));
    // The later timeline, whatever it takes.
    fenced.timeline = 2;
    assert_eq!(known.hear(1, 24, fenced).primary, Some(1));
}

#[test]
fn a_server_with_another_database_is_never_used() {
    let mut known = three();
    let mut foreign = primary(9, 9_999);
    foreign.database = "theirs".to_owned();
    let noted = known.hear(1, 20, foreign.clone());
    assert_eq!((noted.primary, noted.foreign), (None, true));
    known.hear(0, 21, None);
    foreign.standby = true;
    assert!(known.hear(2, 22, foreign).foreign);
    assert_eq!(known.hear(2, 23, None), Noted::default());
    assert_eq!(known.has_all_before(1), 0);
}

#[test]
fn a_server_that_was_started_anew_has_turned() {
    let mut known = three();
    let mut anew = standby(1, 100);
    anew.since = 2;
    assert_eq!(known.hear(1, 20, None), Noted::default());
    assert!(known.hear(1, 21, anew.clone()).turned);
    assert!(!known.hear(1, 22, anew).turned);
}

#[test]
fn a_standby_may_answer_what_it_has_and_not_too_late() {
    let now = 10 * SECOND;
    // Never changed, just caught up, a second behind.
    assert!(may_answer(now - 1, 0, now, true));
    assert!(may_answer(now - SECOND, 0, now, true));
    assert!(!may_answer(now - SECOND - 1, 0, now, true));
    // Changed before, at the same instant, later.
    assert!(may_answer(now - 2, now - 3, now, true));
    assert!(!may_answer(now - 2, now - 2, now, true));
    assert!(!may_answer(now - 2, now - 1, now, true));
    // While nobody can write, age does not matter, and changes do.
    assert!(may_answer(1, 0, now, false));
    assert!(!may_answer(now - 2, now - 1, now, false));
    // Of which nothing is known.
    assert!(!may_answer(0, 0, now, false));
    // Asked after `now` was.
    assert!(may_answer(now + 1, 0, now, true));
}
