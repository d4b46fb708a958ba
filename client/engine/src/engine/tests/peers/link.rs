//! The link between a tab and the leader: joining, subscribe requests, holes, silence.

use super::*;
use crate::{
    PageLife, PeerMessage, Rollback, StoreReply, StoreRequest, StoredEdit,
    peers::{MessageNo, PeerBody},
};

#[test]
fn a_tab_that_opens_gets_the_board_and_the_edits_on_top_from_the_leader() {
    let mut tabs = browser(1);
    apply(&mut tabs, 0, edit("n", add(5)));
    tabs.forget_sent(0);
    tabs.open(1);
    assert!(is_live(&tabs, 1));
    assert_eq!(count(&tabs, 1), 15);
    assert_eq!(tabs.on(0, Bench::sent), [""; 0], "the server was not asked");
    assert_eq!(tabs.tab(1).engine.sync_view().pending, 1);
}

#[test]
fn a_tab_that_opens_while_the_leader_is_offline_gets_the_board_as_it_was() {
    let mut tabs = browser(1);
    tabs.input(0, socket(1, closed(1006)));
    tabs.open(1);
    assert_eq!(tabs.tab(1).engine.board_view(&main()).unwrap().status, BoardStatus::Stale);
    assert!(matches!(tabs.tab(1).engine.connection_view().state, ConnectionState::Backoff { .. }));
    apply(&mut tabs, 1, edit("n", add(1)));
    assert_eq!([0, 1].map(|at| count(&tabs, at)), [11, 11]);
}

#[test]
fn a_channel_is_asked_for_while_some_tab_wants_it() {
    let mut tabs = browser(2);
    let request = |channel: &str| tideboard_shared::message::Subscribe {
        priority: Some(Priority::High),
        history: Some(2),
        ..channel.parse::<Channel>().unwrap().into()
    };
    let id = tabs.on(1, |bench| bench.engine.subscribe(request("stream:host.*")));
    assert!(tabs.on(0, Bench::sent)[0].contains("\"subscribe\",\"channel\":\"stream:host.*\""));
    let answer =
        ServerMessage::Subscribed { channel: "stream:host.*".into(), at: None, recovered: false, reset: false };
    receive(&mut tabs, 0, &[answer, stream("host.cpu", 1), stream("host.cpu", 2), stream("line3.temp", 1)]);
    let points = |tabs: &PeersBench, at: usize| {
        let ring = tabs.tab(at).engine.stream(&"host.cpu".parse().unwrap());
        ring.map_or(0, |ring| ring.points().len())
    };
    assert_eq!(points(&tabs, 1), 2);
    let channel = "stream:host.*".parse().unwrap();
    let view = tabs.tab(1).engine.channel_view(&channel).unwrap();
    assert_eq!(view.status, crate::ChannelStatus::Active);
    tabs.open(2);
    tabs.on(2, |bench| bench.engine.subscribe(request("stream:host.*")));
    assert_eq!(points(&tabs, 2), 2, "history comes from the leader");
    tabs.on(1, |bench| bench.engine.unsubscribe(id));
    assert_eq!(tabs.on(0, Bench::sent), [""; 0]);
    tabs.input(2, Input::Leave);
    assert!(tabs.on(0, Bench::sent)[0].contains("unsubscribe"), "nobody wants it any more");
}

#[test]
fn a_tab_that_dies_silently_is_forgotten_with_its_wishes() {
    let mut tabs = browser(2);
    let presence: Channel = "presence:main".parse().unwrap();
    tabs.on(1, |bench| bench.engine.subscribe(presence.clone().into()));
    tabs.forget_sent(0);
    tabs.crash(1);
    tabs.pass(Duration::from_secs(140));
    assert!(tabs.tab(0).engine.channel_view(&presence).is_some(), "a hidden tab may speak once a minute only");
    tabs.pass(Duration::from_secs(20));
    assert!(tabs.tab(0).engine.channel_view(&presence).is_none());
    assert_eq!(tabs.tab(0).engine.connection_view().tabs, 1);
}

#[test]
fn a_frozen_follower_catches_up_from_the_leader() {
    let mut tabs = browser(2);
    tabs.freeze(1);
    receive(&mut tabs, 0, &[updates(vec![(41, op("them/2", "n", add(1)))])]);
    tabs.pass(Duration::from_secs(5));
    receive(&mut tabs, 0, &[updates(vec![(42, op("them/3", "n", add(1)))])]);
    tabs.repeat_unread(1);
    tabs.thaw(1);
    assert_eq!((count(&tabs, 1), is_live(&tabs, 1)), (json!(12), true));
}

