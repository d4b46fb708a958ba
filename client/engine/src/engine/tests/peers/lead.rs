//! Elections, and edits that more than one tab has a hand in.

use super::*;
use crate::{
    Choice, PageLife, Rollback, StoreReply, StoreRequest, Term,
    peers::{MessageNo, PeerBody},
};

fn ask() -> Edit {
    Edit { strategy: ConflictStrategy::Ask, ..edit("n", set("title", "mine")) }
}

fn conflicts(tabs: &PeersBench) -> Vec<usize> {
    [0, 1].map(|at| tabs.tab(at).engine.conflicts().len()).to_vec()
}

#[test]
fn a_conflict_waits_in_every_tab_and_is_settled_in_any() {
    for (made, settled) in [(0, 1), (1, 0), (1, 1)] {
        let mut tabs = browser(2);
        let id = apply(&mut tabs, made, ask());
        receive(&mut tabs, 0, &[updates(vec![(41, op("them/2", "n", set("title", "theirs")))]), conflict(1)]);
        assert_eq!(conflicts(&tabs), [1, 1]);
        tabs.forget_sent(0);
        tabs.on(settled, |bench| {
            let id = bench.engine.conflicts()[0].id;
            bench.engine.resolve(id, Choice::Mine, bench.now).unwrap();
        });
        assert_eq!(conflicts(&tabs), [0, 0]);
        assert_eq!(submitted(&mut tabs, 0), ["me/2"]);
        assert_eq!([0, 1].map(|at| shown(tabs.tab(at), "title")), ["mine", "mine"]);
        server_applies(&mut tabs, 0, 2, 42, set("title", "mine"));
        assert_eq!(tabs.tab(made).ended.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [id]);
        assert!(tabs.disk().is_empty() && tabs.tab(1 - made).ended.is_empty());
    }
}

#[test]
fn a_conflict_given_up_in_one_tab_is_gone_in_all() {
    let mut tabs = browser(2);
    apply(&mut tabs, 0, ask());
    receive(&mut tabs, 0, &[conflict(1)]);
    tabs.on(1, |bench| {
        let id = bench.engine.conflicts()[0].id;
        bench.engine.resolve(id, Choice::Theirs, bench.now).unwrap();
    });
    assert_eq!(conflicts(&tabs), [0, 0]);
    assert!(matches!(tabs.tab(0).ended[..], [(_, EditEnd::Refused(Refused::Conflict(_)))]));
    assert!(tabs.disk().is_empty());
}

#[test]
fn a_conflict_that_was_just_settled_is_not_set_aside_again_by_what_storage_still_has() {
    let mut tabs = browser(2);
    apply(&mut tabs, 1, ask());
    receive(&mut tabs, 0, &[conflict(1)]);
    tabs.forget_sent(0);
    tabs.on(1, |bench| {
        let Some(StoreReply::Loaded(contents)) = bench.disk.handle(StoreRequest::Load) else { panic!() };
        bench.withhold_storage();
        let id = bench.engine.conflicts()[0].id;
        bench.engine.resolve(id, Choice::Mine, bench.now).unwrap();
        bench.drain();
        bench.input(Input::Stored(StoreReply::Loaded(contents)));
        assert!(bench.engine.conflicts().is_empty());
        bench.release_storage();
    });
    assert_eq!(submitted(&mut tabs, 0), ["me/2"]);
    assert_eq!(tabs.disk().len(), 1);
}

#[test]
fn a_conflict_that_was_settled_is_not_asked_about_again_when_its_first_number_is_heard_of_late() {
    let mut tabs = browser(2);
    apply(&mut tabs, 0, ask());
    receive(&mut tabs, 0, &[conflict(1)]);
    tabs.on(0, |bench| {
        let id = bench.engine.conflicts()[0].id;
        bench.engine.resolve(id, Choice::Mine, bench.now).unwrap();
    });
    server_applies(&mut tabs, 0, 2, 41, set("title", "mine"));
    let body = PeerBody::Stored { edit: row().into(), is_stored: true };
    let message = crate::PeerMessage { life: PageLife(1), no: MessageNo::FIRST, body };
    for at in [0, 1] {
        tabs.input(at, Input::Told { from: "tab9".parse().unwrap(), message: message.clone() });
    }
    assert_eq!(conflicts(&tabs), [0, 0]);
    assert_eq!([0, 1].map(|at| tabs.tab(at).engine.sync_view().pending), [0, 0]);
}

