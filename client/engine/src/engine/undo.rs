//! The way back of one's own edits: rollback of one, undo and redo of the last.

use std::sync::Arc;

use serde_json::Value;
use tideboard_shared::{Action, BoardId, Conflict, FieldConflict, Refusal};

use super::Engine;
use crate::{
    ApplyError, Choice, ConflictStrategy, Edit, EditEnd, EditId, Now, Rollback, RollbackError, UndoError,
    devtools::Milestone,
    edits::{Delivery, Entry, EntryState, Origin},
};

/// Which stack is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Undo,
    Redo,
}

impl Engine {
    pub(super) fn run_undo(&mut self, board: &BoardId, now: Now) -> Result<EditId, UndoError> {
        self.step_back(board, Way::Undo, now)
    }

    pub(super) fn run_redo(&mut self, board: &BoardId, now: Now) -> Result<EditId, UndoError> {
        self.step_back(board, Way::Redo, now)
    }

    /// Whether there is an edit of mine to undo.
    #[must_use]
    pub fn can_undo(&self, board: &BoardId) -> bool {
        self.config.features.undo && self.boards.get(board).is_some_and(|state| !state.history.undo.is_empty())
    }

    /// Whether there is an undo of mine to redo.
    #[must_use]
    pub fn can_redo(&self, board: &BoardId) -> bool {
        self.config.features.undo && self.boards.get(board).is_some_and(|state| !state.history.redo.is_empty())
    }

    pub(super) fn run_rollback(&mut self, id: EditId, now: Now) -> Result<Rollback, RollbackError> {
        if self.conflicts.0.contains_key(&id) {
            return self
                .run_resolve(id, Choice::Theirs, now)
                .map(|()| Rollback::Removed)
                .map_err(|_| RollbackError::Unknown(id));
        }
        let Some(board) = self.edits.get(&id).cloned() else { return self.roll_ended_back(id, now) };
        let (may_be_sent, is_alone) = (self.may_be_sent(id), self.peers.is_alone());
        let state = self.board_mut(&board);
        let pending = state.pending.get_mut(id).ok_or(RollbackError::Unknown(id))?;
        let is_ours_alone = is_alone || pending.delivery == Delivery::Manual;
        if pending.attempts == 0 && !may_be_sent && is_ours_alone {
            self.end(&board, id, EditEnd::RolledBack);
            return Ok(Rollback::Removed);
        }
        // It may have been applied even though it is not in flight now, if only by another tab: its outcome can tell, or
        // storage, where nobody has sent it.
        pending.is_rolled_back = true;
        let op = Arc::clone(&pending.op);
        self.devtools.note(id, Milestone::TakenBack);
        self.note_entity(&board, &op);
        if op.id.n > 0 {
            self.take_numbered_back(id);
        }
        Ok(Rollback::Reverting)
    }

    fn roll_ended_back(&mut self, id: EditId, now: Now) -> Result<Rollback, RollbackError> {
        let waiting =
            self.boards.iter_mut().find_map(|(board, state)| Some((board.clone(), state.pending.get_mut(id)?)));
        if let Some((board, pending)) = waiting {
            // It is applied, and its event is still to come: that says what has to be put back.
            pending.is_rolled_back = true;
            let op = Arc::clone(&pending.op);
            self.devtools.note(id, Milestone::TakenBack);
            self.note_entity(&board, &op);
            return Ok(Rollback::Reverting);
        }
        let known = self.boards.iter().find_map(|(board, state)| Some((board.clone(), state.history.get(id)?.clone())));
        // One that was taken back before is not taken back twice.
        let is_applied = |entry: &Entry| matches!(entry.state, EntryState::Confirmed { .. });
        let (board, entry) = known.filter(|(_, entry)| is_applied(entry)).ok_or(RollbackError::Unknown(id))?;
        if let Some(conflict) = self.overtaken(&board, &entry) {
            return Err(RollbackError::Conflict(conflict));
        }
        match self.apply_from(way_back(&board, &entry), Origin::Revert(None), now) {
            Ok(by) => {
                self.board_mut(&board).history.remove(id);
                Ok(Rollback::Reverted { by })
            }
            Err(ApplyError::Refused(Refusal::Conflict(conflict))) => Err(RollbackError::Conflict(conflict)),
            Err(error) => Err(RollbackError::Apply(error)),
        }
    }

