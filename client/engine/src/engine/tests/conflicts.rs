use serde_json::json;
use tideboard_shared::Fields;

use super::*;
use crate::{Choice, MergeFn, Migration, Migrations, ResolveError, StoredEdit};

fn ask(action: Action) -> Edit {
    edit("n", action).strategy(ConflictStrategy::Ask)
}

/// `mine` under way, theirs confirmed, and the server has said so.
fn in_conflict(strategy: ConflictStrategy) -> (Bench, crate::EditId) {
    let mut bench = note();
    let id = bench.apply(edit("n", set("title", "mine")).strategy(strategy));
    bench.receive(&[updates(vec![(41, op("them/2", "n", set("title", "theirs")))]), conflict(1)]);
    (bench, id)
}

#[test]
fn changed_by_someone_else_is_shown_with_review() {
    let (bench, id) = in_conflict(ConflictStrategy::Ask);
    assert_eq!(bench.engine.sync_view().status, SyncStatus::Conflict { n: 1 });
    assert_eq!(shown(&bench, "title"), "theirs");
    let [view] = &bench.engine.conflicts()[..] else { panic!() };
    assert_eq!(view.id, id);
    let field = &view.case.conflict.fields[0];
    assert_eq!(
        (&field.base, &field.theirs, &field.yours),
        (&Some(json!("old")), &Some(json!("theirs")), &Some(json!("mine")))
    );
    let title =
        |entity: &Option<std::sync::Arc<tideboard_shared::Entity>>| entity.clone().unwrap().fields["title"].clone();
    assert_eq!(title(&view.with_theirs), "theirs");
    assert_eq!(title(view.with_mine.as_ref().unwrap()), "mine");
    assert_eq!(view.merged, None);
    assert!(bench.ended.is_empty());
}

#[test]
fn invalid_rebase_is_conflict_data() {
    let mut bench = note();
    bench.apply(edit("n", set("title", "mine")));
    bench.apply(edit("n", add(1)));
    bench.apply(ask(set("text", "mine too")));
    // Under all three the entity is removed, and made anew as something else.
    let remove = op("them/2", "n", Action::Remove);
    let create = Action::Create { kind: "note".into(), fields: Fields::from([("count".into(), json!("no number"))]) };
    bench.receive(&[updates(vec![(41, remove)])]);
    assert_eq!(bench.engine.entity_view(&main(), &"n".into()), None);
    bench.receive(&[updates(vec![(42, op("them/3", "n", create))])]);
    let view = bench.engine.entity_view(&main(), &"n".into()).unwrap();
    assert_eq!((view.pending, view.inapplicable, shown(&bench, "count")), (3, 1, json!("no number")));
    assert_eq!(shown(&bench, "title"), "mine", "what applies to the new one still shows");
    bench.receive(&[conflict(1), rejected(2, Reason::NotANumber), conflict(3)]);
    assert_eq!((bench.engine.refused().count(), bench.engine.conflicts().len()), (1, 1));
    assert_eq!(bench.engine.entity_view(&main(), &"n".into()).unwrap().pending, 0);
}

#[test]
fn taking_theirs_drops_mine() {
    let (mut bench, id) = in_conflict(ConflictStrategy::Ask);
    bench.engine.resolve(id, Choice::Theirs, bench.now).unwrap();
    bench.drain();
    assert!(matches!(bench.ended[..], [(ended, EditEnd::Refused(Refused::Conflict(_)))] if ended == id));
    assert!(bench.disk.is_empty());
    assert_eq!(bench.engine.resolve(id, Choice::Theirs, bench.now), Err(ResolveError::Unknown(id)));
}

#[test]
fn taking_mine_overwrites_and_ends_under_the_same_id() {
    let (mut bench, id) = in_conflict(ConflictStrategy::Ask);
    bench.sent();
    bench.engine.resolve(id, Choice::Mine, bench.now).unwrap();
    bench.drain();
    assert_eq!(shown(&bench, "title"), "mine");
    let sent = bench.sent();
    assert!(sent[0].contains("\"on_conflict\":\"overwrite\"") && ids(&sent) == ["me/2"], "{sent:?}");
    bench.receive(&[applied(2, 42)]);
    assert_eq!((bench.ended[0].0, bench.disk.len(), bench.engine.conflicts().len()), (id, 0, 0));
}

