//! Members of a board, and notifications.

use tideboard_shared::{
    Channel, UnixMs,
    message::{Level, Member, Notification},
};

use super::*;

fn member(session: &str, state: Value) -> Member {
    Member { session: session.into(), user: "bob".into(), state }
}

fn presence(joined: &[Member], left: &[&str], changed: &[Member]) -> ServerMessage {
    let left = left.iter().map(|session| (*session).into()).collect();
    ServerMessage::Presence { board: main(), joined: joined.to_vec(), left, changed: changed.to_vec() }
}

fn show(state: Value) -> ClientMessage {
    ClientMessage::Presence { board: main(), state }
}

fn watching() -> Bench {
    let mut bench = Bench::live();
    bench.engine.subscribe(Channel::Presence(main()).into());
    bench.drain();
    bench.sent();
    bench
}

fn sessions(bench: &Bench) -> Vec<String> {
    let members = bench.engine.presence_view(&main()).members.into_iter();
    members.map(|member| member.session.to_string()).collect()
}

#[test]
fn members_come_change_and_go() {
    let mut bench = watching();
    bench.receive(&[presence(&[member("s_1", json!(1)), member("s_2", json!(1))], &[], &[])]);
    assert_eq!(sessions(&bench), ["s_1", "s_2"]);
    bench.receive(&[presence(&[], &["s_1"], &[member("s_2", json!(2))])]);
    assert_eq!(bench.engine.presence_view(&main()).members, [member("s_2", json!(2))]);
    assert_eq!(bench.engine.presence_view(&main()).me, Some("s_1".into()));
}

#[test]
fn nobody_is_known_to_be_there_without_a_connection_or_a_watcher() {
    let mut bench = Bench::live();
    bench.receive(&[presence(&[member("s_2", json!(1))], &[], &[])]);
    assert_eq!(sessions(&bench).len(), 0, "nobody watches");
    let request = bench.engine.subscribe(Channel::Presence(main()).into());
    bench.drain();
    bench.receive(&[presence(&[member("s_2", json!(1))], &[], &[])]);
    assert_eq!(sessions(&bench).len(), 1);
    bench.cut();
    assert_eq!(sessions(&bench).len(), 0, "nobody knows");
    bench.reconnect();
    bench.receive(&[presence(&[member("s_2", json!(1))], &[], &[])]);
    assert_eq!(sessions(&bench).len(), 1);
    bench.engine.unsubscribe(request);
    bench.drain();
    assert_eq!(sessions(&bench).len(), 0, "nobody watches any more");
}

#[test]
fn every_new_connection_is_told_the_latest_state_once() {
    let mut bench = Bench::new();
    assert_eq!(bench.engine.send(show(json!("early"))), SendResult::Queued);
    assert_eq!(bench.engine.send(show(json!("late"))), SendResult::Queued);
    let told = |bench: &mut Bench| {
        let frames = bench.sent().into_iter();
        frames.filter(|frame| frame.contains("\"presence\"")).collect::<Vec<_>>()
    };
    bench.go_live_keeping_sent();
    let late = [tideboard_shared::encode(&show(json!("late")))];
    assert_eq!(told(&mut bench), late);
    bench.cut();
    bench.reconnect();
    assert_eq!(told(&mut bench), late);
    assert_eq!(bench.engine.send(show(Value::Null)), SendResult::Sent);
    bench.cut();
    bench.drain();
    bench.sent();
    bench.reconnect();
    assert_eq!(told(&mut bench), [""; 0], "gone from the board");
}

#[test]
fn a_tab_that_comes_later_learns_who_is_there() {
    let mut tabs = PeersBench::live(2, vec![]);
    for at in [0, 1] {
        tabs.on(at, |bench| {
            bench.engine.subscribe(Channel::Presence(main()).into());
        });
        tabs.on(0, |bench| {
            let channel = "presence:main".to_owned();
            bench.receive(&[ServerMessage::Subscribed { channel, at: None, recovered: false, reset: false }]);
            if at == 0 {
                bench.receive(&[presence(&[member("s_2", json!(1))], &[], &[])]);
            }
        });
        assert_eq!(sessions(tabs.tab(at)), ["s_2"], "tab {at}");
    }
}

#[test]
fn a_notification_stays_until_it_is_dismissed() {
    let mut bench = Bench::live();
    let title = "Backup".to_owned();
    let body = String::new();
    let notification = Notification { id: "n1".to_owned(), level: Level::Info, title, body, at: UnixMs(1) };
    bench.receive(&[ServerMessage::Notification(notification.clone())]);
    bench.cut();
    assert!(bench.engine.notifications().eq([&notification]));
    assert!(bench.engine.dismiss_notification("n1".into()));
    assert_eq!(bench.engine.notifications().count(), 0);
}
