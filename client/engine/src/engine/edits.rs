//! An edit's beginning: checked, shown, stored.

use std::sync::Arc;

use tideboard_shared::{Applied, BoardId, OnConflict, OpId, Operation, Refusal, Seq, board::predict};

use super::{BoardState, Engine};
use crate::{
    ApplyError, ConflictStrategy, Edit, EditEnd, EditId, Key, Maker, Now, Output, PendingView, Stage, StoreReply,
    StoreRequest, StoredEdit,
    devtools::Milestone,
    edits::{Delivery, Entry, EntryState, Origin, Pending, Place, inverse},
};

impl Engine {
    pub(super) fn run_apply(&mut self, edit: Edit, now: Now) -> Result<EditId, ApplyError> {
        let origin = match edit.maker {
            Maker::User => Origin::User,
            Maker::Program => Origin::Program,
        };
        self.apply_from(edit, origin, now)
    }

    pub(super) fn run_confirm(&mut self, id: EditId) -> bool {
        let Some(board) = self.manual(id) else { return false };
        self.end(&board, id, EditEnd::Confirmed);
        true
    }

    /// Edits without an end, oldest first, for the list the user can open.
    #[must_use]
    pub fn pending_edits(&self) -> Vec<PendingView> {
        let of = |(id, board): (&EditId, &BoardId)| {
            let state = self.boards.get(board)?;
            let pending = state.pending.get(*id)?;
            let stage = match pending.delivery {
                Delivery::Manual => Stage::Manual,
                Delivery::Auto if pending.op.id.n == 0 => Stage::Storing,
                Delivery::Auto if state.lane.is_in_flight(pending.op.id.n) => Stage::InFlight,
                Delivery::Auto => Stage::Queued,
            };
            Some(PendingView {
                id: *id,
                board: board.clone(),
                op: Arc::clone(&pending.op),
                created: pending.created,
                attempts: pending.attempts,
                stage,
                is_overdue: pending.is_overdue,
            })
        };
        let mut views: Vec<_> = self.edits.iter().filter_map(of).collect();
        views.sort_by_key(|view| view.created);
        views
    }

    pub(super) fn apply_from(&mut self, edit: Edit, origin: Origin, now: Now) -> Result<EditId, ApplyError> {
        let Edit { board, entity, action, strategy, base, delivery, maker: _ } = edit;
        let is_revert = matches!(origin, Origin::Revert(_));
        if !self.config.features.offline_queue && !self.is_live() && !is_revert {
            return Err(ApplyError::NotLive);
        }
        let Some(state) = self.boards.get(&board).filter(|state| state.replica.is_loaded()) else {
            return Err(ApplyError::NotLoaded(board));
        };
        let seq = state.replica.seq();
        let op = Operation {
            id: OpId { client: self.client.clone(), n: 0 },
            entity,
            base: base.map_or(seq, |base| base.min(seq)),
            action,
            on_conflict: OnConflict::Reject,
        };
        let (op, applied) = state.predicted(op, strategy)?;
        let confirmed = state.replica.board().entity(&op.entity);
        let seen = confirmed.filter(|entity| entity.version <= op.base).cloned();
        let deadline = now.mono + self.config.optimistic.operation_timeout.get();
        let replaces = if let Origin::Revert(reverted) = origin { reverted } else { None };
        let inverse = applied.and_then(|applied| inverse(&op.action, &applied));
        let pending = Pending { seen, inverse, delivery, deadline, replaces, ..Pending::new(op, strategy, now.wall) };
        if !is_revert {
            // What the user took back is taken back whatever waits.
            self.check_room(&pending)?;
        }

        self.last_edit += 1;
        let id = EditId(self.last_edit);
        tracing::debug!(edit = id.0, %board, action = pending.op.action.name(), "edited");
        self.devtools.open(id, &board, &pending.op, Milestone::Created);
        if delivery == Delivery::Auto {
            self.store(&board, id, &pending);
            self.deadlines.insert((deadline, id));
            let entry =
                Entry { edit: id, op: Arc::clone(&pending.op), state: EntryState::Pending, is_overtaken: false };
            let limit = self.config.optimistic.max_undo.get();
            self.board_mut(&board).history.push(origin, entry, limit);
        }
        self.insert_pending(board, id, pending, Place::Newest);
        Ok(id)
    }

