use super::*;
use crate::{Opened, StorageStatus};

/// Storage as an earlier page left it: the note as of 40, under the name `stored`.
fn opened() -> Opened {
    let board = note().engine.board_to_cache(&main()).unwrap();
    let client = Some("stored".parse().unwrap());
    let tab = Some("t2".parse().unwrap());
    Opened { client, tab, boards: vec![board], storage: StorageStatus::Persisted }
}

/// A page that nobody has connected, with its storage open.
fn loaded(opened: Opened) -> Bench {
    let mut bench = Bench::new();
    bench.engine.subscribe(tideboard_shared::Channel::Board(main()).into());
    bench.input(Input::Opened(opened.into()));
    bench
}

#[test]
fn a_cached_board_shows_before_there_is_a_connection_and_can_be_edited() {
    let mut bench = loaded(opened());
    assert_eq!(bench.engine.board_view(&main()).unwrap().status, BoardStatus::Stale);
    assert_eq!(shown(&bench, "count"), 10);
    bench.apply(edit("n", add(1)));
    assert_eq!(shown(&bench, "count"), 11);
}

#[test]
fn one_that_is_wanted_later_shows_as_well() {
    let mut bench = Bench::new();
    bench.input(Input::Opened(opened().into()));
    assert!(bench.engine.board_view(&main()).is_none());
    bench.engine.subscribe(tideboard_shared::Channel::Board(main()).into());
    bench.drain();
    assert_eq!(shown(&bench, "count"), 10);
}

#[test]
fn a_cached_board_is_resumed_from_where_it_is() {
    let mut bench = loaded(opened());
    bench.input(Input::Connect);
    bench.greet_current();
    let sent = bench.sent().concat();
    assert!(sent.contains(&format!("\"since\":{}", tideboard_shared::encode(&at(40)))), "{sent}");
    bench.receive(&[subscribed(41, true), updates(vec![(41, op("them/9", "n", add(5)))])]);
    assert_eq!(bench.engine.board_view(&main()).unwrap().status, BoardStatus::Live);
    assert_eq!(shown(&bench, "count"), 15);
}

#[test]
fn a_cached_board_of_another_log_gives_way_to_the_snapshot() {
    let mut opened = opened();
    opened.boards[0].position.epoch = "e_0".into();
    let mut bench = loaded(opened);
    bench.apply(edit("n", add(1)));
    bench.input(Input::Connect);
    bench.greet_current();
    bench.receive(&[subscribed(7, false), snapshot(7, 0, vec![entity("n", json!({"title": "new", "count": 1}))])]);
    assert_eq!(shown(&bench, "title"), "new");
    assert_eq!(shown(&bench, "count"), 2);
}

#[test]
fn a_board_that_is_loaded_is_not_replaced_by_an_older_one() {
    let mut bench = note();
    bench.receive(&[updates(vec![(41, op("them/9", "n", add(5)))])]);
    bench.input(Input::Opened(opened().into()));
    assert_eq!(shown(&bench, "count"), 15);
}

#[test]
fn edits_go_out_under_the_name_that_storage_gives() {
    let mut bench = loaded(opened());
    bench.apply(edit("n", add(1)));
    bench.input(Input::Connect);
    bench.greet_current();
    bench.receive(&[subscribed(40, true)]);
    let sent = bench.sent().concat();
    assert!(sent.contains("\"client\":\"stored\",\"tab\":\"t2\"") && sent.contains("\"stored/1\""), "{sent}");
    // And what comes back under it is known as the client's own.
    bench.receive(&[subscribed(41, true), updates(vec![(41, op("stored/1", "n", add(1)))])]);
    assert_eq!((shown(&bench, "count"), bench.engine.sync_view().pending), (json!(11), 0));
}

#[test]
fn once_something_was_said_under_a_name_it_stays() {
    let mut bench = note();
    bench.input(Input::Opened(opened().into()));
    bench.apply(edit("n", add(1)));
    assert_eq!(ids(&bench.sent()), ["me/1"]);
}

#[test]
fn where_edits_are_kept_is_shown() {
    let mut bench = note();
    assert_eq!(bench.engine.sync_view().storage, StorageStatus::Persisted);
    let memory = StorageStatus::MemoryOnly { reason: "private mode".into() };
    for status in [memory, StorageStatus::QuotaExceeded, StorageStatus::Persisted] {
        bench.input(Input::Storage(status.clone()));
        assert_eq!(bench.engine.sync_view().storage, status);
    }
}
