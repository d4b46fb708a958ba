//! Edits that the server has applied: taken off the top once the board shows them, reverted if they were taken back too late.

use std::sync::Arc;

use tideboard_shared::{
    Action, Applied, BoardId, Changed, Channel, Durability, OpResult, Outcome, Seq, message::Event,
};

use super::Engine;
use crate::{
    Edit, EditEnd, EditId, Now,
    devtools::Milestone,
    edits::{Origin, inverse, is_changed, narrowed, writes},
};

impl Engine {
    /// An edit came back as an event. When it was taken back meanwhile, the edit that reverts it, and the number of what it
    /// reverts while storage still has that.
    pub(super) fn handle_own_event(
        &mut self,
        board: &BoardId,
        event: &Event,
        applied: &Applied,
    ) -> Option<(Edit, Option<u64>)> {
        tracing::debug!(op = %event.op.id, %board, seq = %event.seq, "confirmed");
        let state = self.boards.get_mut(board)?;
        // The outcome may have come first; then the edit is no longer in its lane.
        let is_it = |id: &EditId| state.pending.get(*id).is_some_and(|edit| edit.op.id == event.op.id);
        let arrived = || state.pending.applied_at(event.seq).filter(is_it);
        let id = state.lane.edit(event.op.id.n).or_else(arrived)?;
        self.devtools.note(id, Milestone::Confirmed { seq: event.seq });
        let inverse = inverse(&event.op.action, applied);
        let pending = state.pending.get_mut(id)?;
        let (is_rolled_back, is_settled) = (std::mem::take(&mut pending.is_rolled_back), pending.is_settled);
        if !is_rolled_back {
            state.history.handle_confirmed(id, event.seq, inverse.clone());
        }
        let is_stored = self.peers.known.get(id).is_none_or(|known| known.is_stored);
        // The event is as durable as the outcome: nothing is broadcast before.
        let welcome = self.connection.facts().welcome.as_ref();
        let durability = welcome.map_or(Durability::Memory, |welcome| welcome.durability);
        let n = event.op.id.n;
        let is_newly_ended = self.note_applied(board, id, event.seq, durability);
        self.remove_pending(board, id);
        if is_newly_ended {
            let outcome = Outcome::Applied { seq: event.seq, durability };
            self.relay_end(board, OpResult { id: event.op.id.clone(), outcome });
        }
        if is_rolled_back && !is_settled {
            self.board_mut(board).lane.hold(n);
        }
        // The leader reverts what was taken back on its way; what was taken back later, the tab where that was done.
        let Some(action) = inverse.filter(|_| is_rolled_back && (is_settled || !self.is_follower())) else {
            if (is_newly_ended || is_rolled_back) && !is_settled {
                self.settle(vec![n]);
            }
            return None;
        };
        let edit = Edit { base: Some(event.seq), ..Edit::new(board.clone(), event.op.entity.clone(), action) };
        Some((edit, (is_stored && !is_settled).then_some(n)))
    }

    pub(super) fn handle_applied(&mut self, board: &BoardId, id: EditId, seq: Seq, durability: Durability, now: Now) {
        let Some(pending) = self.boards.get(board).and_then(|state| state.pending.get(id)) else { return };
        let (n, is_rolled_back) = (pending.op.id.n, pending.is_rolled_back);
        // What was taken back gives its place in storage to the edit that reverts it, once its event has arrived.
        if self.note_applied(board, id, seq, durability) {
            if is_rolled_back {
                self.board_mut(board).lane.hold(n);
            } else {
                self.settle(vec![n]);
                if let Some(pending) = self.board_mut(board).pending.get_mut(id) {
                    pending.is_settled = true;
                }
            }
        }
        let is_followed = self.subscriptions.contains(&Channel::Board(board.clone()));
        // Until its event arrives the edit stays on top, or its effect would vanish for a moment.
        if !is_followed || self.board_mut(board).replica.seq() >= seq {
            self.take_off_unseen(board, id, now);
        }
    }

