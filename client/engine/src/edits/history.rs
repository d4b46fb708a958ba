use std::{collections::VecDeque, sync::Arc};

use serde_json::Number;
use tideboard_shared::{Action, Applied, Board, Changed, Conflict, Entity, Fields, Operation, Seq};

use super::{ApplyError, EditId, OpNo};

/// Origin of an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    User,
    /// The application by itself; not to be undone.
    Program,
    Undo,
    Redo,
    /// Reverts an edit that the user took back too late; not itself to be undone. With the row of the edit that it
    /// reverts, while storage still has that.
    Revert(Option<OpNo>),
}

impl Origin {
    /// Row whose place the edit takes in storage.
    pub(crate) fn reverted(self) -> Option<OpNo> {
        match self {
            Self::Revert(row) => row,
            Self::User | Self::Program | Self::Undo | Self::Redo => None,
        }
    }
}

/// Edit of mine that can be taken back, or taken back again.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) edit: EditId,
    pub(crate) op: Arc<Operation>,
    pub(crate) state: EntryState,
    /// Others changed the same after it was applied.
    pub(crate) is_overtaken: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum EntryState {
    /// Not decided yet.
    Pending,
    /// In the log at `seq`; `inverse` takes it back.
    Confirmed { seq: Seq, inverse: Action },
    /// Taken back before it reached the log. Doing it again is doing it anew, unless others changed the same since.
    RolledBack,
}

/// Stacks of my own edits of one board; the newest last.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) undo: VecDeque<Entry>,
    pub(crate) redo: VecDeque<Entry>,
}

/// Reason why nothing was undone or redone.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum UndoError {
    /// There is no edit of mine to take back.
    #[error("there is nothing to undo or redo")]
    Nothing,
    /// Undo is switched off.
    #[error("undo is switched off")]
    Disabled,
    /// Others changed the same since; what they changed is in the conflict.
    #[error("others changed the same fields since")]
    Conflict(Conflict),
    /// Not possible now.
    #[error(transparent)]
    Apply(ApplyError),
}

/// Result of a rollback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rollback {
    /// The edit had not been sent, and no other tab knew of it; it is gone.
    Removed,
    /// The edit is on its way. From here on it does not show, and is reverted should it turn out to be applied.
    Reverting,
    /// The edit was applied; another one takes it back.
    Reverted {
        /// The edit that does.
        by: EditId,
    },
}

/// Reason why nothing was rolled back.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RollbackError {
    /// There is no such edit, or it ended too long ago to be taken back.
    #[error("edit {} is not known", .0.0)]
    Unknown(EditId),
    /// Others changed the same since.
    #[error("others changed the same fields since")]
    Conflict(Conflict),
    /// Not possible now.
    #[error(transparent)]
    Apply(ApplyError),
}

impl Entry {
    /// Action that is taken when the entry leaves its stack, and the position since which others' changes stand against
    /// that.
    pub(crate) fn way(&self) -> Option<(Seq, &Action)> {
        match &self.state {
            EntryState::Pending => None,
            EntryState::Confirmed { seq, inverse } => Some((*seq, inverse)),
            EntryState::RolledBack => Some((self.op.base, &self.op.action)),
        }
    }
}

impl History {
    /// Notes a new edit; what was undone can no longer be redone once the user does something else.
    pub(crate) fn push(&mut self, origin: Origin, entry: Entry, limit: usize) {
        let stack = match origin {
            Origin::User => {
                self.redo.clear();
                &mut self.undo
            }
            Origin::Redo => &mut self.undo,
            Origin::Undo => &mut self.redo,
            Origin::Program | Origin::Revert(_) => return,
        };
        stack.push_back(entry);
        if stack.len() > limit {
            stack.pop_front();
        }
    }

