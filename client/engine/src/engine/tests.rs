use std::time::Duration;

use serde_json::{Value, json};
use tideboard_shared::{
    Action, ClientMessage, Conflict, Durability, Entity, FieldConflict, OpResult, Operation, Outcome, Position, Reason,
    Refusal, Rejection, Seq, ServerMessage,
    board::Side,
    message::{Outcomes, Snapshot},
};

use crate::{
    ApplyError, BoardStatus, Config, ConflictStrategy, Edit, EditEnd, Input, MemoryOutbox, Output, Refused, SendResult,
    SocketEvent, SyncStatus, testing::*,
};

mod boards;
mod conflicts;
mod features;
mod opened;
mod peers;
mod presence;
mod rest;
mod scale;
mod set_back;
mod sizes;
mod undo;

fn edit(entity: &str, action: Action) -> Edit {
    Edit::new(main(), entity, action)
}

fn set(field: &str, value: impl Into<Value>) -> Action {
    Action::set([(field, value)])
}

fn add(by: i64) -> Action {
    Action::Increment { field: "count".into(), by: by.into() }
}

fn outcome(n: u64, outcome: Outcome) -> ServerMessage {
    outcome_at(at(50), n, outcome)
}

fn outcome_at(at: Position, n: u64, outcome: Outcome) -> ServerMessage {
    let results = vec![OpResult { id: format!("me/{n}").parse().unwrap(), outcome }];
    ServerMessage::Outcomes(Outcomes { board: main(), at: Some(at), results })
}

fn applied(n: u64, seq: u64) -> ServerMessage {
    outcome(n, Outcome::Applied { seq: Seq(seq), durability: Durability::Fsynced })
}

fn rejected(n: u64, reason: Reason) -> ServerMessage {
    outcome(n, Outcome::Rejected(Rejection::new(reason, "because")))
}

fn conflict(n: u64) -> ServerMessage {
    let mut field = FieldConflict::new("title");
    field.fill(Side::Theirs, Some(json!("theirs")));
    field.fill(Side::Yours, Some(json!("mine")));
    outcome(n, Outcome::Conflict(Conflict { theirs_version: Seq(41), fields: vec![field] }))
}

fn shown(bench: &Bench, field: &str) -> Value {
    let view = bench.engine.entity_view(&main(), &"n".into());
    view.and_then(|view| view.entity.fields.get(field).cloned()).unwrap_or_default()
}

fn note() -> Bench {
    Bench::on_board(vec![entity("n", json!({"title": "old", "count": 10}))])
}

