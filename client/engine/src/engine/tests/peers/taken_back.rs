//! Edits that are taken back in one tab while another still goes on with them.

use super::*;
use crate::{Rollback, StoreReply, StoreRequest};

fn told(tabs: &PeersBench, at: usize) -> Vec<EditEnd> {
    tabs.tab(at).ended.iter().map(|(_, end)| end.clone()).collect()
}

/// Makes an edit in a tab whose disk is full.
fn apply_unstored(tabs: &mut PeersBench, at: usize) -> EditId {
    tabs.on(at, |bench| {
        // The number is used up, but there is no row.
        bench.disk.handle(StoreRequest::Append { edit: lead::row().into(), id: EditId(0), replaces: None });
        bench.disk.handle(StoreRequest::Settle(vec![no(1)]));
        bench.withhold_storage();
        let id = bench.apply(edit("n", set("title", "mine")).strategy(ConflictStrategy::Ask));
        bench.input(Input::Stored(StoreReply::AppendFailed { id, n: no(1), reason: "quota".into() }));
        bench.drop_withheld();
        id
    })
}

#[test]
fn what_a_follower_took_back_is_over_when_the_leader_has_heard_of_it_and_not_before() {
    for strategy in [ConflictStrategy::Ask, ConflictStrategy::Merge] {
        let mut tabs = browser(2);
        let id = apply(&mut tabs, 1, Edit { strategy, ..edit("n", set("title", "mine")) });
        tabs.freeze(0);
        assert_eq!(tabs.on(1, |bench| bench.engine.rollback(id, bench.now)), Ok(Rollback::Reverting));
        receive(&mut tabs, 0, &[conflict(1)]);
        assert_eq!((told(&tabs, 1), tabs.tab(0).engine.conflicts().len()), (vec![], 1), "any tab may still settle it");
        tabs.thaw(0);
        assert_eq!(told(&tabs, 1), [EditEnd::RolledBack]);
        assert_eq!([0, 1].map(|at| tabs.tab(at).engine.conflicts().len()), [0, 0]);
        assert!(submitted(&mut tabs, 0).len() == 1 && tabs.disk().is_empty());
    }
}

#[test]
fn what_a_follower_took_back_is_reverted_though_the_leader_sent_it_again_before_it_heard_of_that() {
    for (strategy, refusal) in
        [(ConflictStrategy::RemoteWins, rejected(1, Reason::OutOfOrder)), (ConflictStrategy::LocalWins, conflict(1))]
    {
        let mut tabs = browser(2);
        let id = apply(&mut tabs, 1, Edit { strategy, ..edit("n", add(1)) });
        tabs.freeze(0);
        assert_eq!(tabs.on(1, |bench| bench.engine.rollback(id, bench.now)), Ok(Rollback::Reverting));
        receive(&mut tabs, 0, std::slice::from_ref(&refusal));
        assert_eq!(told(&tabs, 1), [], "it may yet be applied: {refusal:?}");
        tabs.thaw(0);
        assert_eq!(submitted(&mut tabs, 0), ["me/1", "me/2"]);
        server_applies(&mut tabs, 0, 2, 41, add(1));
        assert!(matches!(told(&tabs, 1)[..], [EditEnd::Applied { .. }]));
        assert_eq!(submitted(&mut tabs, 0), ["me/3"], "one edit takes it back: {refusal:?}");
        server_applies(&mut tabs, 0, 3, 42, add(-1));
        assert_eq!([0, 1].map(|at| count(&tabs, at)), [10, 10]);
        assert!(tabs.disk().is_empty());
    }
}

#[test]
fn a_leader_that_slept_through_its_end_drops_no_edit_that_the_next_may_have_sent() {
    let mut tabs = browser(3);
    tabs.on(0, |bench| bench.cut());
    tabs.freeze(0);
    let id = apply(&mut tabs, 1, edit("n", add(1)));
    assert_eq!(tabs.on(1, |bench| bench.engine.rollback(id, bench.now)), Ok(Rollback::Reverting));
    take_over(&mut tabs, 2);
    assert_eq!(submitted(&mut tabs, 2), ["me/1"], "it may have been sent before");
    tabs.thaw(0);
    assert_eq!((told(&tabs, 1), tabs.disk().len()), (vec![], 1));
    server_applies(&mut tabs, 2, 1, 41, add(1));
    assert_eq!(submitted(&mut tabs, 2), ["me/2"]);
    server_applies(&mut tabs, 2, 2, 42, add(-1));
    assert_eq!([1, 2].map(|at| count(&tabs, at)), [10, 10]);
    assert!(matches!(told(&tabs, 1)[..], [EditEnd::Applied { .. }]) && tabs.disk().is_empty());
}

