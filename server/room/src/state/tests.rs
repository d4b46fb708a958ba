use proptest::prelude::*;
use serde_json::{Value, json};
use tideboard_shared::{Action, EntityId, OnConflict, board::Side};

use super::*;

mod restoring;

const NOW: UnixMs = UnixMs(1_763_710_000_000);

fn client(id: &str) -> ClientId {
    id.parse().unwrap()
}

fn op(client: &str, n: u64, entity: &str, base: u64, action: Action) -> Operation {
    let id = OpId { client: client.parse().unwrap(), n };
    Operation { id, entity: entity.into(), base: Seq(base), action, on_conflict: OnConflict::Reject }
}

fn create(client: &str, n: u64, entity: &str) -> Operation {
    let fields = json!({ "title": "Old", "count": 0 });
    let fields = fields.as_object().unwrap().clone().into_iter().collect();
    op(client, n, entity, 0, Action::Create { kind: "note".into(), fields })
}

fn set_title(client: &str, n: u64, base: u64, title: &str) -> Operation {
    op(client, n, "a", base, Action::set([("title", title)]))
}

/// A room with limits that tests can reach.
fn room(config: RoomConfig) -> RoomState {
    RoomState::new("main".parse().unwrap(), Epoch::from("e_1"), config)
}

/// Decides and commits, as a log that never fails would have it.
fn decide(state: &mut RoomState, batch: &[Submission]) -> Decision {
    let decision = state.decide(batch, NOW);
    state.commit(&decision);
    decision
}

fn submit(state: &mut RoomState, settled_through: u64, ops: Vec<Operation>) -> Decision {
    let from = ops.first().map_or_else(|| client("c"), |op| op.id.client.clone());
    let submission = Submission {
        client: from,
        user: "ann".into(),
        seen: SeenIn::default(),
        settled_through,
        ops: ops.into_iter().map(Arc::new).collect(),
    };
    decide(state, &[submission])
}

fn outcome(state: &mut RoomState, op: Operation) -> Outcome {
    submit(state, 0, vec![op]).results[0][0].outcome.clone()
}

fn applied(seq: u64) -> Outcome {
    Outcome::Applied { seq: Seq(seq), durability: Durability::Fsynced }
}

fn reason(outcome: &Outcome) -> Reason {
    let Outcome::Rejected(rejection) = outcome else { panic!("{outcome:?}") };
    rejection.reason
}

#[test]
fn a_repeat_gets_the_same_outcome_and_stores_nothing() {
    let mut state = room(RoomConfig::default());
    let missing = op("c", 2, "nowhere", 0, Action::Remove);
    let first = submit(&mut state, 0, vec![create("c", 1, "a"), missing.clone()]);
    assert_eq!(first.events().len(), 1);
    let again = submit(&mut state, 0, vec![create("c", 1, "a"), missing]);
    assert_eq!((again.results, again.row), (first.results, None));
    assert_eq!((state.seq(), state.row()), (Seq(1), RowNo(1)));
}

#[test]
fn a_repeat_within_one_batch_is_decided_once() {
    let mut state = room(RoomConfig::default());
    let decision = submit(&mut state, 0, vec![create("c", 1, "a"), create("c", 1, "a")]);
    assert_eq!(decision.results[0][0], decision.results[0][1]);
    assert_eq!(decision.events().len(), 1);
}

#[test]
fn a_batch_of_several_clients_is_one_row_in_order() {
    let mut state = room(RoomConfig::default());
    let submission = |id: &str, entity: &str| Submission {
        client: client(id),
        user: id.to_uppercase(),
        seen: SeenIn::default(),
        settled_through: 0,
        ops: vec![create(id, 1, entity).into()],
    };
    let decision = decide(&mut state, &[submission("a", "x"), submission("b", "x"), submission("c", "y")]);
    let row = decision.row.unwrap();
    assert_eq!(row.no, RowNo(1));
    assert_eq!(
        row.events.iter().map(|event| (event.seq.0, event.by.as_str())).collect::<Vec<_>>(),
        [(1, "A"), (2, "C")]
    );
    assert_eq!(row.refused, decision.results[1]);
    assert_eq!(reason(&decision.results[1][0].outcome), Reason::Exists);
}

#[test]
fn a_skipped_operation_that_comes_late_is_out_of_order() {
    let mut state = room(RoomConfig::default());
    assert_eq!(outcome(&mut state, create("c", 5, "a")), applied(1));
    assert_eq!(reason(&outcome(&mut state, create("c", 3, "b"))), Reason::OutOfOrder);
    assert_eq!(outcome(&mut state, create("c", 6, "b")), applied(2));
    assert_eq!(state.last_n(&client("c")), 6);
}