#[test]
fn other_fields_may_be_written_instead() {
    let (mut bench, id) = in_conflict(ConflictStrategy::Ask);
    let fields = Fields::from([("title".into(), json!("both"))]);
    bench.engine.resolve(id, Choice::Fields(fields), bench.now).unwrap();
    bench.drain();
    assert_eq!(shown(&bench, "title"), "both");
}

#[test]
fn a_choice_is_previewed_as_it_would_become() {
    let (mut bench, id) = in_conflict(ConflictStrategy::Ask);
    let both = Choice::Fields(Fields::from([("title".into(), json!("both"))]));
    let title = |bench: &Bench, choice: &Choice| {
        bench.engine.preview(id, choice).unwrap().map(|entity| entity.fields["title"].clone())
    };
    for (choice, wanted) in [(&Choice::Mine, "mine"), (&Choice::Theirs, "theirs"), (&both, "both")] {
        assert_eq!(title(&bench, choice), Some(json!(wanted)), "{choice:?}");
    }
    assert_eq!(shown(&bench, "title"), "theirs", "looking changes nothing");
    bench.engine.resolve(id, both.clone(), bench.now).unwrap();
    bench.drain();
    assert_eq!(shown(&bench, "title"), "both");
    assert_eq!(bench.engine.preview(id, &both), Err(ResolveError::Unknown(id)));
}

#[test]
fn a_field_that_mine_removes_can_be_chosen_to_go() {
    let mut bench = note();
    let unset = Action::Patch { set: Fields::from([("text".into(), json!("mine"))]), unset: ["title".into()].into() };
    let id = bench.apply(ask(unset));
    bench.receive(&[updates(vec![(41, op("them/2", "n", set("title", "theirs")))]), conflict(1)]);
    let fields = Fields::from([("title".into(), json!(null)), ("other".into(), json!(null))]);
    let chosen = bench.engine.preview(id, &Choice::Fields(fields)).unwrap().unwrap();
    assert_eq!((chosen.fields.get("title"), chosen.fields.get("other")), (None, Some(&json!(null))));
}

#[test]
fn a_choice_that_cannot_apply_leaves_the_conflict_waiting() {
    let (mut bench, id) = in_conflict(ConflictStrategy::Ask);
    bench.receive(&[updates(vec![(42, Operation { base: Seq(41), ..op("them/3", "n", Action::Remove) })])]);
    let refused = bench.engine.resolve(id, Choice::Mine, bench.now);
    assert!(matches!(refused, Err(ResolveError::Refused(_))));
    let [view] = &bench.engine.conflicts()[..] else { panic!() };
    assert!(view.with_mine.is_err() && view.with_theirs.is_none());
}

#[test]
fn a_conflict_survives_a_reload_and_is_not_sent_by_itself() {
    let (bench, _) = in_conflict(ConflictStrategy::Ask);
    let mut bench = Bench::on_disk(Config::default(), 2, bench.disk);
    bench.go_live_keeping_sent();
    bench.follow();
    bench.receive(&[subscribed(41, false), snapshot(41, 1, vec![entity("n", json!({"title": "theirs"}))])]);
    assert_eq!(ids(&bench.sent()), [""; 0]);
    let id = bench.engine.conflicts()[0].id;
    bench.engine.resolve(id, Choice::Mine, bench.now).unwrap();
    bench.drain();
    assert_eq!(ids(&bench.sent()), ["me/2"]);
}

#[test]
fn the_server_may_forget_a_conflict_only_once_storage_has_it() {
    let mut bench = note();
    bench.apply(ask(set("title", "mine")));
    bench.withhold_storage();
    bench.receive(&[conflict(1)]);
    bench.apply(edit("n", add(1)));
    bench.release_storage_except_set_aside();
    assert!(bench.sent().last().unwrap().contains("\"settled_through\":0"));
}

