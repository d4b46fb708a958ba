use super::*;

/// A few entities, clients and fields, so that conflicts, refusals and repeats are common.
fn operations() -> impl Strategy<Value = Vec<(u8, Operation, u64)>> {
    let action = prop_oneof![
        Just(Action::Create { kind: "note".into(), fields: [("title".to_owned(), json!("new"))].into() }),
        (0..3_u8).prop_map(|value| Action::set([("title", value)])),
        (0..3_u8).prop_map(|value| Action::set([("count", value)])),
        Just(Action::Increment { field: "count".into(), by: 1.into() }),
        Just(Action::Remove),
    ];
    let operation = (0..3_u8, 1..30_u64, 0..3_u8, 0..20_u64, action).prop_map(|(who, n, entity, base, action)| {
        (who, op(&format!("c{who}"), n, &format!("e{entity}"), base, action), n.saturating_sub(5))
    });
    prop::collection::vec(operation, 1..60)
}

fn tight() -> RoomConfig {
    RoomConfig { outcomes_per_client: 3, clients: 2, retain_events: 5, ..RoomConfig::default() }
}

fn submission((_, op, settled_through): &(u8, Operation, u64)) -> Submission {
    Submission {
        client: op.id.client.clone(),
        user: "ann".into(),
        seen: SeenIn::default(),
        settled_through: *settled_through,
        ops: vec![op.clone().into()],
    }
}

fn run(config: RoomConfig, operations: &[(u8, Operation, u64)], batch: usize) -> (RoomState, Vec<LogRow>) {
    let mut state = room(config);
    let mut rows = Vec::new();
    for chunk in operations.chunks(batch) {
        let batch: Vec<_> = chunk.iter().map(submission).collect();
        rows.extend(decide(&mut state, &batch).row.map(Arc::unwrap_or_clone));
    }
    (state, rows)
}

fn stored(snapshot: Option<StoredSnapshot>, rows: &[LogRow]) -> Stored {
    // As a log keeps them: through JSON and back.
    let text = serde_json::to_string(rows).unwrap();
    let snapshot = snapshot.map(|snapshot| serde_json::from_str(&serde_json::to_string(&snapshot).unwrap()).unwrap());
    Stored { epoch: Epoch::from("e_1"), snapshot, rows: serde_json::from_str(&text).unwrap() }
}

fn assert_same(back: &RoomState, live: &RoomState) {
    assert_eq!(back.snapshot(), live.snapshot());
    assert_eq!((back.seq(), back.row()), (live.seq(), live.row()));
    for seq in 0..=live.seq().0 {
        let since = position(live, seq);
        assert_eq!(resume(back, Some(since.clone())), resume(live, Some(since)), "{seq}");
    }
}

proptest! {
    #[test]
    fn replaying_every_row_gives_the_live_state(operations in operations(), batch in 1..5_usize) {
        let (live, rows) = run(tight(), &operations, batch);
        let back = RoomState::restore(live.id().clone(), tight(), stored(None, &rows)).unwrap();
        assert_same(&back, &live);
    }

    #[test]
    fn a_snapshot_and_the_rows_around_it_give_the_live_state(
        operations in operations(), batch in 1..5_usize, at in 0..60_usize, more in operations(),
    ) {
        let (_, first_rows) = run(tight(), &operations[..at.min(operations.len())], batch);
        let (mut live, rows) = run(tight(), &operations, batch);
        let covered = &rows[..first_rows.len().min(rows.len())];
        let at_snapshot = RoomState::restore(live.id().clone(), tight(), stored(None, covered)).unwrap();
        let snapshot = Some(at_snapshot.snapshot());
        let mut back = RoomState::restore(live.id().clone(), tight(), stored(snapshot, &rows)).unwrap();
        assert_same(&back, &live);
        // And as far as later decisions can see: the bases of conflicts, too.
        let batch: Vec<_> = more.iter().map(submission).collect();
        prop_assert_eq!(back.decide(&batch, NOW).results, live.decide(&batch, NOW).results);
    }

    #[test]
    fn a_reverted_decision_leaves_nothing_behind(
        operations in operations(), batch in 1..5_usize, at in 0..60_usize, more in operations(),
    ) {
        let (mut state, _) = run(tight(), &operations[..at.min(operations.len())], batch);
        let before = state.clone();
        let batch: Vec<_> = more.iter().map(submission).collect();
        let tentative = state.decide(&batch, NOW);
        state.revert(&tentative);
        assert_same(&state, &before);
        // And as far as later decisions can see: the bases of conflicts, too.
        let again = state.decide(&batch, NOW);
        prop_assert_eq!((&again.results, &again.row), (&tentative.results, &tentative.row));
        state.commit(&again);
        let mut never_reverted = before;
        let once = never_reverted.decide(&batch, NOW);
        never_reverted.commit(&once);
        assert_same(&state, &never_reverted);
    }

    #[test]
    fn a_client_that_repeats_everything_changes_nothing(operations in operations()) {
        let config = RoomConfig { retain_events: 5, ..RoomConfig::default() };
        let (mut live, _) = run(config, &operations, 1);
        let before = live.snapshot();
        for (_, op, _) in &operations {
            submit(&mut live, 0, vec![op.clone()]);
        }
        prop_assert_eq!(live.snapshot(), before);
    }
}

