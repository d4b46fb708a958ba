//! An edit's way: shown, stored, submitted, decided, ended.

use std::collections::BTreeSet;

use tideboard_shared::{
    BoardId, Channel, ClientMessage, Conflict, Durability, OnConflict, OpId, OpResult, Operation, Outcome, Reason,
    Refusal, Rejection, Seq, board::predict, encode, message::Submit,
};

use super::{BoardState, Engine};
use crate::{
    ApplyError, ConflictStrategy, Edit, EditEnd, EditId, Key, Notice, Now, Output, Refused, StoreReply, StoreRequest,
    StoredEdit,
    optimistic::{Pending, Place},
    replica::Progress,
};

impl Engine {
    /// Makes an edit: it shows at once, is stored, and is sent as soon as it is stored and there is a connection.
    ///
    /// # Errors
    /// When it cannot be made now; nothing is changed or queued then.
    pub fn apply(&mut self, edit: Edit, now: Now) -> Result<EditId, ApplyError> {
        let limit = self.config.optimistic.max_pending.get();
        if self.edits.len() >= limit {
            return Err(ApplyError::OutboxFull { limit });
        }
        let Some(state) = self.boards.get_mut(&edit.board).filter(|state| state.replica.position().is_some()) else {
            return Err(ApplyError::NotLoaded(edit.board));
        };
        let seq = state.replica.seq();
        let mut op = Operation {
            id: OpId { client: self.client.clone(), n: 0 },
            entity: edit.entity,
            base: edit.base.map_or(seq, |base| base.min(seq)),
            action: edit.action,
            on_conflict: OnConflict::Reject,
        };
        let confirmed = state.replica.board().entity(&op.entity);
        let shown = state.pending.overlay(&op.entity, confirmed, seq);
        let mut predicted = predict(shown.entity.as_ref(), &op, seq.next());
        if matches!(predicted, Err(Refusal::Conflict(_))) && edit.strategy == ConflictStrategy::LocalWins {
            op.on_conflict = OnConflict::Overwrite;
            predicted = predict(shown.entity.as_ref(), &op, seq.next());
        }
        predicted.map_err(ApplyError::Refused)?;

        self.last_edit += 1;
        let id = EditId(self.last_edit);
        let pending = Pending {
            seen: confirmed.filter(|entity| entity.version <= op.base).cloned(),
            op,
            strategy: edit.strategy,
            created: now.wall,
            replaces: None,
            is_decided: false,
            applied_as: None,
        };
        tracing::debug!(edit = id.0, board = %edit.board, action = pending.op.action.name(), "edited");
        self.store(&edit.board, id, &pending);
        self.insert_pending(edit.board, id, pending, Place::Newest);
        Ok(id)
    }

    /// Forgets a notice that the user has seen.
    pub fn dismiss_notice(&mut self, id: u64) {
        self.notices.retain(|notice| notice.id != id);
        self.changed.insert(Key::Notices);
    }

    pub(super) fn handle_stored(&mut self, reply: StoreReply) {
        let (id, n) = match reply {
            StoreReply::Loaded(edits) => return self.handle_loaded(edits),
            StoreReply::Appended { id, n } => {
                self.storage_problem = None;
                (id, n)
            }
            StoreReply::AppendFailed { id, n, reason } => {
                self.storage_problem = Some(reason);
                (id, n)
            }
        };
        self.changed.insert(Key::Sync);
        let Some(state) = self.edits.get(&id).and_then(|board| self.boards.get_mut(board)) else { return };
        let BoardState { pending, lane, .. } = state;
        let Some(pending) = pending.get_mut(id) else { return };
        pending.op.id.n = n;
        tracing::debug!(edit = id.0, op = %pending.op.id, "stored");
        if let Some(old) = pending.replaces.take() {
            lane.settle(old);
        }
        lane.enqueue(n, id);
    }