#[test]
fn a_row_that_a_killed_leader_was_to_forget_is_forgotten_by_the_next() {
    let mut tabs = browser(2);
    apply(&mut tabs, 1, edit("n", add(1)));
    tabs.on(0, |bench| bench.withhold_storage());
    receive(&mut tabs, 0, &[conflict(1)]);
    tabs.crash(0);
    assert_eq!(tabs.disk().len(), 1);
    take_over(&mut tabs, 1);
    assert!(tabs.disk().is_empty());
}

#[test]
fn a_conflict_settled_in_two_tabs_at_once_is_settled_once() {
    let mut tabs = browser(2);
    apply(&mut tabs, 0, ask());
    receive(&mut tabs, 0, &[conflict(1)]);
    tabs.forget_sent(0);
    tabs.freeze(0);
    tabs.freeze(1);
    for at in [1, 0] {
        tabs.on(at, |bench| {
            let id = bench.engine.conflicts()[0].id;
            bench.engine.resolve(id, Choice::Mine, bench.now).unwrap();
        });
    }
    tabs.thaw(0);
    tabs.thaw(1);
    assert_eq!(submitted(&mut tabs, 0), ["me/2"]);
    assert_eq!([0, 1].map(|at| tabs.tab(at).engine.sync_view().pending), [1, 1]);
    server_applies(&mut tabs, 0, 2, 41, set("title", "mine"));
    assert!(tabs.disk().is_empty());
}

#[test]
fn a_refusal_is_told_where_the_edit_was_made_or_by_the_leader_when_that_tab_is_gone() {
    let mut tabs = browser(2);
    apply(&mut tabs, 1, edit("n", set("title", "mine")));
    receive(&mut tabs, 0, &[conflict(1)]);
    let notices = |tabs: &PeersBench, at: usize| tabs.tab(at).engine.notices().count();
    assert_eq!([0, 1].map(|at| notices(&tabs, at)), [0, 1]);
    apply(&mut tabs, 1, edit("n", set("title", "again")));
    tabs.input(1, Input::Leave);
    tabs.crash(1);
    receive(&mut tabs, 0, &[conflict(2)]);
    assert_eq!(notices(&tabs, 0), 1);
}

#[test]
fn a_refused_edit_is_aside_in_every_tab_also_in_one_that_opens_later() {
    let mut tabs = browser(2);
    apply(&mut tabs, 1, edit("n", set("title", "mine")));
    receive(&mut tabs, 0, &[rejected(1, Reason::Forbidden)]);
    tabs.open(2);
    let refused = |tabs: &PeersBench| [0, 1, 2].map(|at| tabs.tab(at).engine.refused().count());
    assert_eq!(refused(&tabs), [1, 1, 1]);
    tabs.on(2, |bench| {
        let (id, _) = bench.engine.refused().next().unwrap();
        bench.engine.discard(id)
    });
    assert_eq!((refused(&tabs), tabs.disk().len()), ([0, 0, 0], 0));
}

#[test]
fn an_edit_taken_back_in_a_follower_is_removed_unsent_and_reverted_when_it_was_applied() {
    let mut tabs = browser(2);
    tabs.input(0, socket(1, closed(1006)));
    let id = apply(&mut tabs, 1, edit("n", add(1)));
    assert_eq!(tabs.on(1, |bench| bench.engine.rollback(id, bench.now)), Ok(Rollback::Reverting));
    assert_eq!([0, 1].map(|at| count(&tabs, at)), [10, 10]);
    assert_eq!(tabs.tab(1).ended, [(id, EditEnd::RolledBack)]);
    assert!(tabs.disk().is_empty());

    let mut tabs = browser(2);
    let id = apply(&mut tabs, 1, edit("n", add(1)));
    assert_eq!(submitted(&mut tabs, 0), ["me/1"]);
    assert_eq!(tabs.on(1, |bench| bench.engine.rollback(id, bench.now)), Ok(Rollback::Reverting));
    server_applies(&mut tabs, 0, 1, 41, add(1));
    assert_eq!(submitted(&mut tabs, 0), ["me/2"], "one edit takes it back");
    assert_eq!([0, 1].map(|at| count(&tabs, at)), [10, 10]);
    server_applies(&mut tabs, 0, 2, 42, add(-1));
    assert_eq!([0, 1].map(|at| count(&tabs, at)), [10, 10]);
    assert!(tabs.disk().is_empty());
}