fn ids(frames: &[String]) -> Vec<String> {
    let ids = |frame: &String| {
        let submit: Value = serde_json::from_str(frame).unwrap();
        let ops = submit["ops"].as_array().cloned().unwrap_or_default();
        ops.into_iter().map(|op| op["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    frames.iter().flat_map(ids).collect()
}

#[test]
fn an_edit_shows_at_once_and_ends_when_the_server_says_so() {
    let mut bench = note();
    let id = bench.apply(edit("n", set("title", "new")));
    assert_eq!(shown(&bench, "title"), "new");
    assert_eq!(bench.engine.confirmed(&main(), &"n".into()).unwrap().fields["title"], "old");
    assert_eq!(bench.engine.sync_view().status, SyncStatus::Syncing { n: 1 });
    assert_eq!(ids(&bench.sent()), ["me/1"]);
    bench.receive(&[applied(1, 41)]);
    assert_eq!(bench.ended, [(id, EditEnd::Applied { seq: Seq(41), durability: Durability::Fsynced })]);
    assert_eq!(shown(&bench, "title"), "new", "it stays on top until its event arrives");
    bench.receive(&[updates(vec![(41, op("me/1", "n", set("title", "new")))])]);
    assert_eq!(bench.engine.confirmed(&main(), &"n".into()).unwrap().fields["title"], "new");
    assert_eq!(bench.engine.sync_view().status, SyncStatus::Synced);
    assert!(bench.disk.is_empty());
}

#[test]
fn an_event_ends_an_edit_as_well_as_its_outcome() {
    let mut bench = note();
    bench.apply(edit("n", add(5)));
    bench.receive(&[updates(vec![(41, op("me/1", "n", add(5)))])]);
    assert_eq!(shown(&bench, "count"), 15);
    assert_eq!(bench.engine.sync_view().pending, 0);
    bench.receive(&[applied(1, 41)]);
    assert_eq!((shown(&bench, "count"), bench.ended.len()), (json!(15), 1));
}

#[test]
fn nothing_is_sent_before_it_is_stored() {
    let mut bench = note();
    bench.engine.apply(edit("n", add(1)), bench.now).unwrap();
    // The storage's answer is withheld: everything else is polled.
    let mut requests = Vec::new();
    while let Some(output) = bench.engine.poll_output() {
        assert!(!matches!(output, Output::Send { .. }));
        if let Output::Store(request) = output {
            requests.push(request);
        }
    }
    bench.pass(Duration::from_secs(20));
    assert_eq!(ids(&bench.sent()), [""; 0]);
    for request in requests {
        let reply = bench.disk.handle(request).unwrap();
        bench.input(Input::Stored(reply));
    }
    assert_eq!(ids(&bench.sent()), ["me/1"]);
}

#[test]
fn rollback_with_several_in_flight() {
    let mut bench = note();
    bench.apply(edit("n", set("title", "first")));
    bench.apply(edit("n", add(1)));
    bench.apply(edit("n", set("title", "third")));
    assert_eq!((shown(&bench, "title"), shown(&bench, "count")), (json!("third"), json!(11)));
    bench.receive(&[rejected(1, Reason::Forbidden)]);
    assert_eq!((shown(&bench, "title"), shown(&bench, "count")), (json!("third"), json!(11)));
    bench.receive(&[rejected(3, Reason::Forbidden)]);
    assert_eq!((shown(&bench, "title"), shown(&bench, "count")), (json!("old"), json!(11)));
}

#[test]
fn refused_operation_does_not_block_the_queue() {
    let mut bench = note();
    bench.apply(edit("n", set("title", "a")));
    bench.apply(edit("n", add(1)));
    bench.apply(edit("n", add(2)));
    assert_eq!(ids(&bench.sent()), ["me/1"], "what is made meanwhile shares the next submit");
    bench.receive(&[rejected(1, Reason::TooLarge)]);
    assert_eq!(ids(&bench.sent()), ["me/2", "me/3"]);
    let notice = bench.engine.notices().next().unwrap().clone();
    assert_eq!((notice.action, notice.entity.as_str()), ("patch", "n"));
    bench.engine.dismiss_notice(notice.id);
    assert_eq!(bench.engine.notices().count(), 0);
}

#[test]
fn what_is_refused_for_now_is_sent_again_unchanged_and_nothing_overtakes_it() {
    let mut bench = note();
    bench.apply(edit("n", add(1)));
    bench.apply(edit("n", add(2)));
    bench.sent();
    bench.receive(&[rejected(1, Reason::Unavailable)]);
    assert_eq!(bench.sent().len(), 0);
    bench.pass(Duration::from_secs(1));
    assert_eq!(ids(&bench.sent()), ["me/1", "me/2"]);
    assert_eq!(bench.engine.sync_view().pending, 2);
}

#[test]
fn an_operation_that_was_overtaken_goes_out_under_a_new_number() {
    let mut bench = note();
    let id = bench.apply(edit("n", add(1)));
    bench.sent();
    bench.receive(&[rejected(1, Reason::OutOfOrder)]);
    assert_eq!(ids(&bench.sent()), ["me/2"]);
    assert_eq!(bench.disk.len(), 1);
    bench.receive(&[applied(2, 41), updates(vec![(41, op("me/2", "n", add(1)))])]);
    assert_eq!((bench.ended[0].0, bench.ended.len(), bench.disk.len()), (id, 1, 0));
}

#[test]
fn remote_wins_drops_mine_and_tells_base_theirs_and_yours() {
    let mut bench = note();
    bench.apply(edit("n", set("title", "mine")));
    bench.receive(&[updates(vec![(41, op("them/2", "n", set("title", "theirs")))])]);
    let view = bench.engine.entity_view(&main(), &"n".into()).unwrap();
    assert_eq!((shown(&bench, "title"), view.inapplicable), (json!("theirs"), 1), "it no longer applies");
    bench.receive(&[conflict(1)]);
    let EditEnd::Refused(Refused::Conflict(conflict)) = &bench.ended[0].1 else { panic!() };
    let field = &conflict.fields[0];
    assert_eq!(
        (&field.base, &field.theirs, &field.yours),
        (&Some(json!("old")), &Some(json!("theirs")), &Some(json!("mine")))
    );
    assert_eq!(bench.engine.entity_view(&main(), &"n".into()).unwrap().inapplicable, 0);
}

#[test]
fn an_edit_begun_before_others_changed_the_same_is_refused_at_once() {
    let mut bench = note();
    bench.receive(&[updates(vec![(41, op("them/2", "n", set("title", "theirs")))])]);
    let begun = |field| Edit { base: Some(Seq(40)), ..edit("n", set(field, "mine")) };
    let refused = bench.engine.apply(begun("title"), bench.now);
    assert!(matches!(refused, Err(ApplyError::Refused(Refusal::Conflict(_)))));
    assert_eq!(shown(&bench, "title"), "theirs");
    bench.apply(begun("text"));
    assert_eq!((shown(&bench, "text"), ids(&bench.sent())), (json!("mine"), vec!["me/1".to_owned()]));
}

#[test]
fn an_edit_begun_before_others_changed_the_same_overwrites_when_local_wins() {
    let mut bench = note();
    bench.receive(&[updates(vec![(41, op("them/2", "n", set("title", "theirs")))])]);
    let strategy = ConflictStrategy::LocalWins;
    bench.apply(Edit { strategy, base: Some(Seq(40)), ..edit("n", set("title", "mine")) });
    assert_eq!(shown(&bench, "title"), "mine");
    assert!(bench.sent()[0].contains("\"on_conflict\":\"overwrite\""));
}

#[test]
fn local_wins_sends_mine_again_to_overwrite() {
    let mut bench = note();
    let mine = Edit { strategy: ConflictStrategy::LocalWins, ..edit("n", set("title", "mine")) };
    let id = bench.apply(mine);
    bench.receive(&[updates(vec![(41, op("them/2", "n", set("title", "theirs")))]), conflict(1)]);
    assert_eq!(shown(&bench, "title"), "mine");
    let sent = bench.sent();
    assert_eq!(ids(&sent), ["me/1", "me/2"]);
    assert!(sent[1].contains("\"on_conflict\":\"overwrite\"") && sent[1].contains("\"settled_through\":1"));
    bench.receive(&[applied(2, 42)]);
    assert_eq!(bench.ended.len(), 1);
    assert_eq!(bench.ended[0].0, id);
}

#[test]
fn a_snapshot_that_has_an_edit_does_not_show_it_twice() {
    let mut bench = note();
    bench.apply(edit("n", add(5)));
    bench.input(socket(1, closed(1006)));
    bench.pass(Duration::from_secs(1));
    bench.greet(2);
    bench.receive(&[subscribed(50, false), snapshot(50, 1, vec![entity("n", json!({"count": 15}))])]);
    assert_eq!(shown(&bench, "count"), 15);
    assert_eq!(bench.engine.sync_view().pending, 1, "its outcome is still to come");
    bench.receive(&[applied(1, 45)]);
    assert_eq!((shown(&bench, "count"), bench.engine.sync_view().pending), (json!(15), 0));
}

#[test]
fn resume_asks_from_where_the_board_stands_and_what_is_unanswered_is_sent_again() {
    let mut bench = note();
    bench.apply(edit("n", add(5)));
    bench.receive(&[updates(vec![(41, op("them/2", "n", add(1)))])]);
    bench.input(socket(1, closed(1006)));
    assert_eq!(bench.engine.board_view(&main()).unwrap().status, BoardStatus::Stale);
    bench.apply(edit("n", add(7)));
    assert_eq!(bench.engine.sync_view().status, SyncStatus::Offline { n: 2 });
    bench.sent();
    bench.pass(Duration::from_secs(1));
    bench.greet(2);
    let sent = bench.sent();
    assert!(sent.iter().any(|frame| frame.contains(&format!("\"since\":{}", tideboard_shared::encode(&at(41))))));
    assert_eq!(ids(&sent), [""; 0], "not before it is known which history the server has");
    bench.receive(&[subscribed(42, true)]);
    assert_eq!(ids(&bench.sent()), ["me/1", "me/2"]);
    assert_eq!(bench.engine.board_view(&main()).unwrap().status, BoardStatus::CatchingUp);
    bench.receive(&[updates(vec![(42, op("me/1", "n", add(5)))])]);
    assert_eq!(bench.engine.board_view(&main()).unwrap().status, BoardStatus::Live);
    assert_eq!(shown(&bench, "count"), 23);
}

#[test]
fn a_hole_that_lasts_makes_the_board_ask_again() {
    let mut bench = note();
    bench.receive(&[updates(vec![(43, op("them/3", "n", add(1)))])]);
    bench.pass(Duration::from_millis(1_999));
    assert_eq!(bench.sent().len(), 0);
    bench.pass(Duration::from_millis(1));
    assert!(bench.sent()[0].contains("\"seq\":40"));
}

#[test]
fn a_board_that_differs_from_the_servers_is_asked_for_whole() {
    let mut bench = note();
    bench.receive(&[updates(vec![(41, op("them/2", "unheard-of", add(1)))])]);
    let sent = bench.sent();
    assert!(sent[0].contains("subscribe") && !sent[0].contains("since"), "{sent:?}");
}

#[test]
fn a_board_that_is_asked_for_whole_never_goes_back_to_an_older_one() {
    let mut bench = note();
    bench.engine.invalidate(main(), bench.now);
    bench.drain();
    let whole = |seq, title| [subscribed(seq, false), snapshot(seq, 0, vec![entity("n", json!({"title": title}))])];
    bench.receive(&whole(39, "older"));
    assert_eq!(shown(&bench, "title"), "old", "from a tab that has not caught up");
    bench.receive(&whole(41, "newer"));
    assert_eq!(shown(&bench, "title"), "newer");
}

/// A page with an edit that was applied as event 41, and no board yet; on a new connection.
fn applied_before_the_board_came() -> Bench {
    let mut bench = note();
    bench.cut();
    bench.apply(edit("n", set("title", "offline")));
    let mut bench = Bench::on_disk(Config::default(), 2, bench.disk);
    bench.go_live();
    bench.follow();
    bench.receive(&[applied(1, 41)]);
    bench.cut();
    bench.reconnect();
    bench
}

fn of_log(epoch: &str, seq: u64, entities: Vec<Entity>) -> [ServerMessage; 2] {
    let ServerMessage::Snapshot(whole) = snapshot(seq, 0, entities) else { panic!() };
    let subscribed = ServerMessage::Subscribed {
        channel: "board:main".into(),
        at: Some(Position { epoch: epoch.into(), ..at(seq) }),
        recovered: false,
        reset: false,
    };
    [subscribed, ServerMessage::Snapshot(Snapshot { epoch: epoch.into(), ..whole })]
}

#[test]
fn an_edit_that_was_applied_in_a_log_that_is_lost_leaves_the_screen_once_the_board_is_there() {
    let mut bench = applied_before_the_board_came();
    bench.receive(&of_log("e_2", 40, vec![entity("n", json!({"title": "old"}))]));
    assert_eq!((shown(&bench, "title"), bench.engine.sync_view().pending), (json!("old"), 0));
}

#[test]
fn an_edit_that_was_applied_in_the_boards_log_stays_on_an_older_board_of_it() {
    let mut bench = applied_before_the_board_came();
    bench.receive(&of_log("e_1", 40, vec![entity("n", json!({"title": "old"}))]));
    assert_eq!(shown(&bench, "title"), "offline");
    bench.receive(&[updates(vec![(41, op("me/1", "n", set("title", "offline"))), (42, op("them/1", "n", add(1)))])]);
    assert_eq!((shown(&bench, "title"), shown(&bench, "count")), (json!("offline"), json!(1)));
}

#[test]
fn an_edit_that_was_applied_in_the_next_log_stays_until_the_board_is_of_that() {
    let mut bench = note();
    bench.apply(edit("n", set("title", "mine")));
    let next = Position { epoch: "e_2".into(), ..at(5) };
    let outcome = Outcome::Applied { seq: Seq(5), durability: Durability::Fsynced };
    bench.receive(&[outcome_at(next, 1, outcome)]);
    assert_eq!(shown(&bench, "title"), "mine", "event 5 of the log before is not it");
    bench.receive(&of_log("e_2", 4, vec![entity("n", json!({"title": "older"}))]));
    assert_eq!(shown(&bench, "title"), "mine");
    bench.receive(&of_log("e_2", 6, vec![entity("n", json!({"title": "newest"}))]));
    assert_eq!(shown(&bench, "title"), "newest");
}

#[test]
fn reload_applies_queue_once() {
    let mut bench = note();
    bench.input(socket(1, closed(1006)));
    bench.apply(edit("n", add(1)));
    bench.apply(edit("n", set("title", "offline")));
    let disk: MemoryOutbox = bench.disk;
    let mut bench = Bench::on_disk(Config::default(), 2, disk);
    bench.go_live_keeping_sent();
    assert_eq!(ids(&bench.sent()), ["me/1", "me/2"]);
    bench.follow();
    bench.receive(&[subscribed(40, false), snapshot(40, 0, vec![entity("n", json!({"title": "old", "count": 10}))])]);
    assert_eq!((shown(&bench, "title"), shown(&bench, "count")), (json!("offline"), json!(11)));
    bench.receive(&[applied(1, 41), applied(2, 42)]);
    assert!(bench.disk.is_empty());
}

#[test]
fn an_outcome_that_does_not_come_is_asked_for_again() {
    let mut bench = note();
    bench.apply(edit("n", add(1)));
    assert_eq!(ids(&bench.sent()), ["me/1"]);
    for _ in 0..3 {
        bench.pass(Duration::from_secs(10));
        bench.receive(&[stream("host.cpu", 1)]);
    }
    assert_eq!(ids(&bench.sent()), ["me/1"]);
}

#[test]
fn bad_edits_are_refused_and_leave_nothing_behind() {
    let mut bench = Bench::live();
    let error = bench.engine.apply(edit("n", add(1)), bench.now).unwrap_err();
    assert_eq!(error, ApplyError::NotLoaded(main()));
    let mut bench = note();
    let error = bench.engine.apply(edit("n", Action::Increment { field: "title".into(), by: 1.into() }), bench.now);
    let Err(ApplyError::Refused(Refusal::Rejected(rejection))) = error else { panic!() };
    assert_eq!(rejection.reason, Reason::NotANumber);
    bench.drain();
    assert_eq!((bench.sent().len(), bench.disk.len(), bench.engine.sync_view().pending), (0, 0, 0));
}

#[test]
fn the_outbox_is_bounded_and_says_so() {
    let mut bench = note();
    bench.input(socket(1, closed(1006)));
    for _ in 0..100 {
        bench.apply(edit("n", add(1)));
    }
    let error = bench.engine.apply(edit("n", add(1)), bench.now).unwrap_err();
    assert_eq!(error, ApplyError::OutboxFull { limit: 100 });
    assert_eq!(shown(&bench, "count"), 110);
}

#[test]
fn a_storage_that_fails_is_said_and_the_edit_goes_out_all_the_same() {
    let mut bench = note();
    let id = bench.engine.apply(edit("n", add(1)), bench.now).unwrap();
    while bench.engine.poll_output().is_some() {}
    let reason = "the disk is full".to_owned();
    bench.input(Input::Stored(crate::StoreReply::AppendFailed { id, n: no(1), reason: reason.clone() }));
    assert_eq!(bench.engine.sync_view().storage, crate::StorageStatus::MemoryOnly { reason });
    assert_eq!(ids(&bench.sent()), ["me/1"]);
}

#[test]
fn a_frame_that_cannot_be_read_harms_nothing() {
    let mut bench = note();
    for frame in ["", "nonsense", "[", "42", "{}", "[{\"type\":\"from_the_future\"}]", "{\"type\":\"updates\"}"] {
        bench.input(socket(1, SocketEvent::Frame(frame.into())));
    }
    assert!(bench.engine.connection().state().is_live());
    assert_eq!(bench.log.iter().filter(|line| line.starts_with("Undecodable")).count(), 7);
}

#[test]
fn messages_of_the_application_wait_for_a_connection() {
    let mut bench = Bench::new();
    let ping = || ClientMessage::Request { id: "r1".into(), method: "board.list".into(), params: Value::Null };
    assert_eq!(bench.engine.send(ping()), SendResult::Queued);
    for _ in 0..99 {
        bench.engine.send(ping());
    }
    assert_eq!(bench.engine.send(ping()), SendResult::Refused);
    bench.go_live_keeping_sent();
    assert_eq!(bench.sent_types(), ["hello", "array"]);
    assert_eq!(bench.engine.send(ping()), SendResult::Sent);
}