    /// Submits what may be submitted, on every board.
    pub(super) fn submit_all(&mut self, now: Now) {
        if self.connection.live_epoch().is_none() {
            return;
        }
        let limits = self.limits();
        let mut messages = Vec::new();
        for (id, state) in &mut self.boards {
            let BoardState { pending, lane, .. } = state;
            let (mut ops, mut numbers, mut bytes) = (Vec::new(), BTreeSet::new(), 0);
            for (n, edit) in lane.ready(now.mono).take(limits.ops_per_submit) {
                let Some(pending) = pending.get(edit) else { continue };
                bytes += encode(&pending.op).len() + 1;
                // Half of the limit is left for what is around the operations.
                if !ops.is_empty() && bytes > limits.frame_bytes / 2 {
                    break;
                }
                tracing::debug!(op = %pending.op.id, board = %id, "submitted");
                ops.push(pending.op.clone());
                numbers.insert(n);
            }
            if ops.is_empty() {
                continue;
            }
            lane.handle_submitted(numbers, now.mono, &self.config.sync);
            let submit = Submit { board: id.clone(), settled_through: lane.settled_through(), ops };
            messages.push(ClientMessage::Submit(submit));
            self.changed.insert(Key::Sync);
        }
        for message in messages {
            self.send_frame(&[message]);
        }
    }

    pub(super) fn handle_outcomes(&mut self, board: &BoardId, results: &[OpResult], now: Now) {
        self.last_synced_at = Some(now.wall);
        self.changed.insert(Key::Sync);
        for result in results {
            let is_mine = result.id.client == self.client;
            let lane = self.boards.get(board).map(|state| &state.lane).filter(|_| is_mine);
            let Some(edit) = lane.and_then(|lane| lane.edit(result.id.n)) else { continue };
            tracing::debug!(op = %result.id, %board, outcome = result.outcome.name(), "decided");
            match &result.outcome {
                Outcome::Applied { seq, durability } => self.handle_applied(board, edit, *seq, *durability),
                Outcome::Conflict(conflict) => self.handle_conflict(board, edit, conflict, now),
                Outcome::Rejected(rejection) => self.handle_rejected(board, edit, rejection, now),
            }
        }
    }

    /// Follows what a message did to the confirmed board.
    pub(super) fn handle_progress(&mut self, board: &BoardId, progress: Progress) {
        self.changed.insert(Key::Board(board.clone()));
        for event in &progress.events {
            self.changed.insert(Key::Entity(board.clone(), event.op.entity.clone()));
            if event.op.id.client != self.client {
                continue;
            }
            tracing::debug!(op = %event.op.id, %board, seq = %event.seq, "confirmed");
            // The event says as much as the outcome, and is as durable: nothing is broadcast before.
            if let Some(edit) = self.boards.get(board).and_then(|state| state.lane.edit(event.op.id.n)) {
                let welcome = self.connection.facts().welcome.as_ref();
                let durability = welcome.map_or(Durability::Memory, |welcome| welcome.durability);
                self.handle_applied(board, edit, event.seq, durability);
            }
        }
        if let Some(replaced) = progress.replaced {
            self.changed.insert(Key::Snapshot(board.clone()));
            self.board_mut(board).pending.handle_snapshot(replaced.last_n);
            if replaced.is_new_log {
                self.drop_applied(board);
            }
        }
        self.drop_arrived(board);
        if progress.needs_resync {
            self.resync(board);
        }
    }

    fn handle_loaded(&mut self, edits: Vec<StoredEdit>) {
        for edit in edits.into_iter().rev() {
            self.last_edit += 1;
            let id = EditId(self.last_edit);
            let n = edit.op.id.n;
            let pending = Pending {
                op: edit.op,
                strategy: edit.strategy,
                created: edit.created,
                seen: None,
                replaces: None,
                is_decided: false,
                applied_as: None,
            };
            self.board_mut(&edit.board).lane.enqueue(n, id);
            self.insert_pending(edit.board, id, pending, Place::Oldest);
        }
    }

