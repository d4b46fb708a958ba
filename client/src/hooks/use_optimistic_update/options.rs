use std::time::Duration;

use tideboard_engine::{ConflictStrategy, EditId, MergeInput};
use tideboard_shared::Fields;
use yew::Callback;

use crate::hooks::editor::EditProblem;

/// Options of [`super::use_optimistic_update`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UseOptimisticUpdateOptions {
    /// Whose edit stands when others changed the same field first. Default: theirs, and the user is told.
    pub on_conflict: ConflictRule,
    /// When what [`super::UseOptimisticUpdateHandle::draft`] takes becomes an edit. Default at once.
    pub pacing: Pacing,
    /// Called when an edit could not be made or was refused.
    pub on_reject: Callback<EditProblem>,
    /// Called when an edit's outcome takes longer than `optimistic.operation_timeout`. It stays queued.
    pub on_overdue: Callback<EditId>,
}

/// Whose edit stands when others changed the same field first.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum ConflictRule {
    /// Theirs stands; mine is dropped, and the user is told.
    #[default]
    RemoteWins,
    /// Mine is sent again and overwrites theirs.
    LocalWins,
    /// This function makes one value of both: the fields to write, or `None` to ask the user. The same sides have to give
    /// the same fields, and it must call none of our hooks' handles: it runs inside the engine. An entity has one
    /// merge: of several components that give one, the latest counts.
    Merge(Callback<MergeInput, Option<Fields>>),
    /// The edit waits until the user has chosen, see [`super::UseOptimisticUpdateHandle::resolve`].
    Ask,
}

impl ConflictRule {
    /// The engine's name for it.
    #[must_use]
    pub fn strategy(&self) -> ConflictStrategy {
        match self {
            Self::RemoteWins => ConflictStrategy::RemoteWins,
            Self::LocalWins => ConflictStrategy::LocalWins,
            Self::Merge(_) => ConflictStrategy::Merge,
            Self::Ask => ConflictStrategy::Ask,
        }
    }
}

/// When what the user does to a draft becomes an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pacing {
    /// At once.
    #[default]
    None,
    /// When nothing was done for so long, as with typing.
    Debounce(Duration),
    /// At once, but at most once in so long, as with a slider.
    Throttle(Duration),
}