#[test]
fn an_edit_that_the_next_leader_may_have_sent_is_not_simply_forgotten() {
    let mut tabs = browser(2);
    tabs.on(0, |bench| bench.cut());
    let id = apply(&mut tabs, 0, edit("n", add(1)));
    tabs.input(0, Input::Role(Role::Follower));
    tabs.freeze(0);
    take_over(&mut tabs, 1);
    assert_eq!(submitted_unread(&mut tabs, 1), ["me/1"]);
    tabs.thaw_unread(0);
    tabs.on(0, |bench| assert_eq!(bench.engine.rollback(id, bench.now), Ok(Rollback::Reverting)));
}

#[test]
fn what_a_leader_that_was_robbed_says_of_an_edit_on_its_way_is_not_heeded() {
    let mut tabs = browser(3);
    let id = apply(&mut tabs, 2, edit("n", add(1)));
    tabs.freeze(0);
    take_over(&mut tabs, 1);
    assert_eq!(submitted_unread(&mut tabs, 1), ["me/1"]);
    let fate = crate::peers::Fate::Out;
    let message = crate::PeerMessage {
        life: PageLife(1),
        no: MessageNo::FIRST,
        body: PeerBody::Settled { numbers: vec![no(1)], fate },
    };
    for at in [1, 2] {
        tabs.input(at, Input::Told { from: "tab9".parse().unwrap(), message: message.clone() });
    }
    assert_eq!([1, 2].map(|at| tabs.tab(at).engine.sync_view().pending), [1, 1]);
    server_applies(&mut tabs, 1, 1, 41, add(1));
    let end = EditEnd::Applied { seq: Seq(41), durability: Durability::Fsynced };
    assert_eq!(tabs.tab(2).ended, [(id, end)]);
}

#[test]
fn what_became_of_an_edit_that_was_taken_back_on_its_way_is_not_guessed() {
    let mut tabs = browser(2);
    let id = apply(&mut tabs, 1, edit("n", add(1)));
    assert_eq!(submitted(&mut tabs, 0), ["me/1"]);
    tabs.on(1, |bench| bench.engine.rollback(id, bench.now).unwrap());
    tabs.freeze(1);
    server_applies(&mut tabs, 0, 1, 41, add(1));
    tabs.lose_unread(1);
    tabs.crash(0);
    tabs.thaw(1);
    take_over(&mut tabs, 1);
    assert_eq!(tabs.tab(1).ended, [(id, EditEnd::AlreadySettled)], "the leader that knew is gone");
}

#[test]
fn two_leaders_for_a_moment_revert_an_edit_once() {
    let mut tabs = browser(2);
    let id = apply(&mut tabs, 0, edit("n", add(1)));
    tabs.on(0, |bench| bench.engine.rollback(id, bench.now)).unwrap();
    tabs.freeze(0);
    take_over(&mut tabs, 1);
    for at in [1, 0] {
        server_applies(&mut tabs, at, 1, 41, add(1));
        tabs.freeze(0);
    }
    assert_eq!(tabs.disk().len(), 1, "one edit takes it back");
    tabs.thaw(0);
    assert_eq!([0, 1].map(|at| tabs.tab(at).engine.sync_view().pending), [1, 1]);
    server_applies(&mut tabs, 1, 2, 42, add(-1));
    assert_eq!([0, 1].map(|at| count(&tabs, at)), [10, 10]);
    assert!(tabs.disk().is_empty());
}

#[test]
fn undo_is_each_tabs_own() {
    let mut tabs = browser(2);
    apply(&mut tabs, 0, edit("n", add(1)));
    server_applies(&mut tabs, 0, 1, 41, add(1));
    apply(&mut tabs, 1, edit("n", set("title", "mine")));
    server_applies(&mut tabs, 0, 2, 42, set("title", "mine"));
    tabs.on(1, |bench| bench.engine.undo(main(), bench.now)).unwrap();
    assert_eq!([0, 1].map(|at| shown(tabs.tab(at), "title")), ["old", "old"]);
    assert_eq!([0, 1].map(|at| count(&tabs, at)), [11, 11]);
}