    fn handle_applied(&mut self, board: &BoardId, id: EditId, seq: Seq, durability: Durability) {
        let is_followed = self.subscriptions.contains(&Channel::Board(board.clone()));
        let Some(state) = self.boards.get_mut(board) else { return };
        let Some(pending) = state.pending.get_mut(id) else { return };
        let n = pending.op.id.n;
        pending.applied_as = Some(seq);
        state.lane.settle(n);
        self.outputs.push(Output::Store(StoreRequest::Settle(vec![n])));
        self.outputs.push(Output::Ended { id, end: EditEnd::Applied { seq, durability } });
        self.edits.remove(&id);
        // Until its event arrives the edit stays on top, or its effect would vanish for a moment.
        if !is_followed || state.replica.seq() >= seq {
            self.remove_pending(board, id);
        }
    }

    fn handle_conflict(&mut self, board: &BoardId, id: EditId, conflict: &Conflict, now: Now) {
        let Some(pending) = self.boards.get_mut(board).and_then(|state| state.pending.get_mut(id)) else { return };
        match pending.strategy {
            ConflictStrategy::RemoteWins => {
                let conflict = pending.complete_conflict(conflict.clone());
                self.end_refused(board, id, Refused::Conflict(conflict), now);
            }
            ConflictStrategy::LocalWins => {
                pending.op.on_conflict = OnConflict::Overwrite;
                self.renumber(board, id);
            }
        }
    }

    fn handle_rejected(&mut self, board: &BoardId, id: EditId, rejection: &Rejection, now: Now) {
        let Some(state) = self.boards.get_mut(board) else { return };
        let Some(n) = state.pending.get(id).map(|pending| pending.op.id.n) else { return };
        match rejection.reason {
            reason if reason.is_retryable() => {
                state.lane.handle_refused_for_now(n, now.mono, &self.config.sync, &mut self.rng);
            }
            // Never decided, and never will be under this number.
            Reason::OutOfOrder => self.renumber(board, id),
            Reason::AlreadySettled => self.end(board, id, EditEnd::AlreadySettled),
            _ => self.end_refused(board, id, Refused::Rejected(rejection.clone()), now),
        }
    }

    /// Sends an edit again as a new operation. The old number stays unsettled until the new one is stored.
    fn renumber(&mut self, board: &BoardId, id: EditId) {
        let Some(state) = self.boards.get_mut(board) else { return };
        let Some(pending) = state.pending.get_mut(id) else { return };
        let old = std::mem::take(&mut pending.op.id.n);
        pending.replaces = Some(old);
        pending.is_decided = false;
        pending.op.base = state.replica.seq();
        state.lane.hold(old);
        let pending = pending.clone();
        self.store(board, id, &pending);
        self.changed.insert(Key::Entity(board.clone(), pending.op.entity));
    }

    fn end_refused(&mut self, board: &BoardId, id: EditId, why: Refused, now: Now) {
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
        self.end(board, id, EditEnd::Refused(why));
    }

    fn end(&mut self, board: &BoardId, id: EditId, end: EditEnd) {
        let Some(pending) = self.remove_pending(board, id) else { return };
        let n = pending.op.id.n;
        self.board_mut(board).lane.settle(n);
        self.edits.remove(&id);
        self.outputs.push(Output::Store(StoreRequest::Settle(vec![n])));
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

    fn store(&mut self, board: &BoardId, id: EditId, pending: &Pending) {
        let edit = StoredEdit {
            board: board.clone(),
            op: pending.op.clone(),
            strategy: pending.strategy,
            created: pending.created,
        };
        self.outputs.push(Output::Store(StoreRequest::Append { edit, id, replaces: pending.replaces }));
    }

    fn insert_pending(&mut self, board: BoardId, id: EditId, pending: Pending, place: Place) {
        self.note_entity(&board, &pending);
        self.board_mut(&board).pending.insert(id, pending, place);
        self.edits.insert(id, board);
    }

    fn remove_pending(&mut self, board: &BoardId, id: EditId) -> Option<Pending> {
        let pending = self.boards.get_mut(board)?.pending.remove(id)?;
        self.note_entity(board, &pending);
        Some(pending)
    }

    fn note_entity(&mut self, board: &BoardId, pending: &Pending) {
        let entity = Key::Entity(board.clone(), pending.op.entity.clone());
        self.changed.extend([Key::Sync, Key::Board(board.clone()), entity]);
    }
}