#[test]
fn a_missing_row_is_named() {
    let (live, mut rows) = run(RoomConfig::default(), &[(0, create("c", 1, "a"), 0), (0, create("c", 2, "b"), 0)], 1);
    rows.remove(0);
    let error = RoomState::restore(live.id().clone(), RoomConfig::default(), stored(None, &rows)).unwrap_err();
    assert_eq!(error.to_string(), "board main: row 1 is missing, the next is 2");
}

#[test]
fn rows_of_two_histories_make_no_board() {
    let ops = |title| [(0, create("c", 1, "a"), 0), (1, set_title("x", 1, 1, title), 0), (0, create("c", 2, "b"), 0)];
    let (live, mut rows) = run(RoomConfig::default(), &ops("one"), 1);
    let (_, others) = run(RoomConfig::default(), &ops("other"), 1);
    rows[1] = others[1].clone();
    let restore = |snapshot, rows: &[LogRow]| {
        let restored = RoomState::restore(live.id().clone(), RoomConfig::default(), stored(snapshot, rows));
        restored.map(|state| state.seq()).map_err(|error| error.to_string())
    };
    let error = restore(None, &rows).unwrap_err();
    assert!(error.starts_with("board main: row 3 has check "), "{error}");
    assert_eq!(restore(Some(live.snapshot()), &rows), Err(error), "nor below a snapshot");
    assert_eq!(restore(Some(live.snapshot()), &rows[..0]), Ok(Seq(3)));
    for row in &mut rows {
        row.check = None;
    }
    assert_eq!(restore(None, &rows), Ok(Seq(3)), "a build that wrote none is believed");
}

#[test]
fn an_event_that_no_longer_applies_is_named() {
    let (live, mut rows) = run(RoomConfig::default(), &[(0, create("c", 1, "a"), 0)], 1);
    let event = &mut rows[0].events[0];
    let action = Action::set([("title", "secret")]);
    event.op = Arc::new(Operation { action, entity: EntityId::from("private"), ..(*event.op).clone() });
    let error = RoomState::restore(live.id().clone(), RoomConfig::default(), stored(None, &rows)).unwrap_err();
    let said = "board main: event 1 was accepted and cannot be carried out: UnknownEntity";
    assert_eq!(error.to_string(), said, "no content of its users");
}

#[test]
fn a_log_of_other_limits_and_rules_is_read() {
    let (live, mut rows) = run(RoomConfig::default(), &[(0, create("c", 1, "a"), 0), (0, create("c", 2, "b"), 0)], 1);
    let event = &mut rows[1].events[0];
    let action = Action::set([("title", "x".repeat(100_000))]);
    // Of another client, made without knowing that there is such an entity.
    event.op = Arc::new(op("d", 1, "a", 0, action));
    // What a build wrote that had no checks.
    rows.iter_mut().for_each(|row| row.check = None);
    let back = RoomState::restore(live.id().clone(), RoomConfig::default(), stored(None, &rows)).unwrap();
    assert_eq!((back.seq(), back.board().len()), (Seq(2), 1));
}

#[test]
fn rows_that_kept_nothing_of_what_they_replaced_are_read() {
    let edits = [(0, create("c", 1, "a"), 0), (0, set_title("x", 1, 1, "theirs"), 0)];
    let (live, mut rows) = run(RoomConfig::default(), &edits, 1);
    rows.iter_mut().for_each(|row| row.replaced.clear());
    let mut back = RoomState::restore(live.id().clone(), tight(), stored(Some(live.snapshot()), &rows)).unwrap();
    assert_eq!(back.events_since(&position(&back, 0)).unwrap().len(), 2);
    assert_eq!(conflict_base(&outcome(&mut back, set_title("c", 2, 1, "mine"))), None, "not known");
}