    /// Others changed an entity. What they wrote over is not put back, not even once my later edits of it are undone.
    pub(crate) fn handle_others(&mut self, op: &Operation, seq: Seq) {
        for entry in self.undo.iter_mut().chain(&mut self.redo).filter(|entry| entry.op.entity == op.entity) {
            if let Some((at, action)) = entry.way() {
                entry.is_overtaken |= at < seq && overwrites(action, &op.action);
            }
        }
    }

    /// Follows a snapshot that hides the events since `known`: whoever changed a field then, others may have before.
    pub(crate) fn handle_snapshot(&mut self, board: &Board, known: Seq) {
        for entry in self.undo.iter_mut().chain(&mut self.redo) {
            if let Some((at, action)) = entry.way() {
                let entity = board.entity(&entry.op.entity);
                entry.is_overtaken |= is_changed(entity, action, known.max(at));
            }
        }
    }

    /// Another log: places in the one before mean nothing in it.
    pub(crate) fn handle_new_log(&mut self) {
        let is_pending = |entry: &Entry| matches!(entry.state, EntryState::Pending);
        self.undo.retain(is_pending);
        self.redo.retain(is_pending);
    }

    /// An edit is in the log; without an inverse there is nothing to take back.
    pub(crate) fn handle_confirmed(&mut self, edit: EditId, seq: Seq, inverse: Option<Action>) {
        match (self.get_mut(edit), inverse) {
            (Some(entry), Some(inverse)) => entry.state = EntryState::Confirmed { seq, inverse },
            (Some(_), None) => self.remove(edit),
            (None, _) => {}
        }
    }

    /// An edit is in the log, but what it replaced was never seen: there is no way back.
    pub(crate) fn handle_unseen(&mut self, edit: EditId) {
        if self.get(edit).is_some_and(|entry| matches!(entry.state, EntryState::Pending)) {
            self.remove(edit);
        }
    }

    pub(crate) fn get(&self, edit: EditId) -> Option<&Entry> {
        self.undo.iter().chain(&self.redo).rev().find(|entry| entry.edit == edit)
    }

    fn get_mut(&mut self, edit: EditId) -> Option<&mut Entry> {
        self.undo.iter_mut().chain(&mut self.redo).rev().find(|entry| entry.edit == edit)
    }

    pub(crate) fn remove(&mut self, edit: EditId) {
        self.undo.retain(|entry| entry.edit != edit);
        self.redo.retain(|entry| entry.edit != edit);
    }
}

/// Rest of `inverse` once fields that have been written again since are left out; `None` when nothing remains.
pub(crate) fn narrowed(inverse: Action, is_written: impl Fn(&str) -> bool) -> Option<Action> {
    let Action::Patch { mut set, mut unset } = inverse else { return Some(inverse) };
    set.retain(|name, _| !is_written(name));
    unset.retain(|name| !is_written(name));
    (!set.is_empty() || !unset.is_empty()).then_some(Action::Patch { set, unset })
}

/// True if a field that `inverse` would write was changed after `since`, or went with its entity.
pub(crate) fn is_changed(entity: Option<&Arc<Entity>>, inverse: &Action, since: Seq) -> bool {
    let Some(entity) = entity else { return matches!(inverse, Action::Patch { .. } | Action::Remove) };
    let is_later = |changed: &Changed| changed.seq > since;
    match inverse {
        // Even a field that is gone has its mark, unless the entity was removed meanwhile and is another one.
        Action::Patch { set, unset } => {
            set.keys().chain(unset).any(|name| entity.changed.get(name).is_none_or(is_later))
        }
        Action::Remove => entity.changed.values().any(is_later),
        Action::Create { .. } | Action::Increment { .. } | Action::SetAdd { .. } | Action::SetRemove { .. } => false,
    }
}

/// True if taking an edit back by `inverse` would overwrite what `theirs` wrote.
fn overwrites(inverse: &Action, theirs: &Action) -> bool {
    match inverse {
        Action::Patch { set, unset } => set.keys().chain(unset).any(|name| writes(theirs, name)),
        Action::Remove => true,
        Action::Create { .. } | Action::Increment { .. } | Action::SetAdd { .. } | Action::SetRemove { .. } => false,
    }
}

