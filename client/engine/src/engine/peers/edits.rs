//! The edits of all tabs in each of them: every tab writes, shows and ends the same ones; the leader submits.

use std::{collections::BTreeSet, sync::Arc};

use tideboard_shared::{OpResult, Outcome, TabId};

use super::Engine;
use crate::{
    Contents, EditEnd, EditId, Key, Notice, Now, Output, Refused, StoreRequest, StoredEdit,
    devtools::Milestone,
    edits::{Pending, Place},
    migration::Unreadable,
    peers::{Fate, PeerBody, Provenance},
};

/// Who says which edits there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Storage, when it was read for the `read`th time.
    Storage { read: u64 },
    /// Storage, when it gave out a term.
    Term,
    /// The leading tab.
    Leader,
}

impl Engine {
    /// Asks storage for everything, one read at a time; which read will show all that is there now.
    pub(in super::super) fn read_storage(&mut self) -> u64 {
        let (is_now, read) = self.peers.start_read();
        if is_now {
            self.outputs.push(Output::Store(StoreRequest::Load));
        }
        read
    }

    pub(in super::super) fn handle_loaded(&mut self, contents: Contents, now: Now) {
        let (read, is_wanted) = self.peers.finish_read();
        if is_wanted {
            self.outputs.push(Output::Store(StoreRequest::Load));
        }
        self.reconcile_edits(contents, Source::Storage { read }, now);
        if let Some(leading) = self.peers.leading_mut().filter(|_| !is_wanted) {
            leading.numbers.wait_no_longer();
        }
    }

    /// An edit got a number from storage.
    pub(in super::super) fn note_number(&mut self, id: EditId, n: u64, is_stored: bool) {
        let before = self.peers.known.get(id);
        let first = before.map_or(n, |before| before.first);
        let author = before.map_or_else(|| Some(self.peers.me.clone()), |before| before.author.clone());
        self.peers
            .known
            .insert(id, Provenance { first, author, is_stored, may_be_sent: self.is_follower(), doubt: None });
        self.hear_number(n);
        let Some(edit) = self.stored_edit(id) else { return };
        if !self.peers.is_alone() {
            self.sort_pending(id);
            self.tell(PeerBody::Stored { edit: edit.into(), is_stored });
        }
    }

    /// Forgets edits that have not become part of the board, in storage and in every tab.
    pub(in super::super) fn settle_everywhere(&mut self, numbers: Vec<u64>) {
        self.forget_everywhere(numbers, Fate::Out);
    }

    fn forget_everywhere(&mut self, numbers: Vec<u64>, fate: Fate) {
        if !numbers.is_empty() {
            let limit = self.peers.config.max_recent.get();
            for n in &numbers {
                self.hear_number(*n);
                self.peers.ends.note_settled(*n, limit);
            }
            self.outputs.push(Output::Store(StoreRequest::Settle(numbers.clone())));
            self.tell(PeerBody::Settled { numbers, fate });
        }
    }

    /// Whether the user hears here of what becomes of an edit: where it was made, or of a page that is gone, with the
    /// leader.
    pub(in super::super) fn is_told_here(&self, id: EditId) -> bool {
        let Some(Provenance { author: Some(author), .. }) = self.peers.known.get(id) else {
            return self.peers.known.get(id).is_none() || !self.is_follower();
        };
        *author == self.peers.me || (!self.is_follower() && !self.peers.is_alive(author))
    }

    /// Keeps what another tab is to tell its user, for the case that it cannot.
    pub(in super::super) fn keep_untold(&mut self, id: EditId, notice: Notice) {
        let author = self.peers.known.get(id).and_then(|known| known.author.clone());
        let limit = self.config.optimistic.max_notices.get();
        if let (Some(author), Some(leading)) = (author, self.peers.leading_mut()) {
            let untold = leading.untold.entry(author.tab).or_default();
            untold.push_back(notice);
            untold.truncate(limit);
        }
    }

    /// The edit that was to be replaced is gone: what became of it is in storage.
    pub(in super::super) fn handle_gone(&mut self, id: EditId) {
        let Some(board) = self.edits.get(&id).cloned() else { return self.handle_drop_gone(id) };
        let (is_numbered, is_alone) = (self.peers.known.get(id).is_some(), self.peers.is_alone());
        let state = self.board_mut(&board);
        let Some(pending) = state.pending.get_mut(id) else { return };
        let Some(old) = pending.replaces.take() else { return self.handle_drop_gone(id) };
        if is_numbered {
            Arc::make_mut(&mut pending.op).id.n = old;
            self.sort_pending(id);
            self.read_storage();
        } else if is_alone {
            // What it takes back was never stored.
            let pending = pending.clone();
            self.store(&board, id, &pending);
        } else {
            // Another tab has taken the same edit back already.
            self.end(&board, id, EditEnd::RolledBack);
        }
    }