#[test]
fn a_settled_outcome_is_forgotten_and_says_so() {
    let mut state = room(RoomConfig::default());
    for n in 1..=3 {
        outcome(&mut state, create("c", n, &format!("e{n}")));
    }
    // Settling takes effect with the next operation that is decided, so that it is stored with its row.
    submit(&mut state, 2, vec![create("c", 3, "e3")]);
    assert_eq!(outcome(&mut state, create("c", 1, "e1")), applied(1));
    submit(&mut state, 2, vec![create("c", 4, "e4")]);
    assert_eq!(reason(&outcome(&mut state, create("c", 2, "e2"))), Reason::AlreadySettled);
    assert_eq!(outcome(&mut state, create("c", 3, "e3")), applied(3));
    assert_eq!(state.seq(), Seq(4));
}

#[test]
fn outcomes_beyond_the_limit_are_settled_and_never_decided_again() {
    let mut state = room(RoomConfig { outcomes_per_client: 2, ..RoomConfig::default() });
    for n in 1..=4 {
        outcome(&mut state, create("c", n, &format!("e{n}")));
    }
    assert_eq!(reason(&outcome(&mut state, create("c", 2, "e2"))), Reason::AlreadySettled);
    assert_eq!(outcome(&mut state, create("c", 3, "e3")), applied(3));
}

#[test]
fn the_client_that_was_quiet_longest_is_forgotten_first() {
    let mut state = room(RoomConfig { clients: 2, ..RoomConfig::default() });
    outcome(&mut state, create("a", 1, "x"));
    outcome(&mut state, create("b", 1, "y"));
    outcome(&mut state, create("a", 2, "z"));
    outcome(&mut state, create("c", 1, "w"));
    let known = ["a", "b", "c"].map(|id| state.last_n(&client(id)));
    assert_eq!(known, [2, 0, 1]);
}

#[test]
fn an_operation_in_another_clients_name_is_forbidden_and_not_recorded() {
    let mut state = room(RoomConfig::default());
    let submission = Submission {
        client: client("c"),
        user: "ann".into(),
        seen: SeenIn::default(),
        settled_through: 0,
        ops: vec![create("d", 1, "a").into()],
    };
    let decision = decide(&mut state, &[submission]);
    assert_eq!(reason(&decision.results[0][0].outcome), Reason::Forbidden);
    assert_eq!((decision.row, state.last_n(&client("d"))), (None, 0));
}

/// Value that a conflict tells of its base; `None` where it is not told.
fn conflict_base(outcome: &Outcome) -> Option<Value> {
    let Outcome::Conflict(conflict) = outcome else { panic!("{outcome:?}") };
    let field = &conflict.fields[0];
    if field.untold.contains(&Side::Base) { None } else { Some(field.base.clone().unwrap_or_default()) }
}

#[test]
fn a_conflict_tells_what_the_field_said_when_the_user_saw_it() {
    let mut state = room(RoomConfig::default());
    outcome(&mut state, create("c", 1, "a"));
    outcome(&mut state, set_title("x", 1, 1, "First"));
    outcome(&mut state, op("x", 2, "a", 2, Action::Increment { field: "count".into(), by: 1.into() }));
    outcome(&mut state, set_title("x", 3, 3, "Second"));
    assert_eq!(conflict_base(&outcome(&mut state, set_title("c", 2, 1, "Mine"))), Some(json!("Old")));
    assert_eq!(conflict_base(&outcome(&mut state, set_title("c", 3, 2, "Mine"))), Some(json!("First")));
    assert_eq!(conflict_base(&outcome(&mut state, set_title("c", 4, 3, "Mine"))), Some(json!("First")));
}

#[test]
fn a_conflict_with_a_new_life_of_the_entity_tells_of_the_old_one() {
    let mut state = room(RoomConfig::default());
    outcome(&mut state, create("x", 1, "a"));
    outcome(&mut state, op("x", 2, "a", 1, Action::Remove));
    outcome(&mut state, create("x", 3, "a"));
    assert_eq!(conflict_base(&outcome(&mut state, set_title("c", 1, 1, "Mine"))), Some(json!("Old")));
    assert_eq!(conflict_base(&outcome(&mut state, set_title("c", 2, 2, "Mine"))), Some(Value::Null), "absent");
}

#[test]
fn a_conflict_whose_base_is_forgotten_has_none() {
    let mut state = room(RoomConfig { retain_events: 1, ..RoomConfig::default() });
    outcome(&mut state, create("c", 1, "a"));
    outcome(&mut state, set_title("x", 1, 1, "First"));
    outcome(&mut state, set_title("x", 2, 2, "Second"));
    assert_eq!(conflict_base(&outcome(&mut state, set_title("c", 2, 1, "Mine"))), None);
    assert_eq!(conflict_base(&outcome(&mut state, set_title("c", 3, 2, "Mine"))), Some(json!("First")));
}

