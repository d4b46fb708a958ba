//! An edit's end: its outcome, or the event that says as much, whichever comes first.

use std::sync::Arc;

use tideboard_shared::{
    Applied, BoardId, Channel, Conflict, Durability, OnConflict, OpResult, Outcome, Reason, Rejection, Seq,
    message::Event,
};

use super::Engine;
use crate::{
    Choice, ConflictCase, ConflictStrategy, Edit, EditEnd, EditId, Key, Notice, Now, Output, Refused, StoreRequest,
    devtools::Milestone,
    optimistic::{Origin, inverse},
    replica::Progress,
};

impl Engine {
    pub(super) fn run_dismiss_notice(&mut self, id: u64) {
        self.notices.retain(|notice| notice.id != id);
        self.changed.insert(Key::Notices);
    }

    pub(super) fn handle_outcomes(&mut self, board: &BoardId, results: &[OpResult], now: Now) {
        self.last_synced_at = Some(now.wall);
        self.changed.insert(Key::Sync);
        for result in results {
            let is_mine = result.id.client == self.client;
            let lane = self.boards.get(board).map(|state| &state.lane).filter(|_| is_mine);
            let Some(edit) = lane.and_then(|lane| lane.edit(result.id.n)) else { continue };
            tracing::debug!(op = %result.id, %board, outcome = result.outcome.name(), "decided");
            self.devtools.note(edit, Milestone::Decided { outcome: result.outcome.name() });
            match &result.outcome {
                Outcome::Applied { seq, durability } => self.handle_applied(board, edit, *seq, *durability),
                Outcome::Conflict(conflict) => self.handle_conflict(board, edit, conflict, now),
                Outcome::Rejected(rejection) => self.handle_rejected(board, edit, rejection, now),
            }
        }
    }

    /// Follows what a message did to the confirmed board.
    pub(super) fn handle_progress(&mut self, board: &BoardId, progress: Progress, now: Now) {
        self.changed.insert(Key::Board(board.clone()));
        for event in &progress.events {
            self.changed.insert(Key::Entity(board.clone(), event.op.entity.clone()));
            self.note_rebased(board, event);
        }
        let mut reverts = Vec::new();
        for (event, applied) in &progress.mine {
            reverts.extend(self.handle_own_event(board, event, applied));
        }
        if let Some(replaced) = progress.replaced {
            self.changed.insert(Key::Snapshot(board.clone()));
            self.board_mut(board).pending.handle_snapshot(replaced.last_n);
            if replaced.is_new_log {
                self.drop_applied(board);
            }
        }
        self.drop_arrived(board);
        for edit in reverts {
            // Refused when others changed the same since: then theirs stands, as after any undo that comes too late.
            let _ = self.apply_from(edit, Origin::Revert, now);
        }
        if progress.needs_resync {
            self.run_resync(board);
        }
        self.note_refreshed(&Channel::Board(board.clone()));
    }

    /// Others changed an entity: its pending edits run again on top of that.
    fn note_rebased(&mut self, board: &BoardId, event: &Event) {
        let Some(state) = self.boards.get(board).filter(|_| self.devtools.is_on()) else { return };
        if event.op.id.client != self.client {
            for id in state.pending.of_entity(&event.op.entity) {
                self.devtools.note(id, Milestone::Rebased);
            }
        }
    }

    /// An edit came back as an event. When it was taken back meanwhile, the edit that reverts it.
    fn handle_own_event(&mut self, board: &BoardId, event: &Event, applied: &Applied) -> Option<Edit> {
        tracing::debug!(op = %event.op.id, %board, seq = %event.seq, "confirmed");
        let state = self.boards.get_mut(board)?;
        // The outcome may have come first; then the edit is no longer in its lane.
        let arrived = state.pending.applied_through(event.seq).into_iter();
        let mut waiting = arrived.filter(|id| state.pending.get(*id).is_some_and(|edit| edit.op.id == event.op.id));
        let id = state.lane.edit(event.op.id.n).or_else(|| waiting.next())?;
        self.devtools.note(id, Milestone::Confirmed { seq: event.seq });
        let inverse = inverse(&event.op.action, applied);
        let is_rolled_back = state.pending.get(id).is_some_and(|pending| pending.is_rolled_back);
        if !is_rolled_back {
            state.history.handle_confirmed(id, event.seq, inverse.clone());
        }
        // The event is as durable as the outcome: nothing is broadcast before.
        let welcome = self.connection.facts().welcome.as_ref();
        let durability = welcome.map_or(Durability::Memory, |welcome| welcome.durability);
        self.handle_applied(board, id, event.seq, durability);
        let action = inverse.filter(|_| is_rolled_back)?;
        Some(Edit { base: Some(event.seq), ..Edit::new(board.clone(), event.op.entity.clone(), action) })
    }

    fn handle_applied(&mut self, board: &BoardId, id: EditId, seq: Seq, durability: Durability) {
        let is_followed = self.subscriptions.contains(&Channel::Board(board.clone()));
        let Some(state) = self.boards.get_mut(board) else { return };
        let Some(pending) = state.pending.get(id) else { return };
        if self.edits.remove(&id).is_none() {
            return;
        }
        let n = pending.op.id.n;
        self.deadlines.remove(&(pending.deadline, id));
        state.pending.handle_applied(id, seq);
        state.lane.settle(n);
        let is_visible = state.replica.seq() >= seq;
        self.outputs.push(Output::Store(StoreRequest::Settle(vec![n])));
        self.outputs.push(Output::Ended { id, end: EditEnd::Applied { seq, durability } });
        // Until its event arrives the edit stays on top, or its effect would vanish for a moment.
        if !is_followed || is_visible {
            self.remove_pending(board, id);
        }
    }