#[test]
fn what_a_follower_missed_is_answered_by_the_leader() {
    let mut tabs = browser(2);
    tabs.freeze(1);
    receive(&mut tabs, 0, &[updates(vec![(41, op("them/2", "n", add(1)))])]);
    tabs.lose_unread(1);
    tabs.thaw(1);
    tabs.forget_sent(0);
    receive(&mut tabs, 0, &[updates(vec![(42, op("them/3", "n", add(1)))])]);
    assert_eq!((count(&tabs, 1), is_live(&tabs, 1)), (json!(12), true));
    assert_eq!(tabs.on(0, Bench::sent), [""; 0], "the server was not asked");
}

#[test]
fn the_last_message_lost_shows_with_the_next_heartbeat() {
    let mut tabs = browser(2);
    tabs.freeze(1);
    receive(&mut tabs, 0, &[updates(vec![(41, op("them/2", "n", add(1)))])]);
    tabs.lose_unread(1);
    tabs.thaw(1);
    assert_eq!(count(&tabs, 1), 10);
    tabs.pass(Duration::from_secs(6));
    assert_eq!((count(&tabs, 1), is_live(&tabs, 1)), (json!(11), true));
}

#[test]
fn an_edit_of_which_the_leader_was_not_told_is_found_in_storage() {
    let mut tabs = browser(2);
    tabs.freeze(0);
    apply(&mut tabs, 1, edit("n", add(1)));
    tabs.lose_unread(0);
    tabs.thaw(0);
    assert_eq!(submitted(&mut tabs, 0), [""; 0]);
    apply(&mut tabs, 0, edit("n", add(2)));
    assert_eq!(submitted(&mut tabs, 0), ["me/1", "me/2"], "the younger one waits for the older");
}

#[test]
fn a_tab_that_was_forgotten_joins_again_and_hears_what_became_of_its_edits() {
    let mut tabs = browser(2);
    let id = apply(&mut tabs, 1, edit("n", add(1)));
    tabs.freeze(1);
    server_applies(&mut tabs, 0, 1, 41, add(1));
    tabs.lose_unread(1);
    tabs.pass(Duration::from_secs(200));
    tabs.lose_unread(1);
    tabs.thaw(1);
    tabs.pass(Duration::from_secs(6));
    let end = EditEnd::Applied { seq: Seq(41), durability: Durability::Fsynced };
    assert_eq!(tabs.tab(1).ended, [(id, end)]);
    assert_eq!(count(&tabs, 1), 11);
    assert_eq!(tabs.tab(1).takes, 0, "it was this tab that slept");
}

#[test]
fn an_edit_that_a_killed_page_wrote_last_is_found_before_long() {
    let mut tabs = browser(1);
    tabs.on(0, |bench| {
        let edit = lead::row().into();
        let id = EditId(0);
        bench.disk.handle(StoreRequest::Append { edit, id, replaces: None });
    });
    tabs.pass(Duration::from_secs(25));
    assert_eq!(submitted(&mut tabs, 0), [""; 0]);
    receive(&mut tabs, 0, &[subscribed(40, true)]);
    tabs.pass(Duration::from_secs(6));
    assert_eq!(submitted(&mut tabs, 0), ["me/1"]);
}

#[test]
fn an_edit_that_only_a_follower_knows_of_is_told_to_the_next_leader() {
    let mut tabs = browser(3);
    tabs.on(0, |bench| bench.cut());
    tabs.on(2, |bench| {
        bench.disk.handle(StoreRequest::Append { edit: lead::row().into(), id: EditId(0), replaces: None });
        bench.disk.handle(StoreRequest::Settle(vec![no(1)]));
        bench.withhold_storage();
        let id = bench.apply(edit("n", add(1)));
        bench.input(Input::Stored(StoreReply::AppendFailed { id, n: no(1), reason: "quota".into() }));
    });
    tabs.crash(2);
    tabs.crash(0);
    tabs.open(3);
    take_over(&mut tabs, 3);
    let shown = snapshot(40, 0, vec![entity("n", json!({"count": 10}))]);
    receive(&mut tabs, 3, &[subscribed(40, false), shown]);
    assert_eq!(submitted(&mut tabs, 3), ["me/1"]);
}

#[test]
fn an_edit_of_ones_own_that_another_tab_goes_on_with_is_taken_in_again() {
    let mut tabs = browser(2);
    let id = apply(&mut tabs, 0, edit("n", add(1)));
    let StoreReply::Loaded(contents) = tabs.on(0, |bench| bench.disk.handle(StoreRequest::Load).unwrap()) else {
        panic!()
    };
    assert_eq!(tabs.on(0, |bench| bench.engine.rollback(id, bench.now)), Ok(Rollback::Reverting));
    receive(&mut tabs, 0, &[rejected(1, Reason::NotANumber)]);
    let mut edit = contents.edits.into_iter().next().unwrap();
    (edit.first, edit.op.id.n) = (Some(no(1)), 2);
    tabs.on(0, |bench| {
        bench.disk.handle(StoreRequest::Append { edit: edit.into(), id: EditId(0), replaces: None });
    });
    tabs.forget_sent(0);
    tabs.pass(Duration::from_secs(31));
    assert_eq!(submitted(&mut tabs, 0), ["me/2"]);
}

