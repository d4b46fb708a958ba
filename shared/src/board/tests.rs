use serde_json::{Value, json};

use super::*;
use crate::OpId;

fn op(id: &str, base: u64, action: Action) -> Operation {
    let id: OpId = id.parse().unwrap();
    Operation { id, entity: "e".into(), base: Seq(base), action, on_conflict: OnConflict::Reject }
}

fn fields(value: Value) -> Fields {
    serde_json::from_value(value).unwrap()
}

fn create(value: Value) -> Action {
    Action::Create { kind: "note".into(), fields: fields(value) }
}

/// A board with entity `e`, created by client `a` at seq 1.
fn board(value: Value) -> Board {
    let mut board = Board::default();
    board.apply(&op("a/1", 0, create(value)), Seq(1)).unwrap();
    board
}

fn value(board: &Board, field: &str) -> Value {
    board.entity(&"e".into()).unwrap().fields.get(field).cloned().unwrap_or_default()
}

fn reason(refused: Result<Applied, Refusal>) -> Reason {
    match refused {
        Err(Refusal::Rejected(rejection)) => rejection.reason,
        other => panic!("not a rejection: {other:?}"),
    }
}

fn add(by: Value) -> Action {
    serde_json::from_value(json!({"do": "increment", "field": "n", "by": by})).unwrap()
}

fn set_edit(name: &str, value: Value) -> Action {
    serde_json::from_value(json!({"do": name, "field": "tags", "value": value})).unwrap()
}

#[test]
fn create_refuses_an_id_that_is_taken() {
    let mut board = board(json!({"title": "x"}));
    let before = board.clone();
    assert_eq!(reason(board.apply(&op("b/1", 1, create(json!({}))), Seq(2))), Reason::Exists);
    assert_eq!(board, before);
}

#[test]
fn every_other_action_needs_its_entity() {
    for action in [Action::set([("a", 1)]), add(json!(1)), set_edit("set_add", json!(1)), Action::Remove] {
        assert_eq!(reason(Board::default().apply(&op("a/1", 0, action), Seq(1))), Reason::UnknownEntity);
    }
}

#[test]
fn patch_sets_and_unsets_and_says_what_was_there() {
    let mut board = board(json!({"title": "old", "color": "red"}));
    let action = Action::Patch { set: fields(json!({"title": "new"})), unset: ["color".into(), "title".into()].into() };
    let applied = board.apply(&op("a/2", 1, action), Seq(2)).unwrap();
    assert_eq!(value(&board, "title"), "new");
    assert_eq!(board.entity(&"e".into()).unwrap().fields.len(), 1);
    assert_eq!(applied.before, [("title".into(), Some(json!("old"))), ("color".into(), Some(json!("red")))]);
    assert_eq!(board.entity(&"e".into()).unwrap().version, Seq(2));
}

#[test]
fn patch_conflicts_field_by_field_with_what_others_changed_since() {
    let mut board = board(json!({"title": "old", "text": "t"}));
    board.apply(&op("b/1", 1, Action::set([("title", "theirs")])), Seq(2)).unwrap();
    let both = Action::set([("title", "mine"), ("text", "mine")]);
    let Err(Refusal::Conflict(conflict)) = board.apply(&op("a/2", 1, both.clone()), Seq(3)) else { panic!() };
    assert_eq!(conflict.theirs_version, Seq(2));
    let [field] = conflict.fields.as_slice() else { panic!() };
    let told = (&field.theirs, &field.yours, &field.untold);
    assert_eq!(told, (&Some(json!("theirs")), &Some(json!("mine")), &[Side::Base].into()));
    assert_eq!(field.name, "title");
    assert_eq!(value(&board, "text"), "t", "a conflict in one field keeps the other as it was");

    let overwrite = Operation { on_conflict: OnConflict::Overwrite, ..op("a/3", 1, both.clone()) };
    board.apply(&overwrite, Seq(3)).unwrap();
    assert_eq!(value(&board, "title"), "mine");
    board.apply(&op("a/4", 1, both), Seq(4)).unwrap();
}

