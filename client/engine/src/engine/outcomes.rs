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
            if is_mine {
                self.note_outcome(board, result);
            }
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
        if let Some(replaced) = progress.replaced {
            self.changed.insert(Key::Snapshot(board.clone()));
            self.board_mut(board).pending.handle_snapshot(replaced.last_n);
            if replaced.is_new_log {
                self.drop_applied(board);
            }
        }
        self.drop_arrived(board);
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

    /// An edit came back as an event. When it was taken back meanwhile, the edit that reverts it, and the number of what it
    /// reverts while storage still has that.
    fn handle_own_event(&mut self, board: &BoardId, event: &Event, applied: &Applied) -> Option<(Edit, Option<u64>)> {
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
        let is_stored = self.tabs.known.get(id).is_none_or(|known| known.is_stored);
        // The event is as durable as the outcome: nothing is broadcast before.
        let welcome = self.connection.facts().welcome.as_ref();
        let durability = welcome.map_or(Durability::Memory, |welcome| welcome.durability);
        let n = event.op.id.n;
        let is_newly_ended = self.note_applied(board, id, event.seq, durability);
        if is_newly_ended {
            let outcome = Outcome::Applied { seq: event.seq, durability };
            self.relay_end(board, OpResult { id: event.op.id.clone(), outcome });
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

    /// Takes an applied edit back, once: whoever takes its place in storage does it.
    fn revert(&mut self, edit: Edit, n: Option<u64>, now: Now) {
        // Refused when others changed the same since: then theirs stands, as after any undo that comes too late.
        if self.apply_from(edit, Origin::Revert(n), now).is_err() {
            self.settle(n.into_iter().collect());
        }
    }

    fn handle_applied(&mut self, board: &BoardId, id: EditId, seq: Seq, durability: Durability) {
        let Some(pending) = self.boards.get(board).and_then(|state| state.pending.get(id)) else { return };
        let (n, is_rolled_back) = (pending.op.id.n, pending.is_rolled_back);
        // What was taken back gives its place in storage to the edit that reverts it, once its event has arrived.
        if self.note_applied(board, id, seq, durability) && !is_rolled_back {
            self.settle(vec![n]);
            if let Some(pending) = self.board_mut(board).pending.get_mut(id) {
                pending.is_settled = true;
            }
        }
    }

    /// Ends an edit that is in the log. Whether it had no end before.
    fn note_applied(&mut self, board: &BoardId, id: EditId, seq: Seq, durability: Durability) -> bool {
        let is_followed = self.subscriptions.contains(&Channel::Board(board.clone()));
        let Some(state) = self.boards.get_mut(board) else { return false };
        let Some(pending) = state.pending.get(id) else { return false };
        if self.edits.remove(&id).is_none() {
            return false;
        }
        let n = pending.op.id.n;
        self.deadlines.remove(&(pending.deadline, id));
        state.pending.handle_applied(id, seq);
        state.lane.settle(n);
        let is_visible = state.replica.seq() >= seq;
        self.ended(id, EditEnd::Applied { seq, durability });
        // Until its event arrives the edit stays on top, or its effect would vanish for a moment.
        if !is_followed || is_visible {
            self.drop_shown(board, id);
        }
        true
    }

    /// Takes an applied edit off. One whose event never came, because a snapshot had it, cannot be taken back.
    fn drop_shown(&mut self, board: &BoardId, id: EditId) {
        let dropped = self.remove_pending(board, id);
        self.board_mut(board).history.handle_unseen(id);
        if let Some(pending) = dropped.filter(|pending| pending.is_rolled_back && !pending.is_settled) {
            self.settle(vec![pending.op.id.n]);
        }
    }

    /// Storage may forget edits whose end the server has told. A follower leaves that to the leader.
    pub(super) fn settle(&mut self, numbers: Vec<u64>) {
        if !numbers.is_empty() && !self.is_follower() {
            self.outputs.push(Output::Store(StoreRequest::Settle(numbers)));
        }
    }

    /// An edit has come to its end: the user is told, in one tab.
    pub(super) fn ended(&mut self, id: EditId, end: EditEnd) {
        if self.is_told_here(id) {
            self.outputs.push(Output::Ended { id, end });
        }
        self.tabs.known.remove(id);
    }

    fn handle_conflict(&mut self, board: &BoardId, id: EditId, conflict: &Conflict, now: Now) {
        let is_follower = self.is_follower();
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
            // The leader sends it again.
            ConflictStrategy::LocalWins if is_follower => {}
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
        let (is_follower, is_alone) = (self.is_follower(), self.tabs.is_alone());
        let Some(state) = self.boards.get_mut(board) else { return };
        let Some(pending) = state.pending.get(id) else { return };
        let n = pending.op.id.n;
        match rejection.reason {
            _ if pending.is_rolled_back && !rejection.reason.is_retryable() => {
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
        op.base = state.replica.seq();
        pending.replaces = Some(old);
        pending.is_decided = false;
        state.lane.hold(old);
        let pending = pending.clone();
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

    /// Takes applied edits off whose events are in the confirmed board now.
    fn drop_arrived(&mut self, board: &BoardId) {
        let seq = self.board_mut(board).replica.seq();
        for id in self.board_mut(board).pending.applied_through(seq) {
            self.drop_shown(board, id);
        }
    }

    /// Takes all applied edits off: their log is gone, or the board is no longer followed.
    pub(super) fn drop_applied(&mut self, board: &BoardId) {
        for id in self.board_mut(board).pending.applied_through(Seq(u64::MAX)) {
            self.drop_shown(board, id);
        }
    }
}