#[test]
fn an_edit_that_the_server_calls_settled_ends_in_tabs_that_missed_how() {
    let mut tabs = browser(2);
    tabs.on(1, |bench| bench.withhold_storage());
    let id = tabs.on(1, |bench| {
        let id = bench.apply(edit("n", add(1)));
        bench.input(Input::Stored(StoreReply::AppendFailed { id, n: no(1), reason: "quota".into() }));
        id
    });
    assert_eq!(submitted(&mut tabs, 0), ["me/1"]);
    tabs.freeze(1);
    receive(&mut tabs, 0, &[rejected(1, Reason::AlreadySettled)]);
    tabs.thaw(1);
    tabs.pass(Duration::from_secs(6));
    assert_eq!(tabs.tab(1).ended, [(id, EditEnd::AlreadySettled)]);
}

#[test]
fn an_edit_that_a_frozen_tab_tells_of_after_its_end_ends_in_tabs_that_opened_meanwhile() {
    let mut tabs = browser(2);
    apply(&mut tabs, 1, edit("n", add(1)));
    server_applies(&mut tabs, 0, 1, 41, add(1));
    apply(&mut tabs, 1, edit("n", add(1)));
    receive(&mut tabs, 0, &[rejected(2, Reason::NotANumber)]);
    tabs.on(0, |bench| {
        let id = bench.engine.refused().next().unwrap().0;
        bench.engine.discard(id)
    });
    tabs.open(2);
    for n in [1, 2] {
        let edit = StoredEdit { op: op(&format!("me/{n}"), "n", add(1)), ..lead::row() };
        let body = PeerBody::Stored { edit: edit.into(), is_stored: true };
        for at in [2, 0] {
            let message = PeerMessage { life: PageLife(n), no: MessageNo::FIRST, body: body.clone() };
            tabs.input(at, Input::Told { from: "tab9".parse().unwrap(), message });
        }
    }
    tabs.pass(Duration::from_secs(6));
    assert_eq!([0, 1, 2].map(|at| tabs.tab(at).engine.sync_view().pending), [0, 0, 0]);
    assert_eq!([0, 1, 2].map(|at| tabs.tab(at).engine.refused().count()), [0, 0, 0]);
    assert_eq!([0, 1, 2].map(|at| count(&tabs, at)), [11, 11, 11]);
}

#[test]
fn questions_and_commands_of_followers_go_through_the_leader() {
    let mut tabs = browser(2);
    let request = tabs.on(1, |bench| bench.engine.request(crate::Request::new("board.list", Value::Null), bench.now));
    let sent = tabs.on(0, Bench::sent);
    let id = serde_json::from_str::<Value>(&sent[0]).unwrap()["id"].as_str().unwrap().to_owned();
    let response = tideboard_shared::message::Response::Result { id, result: json!(["main"]) };
    receive(&mut tabs, 0, &[ServerMessage::Response(response)]);
    assert_eq!(tabs.tab(1).answered, [(request, Ok(json!(["main"])))]);
    tabs.input(0, socket(1, closed(4001)));
    assert_eq!(tabs.tab(1).engine.connection_view().state, ConnectionState::NeedsAuth);
    tabs.on(0, Bench::opened);
    tabs.input(1, Input::Token("fresh".into()));
    assert_eq!(tabs.on(0, Bench::opened).len(), 1, "a token given in any tab");
    tabs.input(1, Input::Disconnect);
    assert_eq!([0, 1].map(|at| tabs.tab(at).engine.connection_view().state), [const { ConnectionState::Closed }; 2]);
    tabs.input(0, Input::Leave);
    tabs.input(1, Input::Role(Role::Leader));
    assert_eq!(tabs.on(1, |bench| bench.opened().len()), 0, "the user wants no connection");
}

#[test]
fn a_role_before_anything_else_is_all_it_takes() {
    let mut bench = Bench::new();
    bench.input(Input::Connect);
    assert_eq!((bench.opened().len(), bench.told.len()), (1, 0), "alone, nothing is said to anybody");
    bench.input(Input::Role(Role::Leader));
    assert_eq!(bench.closed().len(), 0, "who leads alone goes on");
    bench.greet(1);
    assert!(bench.engine.connection_view().is_leader && bench.engine.connection().state().is_live());
}