#[test]
fn an_edit_of_a_field_that_others_unset_conflicts() {
    let mut board = board(json!({"title": "old"}));
    let unset = Action::Patch { set: Fields::new(), unset: ["title".into()].into() };
    board.apply(&op("b/1", 1, unset), Seq(2)).unwrap();
    let Err(Refusal::Conflict(conflict)) = board.apply(&op("a/2", 1, Action::set([("title", "mine")])), Seq(3)) else {
        panic!()
    };
    assert_eq!((&conflict.fields[0].theirs, &conflict.fields[0].untold), (&None, &[Side::Base].into()));
}

fn conflicting(refused: Result<Applied, Refusal>) -> Vec<FieldConflict> {
    match refused {
        Err(Refusal::Conflict(conflict)) => conflict.fields,
        other => panic!("no conflict: {other:?}"),
    }
}

#[test]
fn ones_own_change_on_top_does_not_hide_what_another_changed_before_it() {
    let mut board = board(json!({"n": 1}));
    board.apply(&op("b/1", 1, Action::set([("n", 50)])), Seq(2)).unwrap();
    board.apply(&op("a/2", 1, add(json!(1))), Seq(3)).unwrap();
    let stale = Action::set([("n", 2)]);
    assert_eq!(conflicting(board.apply(&op("a/3", 1, stale.clone()), Seq(4)))[0].theirs, Some(json!(51)));
    board.apply(&op("a/4", 2, stale), Seq(4)).unwrap();
    let changed = &board.entity(&"e".into()).unwrap().changed["n"];
    assert_eq!(*changed, Changed { seq: Seq(4), by: "a".parse().unwrap(), by_other: Some(Seq(2)) });
    assert_eq!(serde_json::to_value(changed).unwrap(), json!([4, "a", 2]));
    let before: Changed = serde_json::from_value(json!([4, "a"])).unwrap();
    assert_eq!(before.by_other, None, "as it was written before");
}

#[test]
fn setting_what_stands_there_is_no_conflict() {
    let mut board = board(json!({"title": "old", "text": "t"}));
    board.apply(&op("b/1", 1, Action::set([("title", "same"), ("text", "theirs")])), Seq(2)).unwrap();
    let both = Action::set([("title", "same"), ("text", "mine")]);
    let fields = conflicting(board.apply(&op("a/2", 1, both), Seq(3)));
    assert_eq!(fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(), ["text"]);
    board.apply(&op("a/3", 1, Action::set([("title", "same")])), Seq(3)).unwrap();
    let unset = |field: &str| Action::Patch { set: Fields::new(), unset: [field.to_owned()].into() };
    board.apply(&op("b/2", 3, unset("text")), Seq(4)).unwrap();
    board.apply(&op("a/4", 1, unset("text")), Seq(5)).unwrap();
}

#[test]
fn a_base_that_has_not_happened_counts_as_the_beginning() {
    let mut board = board(json!({"title": "old"}));
    let patch = Action::set([("title", "mine")]);
    conflicting(board.apply(&op("b/1", 2, patch.clone()), Seq(2)));
    conflicting(board.apply(&op("b/2", 1_000_000_000, Action::Remove), Seq(2)));
    board.apply(&op("b/3", 1, patch), Seq(2)).unwrap();
}

#[test]
fn sizes_are_looked_at_before_conflicts_are_told() {
    let mut board = board(json!({"title": "old"}));
    board.apply(&op("b/1", 1, Action::set([("title", "theirs")])), Seq(2)).unwrap();
    let huge = Action::set([("title", "x".repeat(100_000))]);
    assert_eq!(reason(board.apply(&op("a/2", 1, huge), Seq(3))), Reason::TooLarge);
}