#[test]
fn a_leader_that_slept_through_its_end_drops_no_edit_of_its_own_either() {
    let mut tabs = browser(2);
    tabs.on(0, |bench| bench.cut());
    let id = apply(&mut tabs, 0, edit("n", add(1)));
    tabs.freeze(0);
    take_over(&mut tabs, 1);
    assert_eq!(submitted(&mut tabs, 1), ["me/1"]);
    tabs.on(0, |bench| assert_eq!(bench.engine.rollback(id, bench.now), Ok(Rollback::Reverting)));
    assert_eq!((told(&tabs, 0), tabs.disk().len()), (vec![], 1));
}

#[test]
fn an_edit_that_storage_never_had_and_that_is_taken_back_is_seen_through() {
    let mut tabs = browser(2);
    tabs.on(0, |bench| bench.cut());
    let id = apply_unstored(&mut tabs, 0);
    let late = tabs.on(0, |bench| {
        bench.withhold_storage();
        assert_eq!(bench.engine.rollback(id, bench.now), Ok(Rollback::Reverting));
        bench.drain();
        bench.answers_of_storage()
    });
    tabs.freeze(0);
    take_over(&mut tabs, 1);
    assert_eq!(submitted(&mut tabs, 1), ["me/1"]);
    for reply in late {
        tabs.input(0, Input::Stored(reply));
    }
    assert_eq!(told(&tabs, 0), [], "what storage says comes too late: another tab has sent it");
    server_applies(&mut tabs, 1, 1, 41, set("title", "mine"));
    assert_eq!(submitted(&mut tabs, 1), ["me/2"], "one edit takes it back");
    server_applies(&mut tabs, 1, 2, 42, set("title", "old"));
    tabs.thaw(0);
    assert!(matches!(told(&tabs, 0)[..], [EditEnd::Applied { .. }]));
    assert_eq!([0, 1].map(|at| shown_title(&tabs, at)), ["old", "old"]);
}

#[test]
fn a_leader_that_missed_that_an_edit_was_taken_back_hears_it_from_any_tab_that_knows() {
    let mut tabs = browser(3);
    apply(&mut tabs, 1, edit("n", add(1)));
    tabs.freeze(0);
    tabs.on(2, |bench| {
        let id = bench.engine.pending_edits()[0].id;
        bench.engine.rollback(id, bench.now).unwrap();
    });
    tabs.crash(1);
    tabs.lose_unread(0);
    tabs.thaw(0);
    tabs.pass(Duration::from_secs(6));
    server_applies(&mut tabs, 0, 1, 41, add(1));
    assert_eq!(submitted(&mut tabs, 0), ["me/1", "me/2"], "one edit takes it back");
    server_applies(&mut tabs, 0, 2, 42, add(-1));
    assert_eq!([0, 2].map(|at| count(&tabs, at)), [10, 10]);
}

#[test]
fn an_edit_that_is_taken_back_while_it_is_stored_is_over_when_storage_has_dropped_it() {
    let mut tabs = browser(2);
    tabs.on(0, |bench| bench.cut());
    tabs.on(1, |bench| bench.withhold_storage());
    let id = apply(&mut tabs, 1, edit("n", add(1)));
    assert_eq!(tabs.on(1, |bench| bench.engine.rollback(id, bench.now)), Ok(Rollback::Reverting));
    assert_eq!((told(&tabs, 1), count(&tabs, 1)), (vec![], json!(10)), "the leader may read it before this tab hears");
    tabs.on(1, |bench| bench.release_storage());
    assert_eq!(told(&tabs, 1), [EditEnd::RolledBack]);
    assert!(tabs.disk().is_empty());
}

#[test]
fn of_a_conflict_that_another_tab_resolved_a_tab_that_slept_does_not_say_that_it_was_refused() {
    let mut tabs = browser(3);
    let id = apply(&mut tabs, 0, edit("n", set("title", "mine")).strategy(ConflictStrategy::Ask));
    receive(&mut tabs, 0, &[conflict(1)]);
    tabs.freeze(0);
    take_over(&mut tabs, 1);
    tabs.on(1, |bench| {
        let waiting = bench.engine.conflicts()[0].id;
        bench.engine.resolve(waiting, crate::Choice::Mine, bench.now).unwrap();
    });
    assert_eq!(submitted(&mut tabs, 1), ["me/2"]);
    server_applies(&mut tabs, 1, 2, 41, set("title", "mine"));
    tabs.lose_unread(0);
    tabs.thaw(0);
    tabs.input(0, Input::Role(Role::Follower));
    tabs.pass(Duration::from_secs(31));
    assert_eq!(tabs.tab(0).ended, [(id, EditEnd::AlreadySettled)]);
}

