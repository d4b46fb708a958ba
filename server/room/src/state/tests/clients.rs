//! Owners of clients, repeats, and what is forgotten.

use super::*;

const DAY: u64 = 24 * 3_600 * 1_000;

/// Outcome of an operation of which its client says that it may have been sent before.
fn again(state: &mut RoomState, op: Operation) -> Outcome {
    outcome(state, Operation { again: true, ..op })
}

fn as_owner(state: &mut RoomState, owner: &str, ops: Vec<Operation>) -> Vec<Outcome> {
    let from = ops[0].id.client.clone();
    let decision = decide(state, &[Submission { owner: owner.into(), ..submission(from, ops) }]);
    decision.results[0].iter().map(|result| result.outcome.clone()).collect()
}

fn at(state: &mut RoomState, days: u64, op: Operation) -> Outcome {
    let decision = state.decide(&[submission(op.id.client.clone(), vec![op])], UnixMs(NOW.0 + days * DAY));
    state.commit(&decision);
    decision.results[0][0].outcome.clone()
}

fn last_n_of(outcome: &Outcome) -> Option<u64> {
    let Outcome::Rejected(rejection) = outcome else { panic!("{outcome:?}") };
    rejection.last_n
}

fn rows_of(state: &mut RoomState, batches: Vec<Submission>) -> Vec<LogRow> {
    batches.into_iter().filter_map(|batch| decide(state, &[batch]).row).map(Arc::unwrap_or_clone).collect()
}

#[test]
fn a_client_id_belongs_to_whoever_used_it_first() {
    let mut state = room(RoomConfig::default());
    assert_eq!(outcome(&mut state, create("c", 1, "a")), applied(1));
    let far = create("c", LARGEST_STEP, "b");
    let stolen = as_owner(&mut state, "mallory", vec![create("c", 2, "b"), far, create("c", 1, "a")]);
    assert_eq!(stolen.iter().map(reason).collect::<Vec<_>>(), [Reason::NotYours; 3], "not even the outcome is told");
    assert_eq!((state.last_n(&client("c")), state.row()), (1, RowNo(1)));
    assert_eq!(outcome(&mut state, create("c", 2, "b")), applied(2));
}

#[test]
fn another_owner_cannot_settle_outcomes_of_a_client() {
    let mut state = room(RoomConfig::default());
    outcome(&mut state, create("c", 1, "a"));
    let from = Submission {
        owner: "mallory".into(),
        settled_through: u64::MAX,
        ..submission(client("c"), vec![create("c", 2, "b"), create("m", 1, "b")])
    };
    decide(&mut state, &[from]);
    assert_eq!(outcome(&mut state, create("c", 1, "a")), applied(1));
}

#[test]
fn a_client_that_settles_more_than_it_has_settles_what_it_has() {
    let mut state = room(RoomConfig::default());
    submit(&mut state, u64::MAX, vec![create("c", 1, "a")]);
    assert_eq!(outcome(&mut state, create("c", 2, "b")), applied(2));
    assert_eq!(outcome(&mut state, create("c", 2, "b")), applied(2));
    assert_eq!(reason(&outcome(&mut state, create("c", 1, "a"))), Reason::AlreadySettled);
}

#[test]
fn an_owner_stays_one_in_rows_in_a_snapshot_and_when_a_decision_is_taken_back() {
    let mut state = room(RoomConfig::default());
    let tentative = state.decide(&[submission(client("c"), vec![create("c", 1, "a")])], NOW);
    state.revert(&tentative);
    assert_eq!(as_owner(&mut state, "bea", vec![create("c", 1, "a")]), [applied(1)], "nobody had it before");
    let mut rows = rows_of(&mut state, vec![submission(client("d"), vec![create("d", 1, "a")])]);
    let snapshot = state.snapshot();
    let stored = |snapshot, rows| Stored { epoch: Epoch::from("e_1"), snapshot, rows };
    let restored = RoomState::restore(state.id().clone(), *state.config(), stored(Some(snapshot), vec![])).unwrap();
    rows[0].no = RowNo(1);
    let replayed = RoomState::restore(state.id().clone(), *state.config(), stored(None, rows)).unwrap();
    for (mut state, id, owner) in [(restored, "c", "bea"), (replayed, "d", "d")] {
        assert_eq!(reason(&as_owner(&mut state, "mallory", vec![create(id, 2, "x")])[0]), Reason::NotYours);
        assert!(matches!(as_owner(&mut state, owner, vec![create(id, 2, "x")])[0], Outcome::Applied { .. }));
    }
}