#[test]
fn a_conflict_names_large_values_and_tells_small_ones() {
    let mut board = board(json!({"title": "old", "text": "old"}));
    let large = "x".repeat(limits::CONFLICT_VALUE_BYTES);
    let theirs = Action::set([("title", json!("theirs")), ("text", json!(large))]);
    board.apply(&op("b/1", 1, theirs), Seq(2)).unwrap();
    let mine = Action::set([("title", json!(large.clone() + "y")), ("text", json!("mine"))]);
    let Err(Refusal::Conflict(mut conflict)) = board.apply(&op("a/2", 1, mine), Seq(3)) else { panic!() };
    let [text, title] = &conflict.fields[..] else { panic!() };
    assert_eq!((&text.theirs, &text.yours), (&None, &Some(json!("mine"))));
    assert_eq!(text.untold, [Side::Base, Side::Theirs].into());
    assert_eq!((&title.theirs, &title.yours), (&Some(json!("theirs")), &None));
    conflict.tell_base(|name| Some(if name == "text" { Some(json!(large)) } else { None }));
    let untold = conflict.fields.iter().map(|field| field.untold.iter().copied().collect::<Vec<_>>());
    assert_eq!(untold.collect::<Vec<_>>(), [vec![Side::Base, Side::Theirs], vec![Side::Yours]]);
}

#[test]
fn a_conflict_of_many_fields_is_bounded_as_a_whole() {
    let fields = |text: &str| (0..40).map(|n| (format!("f{n:02}"), json!(text.repeat(100)))).collect::<Vec<_>>();
    let mut board = board(json!({}));
    board.apply(&op("b/1", 1, Action::set(fields("their text"))), Seq(2)).unwrap();
    let Err(Refusal::Conflict(mut conflict)) =
        board.apply(&op("a/2", 1, Action::set(fields("my longer text"))), Seq(3))
    else {
        panic!()
    };
    conflict.tell_base(|_| Some(Some(json!("what was there".repeat(100)))));
    assert_eq!(conflict.fields.len(), 40);
    let values = |field: &FieldConflict| [field.base.clone(), field.theirs.clone(), field.yours.clone()];
    let told: usize = conflict.fields.iter().flat_map(values).flatten().map(|value| value.to_string().len()).sum();
    assert!((limits::CONFLICT_BYTES - 2_000..=limits::CONFLICT_BYTES).contains(&told), "{told}");
    assert!(conflict.fields.iter().all(|field| field.base.is_none() == field.untold.contains(&Side::Base)));
}

#[test]
fn null_is_a_value_of_a_conflict_and_an_absent_one_is_left_out() {
    let json = json!({"name": "title", "base": null, "yours": 1, "untold": ["theirs"]});
    let field: FieldConflict = serde_json::from_value(json.clone()).unwrap();
    assert_eq!((&field.base, &field.theirs), (&Some(Value::Null), &None));
    assert_eq!(serde_json::to_value(field).unwrap(), json);
}

#[test]
fn what_was_accepted_is_replayed_whatever_the_rules_are_now() {
    let mut board = board(json!({"title": "old", "n": 1}));
    board.apply(&op("b/1", 1, Action::set([("title", "theirs")])), Seq(2)).unwrap();
    let stale = op("a/2", 1, Action::set([("title", "mine")]));
    assert!(board.clone().apply(&stale, Seq(3)).is_err());
    board.replay(&stale, Seq(3)).unwrap();
    let huge = op("a/3", 1, Action::set([("text", "x".repeat(100_000))]));
    assert!(board.clone().apply(&huge, Seq(4)).is_err());
    board.replay(&huge, Seq(4)).unwrap();
    assert_eq!(reason(board.replay(&op("a/4", 1, create(json!({}))), Seq(5))), Reason::Exists);
    let add = serde_json::from_value(json!({"do": "increment", "field": "title", "by": 1})).unwrap();
    assert_eq!(reason(board.replay(&op("a/4", 1, add), Seq(5))), Reason::NotANumber);
}

