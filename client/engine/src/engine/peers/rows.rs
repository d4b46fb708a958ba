//! The edits of this tab as storage and the other tabs know them: by their numbers.

use tideboard_shared::{BoardId, OpResult};

use super::Engine;
use crate::{
    ConflictStrategy, EditId, Refused, StoredEdit,
    edits::{Delivery, Pending},
    peers::PeerBody,
};

impl Engine {
    /// Numbers of edits without an end.
    pub(super) fn unended_numbers(&self) -> Vec<u64> {
        self.edits.keys().chain(self.given_up.keys()).filter_map(|id| self.number_of(*id)).collect()
    }

    /// Numbers of edits that the user took back while they were on their way.
    pub(super) fn numbers_taken_back(&self) -> Vec<u64> {
        let is_taken_back = |id: &EditId| self.pending(*id).is_some_and(|pending| pending.is_rolled_back);
        self.edits.keys().copied().filter(is_taken_back).filter_map(|id| self.number_of(id)).collect()
    }

    /// All edits as storage has them or will have them, by rising number.
    pub(super) fn stored_edits(&self) -> Vec<StoredEdit> {
        let ids = self.peers.known.ids().into_iter();
        let mut edits: Vec<_> = ids.filter_map(|id| self.stored_edit(id)).collect();
        edits.sort_by_key(|edit| edit.op.id.n);
        edits
    }

    pub(super) fn sort_pending(&mut self, id: EditId) {
        if let Some(state) = self.edits.get(&id).and_then(|board| self.boards.get_mut(board)) {
            state.pending.sort(id);
        }
    }

    pub(in super::super) fn pending(&self, id: EditId) -> Option<&Pending> {
        self.boards.get(self.edits.get(&id)?)?.pending.get(id)
    }

    /// The number under which storage has an edit; `None` while it has none.
    pub(super) fn number_of(&self, id: EditId) -> Option<u64> {
        let waiting = || {
            let conflict = self.conflicts.0.get(&id).or_else(|| self.given_up.get(&id)).map(|case| &case.op);
            conflict.or_else(|| self.refused.get(&id).map(|view| &view.op)).map(|op| op.id.n)
        };
        let of = |pending: &Pending| pending.replaces.unwrap_or(pending.op.id.n);
        self.pending(id).map(of).or_else(waiting).filter(|n| *n > 0)
    }

    pub(super) fn edit_of(&self, n: u64) -> Option<EditId> {
        self.peers.known.ids().into_iter().find(|id| self.number_of(*id) == Some(n))
    }

    pub(super) fn stored_edit(&self, id: EditId) -> Option<StoredEdit> {
        let known = self.peers.known.get(id)?;
        let (first, author, schema) = (known.first, known.author.clone(), self.migrations.schema());
        if let Some(pending) = self.pending(id).filter(|pending| pending.delivery == Delivery::Auto) {
            let mut op = pending.op.as_ref().clone();
            op.id.n = self.number_of(id)?;
            let (board, strategy, created) = (self.edits.get(&id)?.clone(), pending.strategy, pending.created);
            return Some(StoredEdit { board, op, strategy, created, schema, aside: None, first, author });
        }
        if let Some(case) = self.conflicts.0.get(&id).or_else(|| self.given_up.get(&id)) {
            let (op, strategy) = (case.op.as_ref().clone(), ConflictStrategy::Ask);
            let (board, created, aside) = (case.board.clone(), case.created, case.conflict.clone());
            let aside = Some(Refused::Conflict(aside));
            return Some(StoredEdit { board, op, strategy, created, schema, aside, first, author });
        }
        let view = self.refused.get(&id)?;
        let (board, op, strategy) = (view.board.clone(), view.op.as_ref().clone(), view.strategy);
        let (created, aside) = (view.created, Some(view.why.clone()));
        Some(StoredEdit { board, op, strategy, created, schema, aside, first, author })
    }

    /// An edit goes on under another number than this one.
    pub(in super::super) fn note_replaced(&mut self, n: u64) {
        if !self.peers.is_alone() {
            self.peers.ends.note_replaced(n, self.peers.config.max_recent.get());
        }
    }

    /// What the server said of edits of this client, for tabs that hear of the edits later.
    pub(in super::super) fn note_outcome(&mut self, board: &BoardId, result: &OpResult) {
        if !self.peers.is_alone() {
            self.peers.ends.note_decided(board, result, self.peers.config.max_recent.get());
        }
    }

    /// Whether another tab may have submitted an edit.
    pub(in super::super) fn may_be_sent(&self, id: EditId) -> bool {
        self.peers.known.get(id).is_some_and(|known| known.may_be_sent)
    }

    /// Whether this tab submits an edit under another number than `n`.
    pub(super) fn is_submitting(&self, id: EditId, n: u64) -> bool {
        let lane = self.edits.get(&id).and_then(|board| self.boards.get(board)).map(|state| &state.lane);
        let is_queued = |pending: &Pending| {
            pending.attempts > 0
                && pending.op.id.n != n
                && lane.is_some_and(|lane| lane.edit(pending.op.id.n).is_some())
        };
        !self.is_follower() && self.pending(id).is_some_and(is_queued)
    }

    /// Tells the other tabs of an edit as it is here.
    pub(super) fn tell_row(&mut self, id: EditId) {
        let is_stored = self.peers.known.get(id).is_some_and(|known| known.is_stored);
        if let Some(edit) = self.stored_edit(id) {
            self.tell(PeerBody::Stored { edit: edit.into(), is_stored });
        }
    }
}
