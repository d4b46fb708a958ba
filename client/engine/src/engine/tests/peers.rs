use tideboard_shared::{Channel, message::Priority};

use super::*;
use crate::{ConnectionState, EditId, Role, Transport};

mod lead;
mod link;
mod random;
mod relay;
mod set_back;
mod taken_back;

/// A browser with so many tabs; the first leads, and all follow a board with one note.
fn browser(count: usize) -> PeersBench {
    PeersBench::live(count, vec![entity("n", json!({"title": "old", "count": 10}))])
}

fn count(tabs: &PeersBench, at: usize) -> Value {
    shown(tabs.tab(at), "count")
}

fn apply(tabs: &mut PeersBench, at: usize, edit: Edit) -> EditId {
    tabs.on(at, |bench| bench.apply(edit))
}

fn receive(tabs: &mut PeersBench, at: usize, messages: &[ServerMessage]) {
    tabs.on(at, |bench| bench.receive(messages));
}

/// The server applies an edit and says so.
fn server_applies(tabs: &mut PeersBench, leader: usize, n: u64, seq: u64, action: Action) {
    receive(tabs, leader, &[applied(n, seq), updates(vec![(seq, op(&format!("me/{n}"), "n", action))])]);
}

/// The ids of operations that a tab has sent since the last time.
fn submitted(tabs: &mut PeersBench, at: usize) -> Vec<String> {
    tabs.on(at, |bench| {
        let submits: Vec<_> = bench.sent().into_iter().filter(|frame| frame.contains("\"submit\"")).collect();
        ids(&submits)
    })
}

fn is_live(tabs: &PeersBench, at: usize) -> bool {
    let view = tabs.tab(at).engine.board_view(&main());
    view.is_some_and(|view| view.status == BoardStatus::Live)
}

/// A tab takes the lead over, connects, and the board is as it was.
fn take_over(tabs: &mut PeersBench, at: usize) {
    tabs.input(at, Input::Role(Role::Leader));
    tabs.on(at, |bench| {
        bench.greet_current();
        bench.receive(&[subscribed(40, true)]);
    });
}

#[test]
fn no_shared_worker_needed() {
    let mut tabs = browser(3);
    for at in 0..3 {
        let opened = tabs.on(at, |bench| bench.opened().len());
        assert_eq!(opened, usize::from(at == 0), "one socket a browser; tab {at}");
        let view = tabs.tab(at).engine.connection_view();
        assert!(view.state.is_live() && is_live(&tabs, at));
        assert_eq!((view.is_leader, view.tabs, view.user.as_deref()), (at == 0, 3, Some("ann")));
        assert_eq!(tabs.tab(at).engine.sync_view().transport, Transport::Socket);
        assert_eq!(count(&tabs, at), 10);
    }
    let id = apply(&mut tabs, 2, edit("n", add(5)));
    assert_eq!([0, 1, 2].map(|at| count(&tabs, at)), [15, 15, 15], "it shows in every tab at once");
    assert_eq!([0, 1, 2].map(|at| submitted(&mut tabs, at).len()), [1, 0, 0], "and the leader sends it");
    server_applies(&mut tabs, 0, 1, 41, add(5));
    for at in 0..3 {
        let engine = &tabs.tab(at).engine;
        assert_eq!(engine.confirmed(&main(), &"n".into()).unwrap().fields["count"], 15);
        assert_eq!((engine.sync_view().pending, count(&tabs, at)), (0, json!(15)));
        let ended: Vec<_> = tabs.tab(at).ended.iter().map(|(id, _)| *id).collect();
        assert_eq!(ended, if at == 2 { vec![id] } else { vec![] }, "its end is told where it was made");
        assert_eq!(engine.can_undo(&main()), at == 2);
    }
    assert!(tabs.disk().is_empty());
}

#[test]
fn followers_write_offline_and_survive_leader_loss() {
    let mut tabs = browser(3);
    tabs.input(0, socket(1, closed(1006)));
    assert!([0, 1, 2].iter().all(|at| !is_live(&tabs, *at)));
    let first = apply(&mut tabs, 1, edit("n", add(1)));
    let second = apply(&mut tabs, 2, edit("n", set("title", "offline")));
    assert_eq!(tabs.tab(1).engine.sync_view().status, SyncStatus::Offline { n: 2 });
    tabs.crash(0);
    let third = apply(&mut tabs, 1, edit("n", add(2)));
    assert_eq!((shown(tabs.tab(2), "title"), count(&tabs, 2)), (json!("offline"), json!(13)));
    assert_eq!(tabs.disk().len(), 3);
    take_over(&mut tabs, 2);
    assert_eq!(submitted(&mut tabs, 2), ["me/1", "me/2", "me/3"], "in the order in which they were stored");
    assert!(is_live(&tabs, 1) && tabs.tab(1).engine.connection_view().state.is_live());
    receive(&mut tabs, 2, &[applied(1, 41), applied(2, 42), applied(3, 43)]);
    let events = vec![(41, op("me/1", "n", add(1))), (42, op("me/2", "n", set("title", "offline")))];
    receive(&mut tabs, 2, &[updates(events), updates(vec![(43, op("me/3", "n", add(2)))])]);
    for at in [1, 2] {
        assert_eq!((count(&tabs, at), tabs.tab(at).engine.sync_view().pending), (json!(13), 0));
    }
    let ended = |at: usize| tabs.tab(at).ended.iter().map(|(id, _)| *id).collect::<Vec<_>>();
    assert_eq!((ended(1), ended(2)), (vec![first, third], vec![second]));
    assert!(tabs.disk().is_empty());
}