    /// The user took back an edit that has a number. Storage drops it if this tab leads and nobody has sent it: a later
    /// leader may have, of which this tab does not know yet.
    pub(in super::super) fn take_numbered_back(&mut self, id: EditId) {
        let may_be_sent = self.may_be_sent(id);
        let term = self.peers.leading().map(|leading| leading.term);
        let Some(pending) = self.pending(id) else { return };
        let n = pending.op.id.n;
        if let Some(term) = term.filter(|_| pending.attempts == 0 && !may_be_sent) {
            // Until storage has answered it is not sent.
            if let Some(board) = self.edits.get(&id).cloned() {
                self.board_mut(&board).lane.hold(n);
            }
            self.drop_stored(id, n, Some(term));
        } else {
            self.tell(PeerBody::TakenBack { n });
        }
    }

    pub(in super::super) fn drop_stored(&mut self, id: EditId, n: u64, term: Option<u64>) {
        self.peers.unanswered += 1;
        self.outputs.push(Output::Store(StoreRequest::Drop { id, n, term }));
    }

    /// Storage has dropped an edit: it was never sent, or the server had refused it.
    pub(in super::super) fn handle_dropped(&mut self, id: EditId) {
        let Some(board) = self.edits.get(&id).cloned() else { return self.end_given_up(id) };
        if self.is_follower() {
            self.settle_everywhere(self.number_of(id).into_iter().collect());
        }
        self.end(&board, id, EditEnd::RolledBack);
    }

    /// Another tab may have sent what was to be dropped: it goes on as any edit that was taken back on its way.
    pub(in super::super) fn handle_kept(&mut self, id: EditId) {
        let (Some(board), Some(n)) = (self.edits.get(&id).cloned(), self.number_of(id)) else { return };
        if let Some(known) = self.peers.known.get_mut(id) {
            known.may_be_sent = true;
        }
        let lane = &mut self.board_mut(&board).lane;
        lane.release(n);
        lane.enqueue(n, id);
        self.tell(PeerBody::TakenBack { n });
    }

    /// What was to be dropped is gone: another tab has gone on with it, unless storage never had it.
    fn handle_drop_gone(&mut self, id: EditId) {
        let Some(known) = self.peers.known.get(id) else { return };
        if known.is_stored {
            self.read_storage();
        } else {
            self.handle_dropped(id);
        }
    }

    /// Only storage can tell what became of an edit that the server calls settled: another tab may have set it aside.
    pub(in super::super) fn doubt(&mut self, id: EditId) {
        let read = self.read_storage();
        if let Some(known) = self.peers.known.get_mut(id) {
            known.doubt = Some(read);
        }
    }

    /// From here on it is not known of these whether an earlier leader has submitted them.
    pub(super) fn doubt_numbered_edits(&mut self) {
        for id in self.peers.known.ids() {
            if let Some(known) = self.peers.known.get_mut(id) {
                known.may_be_sent = true;
            }
        }
    }

    pub(super) fn handle_told_stored(&mut self, edit: StoredEdit, is_stored: bool, now: Now) {
        self.hear_number(edit.op.id.n);
        self.take_row(edit, is_stored, now);
    }

    pub(super) fn handle_told_settled(&mut self, from: &TabId, numbers: &[u64], fate: Fate) {
        let limit = self.peers.config.max_recent.get();
        let is_from_leader = self.peers.following().is_some_and(|following| following.leader.as_ref() == Some(from));
        for n in numbers {
            self.hear_number(*n);
            let Some(id) = self.edit_of(*n) else {
                self.peers.ends.note_settled(*n, limit);
                continue;
            };
            // A tab that leads no longer, and does not know it yet, knows no better what became of an edit on its way.
            let is_on_its_way = match self.is_follower() {
                true => !is_from_leader && self.edits.contains_key(&id),
                false => self.pending(id).is_some_and(|pending| pending.attempts > 0),
            };
            if !is_on_its_way {
                self.peers.ends.note_settled(*n, limit);
                self.end_elsewhere(id, fate);
            }
        }
    }

    pub(super) fn handle_told_taken_back(&mut self, n: u64) {
        let Some(id) = self.edit_of(n) else { return };
        if !self.is_follower() && self.conflicts.0.contains_key(&id) {
            // Its conflict was faster than the word of it.
            return self.drop_conflict(id);
        }
        let Some(board) = self.edits.get(&id).cloned() else { return };
        let is_mine_to_end = !self.is_follower() && !self.may_be_sent(id);
        let Some(pending) = self.board_mut(&board).pending.get_mut(id) else { return };
        let is_news = !std::mem::replace(&mut pending.is_rolled_back, true);
        let (op, is_unsent) = (Arc::clone(&pending.op), pending.attempts == 0);
        self.note_entity(&board, &op);
        if is_news && is_mine_to_end && is_unsent && op.id.n > 0 {
            self.take_numbered_back(id);
        }
    }