#[test]
fn history_is_bounded_in_bytes_with_what_its_events_replaced() {
    let mut state = room(RoomConfig { retain_bytes: 10_000, ..RoomConfig::default() });
    let text = |letter: &str| letter.repeat(2_000);
    outcome(&mut state, create("c", 1, "a"));
    for n in 2..=8 {
        outcome(&mut state, set_title("c", n, n - 1, &text("x")));
    }
    // Two titles of 2,000 bytes an event: the old one and the new one.
    let since = |seq| state.events_since(&position(&state, seq)).map(|events| events.len());
    assert_eq!([since(6), since(5), since(1)], [Some(2), None, None]);
}

#[test]
fn a_base_that_has_not_happened_conflicts_with_whatever_others_changed() {
    let mut state = room(RoomConfig::default());
    outcome(&mut state, create("x", 1, "a"));
    let conflict = outcome(&mut state, set_title("c", 1, 1_000_000_000, "Mine"));
    assert_eq!(conflict_base(&conflict), Some(Value::Null), "absent at the beginning");
}

#[test]
fn a_board_that_is_full_of_bytes_says_so_and_takes_what_makes_it_smaller() {
    let mut state = room(RoomConfig { board_bytes: 3_000, ..RoomConfig::default() });
    outcome(&mut state, create("c", 1, "a"));
    let long = outcome(&mut state, set_title("c", 2, 1, &"x".repeat(3_000)));
    assert_eq!(reason(&long), Reason::BoardFull);
    assert_eq!(outcome(&mut state, op("c", 3, "a", 1, Action::Remove)), applied(2));
}

#[test]
fn a_decision_ends_where_its_work_is_enough() {
    let mut state = room(RoomConfig::default());
    outcome(&mut state, create("c", 1, "a"));
    let big = |client: &str, n| set_title(client, n, 1, &"x".repeat(10_000));
    let submission = |id: &str| Submission {
        client: client(id),
        user: "ann".into(),
        seen: SeenIn::default(),
        settled_through: 0,
        ops: (2..=5).map(|n| big(id, n).into()).collect(),
    };
    let batch = [submission("c"), submission("d")];
    let decided = |decision: &Decision| decision.results.iter().map(Vec::len).collect::<Vec<_>>();
    let none = state.decide_some(&batch, NOW, 0);
    assert_eq!(decided(&none), [0; 0]);
    let two = state.decide_some(&batch, NOW, 20_000);
    assert_eq!((decided(&two), two.events().len()), (vec![2], 2));
    state.revert(&two);
    let all = state.decide_some(&batch, NOW, 1_000_000);
    assert_eq!(decided(&all), [4, 4]);
}

/// Position in the history of a board, as far as it still tells.
fn position(state: &RoomState, seq: u64) -> Position {
    let check = if Seq(seq) == state.seq() { Some(state.check) } else { state.history.check_at(Seq(seq)) };
    Position { epoch: Epoch::from("e_1"), seq: Seq(seq), check: check.unwrap_or_default() }
}

fn resume(state: &RoomState, since: Option<Position>) -> Resume {
    state.resume(&Whereabouts { since, seen: Vec::new() }, &client("c"), Reach::End)
}

/// Events that follow, or the word of another history.
fn recovered(resume: &Resume) -> Result<Vec<u64>, bool> {
    match resume {
        Resume::Recovered(events) => Ok(events.iter().map(|logged| logged.event.seq.0).collect()),
        Resume::Snapshot { is_reset, .. } => Err(*is_reset),
    }
}

#[test]
fn resume_gives_every_missing_event_or_none_of_them() {
    let mut state = room(RoomConfig { retain_events: 3, ..RoomConfig::default() });
    for n in 1..=5 {
        outcome(&mut state, create("c", n, &format!("e{n}")));
    }
    let resume = |since: Option<Position>| recovered(&resume(&state, since));
    let position = |seq| position(&state, seq);
    assert_eq!(resume(Some(position(5))), Ok(vec![]));
    assert_eq!(resume(Some(position(3))), Ok(vec![4, 5]));
    assert_eq!(resume(Some(position(2))), Ok(vec![3, 4, 5]));
    assert_eq!(resume(Some(position(1))), Err(false), "too old to be told from another history");
    assert_eq!(resume(Some(position(6))), Err(true), "a position from the future is of another history");
    assert_eq!(resume(Some(Position { epoch: Epoch::from("e_0"), ..position(5) })), Err(true));
    assert_eq!(resume(None), Err(false));
}

