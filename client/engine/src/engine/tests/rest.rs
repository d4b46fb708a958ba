use super::*;
use crate::{BoardStatus, ConnectionState, PostError, RefreshError, Transport};

const SECOND: Duration = Duration::from_secs(1);

/// On a board, with a socket that has been down for long enough to go around it.
fn down() -> Bench {
    let mut bench = note();
    bench.input(socket(1, closed(1006)));
    bench.pass(10 * SECOND);
    bench
}

fn answer(bench: &mut Bench, messages: Vec<ServerMessage>) {
    let (id, _) = bench.posted.pop().unwrap();
    let reply = tideboard_shared::message::RealtimeReply { server_time: tideboard_shared::UnixMs(1), messages };
    bench.input(Input::Posted { id, result: Ok(tideboard_shared::encode(&reply)) });
}

fn fail(bench: &mut Bench, status: Option<u16>) {
    let (id, _) = bench.posted.pop().unwrap();
    bench.input(Input::Posted { id, result: Err(PostError { status }) });
}

#[test]
fn boards_go_over_rest_while_the_socket_stays_down() {
    let mut bench = note();
    bench.apply(edit("n", add(5)));
    bench.input(socket(1, closed(1006)));
    bench.pass(9 * SECOND);
    assert!(bench.posted.is_empty());
    bench.pass(SECOND);
    let body = bench.posted[0].1.clone();
    assert!(body.contains(&format!("\"board:main\":{}", tideboard_shared::encode(&at(40)))), "{body}");
    assert!(!body.contains("\"me/1\""), "first it has to be known which history the server has");
    answer(&mut bench, vec![subscribed(40, true)]);
    bench.pass(Duration::from_millis(1));
    assert!(bench.posted[0].1.contains("\"me/1\""), "and then it does not wait for the next regular post");
    answer(&mut bench, vec![applied(1, 41), subscribed(41, true), updates(vec![(41, op("me/1", "n", add(5)))])]);
    let sync = bench.engine.sync_view();
    assert_eq!((sync.status, sync.transport), (SyncStatus::Synced, Transport::Rest));
    assert_eq!(bench.engine.board_view(&main()).unwrap().status, BoardStatus::Polled);
    assert_eq!(shown(&bench, "count"), 15);
    bench.apply(edit("n", add(1)));
    bench.pass(Duration::from_millis(1));
    assert!(bench.posted[0].1.contains("\"me/2\""), "an edit does not wait for the next regular post");
}

#[test]
fn what_rest_may_have_applied_is_submitted_again_over_the_socket_under_the_same_number() {
    let mut bench = down();
    bench.apply(edit("n", add(5)));
    answer(&mut bench, vec![subscribed(40, true)]);
    bench.pass(Duration::from_millis(1));
    assert!(bench.posted[0].1.contains("\"me/1\""));
    bench.reconnect();
    bench.receive(&[subscribed(40, true)]);
    assert_eq!(ids(&bench.sent()), ["me/1"]);
    // The late answer changes nothing; the socket's does.
    answer(&mut bench, vec![applied(1, 41)]);
    assert_eq!(bench.engine.sync_view().pending, 1);
    bench.receive(&[subscribed(41, true), updates(vec![(41, op("me/1", "n", add(5)))]), applied(1, 41)]);
    assert_eq!((shown(&bench, "count"), bench.engine.sync_view().pending), (json!(15), 0));
    assert_eq!(bench.engine.sync_view().transport, Transport::Socket);
}

#[test]
fn a_post_that_fails_is_repeated_later_and_later() {
    let mut bench = down();
    bench.apply(edit("n", add(5)));
    let mut waited = Vec::new();
    for _ in 0..6 {
        fail(&mut bench, Some(503));
        let before = bench.now.mono;
        while bench.posted.is_empty() {
            bench.pass(Duration::from_millis(50));
        }
        waited.push(bench.now.mono - before);
    }
    assert!(waited.iter().all(|wait| *wait <= 31 * SECOND), "{waited:?}");
    assert!(waited[3..].iter().max() > waited[..2].iter().max(), "{waited:?}");
    assert_eq!(bench.engine.sync_view().status, SyncStatus::Offline { n: 1 });
}