#[test]
fn edits_in_flight_when_the_leader_is_lost_are_sent_again_and_end_once() {
    let mut tabs = browser(2);
    apply(&mut tabs, 0, edit("n", add(1)));
    let theirs = apply(&mut tabs, 1, edit("n", add(2)));
    assert_eq!(submitted(&mut tabs, 0), ["me/1"], "the second waits for the first");
    tabs.crash(0);
    take_over(&mut tabs, 1);
    assert_eq!(submitted(&mut tabs, 1), ["me/1", "me/2"]);
    server_applies(&mut tabs, 1, 1, 41, add(1));
    server_applies(&mut tabs, 1, 2, 42, add(2));
    assert_eq!((count(&tabs, 1), tabs.disk().len()), (json!(13), 0));
    assert!(tabs.tab(1).ended.iter().any(|(id, _)| *id == theirs));
    assert_eq!(tabs.tab(1).ended.len(), 2, "nobody else is there to hear of the lost tab's edit");
}

#[test]
fn a_frozen_leader_that_wakes_steps_down_at_once() {
    let mut tabs = browser(2);
    tabs.on(0, Bench::opened);
    tabs.freeze(0);
    tabs.on(1, |bench| bench.takes = 0);
    tabs.pass(Duration::from_secs(30));
    assert!(tabs.tab(1).takes > 0, "its silence was noticed");
    assert_eq!(tabs.tab(1).engine.connection_view().state, ConnectionState::Following);
    assert_eq!(tabs.tab(1).engine.board_view(&main()).unwrap().status, BoardStatus::Stale);
    take_over(&mut tabs, 1);
    apply(&mut tabs, 1, edit("n", add(1)));
    server_applies(&mut tabs, 1, 1, 41, add(1));
    tabs.forget_sent(1);
    tabs.thaw(0);
    assert_eq!(tabs.on(0, Bench::closed).len(), 1);
    // It comes with a position that the new leader does not know, and the server vouches for it.
    receive(&mut tabs, 1, &[subscribed(41, true)]);
    let view = tabs.tab(0).engine.connection_view();
    assert!(!view.is_leader && view.state.is_live() && is_live(&tabs, 0));
    assert_eq!((count(&tabs, 0), count(&tabs, 1)), (json!(11), json!(11)));
    tabs.forget_sent(0);
    apply(&mut tabs, 0, edit("n", add(1)));
    assert_eq!((submitted(&mut tabs, 0).len(), submitted(&mut tabs, 1)), (0, vec!["me/2".to_owned()]));
    // The driver may hear of the stolen lock later.
    tabs.input(0, Input::Role(Role::Follower));
    assert!(is_live(&tabs, 0));
}

#[test]
fn a_frozen_leader_that_wakes_and_has_read_nothing_yet_does_no_harm() {
    let mut tabs = browser(2);
    let id = apply(&mut tabs, 1, Edit { strategy: ConflictStrategy::LocalWins, ..edit("n", set("title", "mine")) });
    tabs.freeze(0);
    take_over(&mut tabs, 1);
    assert_eq!(submitted(&mut tabs, 1), ["me/1"]);
    tabs.thaw_unread(0);
    // For a moment both lead, and both learn of the same conflict: one of them goes on with the edit.
    receive_unread(&mut tabs, 1, &[conflict(1)]);
    assert_eq!(submitted_unread(&mut tabs, 1), ["me/2"]);
    tabs.forget_sent(0);
    receive_unread(&mut tabs, 0, &[conflict(1)]);
    assert_eq!(submitted_unread(&mut tabs, 0), ["me/2"], "under the number that storage gave the other");
    assert_eq!(tabs.disk().len(), 1);
    tabs.thaw(0);
    assert_eq!(tabs.tab(0).engine.sync_view().pending, 1);
    server_applies(&mut tabs, 1, 2, 41, set("title", "mine"));
    assert_eq!(tabs.tab(1).ended.iter().filter(|(ended, _)| *ended == id).count(), 1);
    assert_eq!([0, 1].map(|at| tabs.tab(at).engine.sync_view().pending), [0, 0]);
    assert!(tabs.disk().is_empty());
}

/// Receives messages while the first tab reads nothing that the others say.
fn receive_unread(tabs: &mut PeersBench, at: usize, messages: &[ServerMessage]) {
    tabs.freeze(0);
    receive(tabs, at, messages);
}

fn submitted_unread(tabs: &mut PeersBench, at: usize) -> Vec<String> {
    tabs.freeze(0);
    submitted(tabs, at)
}