    pub(super) fn handle_stored(&mut self, reply: StoreReply, now: Now) {
        let is_written = matches!(reply, StoreReply::Appended { .. });
        if !matches!(reply, StoreReply::Loaded(_) | StoreReply::Led { .. } | StoreReply::SetAside { .. }) {
            self.peers.unanswered = self.peers.unanswered.saturating_sub(1);
        }
        let (id, n) = match reply {
            StoreReply::Loaded(contents) => return self.handle_loaded(contents, now),
            StoreReply::Led { term, contents } => return self.handle_led(term, contents, now),
            StoreReply::Gone { id } => return self.handle_gone(id),
            StoreReply::Dropped { id } => return self.handle_dropped(id),
            StoreReply::Kept { id } => return self.handle_kept(id),
            StoreReply::SetAside { n } => return self.handle_set_aside(n),
            StoreReply::Appended { id, n } => {
                self.storage_problem = None;
                (id, n)
            }
            StoreReply::AppendFailed { id, n, ref reason } => {
                self.storage_problem = Some(reason.clone());
                (id, n)
            }
        };
        self.changed.insert(Key::Sync);
        let board = self.edits.get(&id).and_then(|board| self.boards.get_mut(board));
        let Some(BoardState { pending, lane, .. }) = board else {
            // It was taken back while it was being written.
            return self.settle_everywhere(vec![n]);
        };
        let Some(pending) = pending.books_mut(id).filter(|pending| pending.op.id.n < n) else { return };
        if pending.op.id.n > 0 {
            // Another tab has gone on with it meanwhile, which storage could not prevent.
            return self.settle_everywhere(vec![n]);
        }
        Arc::make_mut(&mut pending.op).id.n = n;
        tracing::debug!(edit = id.0, op = %pending.op.id, "stored");
        let old = pending.replaces.take();
        if let Some(old) = old {
            lane.settle(old);
            if !is_written {
                // The row that it should have replaced would be sent again after a reload.
                self.outputs.push(Output::Store(StoreRequest::Settle(vec![old])));
            }
        }
        lane.enqueue(n, id);
        if let Some(old) = old {
            self.note_replaced(old);
        }
        self.note_number(id, n, is_written);
        if self.pending(id).is_some_and(|pending| pending.is_rolled_back) {
            self.take_numbered_back(id);
        }
        self.hurry_rest(now);
    }

    /// Shows edits whose outcome takes too long as overdue. They stay queued.
    pub(super) fn handle_overdue(&mut self, now: Now) {
        while let Some((deadline, id)) = self.deadlines.first().copied().filter(|(deadline, _)| *deadline <= now.mono) {
            self.deadlines.remove(&(deadline, id));
            let board = self.edits.get(&id).and_then(|board| self.boards.get_mut(board));
            if let Some(pending) = board.and_then(|state| state.pending.books_mut(id)) {
                pending.is_overdue = true;
                self.outputs.push(Output::Overdue(id));
                self.changed.insert(Key::Sync);
            }
        }
    }

    pub(super) fn store(&mut self, board: &BoardId, id: EditId, pending: &Pending) {
        let known = self.peers.known.get(id);
        // What storage could not take is not there to be replaced.
        let replaces = pending.replaces.filter(|_| known.is_none_or(|known| known.is_stored));
        let author = known.map_or_else(|| Some(self.peers.me.clone()), |known| known.author.clone());
        let first = known.map_or(0, |known| known.first);
        let edit = StoredEdit {
            board: board.clone(),
            op: pending.op.as_ref().clone(),
            strategy: pending.strategy,
            created: pending.created,
            schema: self.migrations.schema(),
            aside: None,
            first,
            author,
        };
        self.peers.unanswered += 1;
        self.outputs.push(Output::Store(StoreRequest::Append { edit: edit.into(), id, replaces }));
    }