/// Two boards that went on otherwise after event 2.
fn forked() -> [RoomState; 2] {
    ["one", "other"].map(|title| {
        let mut state = room(RoomConfig::default());
        outcome(&mut state, create("c", 1, "a"));
        outcome(&mut state, create("c", 2, "b"));
        outcome(&mut state, set_title("x", 1, 2, title));
        outcome(&mut state, create("x", 2, "d"));
        state
    })
}

#[test]
fn a_position_of_a_history_that_forked_is_never_resumed_from() {
    let [one, other] = forked();
    assert_eq!(recovered(&resume(&one, Some(position(&other, 2)))), Ok(vec![3, 4]), "up to there they are the same");
    for seq in [3, 4] {
        assert_eq!(recovered(&resume(&one, Some(position(&other, seq)))), Err(true), "{seq}");
    }
}

#[test]
fn a_position_that_was_seen_and_is_not_in_the_history_resets_whoever_knows_it() {
    let [one, other] = forked();
    let known = |seen| Whereabouts { since: Some(position(&one, 2)), seen };
    let ask = |seen, reach| recovered(&one.resume(&known(seen), &client("c"), reach));
    assert_eq!(ask(vec![position(&one, 4)], Reach::End), Ok(vec![3, 4]));
    assert_eq!(ask(vec![position(&one, 4), position(&other, 3)], Reach::End), Err(true));
    let beyond = Position { seq: Seq(5), ..position(&other, 4) };
    assert_eq!(ask(vec![beyond.clone()], Reach::End), Err(true));
    assert_eq!(ask(vec![beyond], Reach::Open), Ok(vec![3, 4]), "another node may have written it");
}

/// Outcome of a patch on top of what others wrote as event 3, and the operation as it was recorded.
fn patched(state: &mut RoomState, base: u64, seen: SeenIn) -> (Outcome, Option<Seq>) {
    let ops = vec![set_title("c", 3, base, "Mine").into()];
    let submission = Submission { client: client("c"), user: "ann".into(), seen, settled_through: 0, ops };
    let decision = decide(state, &[submission]);
    let recorded = decision.events().first().map(|event| event.op.base);
    (decision.results[0][0].outcome.clone(), recorded)
}

#[test]
fn a_base_of_another_history_counts_as_nothing_seen() {
    let [one, other] = forked();
    let is_conflict = |base, seen| matches!(patched(&mut one.clone(), base, seen).0, Outcome::Conflict(_));
    let at = |position: Position| SeenIn { epoch: Some(position.epoch.clone()), positions: vec![position] };
    assert!(!is_conflict(3, at(position(&one, 3))), "its author saw what others wrote");
    assert!(is_conflict(3, at(position(&other, 3))), "its author saw something else there");
    assert!(is_conflict(3, SeenIn { epoch: Some("e_0".into()), positions: vec![] }));
    assert!(is_conflict(9, SeenIn::default()), "nobody can have seen that");
    assert!(!is_conflict(3, SeenIn { epoch: Some("e_1".into()), positions: vec![] }));
}

#[test]
fn an_operation_whose_base_counts_as_nothing_is_recorded_so() {
    let mut state = room(RoomConfig::default());
    outcome(&mut state, create("c", 1, "a"));
    let seen = SeenIn { epoch: Some("e_0".into()), positions: vec![] };
    let (outcome, recorded) = patched(&mut state, 1, seen);
    assert_eq!((outcome, recorded), (applied(2), Some(Seq::ZERO)));
}

#[test]
fn a_large_board_comes_in_parts_that_make_the_whole() {
    let mut state = room(RoomConfig::default());
    let text = "x".repeat(50_000);
    let ops = (1..=7).map(|n| {
        let fields = [("text".to_owned(), json!(text))].into();
        op("c", n, &format!("e{n}"), 0, Action::Create { kind: "note".into(), fields })
    });
    submit(&mut state, 0, ops.collect());
    let Resume::Snapshot { parts, is_reset: false } = resume(&state, None) else { panic!() };
    assert_eq!(
        parts.iter().map(|part| (part.part, part.last)).collect::<Vec<_>>(),
        [(1, false), (2, false), (3, false), (4, true)]
    );
    let all: Board = parts.iter().flat_map(|part| part.entities.clone()).collect();
    assert_eq!(&all, state.board());
    assert!(parts.iter().all(|part| part.last_n == 7 && part.seq == Seq(7)));
}

#[test]
fn an_empty_board_is_one_empty_part() {
    let messages = room(RoomConfig::default()).subscribe(&Whereabouts::default(), &client("c"), Reach::End);
    assert!(matches!(&messages[0], ServerMessage::Subscribed { recovered: false, reset: false, .. }));
    assert!(matches!(&messages[1], ServerMessage::Snapshot(part) if part.last && part.entities.is_empty()));
    assert_eq!(messages.len(), 2);
}
