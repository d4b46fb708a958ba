use super::*;
use crate::{Carrier, Rollback, RollbackError, Stage, UndoError};

/// An edit that is in the log.
fn confirmed(bench: &mut Bench, action: Action, n: u64, seq: u64) -> crate::EditId {
    let id = bench.apply(edit("n", action.clone()));
    let own = Operation { base: Seq(seq - 1), ..op(&format!("me/{n}"), "n", action) };
    bench.receive(&[updates(vec![(seq, own)])]);
    id
}

#[test]
fn undo_takes_my_last_edit_back_and_redo_does_it_again() {
    let mut bench = note();
    confirmed(&mut bench, set("title", "new"), 1, 41);
    assert!(bench.engine.can_undo(&main()) && !bench.engine.can_redo(&main()));
    bench.engine.undo(main(), bench.now).unwrap();
    bench.drain();
    assert_eq!(shown(&bench, "title"), "old");
    bench.receive(&[updates(vec![(42, Operation { base: Seq(41), ..op("me/2", "n", set("title", "old")) })])]);
    assert!(!bench.engine.can_undo(&main()) && bench.engine.can_redo(&main()));
    bench.engine.redo(main(), bench.now).unwrap();
    bench.drain();
    assert_eq!(shown(&bench, "title"), "new");
    bench.receive(&[updates(vec![(43, Operation { base: Seq(42), ..op("me/3", "n", set("title", "new")) })])]);
    assert!(bench.engine.can_undo(&main()) && !bench.engine.can_redo(&main()));
}

#[test]
fn undo_refuses_with_the_conflict_where_others_changed_the_same_since() {
    let mut bench = note();
    confirmed(&mut bench, set("title", "mine"), 1, 41);
    let theirs = Operation { base: Seq(41), ..op("them/2", "n", set("title", "theirs")) };
    bench.receive(&[updates(vec![(42, theirs)])]);
    let Err(UndoError::Conflict(conflict)) = bench.engine.undo(main(), bench.now) else { panic!() };
    assert_eq!((conflict.fields[0].theirs.clone(), shown(&bench, "title")), (Some(json!("theirs")), json!("theirs")));
    assert!(bench.engine.can_undo(&main()), "it may be possible later");
}

#[test]
fn undo_leaves_what_others_changed_elsewhere() {
    let mut bench = note();
    confirmed(&mut bench, set("title", "mine"), 1, 41);
    bench.receive(&[updates(vec![(42, op("them/2", "n", add(5)))])]);
    bench.engine.undo(main(), bench.now).unwrap();
    bench.drain();
    assert_eq!((shown(&bench, "title"), shown(&bench, "count")), (json!("old"), json!(15)));
}

#[test]
fn undo_of_an_edit_that_was_not_sent_removes_it() {
    let mut bench = note();
    bench.input(socket(1, closed(1006)));
    bench.apply(edit("n", add(1)));
    bench.engine.undo(main(), bench.now).unwrap();
    bench.drain();
    assert_eq!((shown(&bench, "count"), bench.disk.len()), (json!(10), 0));
    bench.engine.redo(main(), bench.now).unwrap();
    bench.drain();
    assert_eq!((shown(&bench, "count"), bench.disk.len()), (json!(11), 1));
    assert!(bench.engine.can_undo(&main()) && !bench.engine.can_redo(&main()));
}

#[test]
fn a_new_edit_ends_what_could_be_redone() {
    let mut bench = note();
    confirmed(&mut bench, add(1), 1, 41);
    bench.engine.undo(main(), bench.now).unwrap();
    bench.apply(edit("n", add(7)));
    assert_eq!(bench.engine.redo(main(), bench.now), Err(UndoError::Nothing));
}

#[test]
fn undo_that_is_switched_off_says_so() {
    let mut config = Config::default();
    config.features.undo = false;
    let mut bench = Bench::with(config);
    assert_eq!(bench.engine.undo(main(), bench.now), Err(UndoError::Disabled));
}