#[test]
fn a_merge_makes_one_of_both_and_asks_when_it_cannot() {
    for (merged, expected) in [(Some("mine & theirs"), "mine & theirs"), (None, "theirs")] {
        let mut bench = note();
        let merge = MergeFn::new(move |sides| {
            assert_eq!((&sides.base["title"], &sides.theirs["title"]), (&json!("old"), &json!("theirs")));
            merged.map(|text| Fields::from([("title".into(), json!(text))]))
        });
        bench.engine.set_merge(main(), "n".into(), Some(merge));
        bench.apply(edit("n", set("title", "mine")).strategy(ConflictStrategy::Merge));
        bench.receive(&[updates(vec![(41, op("them/2", "n", set("title", "theirs")))]), conflict(1)]);
        assert_eq!(shown(&bench, "title"), expected);
        assert_eq!(bench.engine.conflicts().len(), usize::from(merged.is_none()));
    }
}

#[test]
fn a_refused_edit_is_set_aside_to_be_sent_again_or_discarded() {
    let mut bench = note();
    let id = bench.apply(edit("n", add(1)));
    bench.receive(&[rejected(1, Reason::Forbidden)]);
    assert_eq!(bench.engine.sync_view().status, SyncStatus::Error { refused: 1 });
    assert_eq!((shown(&bench, "count"), bench.disk.len()), (json!(10), 1));
    let again = bench.engine.requeue(id, bench.now).unwrap();
    bench.drain();
    assert_ne!(again, id);
    assert_eq!((shown(&bench, "count"), bench.engine.refused().count(), bench.disk.len()), (json!(11), 0, 1));
    bench.receive(&[rejected(2, Reason::Forbidden)]);
    assert!(bench.engine.discard(again) && !bench.engine.discard(again));
    bench.drain();
    assert!(bench.disk.is_empty());
}

#[test]
fn edits_of_an_older_version_are_migrated_or_set_aside_never_lost() {
    fn rename(mut edit: StoredEdit) -> Result<StoredEdit, String> {
        match edit.op.action.name() {
            "increment" => Err("counters are gone".into()),
            _ => {
                edit.op.entity = "renamed".into();
                Ok(edit)
            }
        }
    }
    static STEPS: [Migration; 1] = [rename];
    let mut bench = note();
    bench.input(socket(1, closed(1006)));
    bench.apply(edit("n", set("title", "x")));
    bench.apply(edit("n", add(1)));
    let mut bench = Bench::migrating(Migrations::new(&STEPS), bench.disk);
    bench.go_live_keeping_sent();
    let sent = bench.sent();
    assert!(ids(&sent) == ["me/1"] && sent.last().unwrap().contains("\"entity\":\"renamed\""), "{sent:?}");
    assert!(sent[0].contains("\"schema\":2"));
    let (_, view) = bench.engine.refused().next().unwrap();
    assert_eq!(view.why, Refused::Unreadable { problem: "counters are gone".into() });
    assert_eq!(bench.disk.len(), 2);
}

#[test]
fn an_edit_that_is_sent_again_shows_where_it_will_be_applied_after_later_ones() {
    let mut bench = Bench::on_board(vec![entity("n", json!({"title": "old"}))]);
    bench.apply(edit("n", set("title", "first")).strategy(ConflictStrategy::LocalWins));
    bench.apply(edit("n", set("title", "second")).strategy(ConflictStrategy::LocalWins));
    bench.withhold_storage();
    bench.receive(&[updates(vec![(41, op("them/2", "n", set("title", "theirs")))]), conflict(1)]);
    assert_eq!(shown(&bench, "title"), "first", "it gets a higher number than the second has");
    bench.release_storage();
    assert_eq!(shown(&bench, "title"), "first");
}

#[test]
fn an_edit_that_gets_another_number_is_still_measured_by_what_its_user_saw() {
    let mut bench = Bench::on_board(vec![entity("n", json!({"title": "old"}))]);
    bench.apply(edit("n", set("title", "mine")));
    bench.sent();
    bench.receive(&[updates(vec![(41, op("them/1", "n", set("title", "theirs")))]), rejected(1, Reason::OutOfOrder)]);
    let sent = bench.sent();
    let submit: serde_json::Value = serde_json::from_str(&sent[0]).unwrap();
    assert_eq!((&submit["ops"][0]["id"], &submit["ops"][0]["base"]), (&json!("me/2"), &json!(40)));
}