    fn step_back(&mut self, board: &BoardId, way: Way, now: Now) -> Result<EditId, UndoError> {
        if !self.config.features.undo {
            return Err(UndoError::Disabled);
        }
        let state = self.boards.get_mut(board).ok_or(UndoError::Nothing)?;
        let stack = match way {
            Way::Undo => &mut state.history.undo,
            Way::Redo => &mut state.history.redo,
        };
        let entry = stack.pop_back().ok_or(UndoError::Nothing)?;
        let stepped = self.take_back(board, &entry, way, now);
        if stepped.is_err()
            && let Some(state) = self.boards.get_mut(board)
        {
            // It may be possible later.
            match way {
                Way::Undo => state.history.undo.push_back(entry),
                Way::Redo => state.history.redo.push_back(entry),
            }
        }
        stepped
    }

    fn take_back(&mut self, board: &BoardId, entry: &Entry, way: Way, now: Now) -> Result<EditId, UndoError> {
        let origin = if way == Way::Undo { Origin::Undo } else { Origin::Redo };
        if let EntryState::Pending = entry.state {
            self.run_rollback(entry.edit, now).map_err(|_| UndoError::Nothing)?;
            let again = Entry { state: EntryState::RolledBack, is_overtaken: false, ..entry.clone() };
            let limit = self.config.optimistic.max_undo.get();
            self.board_mut(board).history.push(origin, again, limit);
            return Ok(entry.edit);
        }
        if let Some(conflict) = self.overtaken(board, entry) {
            return Err(UndoError::Conflict(conflict));
        }
        self.apply_from(way_back(board, entry), origin, now).map_err(|error| match error {
            ApplyError::Refused(Refusal::Conflict(conflict)) => UndoError::Conflict(conflict),
            error => UndoError::Apply(error),
        })
    }

    /// What others changed after an edit, though it is not theirs that was written last.
    fn overtaken(&self, board: &BoardId, entry: &Entry) -> Option<Conflict> {
        let (_, inverse) = entry.way()?;
        let stands = self.entity_view(board, &entry.op.entity).filter(|_| entry.is_overtaken)?.entity;
        let yours: Vec<_> = match inverse {
            Action::Patch { set, unset } => {
                let set = set.iter().map(|(name, value)| (name.clone(), value.clone()));
                set.chain(unset.iter().map(|name| (name.clone(), Value::Null))).collect()
            }
            _ => stands.fields.keys().map(|name| (name.clone(), Value::Null)).collect(),
        };
        let value = |name: &str| stands.fields.get(name).cloned().unwrap_or_default();
        let fields = yours.into_iter().map(|(name, yours)| {
            let theirs = value(&name);
            FieldConflict { name, base: Value::Null, theirs, yours }
        });
        Some(Conflict { theirs_version: stands.version, fields: fields.collect() })
    }
}

/// The edit that takes an entry's back, or does it again; refused when others changed the same since.
fn way_back(board: &BoardId, entry: &Entry) -> Edit {
    let (action, base) = match &entry.state {
        EntryState::Confirmed { seq, inverse } => (inverse.clone(), Some(*seq)),
        EntryState::Pending | EntryState::RolledBack => (entry.op.action.clone(), Some(entry.op.base)),
    };
    let strategy = ConflictStrategy::RemoteWins;
    Edit { base, ..Edit::new(board.clone(), entry.op.entity.clone(), action).strategy(strategy) }
}