    fn handle_conflict(&mut self, board: &BoardId, id: EditId, conflict: &Conflict, now: Now) {
        let Some(pending) = self.boards.get_mut(board).and_then(|state| state.pending.get_mut(id)) else { return };
        let conflict = pending.complete_conflict(conflict.clone());
        if pending.is_rolled_back {
            return self.end(board, id, EditEnd::RolledBack);
        }
        let case = ConflictCase {
            board: board.clone(),
            op: Arc::clone(&pending.op),
            conflict: conflict.clone(),
            created: pending.created,
        };
        match pending.strategy {
            ConflictStrategy::RemoteWins => self.end_refused(board, id, Refused::Conflict(conflict), now),
            ConflictStrategy::LocalWins => {
                Arc::make_mut(&mut pending.op).on_conflict = OnConflict::Overwrite;
                self.renumber(board, id);
            }
            ConflictStrategy::Ask => self.ask(id, case),
            ConflictStrategy::Merge => {
                let merge = self.merges.get(board, &case.op.entity);
                let merged = merge.and_then(|merge| merge.merge(&case.merge_input()));
                self.ask(id, case);
                if let Some(fields) = merged {
                    // What cannot be merged after all waits for the user.
                    let _ = self.run_resolve(id, Choice::Fields(fields), now);
                }
            }
        }
    }

    fn handle_rejected(&mut self, board: &BoardId, id: EditId, rejection: &Rejection, now: Now) {
        let Some(state) = self.boards.get_mut(board) else { return };
        let Some(pending) = state.pending.get(id) else { return };
        let n = pending.op.id.n;
        match rejection.reason {
            _ if pending.is_rolled_back && !rejection.reason.is_retryable() => {
                self.end(board, id, EditEnd::RolledBack);
            }
            reason if reason.is_retryable() => {
                state.lane.handle_refused_for_now(n, now.mono, &self.config.sync, &mut self.rng);
            }
            // Never decided, and never will be under this number.
            Reason::OutOfOrder => self.renumber(board, id),
            Reason::AlreadySettled => self.end(board, id, EditEnd::AlreadySettled),
            _ => self.set_aside(board, id, Refused::Rejected(rejection.clone()), now),
        }
    }

    /// Sends an edit again as a new operation. The old number stays unsettled until the new one is stored.
    pub(super) fn renumber(&mut self, board: &BoardId, id: EditId) {
        let Some(state) = self.boards.get_mut(board) else { return };
        let Some(pending) = state.pending.get_mut(id) else { return };
        let op = Arc::make_mut(&mut pending.op);
        let old = std::mem::take(&mut op.id.n);
        op.base = state.replica.seq();
        pending.replaces = Some(old);
        pending.is_decided = false;
        state.lane.hold(old);
        let pending = pending.clone();
        self.store(board, id, &pending);
        self.note_entity(board, &pending.op);
    }

    pub(super) fn end_refused(&mut self, board: &BoardId, id: EditId, why: Refused, now: Now) {
        self.tell(board, id, &why, now);
        self.end(board, id, EditEnd::Refused(why));
    }

    /// Tells the user that an edit was refused.
    pub(super) fn tell(&mut self, board: &BoardId, id: EditId, why: &Refused, now: Now) {
        let Some(pending) = self.boards.get(board).and_then(|state| state.pending.get(id)) else { return };
        self.last_notice += 1;
        self.notices.push_back(Notice {
            id: self.last_notice,
            edit: id,
            board: board.clone(),
            entity: pending.op.entity.clone(),
            action: pending.op.action.name(),
            why: why.clone(),
            at: now.wall,
        });
        if self.notices.len() > self.config.optimistic.max_notices.get() {
            self.notices.pop_front();
        }
        self.changed.insert(Key::Notices);
    }

    /// Ends an edit that is not in the log.
    pub(super) fn end(&mut self, board: &BoardId, id: EditId, end: EditEnd) {
        let Some(pending) = self.remove_pending(board, id) else { return };
        let state = self.board_mut(board);
        let numbers: Vec<u64> = [pending.op.id.n, pending.replaces.unwrap_or_default()].into();
        let numbers: Vec<u64> = numbers.into_iter().filter(|n| *n > 0).collect();
        for n in &numbers {
            state.lane.settle(*n);
        }
        state.history.remove(id);
        self.edits.remove(&id);
        if !numbers.is_empty() {
            self.outputs.push(Output::Store(StoreRequest::Settle(numbers)));
        }
        self.outputs.push(Output::Ended { id, end });
    }

    /// Takes applied edits off whose events are in the confirmed board now.
    fn drop_arrived(&mut self, board: &BoardId) {
        let seq = self.board_mut(board).replica.seq();
        for id in self.board_mut(board).pending.applied_through(seq) {
            self.remove_pending(board, id);
        }
    }

    /// Takes all applied edits off: their log is gone, or the board is no longer followed.
    pub(super) fn drop_applied(&mut self, board: &BoardId) {
        for id in self.board_mut(board).pending.applied_through(Seq(u64::MAX)) {
            self.remove_pending(board, id);
        }
    }
}