#[test]
fn of_a_conflict_that_is_given_up_in_one_tab_and_gone_on_with_in_another_storage_decides() {
    for is_dropped_first in [true, false] {
        let mut tabs = browser(2);
        let id = apply(&mut tabs, 1, edit("n", set("title", "mine")).strategy(ConflictStrategy::Ask));
        receive(&mut tabs, 0, &[conflict(1)]);
        tabs.forget_sent(0);
        let choose = |tabs: &mut PeersBench, at, choice: crate::Choice| {
            tabs.on(at, |bench| {
                bench.withhold_storage();
                let waiting = bench.engine.conflicts()[0].id;
                bench.engine.resolve(waiting, choice, bench.now).unwrap();
            });
        };
        choose(&mut tabs, 1, crate::Choice::Theirs);
        choose(&mut tabs, 0, crate::Choice::Mine);
        assert_eq!((told(&tabs, 1), tabs.tab(1).engine.conflicts().len()), (vec![], 0));
        for at in if is_dropped_first { [1, 0] } else { [0, 1] } {
            tabs.on(at, |bench| bench.release_storage());
        }
        if is_dropped_first {
            assert!(matches!(tabs.tab(1).ended[..], [(ended, EditEnd::Refused(_))] if ended == id));
            assert_eq!((submitted(&mut tabs, 0), tabs.disk().len()), (vec![], 0));
            assert_eq!(shown(tabs.tab(0), "title"), "old");
        } else {
            assert_eq!(submitted(&mut tabs, 0), ["me/2"]);
            server_applies(&mut tabs, 0, 2, 41, set("title", "mine"));
            assert!(matches!(tabs.tab(1).ended[..], [(ended, EditEnd::Applied { .. })] if ended == id));
        }
    }
}

#[test]
fn of_a_conflict_that_storage_never_had_the_leader_decides() {
    for is_dropped_first in [true, false] {
        let mut tabs = browser(3);
        let id = apply_unstored(&mut tabs, 1);
        receive(&mut tabs, 0, &[conflict(1)]);
        tabs.forget_sent(0);
        let choose = |tabs: &mut PeersBench, at, choice: crate::Choice| {
            tabs.on(at, |bench| {
                bench.withhold_storage();
                let waiting = bench.engine.conflicts()[0].id;
                bench.engine.resolve(waiting, choice, bench.now).unwrap();
            });
        };
        choose(&mut tabs, 1, crate::Choice::Theirs);
        choose(&mut tabs, 2, crate::Choice::Mine);
        // The second of the two hears nothing of the first.
        let (first, second) = if is_dropped_first { (1, 2) } else { (2, 1) };
        tabs.freeze(second);
        for at in [first, second] {
            tabs.on(at, |bench| bench.release_storage());
        }
        tabs.thaw(second);
        if is_dropped_first {
            assert!(matches!(tabs.tab(1).ended[..], [(ended, EditEnd::Refused(_))] if ended == id));
            assert_eq!((submitted(&mut tabs, 0), tabs.disk().len()), (vec![], 0));
            assert_eq!([0, 1, 2].map(|at| shown_title(&tabs, at)), ["old", "old", "old"]);
        } else {
            assert_eq!(submitted(&mut tabs, 0), ["me/2"]);
            server_applies(&mut tabs, 0, 2, 41, set("title", "mine"));
            assert!(matches!(told(&tabs, 1)[..], [EditEnd::Applied { .. }]));
        }
        tabs.pass(Duration::from_secs(31));
        assert_eq!([0, 1, 2].map(|at| tabs.tab(at).ended.len()), [0, 1, 0]);
        assert!(tabs.disk().is_empty());
    }
}

#[test]
fn a_conflict_that_storage_never_had_and_that_is_given_up_while_nobody_leads_is_over_with_the_next_leader() {
    for next in [1, 2] {
        let mut tabs = browser(3);
        apply_unstored(&mut tabs, 1);
        receive(&mut tabs, 0, &[conflict(1)]);
        tabs.crash(0);
        tabs.on(1, |bench| {
            let waiting = bench.engine.conflicts()[0].id;
            bench.engine.resolve(waiting, crate::Choice::Theirs, bench.now).unwrap();
        });
        assert_eq!(told(&tabs, 1), [], "another tab may go on with it, of which this one has not heard");
        take_over(&mut tabs, next);
        tabs.pass(Duration::from_secs(6));
        assert!(matches!(told(&tabs, 1)[..], [EditEnd::Refused(_)]), "led by {next}: {:?}", told(&tabs, 1));
        assert_eq!([1, 2].map(|at| tabs.tab(at).engine.conflicts().len()), [0, 0]);
    }
}

