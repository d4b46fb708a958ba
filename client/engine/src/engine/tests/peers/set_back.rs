//! Several tabs, and a server whose log was put back under its old epoch.

use tideboard_shared::Position;

use super::*;

fn other(seq: u64) -> Position {
    Position { check: format!("{:016x}", 0xf000 + seq).parse().unwrap(), ..at(seq) }
}

fn answer(at: Position, title: &str, reset: bool) -> [ServerMessage; 2] {
    let ServerMessage::Snapshot(whole) = snapshot(at.seq.0, 0, vec![entity("n", json!({"title": title}))]) else {
        panic!()
    };
    let snapshot = ServerMessage::Snapshot(tideboard_shared::message::Snapshot { check: at.check, ..whole });
    let channel = "board:main".into();
    [ServerMessage::Subscribed { channel, at: Some(at), recovered: false, reset }, snapshot]
}

fn title(tabs: &PeersBench, at: usize) -> Value {
    let view = tabs.tab(at).engine.entity_view(&main(), &"n".into());
    view.map(|view| view.entity.fields["title"].clone()).unwrap_or_default()
}

#[test]
fn followers_start_anew_with_their_leader_and_one_tab_says_so() {
    let mut tabs = browser(2);
    receive(&mut tabs, 0, &[updates(vec![(41, op("them/1", "n", set("title", "gone")))])]);
    receive(&mut tabs, 0, &answer(other(40), "back", true));
    assert_eq!([title(&tabs, 0), title(&tabs, 1)], ["back", "back"]);
    receive(&mut tabs, 0, &[updates(vec![(41, op("them/2", "n", add(1)))])]);
    assert_eq!(tabs.tab(1).engine.board_view(&main()).unwrap().seq, Seq(41));
    let told = [0, 1].map(|at| tabs.tab(at).engine.set_backs().count());
    assert_eq!(told, [1, 0]);
}

#[test]
fn what_a_tab_that_slept_has_is_checked_with_the_server() {
    let mut tabs = browser(2);
    receive(&mut tabs, 0, &[updates(vec![(41, op("them/1", "n", set("title", "gone")))])]);
    tabs.freeze(1);
    // The leader sees the log put back, and that go on; the other tab hears nothing of it.
    receive(&mut tabs, 0, &answer(other(40), "back", true));
    receive(&mut tabs, 0, &[updates(vec![(41, op("them/2", "n", add(1))), (42, op("them/3", "n", add(1)))])]);
    tabs.forget_sent(0);
    tabs.lose_unread(1);
    tabs.thaw(1);
    tabs.pass(Duration::from_secs(10));
    let asked = tabs.on(0, Bench::sent).concat();
    assert!(asked.contains(&format!("\"seen\":[{}]", tideboard_shared::encode(&at(41)))), "{asked}");
    receive(&mut tabs, 0, &answer(other(43), "later", true));
    assert_eq!(title(&tabs, 1), "later");
    assert_eq!(tabs.tab(1).engine.board_view(&main()).unwrap().status, BoardStatus::Live);
}