#[test]
fn remove_conflicts_with_any_change_by_others_and_not_with_ones_own() {
    let mut board = board(json!({"title": "old"}));
    board.apply(&op("a/2", 1, Action::set([("title", "own")])), Seq(2)).unwrap();
    let mut other = board.clone();
    let applied = board.apply(&op("a/3", 1, Action::Remove), Seq(3)).unwrap();
    assert_eq!(applied.removed.unwrap().fields["title"], "own");
    assert!(board.is_empty());
    assert!(matches!(other.apply(&op("b/1", 1, Action::Remove), Seq(3)), Err(Refusal::Conflict(_))));
}

#[test]
fn increment_is_exact_for_integers_and_ends_at_their_limits() {
    let mut board = board(json!({"n": i64::MAX - 1, "title": "x"}));
    board.apply(&op("a/2", 1, add(json!(3))), Seq(2)).unwrap();
    assert_eq!(value(&board, "n"), json!(i64::MAX as u64 + 2));
    board.apply(&op("a/3", 1, add(json!(-1))), Seq(3)).unwrap();
    board.apply(&op("a/4", 1, add(json!(0.5))), Seq(4)).unwrap();
    assert!(value(&board, "n").is_f64());
    assert_eq!(
        reason(self::board(json!({"n": u64::MAX})).apply(&op("a/2", 1, add(json!(1))), Seq(2))),
        Reason::TooLarge
    );
    assert_eq!(
        reason(self::board(json!({"n": f64::MAX})).apply(&op("a/2", 1, add(json!(f64::MAX))), Seq(2))),
        Reason::TooLarge
    );
    assert_eq!(reason(self::board(json!({"n": "7"})).apply(&op("a/2", 1, add(json!(1))), Seq(2))), Reason::NotANumber);
}

#[test]
fn increment_of_an_absent_field_starts_at_zero() {
    let mut board = board(json!({}));
    board.apply(&op("a/2", 1, add(json!(4))), Seq(2)).unwrap();
    assert_eq!(value(&board, "n"), 4);
}

#[test]
fn a_set_is_sorted_and_free_of_repeats_whatever_it_was() {
    let mut board = board(json!({"tags": ["z", 10, "a", "z"]}));
    board.apply(&op("a/2", 1, set_edit("set_add", json!("m"))), Seq(2)).unwrap();
    assert_eq!(value(&board, "tags"), json!(["a", "m", "z", 10]));
    board.apply(&op("a/3", 1, set_edit("set_remove", json!("z"))), Seq(3)).unwrap();
    assert_eq!(value(&board, "tags"), json!(["a", "m", 10]));
    board.apply(&op("a/4", 1, set_edit("set_add", json!("a"))), Seq(4)).unwrap();
    assert_eq!(value(&board, "tags"), json!(["a", "m", 10]), "once");
    let mut board = self::board(json!({"tags": "no set"}));
    assert_eq!(reason(board.apply(&op("a/2", 1, set_edit("set_add", json!(1))), Seq(2))), Reason::NotASet);
}

#[test]
fn names_are_checked_wherever_they_stand() {
    let mut board = board(json!({}));
    let bad_entity = Operation { entity: "a/b".into(), ..op("a/2", 1, create(json!({}))) };
    let bad_kind =
        Operation { entity: "f".into(), ..op("a/2", 1, Action::Create { kind: "*".into(), fields: Fields::new() }) };
    for bad in [bad_entity, bad_kind, op("a/2", 1, Action::set([("x".repeat(129), 1)]))] {
        assert_eq!(reason(board.apply(&bad, Seq(2))), Reason::InvalidName);
    }
}

