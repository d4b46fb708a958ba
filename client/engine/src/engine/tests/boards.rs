//! Boards that nobody follows any more.

use tideboard_shared::{BoardId, Channel};

use super::*;
use crate::config::count;

fn board(name: &str) -> BoardId {
    name.parse().unwrap()
}

/// Follows boards one after the other, each until the next.
fn visit(bench: &mut Bench, names: &[&str]) {
    for name in names {
        let id = bench.engine.subscribe(Channel::Board(board(name)).into());
        bench.drain();
        bench.engine.unsubscribe(id);
        bench.drain();
    }
}

fn known(bench: &Bench) -> Vec<String> {
    bench.engine.boards.ids().map(ToString::to_string).collect()
}

#[test]
fn of_the_boards_that_were_left_the_last_ones_are_kept() {
    let mut config = Config::default();
    config.subscriptions.keep_boards = count(2);
    let mut bench = Bench::with(config);
    bench.go_live();
    visit(&mut bench, &["d", "c", "b", "d", "a"]);
    assert_eq!(known(&bench), ["a", "d"]);
    let _stays = bench.engine.subscribe(Channel::Board(board("d")).into());
    bench.drain();
    visit(&mut bench, &["e", "f"]);
    assert_eq!(known(&bench), ["d", "e", "f"], "a board that is followed counts for nothing");
}

#[test]
fn a_board_with_an_edit_that_waits_is_kept_whatever_else_is_visited() {
    let mut config = Config::default();
    config.subscriptions.keep_boards = count(0);
    let mut bench = Bench::with(config);
    bench.go_live();
    let id = bench.engine.subscribe(Channel::Board(main()).into());
    bench.drain();
    bench.receive(&[subscribed(40, false), snapshot(40, 0, vec![entity("n", json!({"count": 1}))])]);
    bench.apply(edit("n", add(1)));
    bench.engine.unsubscribe(id);
    bench.drain();
    visit(&mut bench, &["a"]);
    assert_eq!(known(&bench), ["main"]);
    bench.receive(&[applied(1, 41)]);
    visit(&mut bench, &["a"]);
    assert!(known(&bench).is_empty());
}

#[test]
fn a_board_that_was_left_and_is_followed_again_takes_no_events_of_another_log_before_it_is_told_of_it() {
    let mut bench = Bench::live();
    let channel: Channel = "board:main".parse().unwrap();
    let id = bench.engine.subscribe(channel.clone().into());
    bench.drain();
    bench.receive(&[subscribed(40, false), snapshot(40, 0, vec![entity("n", json!({"count": 1}))])]);
    bench.input(socket(1, closed(1006)));
    bench.reconnect();
    bench.engine.unsubscribe(id);
    bench.drain();
    let of_another_log = |seq, count| {
        let subscribed = ServerMessage::Subscribed {
            channel: "board:main".into(),
            at: Some(tideboard_shared::Position { epoch: "e_2".into(), ..at(seq) }),
            recovered: false,
            reset: true,
        };
        let mut shown = snapshot(seq, 0, vec![entity("n", json!({ "count": count }))]);
        let ServerMessage::Snapshot(snapshot) = &mut shown else { panic!() };
        snapshot.epoch = "e_2".into();
        [subscribed, shown]
    };
    bench.receive(&of_another_log(40, 10));
    let _again = bench.engine.subscribe(channel.into());
    bench.drain();
    bench.receive(&[updates(vec![(41, op("them/1", "n", add(1)))])]);
    assert_eq!(shown(&bench, "count"), 1, "the event is of the log whose answer was passed over");
    bench.receive(&of_another_log(41, 11));
    assert_eq!(shown(&bench, "count"), 11);
}