    pub(super) fn insert_pending(&mut self, board: BoardId, id: EditId, pending: Pending, place: Place) {
        self.note_entity(&board, &pending.op);
        self.outbox_bytes += pending.bytes;
        self.board_mut(&board).pending.insert(id, pending, place);
        self.edits.insert(id, board);
    }

    /// Takes an edit off, so that it is no longer shown.
    pub(super) fn remove_pending(&mut self, board: &BoardId, id: EditId) -> Option<Pending> {
        let pending = self.boards.get_mut(board)?.pending.remove(id)?;
        self.deadlines.remove(&(pending.deadline, id));
        self.outbox_bytes -= pending.bytes;
        self.note_entity(board, &pending.op);
        Some(pending)
    }

    pub(super) fn note_entity(&mut self, board: &BoardId, op: &Operation) {
        let entity = Key::Entity(board.clone(), op.entity.clone());
        self.changed.extend([Key::Sync, Key::Board(board.clone()), entity]);
    }

    /// The board of an edit that the application delivers itself.
    pub(super) fn manual(&self, id: EditId) -> Option<BoardId> {
        let board = self.edits.get(&id)?;
        let pending = self.boards.get(board)?.pending.get(id)?;
        (pending.delivery == Delivery::Manual).then(|| board.clone())
    }

    pub(super) fn check_room(&self, pending: &Pending) -> Result<(), ApplyError> {
        let limit = self.config.optimistic.max_pending.get();
        // An applied edit that was taken back keeps its place for the edit that reverts it.
        let owed: usize = self.boards.values().map(|state| state.pending.owed()).sum();
        if self.edits.len() + self.conflicts.0.len() + owed >= limit {
            return Err(ApplyError::OutboxFull { limit });
        }
        let limit = self.config.sync.max_outbox_bytes.get();
        if self.outbox_bytes + pending.bytes > limit {
            return Err(ApplyError::OutboxTooLarge { limit });
        }
        Ok(())
    }
}

impl BoardState {
    /// The operation, if it applies to what the user sees, and what it replaces there; overwriting, where that is how its
    /// conflict would be settled.
    fn predicted(
        &self,
        mut op: Operation,
        strategy: ConflictStrategy,
    ) -> Result<(Operation, Option<Applied>), ApplyError> {
        let seq = self.replica.seq();
        let shown = self.pending.overlay(&op.entity, self.replica.board().entity(&op.entity), seq);
        let mut entity = shown.entity;
        match (predict(&mut entity, &op, seq.next()), strategy) {
            (Ok(applied), _) => Ok((op, Some(applied))),
            (Err(Refusal::Conflict(_)), ConflictStrategy::LocalWins) => {
                op.on_conflict = OnConflict::Overwrite;
                let applied = predict(&mut entity, &op, seq.next()).map_err(ApplyError::Refused)?;
                Ok((op, Some(applied)))
            }
            // The server will say the same, and then the merge or the user decides.
            (Err(Refusal::Conflict(_)), ConflictStrategy::Merge | ConflictStrategy::Ask) => Ok((op, None)),
            (Err(refusal), _) => Err(ApplyError::Refused(refusal)),
        }
    }

    /// Whether the reducer would take this operation now; used where an edit goes on with another base.
    pub(super) fn may_apply(&self, op: &Operation) -> Result<Applied, Refusal> {
        let seq: Seq = self.replica.seq();
        let mut entity = self.pending.overlay(&op.entity, self.replica.board().entity(&op.entity), seq).entity;
        predict(&mut entity, op, seq.next())
    }
}