    /// Tells the leader of edits that it may not have heard of.
    pub(super) fn tell_unheard(&mut self, heard_through: u64) {
        for id in self.peers.known.ids() {
            let Some(known) = self.peers.known.get(id) else { continue };
            let is_mine = known.author.as_ref() == Some(&self.peers.me);
            let (is_stored, pending) = (known.is_stored, self.pending(id));
            let Some((n, is_rolled_back)) = pending.map(|pending| (pending.op.id.n, pending.is_rolled_back)) else {
                continue;
            };
            if n > 0
                && (!is_stored || n > heard_through)
                && let Some(edit) = self.stored_edit(id)
            {
                self.tell(PeerBody::Stored { edit: edit.into(), is_stored });
            }
            if is_mine && n > 0 && is_rolled_back {
                self.tell(PeerBody::TakenBack { n });
            }
        }
    }

    /// Makes the edits here those that storage, or the leader, knows.
    pub(super) fn reconcile_edits(&mut self, contents: Contents, source: Source, now: Now) {
        let read = if let Source::Storage { read } = source { Some(read) } else { None };
        let Contents { edits, last_n } = contents;
        let (mut there, mut stored) = (BTreeSet::new(), BTreeSet::new());
        for edit in edits {
            there.insert(edit.first_n());
            stored.insert(edit.op.id.n);
            self.take_row(edit, true, now);
        }
        if read.is_some()
            && let Some(leading) = self.peers.leading_mut()
        {
            leading.numbers.handle_contents(last_n, &stored);
        }
        if self.is_follower() && source != Source::Leader {
            // The leader can say more of how an edit ended than that it is gone.
            return;
        }
        for id in self.peers.known.ids() {
            let Some(known) = self.peers.known.get(id) else { continue };
            let is_there = !known.is_stored || there.contains(&known.first);
            let is_settled = read.is_some_and(|read| known.doubt.is_some_and(|doubt| doubt <= read));
            if !is_there && self.number_of(id).is_some_and(|n| n > 0 && n <= last_n) {
                self.end_elsewhere(id, Fate::Unknown);
            } else if is_settled && let Some(n) = self.number_of(id) {
                self.end_elsewhere(id, Fate::Unknown);
                self.forget_everywhere(vec![n], Fate::Unknown);
            }
        }
    }

    /// A number was said: lower ones that were not may be in storage.
    fn hear_number(&mut self, n: u64) {
        if self.peers.leading_mut().is_some_and(|leading| leading.numbers.note(n)) {
            self.read_storage();
        }
    }

    /// Takes in an edit as storage or another tab has it.
    fn take_row(&mut self, edit: StoredEdit, is_stored: bool, now: Now) {
        let (n, first) = (edit.op.id.n, edit.first_n());
        if let Some(id) = self.peers.known.by_first(first) {
            return self.update_edit(id, edit, now);
        }
        let end = self.peers.ends.get(n).cloned().unwrap_or_default();
        if let Some((_, OpResult { outcome: Outcome::Applied { .. }, .. })) = end.decided {
            // It only waits to be forgotten; or to be replaced, if it was taken back.
            if !self.boards.values().any(|state| state.pending.is_applied(n)) {
                self.settle(vec![n]);
            }
            return;
        }
        if end.is_settled {
            // Whoever was to forget it was stopped before.
            return self.settle(vec![n]);
        }
        if edit.author.as_ref() == Some(&self.peers.me) && self.peers.unanswered > 0 {
            return; // Its number is on its way.
        }
        let mut edit = match self.migrations.migrate(edit) {
            Ok(edit) => edit,
            Err(unreadable) => {
                let Unreadable { edit, problem } = *unreadable;
                StoredEdit { aside: Some(Refused::Unreadable { problem }), ..edit }
            }
        };
        self.last_edit += 1;
        let id = EditId(self.last_edit);
        let may_be_sent = self.peers.leading().is_none_or(|leading| n <= leading.first_own) && !self.peers.is_alone();
        let author = edit.author.take();
        self.peers.known.insert(id, Provenance { first, author, is_stored, may_be_sent, doubt: None });
        match edit.aside.take() {
            Some(why) => self.keep_aside(id, edit, why),
            None => self.show_stored(id, edit, now),
        }
        if let Some((board, result)) = end.decided {
            self.handle_outcomes(&board, &[result], now);
        }
    }