#[test]
fn an_owner_goes_on_with_what_it_sent_under_an_earlier_client_id_and_begins_no_other() {
    let mut state = room(RoomConfig::default());
    outcome(&mut state, create("old", 1, "a"));
    let ops = vec![create("old", 1, "a"), create("old", 2, "b"), create("other", 1, "c"), create("new", 3, "d")];
    let from = Submission { owner: "old".into(), ..submission(client("new"), ops) };
    let outcomes: Vec<_> = decide(&mut state, &[from]).results.remove(0);
    assert_eq!(
        [&outcomes[0].outcome, &outcomes[1].outcome, &outcomes[3].outcome],
        [&applied(1), &applied(2), &applied(3)]
    );
    assert_eq!(reason(&outcomes[2].outcome), Reason::NotYours, "whose it will be nobody knows");
}

#[test]
fn the_same_id_with_other_content_is_another_operation_and_nothing_behind_it_is_decided() {
    let mut state = room(RoomConfig::default());
    outcome(&mut state, create("c", 1, "a"));
    let results = submit(&mut state, 0, vec![create("c", 1, "b"), create("c", 2, "c")]).results.remove(0);
    for result in &results {
        assert_eq!((reason(&result.outcome), last_n_of(&result.outcome)), (Reason::IdReused, Some(1)), "{result:?}");
    }
    assert_eq!(outcome(&mut state, Operation { base: Seq(1), again: true, ..create("c", 1, "a") }), applied(1));
}

#[test]
fn the_last_operation_is_known_by_its_content_even_when_its_outcome_is_settled() {
    let mut state = room(RoomConfig::default());
    submit(&mut state, 1, vec![create("c", 1, "a")]);
    assert_eq!(reason(&outcome(&mut state, create("c", 1, "a"))), Reason::AlreadySettled);
    assert_eq!(reason(&outcome(&mut state, create("c", 1, "b"))), Reason::IdReused);
}

#[test]
fn settled_operations_are_known_by_their_content_for_as_long_as_a_copied_profile_may_have_edits_of_its_own() {
    let mut state = room(RoomConfig::default());
    for n in 1..=200 {
        submit(&mut state, n - 1, vec![create("c", n, &format!("e{n}"))]);
    }
    for n in [80, 199] {
        let repeat = again(&mut state, create("c", n, &format!("e{n}")));
        assert_eq!((reason(&repeat), last_n_of(&repeat)), (Reason::AlreadySettled, Some(200)));
        assert_eq!(reason(&again(&mut state, create("c", n, "other"))), Reason::IdReused);
    }
    assert_eq!(reason(&again(&mut state, create("c", 60, "other"))), Reason::AlreadySettled, "so long ago");
}

#[test]
fn a_number_rises_by_so_much_at_once_and_no_more() {
    let mut state = room(RoomConfig::default());
    assert_eq!(outcome(&mut state, create("c", LARGEST_STEP * 3, "a")), applied(1), "where it begins is its business");
    let far = outcome(&mut state, create("c", LARGEST_STEP * 4 + 1, "b"));
    assert_eq!((reason(&far), last_n_of(&far)), (Reason::OutOfOrder, Some(LARGEST_STEP * 3)));
    assert_eq!(outcome(&mut state, create("c", LARGEST_STEP * 4, "b")), applied(2));
    assert_eq!(reason(&outcome(&mut state, create("d", u64::MAX, "c"))), Reason::OutOfOrder);
}

#[test]
fn a_client_that_lets_too_many_outcomes_stand_waits_and_loses_none_of_them() {
    let mut state = room(RoomConfig { outcomes_per_client: 2, ..RoomConfig::default() });
    outcome(&mut state, create("c", 1, "e1"));
    outcome(&mut state, create("c", 2, "e2"));
    let results = submit(&mut state, 0, vec![create("c", 3, "e3"), create("c", 4, "e4")]).results.remove(0);
    assert_eq!(results.iter().map(|result| reason(&result.outcome)).collect::<Vec<_>>(), [Reason::RateLimited; 2]);
    assert_eq!(outcome(&mut state, create("c", 1, "e1")), applied(1));
    let results = submit(&mut state, 1, vec![create("c", 3, "e3"), create("c", 4, "e4")]).results.remove(0);
    assert_eq!((&results[0].outcome, reason(&results[1].outcome)), (&applied(3), Reason::RateLimited));
    assert_eq!(submit(&mut state, 3, vec![create("c", 4, "e4")]).results[0][0].outcome, applied(4));
}