#[test]
fn what_another_tab_set_aside_is_not_forgotten_because_the_server_calls_it_settled() {
    let mut tabs = browser(2);
    apply(&mut tabs, 0, ask());
    tabs.freeze(1);
    receive(&mut tabs, 0, &[conflict(1)]);
    tabs.lose_unread(1);
    tabs.crash(0);
    tabs.thaw(1);
    // Storage is slower than the server here: the new leader starts from what was there before.
    tabs.on(1, |bench| {
        bench.input(Input::Role(Role::Leader));
        bench.greet_current();
        bench.receive(&[subscribed(40, true), rejected(1, Reason::AlreadySettled)]);
    });
    assert_eq!(tabs.tab(1).engine.conflicts().len(), 1);
    assert_eq!(tabs.disk().len(), 1);
}

#[test]
fn a_term_that_is_over_is_not_believed() {
    let mut tabs = browser(3);
    tabs.freeze(0);
    take_over(&mut tabs, 1);
    tabs.on(1, Bench::sent);
    tabs.thaw_unread(0);
    // Says something as the leader it was.
    tabs.on(0, |bench| bench.receive(&[updates(vec![(41, op("them/2", "n", add(1)))])]));
    assert!(tabs.tab(1).engine.connection_view().is_leader && !tabs.tab(0).engine.connection_view().is_leader);
    assert_eq!(count(&tabs, 2), 10, "what the old leader says is no longer heeded");
    assert_eq!(tabs.tab(2).engine.connection_view().tabs, 3);
    receive(&mut tabs, 1, &[updates(vec![(41, op("them/2", "n", add(1)))])]);
    assert_eq!([0, 1, 2].map(|at| count(&tabs, at)), [11, 11, 11]);
}

#[test]
fn what_became_of_a_lost_pages_edits_is_told_once_though_another_tab_is_about_to_lead() {
    let mut tabs = browser(4);
    tabs.freeze(0);
    apply(&mut tabs, 3, edit("n", add(1)));
    apply(&mut tabs, 3, edit("n", add(2)));
    tabs.crash(3);
    tabs.open(3);
    tabs.on(2, |bench| bench.withhold_storage());
    tabs.input(2, Input::Role(Role::Leader));
    take_over(&mut tabs, 1);
    assert_eq!(submitted(&mut tabs, 1), ["me/1", "me/2"]);
    receive(&mut tabs, 1, &[applied(1, 41)]);
    let pending = tabs.tab(1).engine.pending_edits();
    assert_eq!(pending.iter().map(|view| view.op.id.n).collect::<Vec<_>>(), [2]);
    tabs.on(1, |bench| bench.engine.rollback(pending[0].id, bench.now)).unwrap();
    receive(&mut tabs, 1, &[rejected(2, Reason::OutOfOrder)]);
    assert_eq!(tabs.tab(1).ended.len(), 2);
    tabs.on(2, |bench| bench.release_storage());
    assert!(tabs.tab(2).engine.connection_view().is_leader);
    assert_eq!([2, 3].map(|at| tabs.tab(at).ended.clone()), [vec![], vec![]]);
    assert_eq!(tabs.tab(2).engine.sync_view().pending, 0);
}

#[test]
fn a_tab_whose_term_comes_late_follows() {
    let mut tabs = browser(2);
    tabs.on(1, |bench| bench.withhold_storage());
    tabs.input(1, Input::Role(Role::Leader));
    assert!(!tabs.tab(1).engine.connection_view().is_leader);
    tabs.input(1, Input::Role(Role::Follower));
    tabs.on(1, |bench| bench.release_storage());
    assert!(!tabs.tab(1).engine.connection_view().is_leader && is_live(&tabs, 1));
}