    /// Shows an edit that was stored by another page, in the order of the numbers.
    fn show_stored(&mut self, id: EditId, edit: StoredEdit, now: Now) {
        self.devtools.open(id, &edit.board, &edit.op, Milestone::Restored);
        let n = edit.op.id.n;
        let state = self.board_mut(&edit.board);
        let is_decided = n <= state.replica.last_n();
        state.lane.enqueue(n, id);
        let mut pending = Pending { is_decided, ..Pending::new(edit.op, edit.strategy, edit.created) };
        if self.is_told_here(id) {
            pending.deadline = now.mono + self.config.optimistic.operation_timeout.get();
            self.deadlines.insert((pending.deadline, id));
        }
        self.insert_pending(edit.board, id, pending, Place::ByNumber);
    }

    /// What another page did with an edit that is known here.
    fn update_edit(&mut self, id: EditId, edit: StoredEdit, now: Now) {
        let n = edit.op.id.n;
        let Some(board) = self.edits.get(&id).cloned() else {
            // It waits for the user here.
            if edit.aside.is_none()
                && let Some(old) = self.number_of(id).filter(|old| n > *old)
            {
                self.note_replaced(old);
                self.drop_waiting(id);
                self.show_stored(id, edit, now);
            }
            return;
        };
        let is_being_replaced = self.pending(id).is_some_and(|pending| pending.replaces == Some(n));
        if is_being_replaced || self.number_of(id).is_none_or(|old| n < old) {
            // That is how it was.
            return;
        }
        if edit.aside.is_none() && self.is_submitting(id, n) {
            // Two tabs went on with it, which storage could not prevent. It is on its way as this one has it.
            self.settle_everywhere(vec![n]);
            return self.tell_row(id);
        }
        if let Some(why) = edit.aside.clone() {
            let is_ended = !matches!(why, Refused::Conflict(_));
            if is_ended {
                self.tell_user(&board, id, &why, now);
            }
            self.leave_lane(&board, id, None);
            if is_ended && self.is_told_here(id) {
                self.outputs.push(Output::Ended { id, end: EditEnd::Refused(why.clone()) });
            }
            return self.keep_aside(id, edit, why);
        }
        let state = self.board_mut(&board);
        let Some(pending) = state.pending.get_mut(id) else { return };
        let old = pending.replaces.unwrap_or(pending.op.id.n);
        if n > old {
            pending.replaces = None;
            pending.is_decided = false;
            pending.op = Arc::new(edit.op);
            state.lane.settle(old);
            state.lane.enqueue(n, id);
            let op = Arc::clone(&pending.op);
            self.note_replaced(old);
            self.note_entity(&board, &op);
            self.sort_pending(id);
            if let Some(known) = self.peers.known.get_mut(id) {
                known.doubt = None;
            }
        }
    }

    /// An edit came to an end that nobody here saw.
    fn end_elsewhere(&mut self, id: EditId, fate: Fate) {
        let Some(board) = self.edits.get(&id).cloned() else { return self.drop_waiting_for_good(id, fate) };
        let is_here = self.is_told_here(id);
        let n = self.number_of(id).unwrap_or_default();
        let Some(pending) = self.remove_pending(&board, id) else { return };
        let state = self.board_mut(&board);
        state.lane.settle(n);
        state.history.remove(id);
        self.edits.remove(&id);
        self.peers.known.remove(id);
        let is_taken_back = pending.is_rolled_back && fate == Fate::Out;
        let end = if is_taken_back { EditEnd::RolledBack } else { EditEnd::AlreadySettled };
        if is_here {
            self.outputs.push(Output::Ended { id, end });
        }
    }

    /// A conflict was settled elsewhere: it stands as refused only where nobody went on with it.
    fn drop_waiting_for_good(&mut self, id: EditId, fate: Fate) {
        let case = self.conflicts.0.get(&id).or_else(|| self.given_up.get(&id));
        let end = case.map(|case| match fate {
            Fate::Out => EditEnd::Refused(Refused::Conflict(case.conflict.clone())),
            Fate::Unknown => EditEnd::AlreadySettled,
        });
        let is_here = self.is_told_here(id);
        self.drop_waiting(id);
        self.peers.known.remove(id);
        if let Some(end) = end.filter(|_| is_here) {
            self.outputs.push(Output::Ended { id, end });
        }
    }

    fn drop_waiting(&mut self, id: EditId) {
        let case = self.conflicts.0.remove(&id).or_else(|| self.given_up.remove(&id)).map(|case| (case.board, case.op));
        let Some((board, op)) = case.or_else(|| self.refused.remove(&id).map(|view| (view.board, view.op))) else {
            return;
        };
        self.board_mut(&board).lane.settle(op.id.n);
        self.changed.extend([Key::Conflicts, Key::Sync]);
    }
}