#[test]
fn a_client_is_forgotten_by_age_and_a_repeat_of_it_is_said_to_be_unknown() {
    let mut state = room(RoomConfig::default());
    at(&mut state, 0, create("a", 1, "x"));
    at(&mut state, 20, create("b", 1, "y"));
    at(&mut state, 31, create("c", 1, "z"));
    assert_eq!(["a", "b", "c"].map(|id| state.last_n(&client(id))), [0, 1, 1]);
    assert_eq!(reason(&again(&mut state, create("a", 1, "x"))), Reason::UnknownClient);
    assert_eq!(reason(&outcome(&mut state, create("a", 2, "x"))), Reason::Exists, "never sent before, so it is new");
}

#[test]
fn a_repeat_from_before_a_client_was_forgotten_is_unknown_though_the_client_has_come_back() {
    let mut state = room(RoomConfig::default());
    at(&mut state, 0, create("a", 4, "x"));
    at(&mut state, 31, create("b", 1, "y"));
    assert_eq!(at(&mut state, 31, create("a", 6, "z")), applied(3), "never sent before, so it is new");
    assert_eq!(reason(&again(&mut state, create("a", 4, "x"))), Reason::UnknownClient);
    assert_eq!(reason(&outcome(&mut state, create("a", 5, "w"))), Reason::OutOfOrder, "nobody has sent it");
}

#[test]
fn a_repeat_of_an_unknown_client_is_new_where_none_was_forgotten_since_it_saw_the_board() {
    let mut state = room(RoomConfig::default());
    let seen = |base, op: Operation| Operation { base: Seq(base), ..op };
    assert_eq!(again(&mut state, create("a", 7, "x")), applied(1), "nobody was ever forgotten");
    at(&mut state, 20, create("b", 1, "y"));
    at(&mut state, 40, create("b", 2, "z"));
    assert_eq!(reason(&again(&mut state, seen(1, create("d", 1, "w")))), Reason::UnknownClient);
    assert_eq!(reason(&again(&mut state, seen(99, create("d", 1, "w")))), Reason::UnknownClient, "of another log");
    assert_eq!(again(&mut state, seen(2, create("d", 1, "w"))), applied(4), "a was gone by then");
}

#[test]
fn other_clients_push_nobody_out() {
    let mut state = room(RoomConfig { client_bytes: 4_096, ..RoomConfig::default() });
    assert_eq!(outcome(&mut state, create("a", 1, "x")), applied(1));
    let mut refused = 0;
    for n in 0..100 {
        let id = format!("m{n}");
        refused += usize::from(matches!(outcome(&mut state, create(&id, 1, &id)), Outcome::Rejected(_)));
    }
    assert_eq!(refused, 89, "twelve fit");
    let repeat = again(&mut state, create("a", 1, "x"));
    assert!(repeat == applied(1) || reason(&repeat) == Reason::AlreadySettled, "{repeat:?}");
    assert_eq!(reason(&outcome(&mut state, create("z", 1, "z"))), Reason::RateLimited);
}

#[test]
fn outcomes_leave_by_bytes_and_the_client_stays_as_a_tombstone() {
    let mut state = room(RoomConfig { client_bytes: 4_096, ..RoomConfig::default() });
    outcome(&mut state, create("a", 1, "x"));
    for n in 1..=40 {
        outcome(&mut state, op("b", n, "nowhere", 0, Action::Remove));
    }
    assert_eq!(reason(&outcome(&mut state, create("a", 1, "x"))), Reason::AlreadySettled);
    assert_eq!(reason(&outcome(&mut state, create("a", 1, "other"))), Reason::IdReused);
    assert_eq!(reason(&as_owner(&mut state, "mallory", vec![create("a", 2, "y")])[0]), Reason::NotYours);
    assert!(matches!(outcome(&mut state, create("a", 2, "y")), Outcome::Applied { .. }));
}

#[test]
fn clients_of_which_nothing_was_applied_make_room_for_others() {
    let mut state = room(RoomConfig { client_bytes: 4_096, ..RoomConfig::default() });
    outcome(&mut state, create("a", 1, "x"));
    for n in 0..100 {
        let refused = outcome(&mut state, op(&format!("m{n}"), 1, "nowhere", 0, Action::Remove));
        assert_eq!(reason(&refused), Reason::UnknownEntity);
    }
    assert_eq!(state.last_n(&client("a")), 1);
    assert!(matches!(outcome(&mut state, create("z", 1, "z")), Outcome::Applied { .. }));
}