#[test]
fn an_edit_that_storage_does_not_take_goes_out_all_the_same_and_is_replaced_like_any_other() {
    let mut tabs = browser(2);
    let id = tabs.on(1, |bench| {
        // The number is used up, but there is no row.
        bench.disk.handle(StoreRequest::Append { edit: row().into(), id: EditId(0), replaces: None });
        bench.disk.handle(StoreRequest::Settle(vec![no(1)]));
        bench.withhold_storage();
        let id = bench.apply(edit("n", add(1)));
        bench.input(Input::Stored(StoreReply::AppendFailed { id, n: no(1), reason: "quota".into() }));
        id
    });
    assert_eq!(submitted(&mut tabs, 0), ["me/1"]);
    receive(&mut tabs, 0, &[rejected(1, Reason::OutOfOrder)]);
    assert_eq!(submitted(&mut tabs, 0), ["me/2"], "sent again under the next number");
    server_applies(&mut tabs, 0, 2, 41, add(1));
    assert_eq!(tabs.tab(1).ended.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [id]);
}

#[test]
fn a_conflict_of_an_edit_that_storage_did_not_take_is_merged_once() {
    let mut tabs = browser(2);
    for at in [0, 1] {
        tabs.on(at, |bench| {
            let merge = crate::MergeFn::new(|input| Some(input.mine.clone()));
            bench.engine.set_merge(main(), "n".into(), Some(merge));
        });
    }
    tabs.on(1, |bench| {
        bench.disk.handle(StoreRequest::Append { edit: row().into(), id: EditId(0), replaces: None });
        bench.disk.handle(StoreRequest::Settle(vec![no(1)]));
        bench.withhold_storage();
        let id = bench.apply(edit("n", set("title", "mine")).strategy(ConflictStrategy::Merge));
        bench.input(Input::Stored(StoreReply::AppendFailed { id, n: no(1), reason: "quota".into() }));
    });
    tabs.on(1, |bench| bench.drop_withheld());
    receive(&mut tabs, 0, &[updates(vec![(41, op("them/2", "n", set("title", "theirs")))]), conflict(1)]);
    assert_eq!(tabs.disk().len(), 1);
    assert_eq!([0, 1].map(|at| shown(tabs.tab(at), "title")), ["mine", "mine"]);
}

#[test]
fn an_edit_on_its_way_is_not_sent_again_under_the_number_that_another_tab_got_for_it() {
    let mut tabs = browser(2);
    let id = apply(&mut tabs, 0, edit("n", set("title", "mine")).strategy(ConflictStrategy::LocalWins));
    receive(&mut tabs, 0, &[conflict(1)]);
    assert_eq!(submitted(&mut tabs, 0), ["me/1", "me/2"]);
    let again = crate::StoredEdit { op: op("me/3", "n", set("title", "mine")), first: Some(no(1)), ..row() };
    let body = PeerBody::Stored { edit: again.into(), is_stored: true };
    let message = crate::PeerMessage { life: PageLife(1), no: MessageNo::FIRST, body };
    tabs.input(0, Input::Told { from: "tab9".parse().unwrap(), message });
    server_applies(&mut tabs, 0, 2, 41, set("title", "mine"));
    tabs.pass(Duration::from_secs(31));
    assert_eq!(submitted(&mut tabs, 0), [""; 0]);
    let end = EditEnd::Applied { seq: Seq(41), durability: Durability::Fsynced };
    assert_eq!(tabs.tab(0).ended, [(id, end)]);
}

pub(super) fn row() -> crate::StoredEdit {
    crate::StoredEdit {
        board: main(),
        op: op("me/1", "n", add(1)),
        strategy: ConflictStrategy::Ask,
        created: tideboard_shared::UnixMs(1),
        schema: 1,
        aside: None,
        first: None,
        author: None,
        seen: None,
    }
}

#[test]
fn of_two_edits_that_replace_the_same_one_storage_takes_the_first() {
    let mut outbox = MemoryOutbox::default();
    let mut append = |id, replaces| {
        let id = EditId(id);
        outbox.handle(StoreRequest::Append { edit: row().into(), id, replaces }).unwrap()
    };
    assert_eq!(append(1, None), StoreReply::Appended { id: EditId(1), n: no(1) });
    assert_eq!(append(2, Some(no(1))), StoreReply::Appended { id: EditId(2), n: no(2) });
    assert_eq!(append(3, Some(no(1))), StoreReply::Gone { id: EditId(3) });
    assert_eq!(outbox.len(), 1);
    let terms = [1, 2].map(|_| outbox.handle(StoreRequest::Lead));
    assert!(matches!(terms[1], Some(StoreReply::Led { term: Term(2), ref contents }) if contents.last_n == 2));
}