    /// Ends an edit that is in the log. Whether it had no end before.
    fn note_applied(&mut self, board: &BoardId, id: EditId, seq: Seq, durability: Durability) -> bool {
        let Some(state) = self.boards.get_mut(board) else { return false };
        let Some(pending) = state.pending.get(id) else { return false };
        if self.edits.remove(&id).is_none() {
            return false;
        }
        let op = Arc::clone(&pending.op);
        self.deadlines.remove(&(pending.deadline, id));
        state.pending.handle_applied(id, seq);
        state.lane.settle(op.id.n);
        self.note_entity(board, &op);
        self.ended(id, EditEnd::Applied { seq, durability });
        true
    }

    /// Puts back what an edit replaced that was taken back too late, but for what was written again since: by others, or by
    /// later edits of mine that stand. Once: whoever takes its place in storage does it.
    pub(super) fn revert(&mut self, edit: Edit, n: Option<u64>, now: Now) {
        let Some(state) = self.boards.get(&edit.board) else { return };
        let confirmed = state.replica.board().entity(&edit.entity);
        let since = edit.base.unwrap_or_default();
        let is_later = |name: &str| {
            confirmed.and_then(|entity| entity.changed.get(name)).is_some_and(|Changed(seq, _)| *seq > since)
        };
        let is_mine = |name: &str| {
            let later = state.pending.of_entity(&edit.entity).filter_map(|id| state.pending.get(id));
            later.filter(|pending| !pending.is_rolled_back).any(|pending| writes(&pending.op.action, name))
        };
        let action = narrowed(edit.action.clone(), |name| is_later(name) || is_mine(name));
        // Refused when others changed the same since: then theirs stands, as after any undo that comes too late.
        let made = action.map(|action| self.apply_from(Edit { action, ..edit }, Origin::Revert(n), now));
        if !matches!(made, Some(Ok(_))) {
            self.settle(n.into_iter().collect());
        }
    }

    /// Takes applied edits off that came with a snapshot.
    pub(super) fn drop_arrived(&mut self, board: &BoardId, now: Now) {
        let seq = self.board_mut(board).replica.seq();
        for id in self.board_mut(board).pending.applied_through(seq) {
            self.take_off_unseen(board, id, now);
        }
    }

    /// Takes all applied edits off: their log is gone, or the board is no longer followed.
    pub(super) fn drop_applied(&mut self, board: &BoardId) {
        for id in self.board_mut(board).pending.applied_through(Seq(u64::MAX)) {
            self.drop_shown(board, id);
        }
    }

    /// Takes an applied edit off whose event does not come: a snapshot holds it, or nobody follows the board. In a snapshot
    /// it replaced what its author saw; on a board that nobody follows nobody knows, and it stays applied.
    fn take_off_unseen(&mut self, board: &BoardId, id: EditId, now: Now) {
        let is_followed = self.subscriptions.contains(&Channel::Board(board.clone()));
        let is_stored = self.peers.known.get(id).is_none_or(|known| known.is_stored);
        let Some(pending) = self.remove_pending(board, id) else { return };
        let Some(seq) = pending.applied_as else { return };
        let entity = self.board_mut(board).replica.board().entity(&pending.op.entity);
        let stands = |inverse: &Action| !is_changed(entity, inverse, seq);
        let inverse = pending.inverse.filter(|_| is_followed).filter(stands);
        let n = pending.op.id.n;
        match inverse {
            inverse if !pending.is_rolled_back => self.board_mut(board).history.handle_confirmed(id, seq, inverse),
            Some(action) if pending.is_settled || !self.is_follower() => {
                let edit = Edit::new(board.clone(), pending.op.entity.clone(), action);
                self.revert(Edit { base: Some(seq), ..edit }, (is_stored && !pending.is_settled).then_some(n), now);
            }
            _ if pending.is_settled => {}
            _ => self.settle(vec![n]),
        }
    }

    /// Takes an applied edit off whose event is of no use any more. One that was taken back stays applied.
    fn drop_shown(&mut self, board: &BoardId, id: EditId) {
        let dropped = self.remove_pending(board, id);
        self.board_mut(board).history.handle_unseen(id);
        if let Some(pending) = dropped.filter(|pending| pending.is_rolled_back && !pending.is_settled) {
            self.settle(vec![pending.op.id.n]);
        }
    }
}
