use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value;
use tideboard_shared::{
    Action, BoardId, Conflict, Entity, FieldConflict, Fields, OnConflict, Operation, Refusal, Seq, UnixMs,
    board::predict, tree,
};

use super::{EditId, MergeInput, edit::words};

/// An edit that waits for the user to choose, because others changed the same first.
#[derive(Debug, Clone, PartialEq)]
pub struct ConflictCase {
    /// The board.
    pub board: BoardId,
    /// The edit's last operation.
    pub op: Arc<Operation>,
    /// Fields that others changed, with the values that the user saw as `base`.
    pub conflict: Conflict,
    /// Creation time of the edit, by the user's clock.
    pub created: UnixMs,
}

/// User's choice in a conflict.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Theirs stands, mine is dropped.
    Theirs,
    /// Mine is sent again and overwrites theirs.
    Mine,
    /// Fields written instead of both sides; a field that is not named stays as it stands. `null` for a field that mine
    /// removes removes it.
    Fields(Fields),
}

/// Reason why a conflict was not settled. The conflict still waits.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ResolveError {
    /// No such conflict: settled already, or never one.
    #[error("no conflict of edit {} waits", .0.0)]
    Unknown(EditId),
    /// The choice cannot apply to what stands now.
    #[error("{}", words(.0))]
    Refused(Refusal),
}

/// A conflict, for the dialog: what each choice would make of the entity as it stands now.
#[derive(Debug, Clone, PartialEq)]
pub struct ConflictView {
    /// Names it for [`crate::Engine::resolve`].
    pub id: EditId,
    /// Edit that waits, and the conflict it is in.
    pub case: ConflictCase,
    /// The entity if theirs is taken; `None` where it would not exist.
    pub with_theirs: Option<Arc<Entity>>,
    /// The entity if mine is taken, or why that cannot be.
    pub with_mine: Result<Option<Arc<Entity>>, Refusal>,
    /// The entity if the registered merge is taken; `None` where there is no merge, or it gives none.
    pub merged: Option<Arc<Entity>>,
}

impl ConflictCase {
    /// The three sides, for a merge.
    pub(crate) fn merge_input(&self) -> MergeInput {
        let side = |value: fn(&FieldConflict) -> &Option<Value>| {
            tree(self.conflict.fields.iter().filter_map(|field| Some((field.name.clone(), value(field).clone()?))))
        };
        MergeInput { base: side(|f| &f.base), mine: side(|f| &f.yours), theirs: side(|f| &f.theirs) }
    }

    /// The operation that carries a choice out at `seq`; `None` for theirs.
    pub(crate) fn resolution(&self, choice: &Choice, seq: Seq) -> Option<Operation> {
        let action = match choice {
            Choice::Theirs => return None,
            Choice::Mine => self.op.action.clone(),
            Choice::Fields(fields) => self.patch(fields),
        };
        Some(Operation { action, base: seq, on_conflict: OnConflict::Overwrite, ..self.op.as_ref().clone() })
    }

    fn patch(&self, fields: &Fields) -> Action {
        let mut set = fields.clone();
        let mut unset = BTreeSet::new();
        if let Action::Patch { unset: mine, .. } = &self.op.action {
            unset.extend(mine.iter().filter(|name| fields.get(*name).is_some_and(Value::is_null)).cloned());
        }
        set.retain(|name, _| !unset.contains(name));
        Action::Patch { set, unset }
    }

    /// Result of a choice for the entity that is `shown` now.
    pub(crate) fn preview(
        &self,
        choice: &Choice,
        shown: Option<Arc<Entity>>,
        seq: Seq,
    ) -> Result<Option<Arc<Entity>>, Refusal> {
        let mut entity = shown;
        if let Some(op) = self.resolution(choice, seq) {
            predict(&mut entity, &op, seq.next())?;
        }
        Ok(entity)
    }
}