#[test]
fn rollback_of_an_unsent_edit_removes_it_even_while_it_is_being_stored() {
    let mut bench = note();
    bench.input(socket(1, closed(1006)));
    bench.withhold_storage();
    let id = bench.apply(edit("n", add(1)));
    assert_eq!(bench.engine.rollback(id, bench.now), Ok(Rollback::Removed));
    bench.drain();
    bench.release_storage();
    assert_eq!((shown(&bench, "count"), bench.disk.len()), (json!(10), 0));
    assert_eq!(bench.ended, [(id, EditEnd::RolledBack)]);
    assert_eq!(bench.engine.rollback(id, bench.now), Err(RollbackError::Unknown(id)));
}

#[test]
fn rollback_in_flight_hides_the_edit_and_reverts_it_once_it_is_applied() {
    let mut bench = note();
    let id = bench.apply(edit("n", add(5)));
    assert_eq!(bench.engine.rollback(id, bench.now), Ok(Rollback::Reverting));
    assert_eq!(shown(&bench, "count"), 10);
    bench.receive(&[applied(1, 41), updates(vec![(41, op("me/1", "n", add(5)))])]);
    assert_eq!(shown(&bench, "count"), 10);
    let sent = bench.sent();
    assert!(ids(&sent) == ["me/1", "me/2"] && sent[1].contains("\"by\":-5"), "{sent:?}");
}

#[test]
fn rollback_in_flight_of_an_edit_that_is_refused_leaves_nothing() {
    let mut bench = note();
    let id = bench.apply(edit("n", add(5)));
    bench.engine.rollback(id, bench.now).unwrap();
    bench.receive(&[rejected(1, Reason::Forbidden)]);
    assert_eq!(bench.ended, [(id, EditEnd::RolledBack)]);
    assert_eq!((bench.engine.notices().count(), bench.disk.len()), (0, 0));
}

#[test]
fn rollback_of_an_applied_edit_is_an_edit_of_its_own() {
    let mut bench = note();
    let id = confirmed(&mut bench, set("title", "mine"), 1, 41);
    assert!(matches!(bench.engine.rollback(id, bench.now), Ok(Rollback::Reverted { .. })));
    bench.drain();
    assert_eq!(shown(&bench, "title"), "old");
}

#[test]
fn what_the_program_does_by_itself_is_passed_over() {
    let mut bench = note();
    confirmed(&mut bench, set("title", "mine"), 1, 41);
    bench.apply(edit("n", add(5)).by_program());
    bench.engine.undo(main(), bench.now).expect("the user's own edit");
    bench.drain();
    assert_eq!((shown(&bench, "title"), shown(&bench, "count")), ("old".into(), 15.into()));
    bench.apply(edit("n", add(1)).by_program());
    assert!(bench.engine.can_redo(&main()), "what was undone can still be redone");
}

#[test]
fn an_edit_that_the_application_delivers_is_ended_by_it() {
    let mut bench = note();
    let manual = Edit { delivery: Carrier::Manual, ..edit("n", add(5)) };
    let confirmed = bench.apply(manual.clone());
    let rolled_back = bench.apply(manual);
    assert_eq!(shown(&bench, "count"), 20);
    assert_eq!(bench.engine.pending_edits()[0].stage, Stage::Manual);
    assert_eq!((bench.sent().len(), bench.disk.len()), (0, 0));
    assert!(bench.engine.confirm(confirmed) && !bench.engine.confirm(confirmed));
    assert_eq!(bench.engine.rollback(rolled_back, bench.now), Ok(Rollback::Removed));
    bench.drain();
    assert_eq!(bench.ended, [(confirmed, EditEnd::Confirmed), (rolled_back, EditEnd::RolledBack)]);
    assert_eq!(shown(&bench, "count"), 10);
}

#[test]
fn an_overdue_edit_is_said_and_stays_queued() {
    let mut bench = note();
    bench.input(socket(1, closed(1006)));
    bench.input(Input::Online(false));
    let id = bench.apply(edit("n", add(5)));
    bench.pass(Duration::from_secs(29));
    assert!(bench.overdue.is_empty());
    bench.pass(Duration::from_secs(1));
    assert_eq!(bench.overdue, [id]);
    let view = &bench.engine.pending_edits()[0];
    assert!(view.is_overdue && view.stage == Stage::Queued);
}