/// True if an action writes a field.
pub(crate) fn writes(action: &Action, name: &str) -> bool {
    match action {
        Action::Create { .. } | Action::Remove => true,
        Action::Patch { set, unset } => set.contains_key(name) || unset.contains(name),
        Action::Increment { field, .. } | Action::SetAdd { field, .. } | Action::SetRemove { field, .. } => {
            field == name
        }
    }
}

/// The action that takes an applied one back; `None` when it changed nothing.
pub(crate) fn inverse(action: &Action, applied: &Applied) -> Option<Action> {
    let restored = || {
        let mut set = Fields::new();
        let mut unset = std::collections::BTreeSet::new();
        for (name, value) in applied.before.iter().cloned() {
            match value {
                Some(value) => drop(set.insert(name, value)),
                None => drop(unset.insert(name)),
            }
        }
        Action::Patch { set, unset }
    };
    let had = |value: &serde_json::Value| {
        let before = applied.before.first().and_then(|(_, before)| before.as_ref());
        before.and_then(|before| before.as_array()).is_some_and(|items| items.contains(value))
    };
    Some(match action {
        Action::Create { .. } => Action::Remove,
        Action::Patch { .. } => restored(),
        Action::Increment { field, by } => Action::Increment { field: field.clone(), by: negated(by)? },
        Action::SetAdd { value, .. } if had(value) => return None,
        Action::SetAdd { field, value } => Action::SetRemove { field: field.clone(), value: value.clone() },
        Action::SetRemove { value, .. } if !had(value) => return None,
        Action::SetRemove { field, value } => Action::SetAdd { field: field.clone(), value: value.clone() },
        Action::Remove => {
            let entity = applied.removed.as_ref()?;
            Action::Create { kind: entity.kind.clone(), fields: entity.fields.clone() }
        }
    })
}

fn negated(number: &Number) -> Option<Number> {
    match number.as_i64() {
        Some(integer) => integer.checked_neg().map(Number::from),
        None => Number::from_f64(-number.as_f64()?),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tideboard_shared::Board;

    use super::*;
    use crate::testing::op;

    #[test]
    fn the_inverse_of_every_action_restores_the_fields() {
        let fields = json!({"title": "old", "n": 5, "tags": ["a"]});
        for action in [
            json!({"do": "patch", "set": {"title": "new", "extra": 1}, "unset": ["n"]}),
            json!({"do": "increment", "field": "n", "by": 3}),
            json!({"do": "increment", "field": "n", "by": -2}),
            json!({"do": "set_add", "field": "tags", "value": "b"}),
            json!({"do": "set_remove", "field": "tags", "value": "a"}),
            json!({"do": "remove"}),
        ] {
            let action: Action = serde_json::from_value(action).unwrap();
            let create =
                Action::Create { kind: "note".into(), fields: serde_json::from_value(fields.clone()).unwrap() };
            let mut board = Board::default();
            board.apply(&op("me/1", "e", create), Seq(1)).unwrap();
            let applied = board.apply(&op("me/2", "e", action.clone()), Seq(2)).unwrap();
            let back = inverse(&action, &applied).unwrap();
            board.apply(&op("me/3", "e", back), Seq(3)).unwrap();
            assert_eq!(json!(board.entities().next().unwrap().fields), fields, "{action:?}");
        }
    }

    #[test]
    fn an_edit_that_changed_nothing_has_no_inverse() {
        let applied = Applied { before: vec![("tags".into(), Some(json!(["a"])))], removed: None };
        let edit = |text| serde_json::from_value(text).unwrap();
        assert_eq!(inverse(&edit(json!({"do": "set_add", "field": "tags", "value": "a"})), &applied), None);
        assert_eq!(inverse(&edit(json!({"do": "set_remove", "field": "tags", "value": "b"})), &applied), None);
    }
}