#[test]
fn a_conflict_that_storage_never_had_is_gone_on_with_once_though_a_tab_that_slept_still_asks() {
    for is_led_anew in [true, false] {
        let mut tabs = browser(3);
        apply_unstored(&mut tabs, 1);
        receive(&mut tabs, 0, &[conflict(1)]);
        tabs.forget_sent(0);
        tabs.freeze(2);
        let choose_mine = |bench: &mut Bench| {
            let waiting = bench.engine.conflicts()[0].id;
            bench.engine.resolve(waiting, crate::Choice::Mine, bench.now).unwrap();
        };
        tabs.on(0, choose_mine);
        assert_eq!(submitted(&mut tabs, 0), ["me/2"]);
        server_applies(&mut tabs, 0, 2, 41, set("title", "mine"));
        tabs.lose_unread(2);
        if is_led_anew {
            tabs.thaw(2);
            tabs.crash(0);
            tabs.input(1, Input::Role(Role::Leader));
            assert_eq!(tabs.tab(2).engine.conflicts().len(), 0, "the leader has said what there is");
        } else {
            tabs.on(2, choose_mine);
            assert_eq!(submitted(&mut tabs, 0), [""; 0]);
            assert!(tabs.disk().is_empty());
        }
    }
}

#[test]
fn a_tab_that_did_not_hear_of_a_conflicts_end_is_told_by_the_leader() {
    for (is_given_up, has_leader_heard) in [(false, true), (true, true), (true, false)] {
        let mut tabs = browser(3);
        let id = apply(&mut tabs, 1, edit("n", set("title", "mine")).strategy(ConflictStrategy::Ask));
        receive(&mut tabs, 0, &[conflict(1)]);
        tabs.freeze(1);
        if !has_leader_heard {
            tabs.freeze(0);
        }
        tabs.on(2, |bench| {
            let waiting = bench.engine.conflicts()[0].id;
            bench.engine.resolve(waiting, crate::Choice::Theirs, bench.now).unwrap();
        });
        for at in [0, 1] {
            tabs.lose_unread(at);
            tabs.thaw(at);
        }
        if is_given_up {
            tabs.on(1, |bench| bench.engine.resolve(id, crate::Choice::Theirs, bench.now).unwrap());
        }
        tabs.pass(Duration::from_secs(31));
        let conflicts = tabs.tab(1).engine.conflicts().len();
        let ended = tabs.tab(1).ended.len();
        assert_eq!((conflicts, ended), (0, 1), "given up: {is_given_up}, leader has heard: {has_leader_heard}");
    }
}

#[test]
fn an_edit_that_was_applied_in_a_log_that_is_lost_is_over_and_no_longer_shown_in_a_tab_that_slept() {
    let mut tabs = browser(2);
    let id = apply(&mut tabs, 1, edit("n", set("title", "mine")));
    tabs.freeze(1);
    server_applies(&mut tabs, 0, 1, 41, set("title", "mine"));
    let ServerMessage::Snapshot(shown) = snapshot(40, 0, vec![entity("n", json!({"title": "old"}))]) else { panic!() };
    let epoch: tideboard_shared::Epoch = "e_2".into();
    let channel = "board:main".into();
    let subscribed = ServerMessage::Subscribed {
        channel,
        at: Some(tideboard_shared::Position { epoch: epoch.clone(), ..at(40) }),
        recovered: false,
        reset: true,
    };
    let again = ServerMessage::Snapshot(tideboard_shared::message::Snapshot { epoch, ..shown });
    receive(&mut tabs, 0, &[subscribed, again]);
    tabs.lose_unread(1);
    tabs.thaw(1);
    tabs.pass(Duration::from_secs(31));
    assert_eq!((shown_title(&tabs, 0), shown_title(&tabs, 1)), ("old".into(), "old".into()));
    assert_eq!(tabs.tab(1).ended, [(id, EditEnd::AlreadySettled)]);
}

fn shown_title(tabs: &PeersBench, at: usize) -> Value {
    shown(tabs.tab(at), "title")
}