#[test]
fn an_edit_taken_back_between_its_outcome_and_its_event_is_reverted_when_that_comes() {
    let mut bench = note();
    let id = bench.apply(edit("n", add(5)));
    bench.receive(&[applied(1, 41)]);
    bench.sent();
    assert_eq!(bench.engine.rollback(id, bench.now), Ok(Rollback::Reverting));
    bench.drain();
    assert_eq!((shown(&bench, "count"), bench.sent().len()), (json!(10), 0));
    bench.receive(&[updates(vec![(41, op("me/1", "n", add(5)))])]);
    assert_eq!((shown(&bench, "count"), ids(&bench.sent())), (json!(10), vec!["me/2".to_owned()]));
}

#[test]
fn an_edit_of_an_entity_that_was_removed_and_made_anew_unseen_is_not_taken_back() {
    let mut bench = note();
    confirmed(&mut bench, set("text", "mine"), 1, 41);
    bench.receive(&[subscribed(50, false), snapshot(50, 1, vec![entity("n", json!({"title": "another"}))])]);
    assert!(matches!(bench.engine.undo(main(), bench.now), Err(UndoError::Conflict(_))));
}

#[test]
fn an_edit_that_only_a_snapshot_has_shown_is_reverted_by_what_its_author_saw() {
    let mut bench = note();
    let id = bench.apply(edit("n", add(5)));
    bench.receive(&[applied(1, 41)]);
    bench.receive(&[subscribed(41, false), snapshot(41, 1, vec![entity("n", json!({"count": 15}))])]);
    bench.sent();
    assert!(matches!(bench.engine.rollback(id, bench.now), Ok(Rollback::Reverted { .. })));
    bench.drain();
    assert_eq!((shown(&bench, "count"), ids(&bench.sent())), (json!(10), vec!["me/2".to_owned()]));
}

#[test]
fn what_was_applied_in_another_log_is_not_undone_in_this_one() {
    let mut bench = note();
    let id = bench.apply(edit("n", set("title", "mine")));
    bench.receive(&[applied(1, 41), updates(vec![(41, op("me/1", "n", set("title", "mine")))])]);
    let mut shown = snapshot(20, 0, vec![entity("n", json!({"title": "theirs"}))]);
    let ServerMessage::Snapshot(snapshot) = &mut shown else { panic!() };
    snapshot.epoch = "e_restored".into();
    bench.receive(&[subscribed(20, false), shown]);
    assert_eq!(bench.engine.undo(main(), bench.now), Err(UndoError::Nothing));
    assert_eq!(bench.engine.rollback(id, bench.now), Err(RollbackError::Unknown(id)));
}

/// An edit that was undone and done again without a connection, and what others write after it.
fn undone_and_done_again_offline() -> (Bench, Operation) {
    let mut bench = note();
    bench.apply(edit("n", set("title", "mine")));
    bench.receive(&[applied(1, 41), updates(vec![(41, op("me/1", "n", set("title", "mine")))])]);
    bench.input(socket(1, closed(1006)));
    bench.engine.undo(main(), bench.now).unwrap();
    bench.engine.redo(main(), bench.now).unwrap();
    bench.reconnect();
    let theirs = Operation { base: Seq(41), ..op("them/2", "n", set("title", "theirs")) };
    (bench, theirs)
}

#[test]
fn an_undo_that_was_taken_back_and_is_done_again_leaves_what_others_wrote_meanwhile() {
    let (mut bench, theirs) = undone_and_done_again_offline();
    bench.receive(&[subscribed(42, true), updates(vec![(42, theirs)])]);
    let again = bench.engine.undo(main(), bench.now);
    assert!(matches!(again, Err(UndoError::Conflict(_))), "{again:?}");
    assert_eq!(shown(&bench, "title"), "theirs");
}

#[test]
fn an_undo_that_is_done_again_heeds_what_others_wrote_under_ones_own_later_edits() {
    let (mut bench, theirs) = undone_and_done_again_offline();
    let again = Operation { base: Seq(42), ..op("me/9", "n", set("title", "again")) };
    bench.receive(&[subscribed(43, true), updates(vec![(42, theirs), (43, again)])]);
    assert!(matches!(bench.engine.undo(main(), bench.now), Err(UndoError::Conflict(_))));
    assert_eq!(shown(&bench, "title"), "again");
}