#[test]
fn expired_token_keeps_the_queue() {
    let mut bench = down();
    bench.apply(edit("n", add(5)));
    fail(&mut bench, Some(401));
    assert_eq!(*bench.engine.connection().state(), ConnectionState::NeedsAuth);
    assert_eq!(bench.engine.sync_view().status, SyncStatus::NeedsAuth { n: 1 });
    bench.pass(600 * SECOND);
    assert!(bench.posted.is_empty(), "an expired token is not tried for ever");
    bench.input(Input::Token("fresh".into()));
    bench.greet_current();
    bench.receive(&[subscribed(40, true)]);
    assert_eq!(ids(&bench.sent()), ["me/1"]);
}

#[test]
fn rest_that_is_switched_off_is_not_used() {
    let mut config = Config::default();
    config.features.rest_fallback = false;
    let mut bench = Bench::with(config);
    bench.input(Input::Connect);
    bench.input(socket(1, closed(1006)));
    bench.pass(600 * SECOND);
    assert!(bench.posted.is_empty());
}

#[test]
fn offline_posts_nothing() {
    let mut bench = note();
    bench.input(socket(1, closed(1006)));
    bench.input(Input::Online(false));
    bench.pass(600 * SECOND);
    assert!(bench.posted.is_empty());
}

#[test]
fn recovery_on_another_node() {
    let mut bench = note();
    bench.input(socket(1, closed(1006)));
    bench.reconnect();
    bench.sent();
    // Another node, with another log, says that it recovered what it cannot have.
    let lie = ServerMessage::Subscribed {
        channel: "board:main".into(),
        at: Some(tideboard_shared::Position { epoch: "e_other".into(), ..at(40) }),
        recovered: true,
        reset: false,
    };
    bench.receive(&[lie]);
    let sent = bench.sent();
    assert!(sent[0].contains("subscribe") && !sent[0].contains("since"), "{sent:?}");
    assert_ne!(bench.engine.board_view(&main()).unwrap().status, BoardStatus::Live);
}

#[test]
fn a_refresh_ends_when_the_board_is_up_to_date() {
    let mut bench = note();
    let id = bench.engine.refresh(vec![], bench.now);
    bench.drain();
    assert_eq!((bench.sent_types(), bench.engine.sync_view().refreshing), (vec!["subscribe".to_owned()], 1));
    bench.receive(&[subscribed(41, true)]);
    assert!(bench.refreshed.is_empty());
    bench.receive(&[updates(vec![(41, op("them/2", "n", add(1)))])]);
    assert_eq!(bench.refreshed, [(id, Ok(()))]);
}

#[test]
fn a_refresh_fails_when_offline_late_or_cut() {
    let mut bench = note();
    let late = bench.engine.refresh(vec![], bench.now);
    bench.drain();
    bench.pass(15 * SECOND);
    let cut = bench.engine.refresh(vec![], bench.now);
    bench.input(socket(1, closed(1006)));
    bench.input(Input::Online(false));
    let offline = bench.engine.refresh(vec![], bench.now);
    bench.drain();
    let expected = [(late, RefreshError::Timeout), (cut, RefreshError::Offline), (offline, RefreshError::Offline)];
    assert_eq!(bench.refreshed, expected.map(|(id, error)| (id, Err(error))));
}

#[test]
fn an_invalidated_board_is_shown_as_it_was_until_it_comes_whole() {
    let mut bench = note();
    bench.engine.invalidate(main(), bench.now);
    bench.drain();
    assert!(!bench.sent()[0].contains("since"));
    assert_eq!(shown(&bench, "title"), "old");
    bench.apply(edit("n", set("title", "mine")));
    bench.receive(&[subscribed(50, false), snapshot(50, 0, vec![entity("n", json!({"title": "fresh", "count": 1}))])]);
    assert_eq!((shown(&bench, "title"), shown(&bench, "count")), (json!("mine"), json!(1)));
    assert_eq!(bench.refreshed.len(), 1);
}

#[test]
fn boards_are_checked_by_themselves_now_and_then_without_a_flicker() {
    let mut bench = note();
    bench.pass(29 * SECOND);
    assert_eq!(bench.sent().len(), 0);
    bench.pass(2 * SECOND);
    let since = format!("\"since\":{}", tideboard_shared::encode(&at(40)));
    assert!(bench.sent().iter().any(|frame| frame.contains(&since)));
    assert_eq!(bench.engine.board_view(&main()).unwrap().status, BoardStatus::Live);
    bench.receive(&[subscribed(40, true)]);
    assert_eq!(bench.engine.board_view(&main()).unwrap().status, BoardStatus::Live);
}
