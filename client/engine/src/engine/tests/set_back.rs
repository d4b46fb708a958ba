//! A server whose log was put back to an older copy, under its old epoch.

use tideboard_shared::{ClientMessage, decode_client};

use super::*;
use crate::SetBack;

/// Position of the history that the server has after its log was put back.
fn other(seq: u64) -> Position {
    Position { check: format!("{:016x}", 0xf000 + seq).parse().unwrap(), ..at(seq) }
}

/// Answer of a server whose history is another one, with the board as it is there.
fn reset(seq: u64, last_n: u64, count: u64) -> [ServerMessage; 2] {
    let ServerMessage::Snapshot(whole) =
        snapshot(seq, last_n, vec![entity("n", json!({"title": "back", "count": count}))])
    else {
        panic!()
    };
    let subscribed =
        ServerMessage::Subscribed { channel: "board:main".into(), at: Some(other(seq)), recovered: false, reset: true };
    [subscribed, ServerMessage::Snapshot(Snapshot { check: other(seq).check, ..whole })]
}

/// Edits that were submitted, with the base of each and the positions that the submit names.
fn submitted(sent: &[String]) -> Vec<(u64, u64, Vec<Position>)> {
    let messages = sent.iter().flat_map(|frame| decode_client(frame).unwrap()).map(Result::unwrap);
    let submits = messages.filter_map(|message| match message {
        ClientMessage::Submit(submit) => Some(submit),
        _ => None,
    });
    submits.flat_map(|submit| submit.ops.into_iter().map(move |op| (op.id.n, op.base.0, submit.seen.clone()))).collect()
}

fn lost(bench: &Bench) -> Vec<usize> {
    bench.engine.set_backs().map(|SetBack { lost, .. }| *lost).collect()
}

/// A board at event 43, of which 41 and 42 were this client's; on a new connection.
fn ahead() -> Bench {
    let mut bench = note();
    bench.apply(edit("n", add(1)));
    bench.apply(edit("n", add(1)));
    let mine = |n: u64, seq: u64| (seq, op(&format!("me/{n}"), "n", add(1)));
    bench.receive(&[applied(1, 41), applied(2, 42), updates(vec![mine(1, 41), mine(2, 42)])]);
    bench.receive(&[updates(vec![(43, op("them/9", "n", add(1)))])]);
    assert_eq!(shown(&bench, "count"), 13);
    bench.cut();
    bench.reconnect();
    bench.sent();
    bench
}

#[test]
fn a_board_whose_server_went_back_starts_anew_and_says_how_much_is_gone() {
    let mut bench = ahead();
    bench.receive(&reset(41, 1, 11));
    assert_eq!((shown(&bench, "title"), shown(&bench, "count")), (json!("back"), json!(11)));
    assert_eq!(lost(&bench), [1], "the second of two");
    bench.receive(&[updates(vec![(42, op("them/10", "n", add(5)))])]);
    assert_eq!(shown(&bench, "count"), 16, "what follows there is no repeat of what followed here");
    let id = bench.engine.set_backs().next().unwrap().id;
    bench.engine.dismiss_notice(id);
    assert_eq!(lost(&bench), [0; 0]);
}

#[test]
fn a_board_that_is_not_trusted_any_more_still_says_where_it_was() {
    let mut bench = ahead();
    bench.receive(&[subscribed(44, true), updates(vec![(44, op("them/10", "nobody", add(1)))])]);
    let asked = bench.sent().concat();
    assert!(!asked.contains("since") && asked.contains(&format!("\"seen\":[{}]", tideboard_shared::encode(&at(43)))));
    bench.receive(&reset(41, 1, 11));
    assert_eq!(
        (shown(&bench, "count"), lost(&bench)),
        (json!(11), vec![1]),
        "or an older snapshot would be passed over"
    );
}

#[test]
fn an_answer_that_was_cut_off_is_heeded_when_the_snapshot_comes_on_the_next_connection() {
    let mut bench = ahead();
    let [subscribed, _] = reset(41, 1, 11);
    bench.receive(&[subscribed]);
    bench.cut();
    bench.reconnect();
    assert!(!bench.sent().concat().contains("since"));
    let [_, snapshot] = reset(41, 1, 11);
    let plain =
        ServerMessage::Subscribed { channel: "board:main".into(), at: Some(other(41)), recovered: false, reset: false };
    bench.receive(&[plain, snapshot]);
    assert_eq!((shown(&bench, "count"), lost(&bench)), (json!(11), vec![1]));
}

#[test]
fn unsent_edits_survive_with_no_base_and_are_sent_once_the_history_is_known() {
    let mut bench = ahead();
    bench.apply(edit("n", set("title", "mine")));
    assert_eq!(submitted(&bench.sent()), []);
    bench.receive(&reset(41, 1, 11));
    assert_eq!(submitted(&bench.sent()), [(3, 0, vec![])]);
    assert_eq!(shown(&bench, "title"), "back", "whatever others wrote there counts as newer");
    bench.receive(&[conflict(3)]);
    assert_eq!(bench.ended.len(), 3);
}

#[test]
fn edits_are_sent_with_the_history_that_they_were_made_in() {
    let mut bench = note();
    bench.apply(edit("n", set("title", "mine")));
    assert_eq!(submitted(&bench.sent()), [(1, 40, vec![at(40)])]);
    bench.cut();
    // Another page goes on with it, and knows no more of the board than a snapshot of 60.
    let mut bench = Bench::on_disk(Config::default(), 2, bench.disk);
    bench.follow();
    bench.go_live();
    bench.receive(&[subscribed(60, false), snapshot(60, 0, vec![entity("n", json!({"title": "old"}))])]);
    assert_eq!(submitted(&bench.sent()), [(1, 40, vec![at(40)])]);
}

#[test]
fn an_edit_that_was_applied_in_the_lost_history_leaves_the_screen_and_counts() {
    let mut bench = note();
    bench.apply(edit("n", set("title", "mine")));
    bench.receive(&[outcome_at(at(41), 1, Outcome::Applied { seq: Seq(41), durability: Durability::Fsynced })]);
    bench.cut();
    bench.sent();
    bench.reconnect();
    let claim =
        format!("\"since\":{},\"seen\":[{}]", tideboard_shared::encode(&at(40)), tideboard_shared::encode(&at(41)));
    assert!(bench.sent().concat().contains(&claim), "the server is asked for what came with the outcome");
    bench.receive(&reset(40, 0, 10));
    assert_eq!((shown(&bench, "title"), lost(&bench)), (json!("back"), vec![1]));
}

#[test]
fn a_cached_board_of_the_lost_history_gives_way_and_its_edits_count() {
    let bench = ahead();
    let cached = bench.engine.board_to_cache(&main()).unwrap();
    let opened =
        crate::Opened { client: None, tab: None, boards: vec![cached], storage: crate::StorageStatus::Persisted };
    let mut bench = Bench::on_disk(Config::default(), 2, bench.disk);
    bench.input(Input::Opened(opened.into()));
    bench.follow();
    bench.go_live();
    bench.receive(&reset(40, 0, 10));
    assert_eq!((shown(&bench, "title"), lost(&bench)), (json!("back"), vec![2]));
    assert_eq!(bench.engine.board_to_cache(&main()).unwrap().position, other(40));
}

#[test]
fn an_edit_of_the_lost_history_cannot_be_undone() {
    let mut bench = ahead();
    assert!(bench.engine.can_undo(&main()));
    bench.receive(&reset(43, 2, 11));
    assert!(!bench.engine.can_undo(&main()), "what it replaced is not what is there");
    assert_eq!(lost(&bench), [0], "and that is said though nothing is gone");
}