#[test]
fn entities_are_bounded_in_bytes_fields_and_depth() {
    let mut board = board(json!({"title": "x".repeat(60_000)}));
    assert_eq!(
        reason(board.apply(&op("a/2", 1, Action::set([("text", "x".repeat(6_000))])), Seq(2))),
        Reason::TooLarge
    );
    board.apply(&op("a/2", 1, Action::set([("title", "y".repeat(65_000))])), Seq(2)).unwrap();
    let many = (0..257).map(|index| (format!("f{index}"), json!(0)));
    assert_eq!(reason(self::board(json!({})).apply(&op("a/2", 1, Action::set(many)), Seq(2))), Reason::TooLarge);
    let control = "\u{1}".repeat(20_000);
    assert_eq!(
        reason(self::board(json!({})).apply(&op("a/2", 1, Action::set([("text", control)])), Seq(2))),
        Reason::TooLarge,
        "escapes count"
    );
    let deep = (0..33).fold(json!(1), |inner, _| json!([inner]));
    assert_eq!(
        reason(self::board(json!({})).apply(&op("a/2", 1, Action::set([("deep", deep)])), Seq(2))),
        Reason::TooLarge
    );
}

#[test]
fn a_board_is_bounded_in_entities() {
    let numbered = |n: usize| Operation { entity: format!("e{n}").into(), ..op("a/1", 0, create(json!({}))) };
    let mut board = Board::default();
    for n in 0..limits::ENTITIES_PER_BOARD {
        board.apply(&numbered(n), Seq(n as u64 + 1)).unwrap();
    }
    let last = limits::ENTITIES_PER_BOARD;
    assert_eq!(reason(board.apply(&numbered(last), Seq(last as u64 + 1))), Reason::BoardFull);
    board.apply(&op("a/2", 0, Action::Remove), Seq(9)).unwrap_err();
    assert_eq!(board.len(), last);
}

#[test]
fn a_board_is_bounded_in_bytes() {
    let most = 4_000;
    let text = |bytes: usize| json!({"text": "x".repeat(bytes)});
    let make =
        |n: u64, bytes| Operation { entity: format!("e{n}").into(), ..op(&format!("a/{n}"), 0, create(text(bytes))) };
    let mut board = Board::default();
    for n in 1..=3 {
        board.apply_within(&make(n, 1_000), Seq(n), most).unwrap();
    }
    let full = board.clone();
    assert_eq!(reason(board.apply_within(&make(4, 1_000), Seq(4), most)), Reason::BoardFull);
    let longer = Operation { entity: "e1".into(), ..op("a/5", 3, Action::set([("text", "y".repeat(2_000))])) };
    assert_eq!(reason(board.apply_within(&longer, Seq(4), most)), Reason::BoardFull);
    assert_eq!(board, full);
    // Whatever makes it no larger is let through, over its limit as well.
    let shorter = Operation { entity: "e1".into(), ..op("a/6", 3, Action::set([("text", "")])) };
    board.apply_within(&shorter, Seq(4), 1).unwrap();
    board.apply_within(&Operation { entity: "e2".into(), ..op("a/7", 4, Action::Remove) }, Seq(5), 1).unwrap();
    board.apply_within(&make(8, 1_500), Seq(6), most).unwrap();
}

#[test]
fn an_entity_that_is_put_back_counts_as_before() {
    let mut board = board(json!({"title": "old"}));
    let before = board.clone();
    let old = board.entity(&"e".into()).cloned();
    board.apply(&op("a/2", 1, Action::set([("title", "longer than before")])), Seq(2)).unwrap();
    board.put_back(&"e".into(), old);
    assert_eq!(board, before);
    board.put_back(&"e".into(), None);
    assert_eq!((board.bytes(), board.len()), (0, 0));
}

#[test]
fn prediction_is_the_same_code() {
    let mut board = board(json!({"n": 1}));
    let mut shown = board.entity(&"e".into()).cloned();
    let change = op("b/1", 1, add(json!(2)));
    let predicted = predict(&mut shown, &change, Seq(2));
    assert_eq!(predicted, board.apply(&change, Seq(2)));
    assert_eq!(shown.as_ref(), board.entity(&"e".into()));
    let before = shown.clone();
    assert!(predict(&mut shown, &op("a/9", 1, Action::Remove), Seq(3)).is_err());
    assert_eq!(shown, before);
    predict(&mut shown, &op("a/9", 2, Action::Remove), Seq(3)).unwrap();
    assert_eq!(shown, None);
}
