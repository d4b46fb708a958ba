//! An edit's end: its outcome, or the event that says as much, whichever comes first.

use std::sync::Arc;

use tideboard_shared::{BoardId, Channel, Conflict, OnConflict, OpResult, Outcome, Reason, Rejection, message::Event};

use super::Engine;
use crate::{
    Choice, ConflictCase, ConflictStrategy, EditEnd, EditId, Key, Notice, Now, Output, Refused, StoreRequest,
    devtools::Milestone, replica::Progress,
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
            if is_mine {
                self.note_outcome(board, result);
            }
            let lane = self.boards.get(board).map(|state| &state.lane).filter(|_| is_mine);
            let Some(edit) = lane.and_then(|lane| lane.edit(result.id.n)) else { continue };
            tracing::debug!(op = %result.id, %board, outcome = result.outcome.name(), "decided");
            self.devtools.note(edit, Milestone::Decided { outcome: result.outcome.name() });
            match &result.outcome {
                Outcome::Applied { seq, durability } => self.handle_applied(board, edit, *seq, *durability, now),
                Outcome::Conflict(conflict) => self.handle_conflict(board, edit, conflict, now),
                Outcome::Rejected(rejection) => self.handle_rejected(board, edit, rejection, now),
            }
        }
    }

    /// Follows what a message did to the confirmed board.
    pub(super) fn handle_progress(&mut self, board: &BoardId, progress: Progress, now: Now) {
        self.relay_progress(board, &progress);
        self.changed.insert(Key::Board(board.clone()));
        for event in &progress.events {
            self.changed.insert(Key::Entity(board.clone(), event.op.entity.clone()));
            self.note_rebased(board, event);
        }
        let mut reverts = Vec::new();
        for (event, applied) in &progress.mine {
            reverts.extend(self.handle_own_event(board, event, applied));
        }
        let me = self.client.clone();
        for event in progress.events.iter().filter(|event| event.op.id.client != me) {
            self.board_mut(board).history.handle_others(&event.op, event.seq);
        }
        if let Some(replaced) = progress.replaced {
            self.changed.insert(Key::Snapshot(board.clone()));
            let state = self.board_mut(board);
            state.pending.handle_snapshot(replaced.last_n);
            state.history.handle_snapshot(state.replica.board(), replaced.known);
            if replaced.is_new_log {
                state.history.handle_new_log();
                self.drop_applied(board);
            }
        }
        self.drop_arrived(board, now);
        for (edit, n) in reverts {
            self.revert(edit, n, now);
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

    /// Storage may forget edits whose end the server has told. A follower leaves that to the leader.
    pub(super) fn settle(&mut self, numbers: Vec<u64>) {
        for state in self.boards.values_mut() {
            numbers.iter().for_each(|n| state.lane.release(*n));
        }
        if !numbers.is_empty() && !self.is_follower() {
            self.outputs.push(Output::Store(StoreRequest::Settle(numbers)));
        }
    }

    /// An edit has come to its end: the user is told, in one tab.
    pub(super) fn ended(&mut self, id: EditId, end: EditEnd) {
        if self.is_told_here(id) {
            self.outputs.push(Output::Ended { id, end });
        }
        self.peers.known.remove(id);
    }

    fn handle_conflict(&mut self, board: &BoardId, id: EditId, conflict: &Conflict, now: Now) {
        let is_follower = self.is_follower();
        let Some(pending) = self.boards.get_mut(board).and_then(|state| state.pending.get_mut(id)) else { return };
        let conflict = pending.complete_conflict(conflict.clone());
        if pending.is_rolled_back && is_follower && pending.strategy != ConflictStrategy::RemoteWins {
            // The leader may not have heard of it yet, and goes on with the edit; it says how that ends.
            return;
        }
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
            // The leader sends it again.
            ConflictStrategy::LocalWins if is_follower => {}
            ConflictStrategy::LocalWins => {
                Arc::make_mut(&mut pending.op).on_conflict = OnConflict::Overwrite;
                // It replaces what others wrote, which only its event will say.
                pending.inverse = None;
                self.renumber(board, id);
            }
            ConflictStrategy::Ask => self.ask(id, case),
            ConflictStrategy::Merge => {
                // Of several tabs that merge, storage lets one go on; of what it could not take, only the leader does.
                let is_stored = self.peers.known.get(id).is_none_or(|known| known.is_stored);
                let merge = self.merges.get(board, &case.op.entity).filter(|_| is_stored || !is_follower);
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
        let (is_follower, is_alone) = (self.is_follower(), self.peers.is_alone());
        let Some(state) = self.boards.get_mut(board) else { return };
        let Some(pending) = state.pending.get(id) else { return };
        let n = pending.op.id.n;
        match rejection.reason {
            reason if pending.is_rolled_back && !reason.is_retryable() && reason != Reason::AlreadySettled => {
                self.end(board, id, EditEnd::RolledBack);
            }
            Reason::OutOfOrder | Reason::AlreadySettled if is_follower => {}
            reason if reason.is_retryable() && is_follower => {}
            reason if reason.is_retryable() => {
                state.lane.handle_refused_for_now(n, now.mono, &self.config.sync, &mut self.rng);
            }
            // Never decided, and never will be under this number.
            Reason::OutOfOrder => self.renumber(board, id),
            Reason::AlreadySettled if is_alone => self.end(board, id, EditEnd::AlreadySettled),
            Reason::AlreadySettled => self.doubt(id),
            _ => self.set_aside(board, id, Refused::Rejected(rejection.clone()), now),
        }
    }

    /// Sends an edit again as a new operation. The old number stays unsettled until the new one is stored.
    pub(super) fn renumber(&mut self, board: &BoardId, id: EditId) {
        let Some(state) = self.boards.get_mut(board) else { return };
        let Some(pending) = state.pending.get_mut(id) else { return };
        let op = Arc::make_mut(&mut pending.op);
        let old = std::mem::take(&mut op.id.n);
        pending.replaces = Some(old);
        pending.is_decided = false;
        state.lane.hold(old);
        let pending = pending.clone();
        state.pending.raise(id);
        self.store(board, id, &pending);
        self.note_entity(board, &pending.op);
    }

    pub(super) fn end_refused(&mut self, board: &BoardId, id: EditId, why: Refused, now: Now) {
        self.tell_user(board, id, &why, now);
        self.end(board, id, EditEnd::Refused(why));
    }

    /// Tells the user that an edit was refused, in one tab.
    pub(super) fn tell_user(&mut self, board: &BoardId, id: EditId, why: &Refused, now: Now) {
        let Some(pending) = self.boards.get(board).and_then(|state| state.pending.get(id)) else { return };
        let notice = Notice {
            id: 0,
            edit: id,
            board: board.clone(),
            entity: pending.op.entity.clone(),
            action: pending.op.action.name(),
            why: why.clone(),
            at: now.wall,
        };
        if self.is_told_here(id) {
            self.show_notice(notice);
        } else {
            self.keep_untold(id, notice);
        }
    }

    pub(super) fn show_notice(&mut self, notice: Notice) {
        self.last_notice += 1;
        self.notices.push_back(Notice { id: self.last_notice, ..notice });
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
        if !self.is_follower() {
            self.settle_everywhere(numbers);
        }
        self.ended(id, end);
    }
}
