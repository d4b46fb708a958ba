use std::sync::Arc;

use tideboard_engine::{EditId, PendingView, Refused, RefusedView, Stage};
use tideboard_shared::{Action, BoardId, Operation, UnixMs};

/// One edit of the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueItem {
    /// Names it for the handle's methods.
    pub id: EditId,
    /// What it does, for people: `set title, text of welcome`.
    pub what: String,
    /// Its board.
    pub board: BoardId,
    /// What it does; its `n` is 0 until it is stored.
    pub op: Arc<Operation>,
    /// When it was made, by the user's clock.
    pub created: UnixMs,
    /// How often it was sent.
    pub attempts: u32,
    /// Where it stands.
    pub state: QueueState,
}

/// Where an edit of the queue stands.
#[derive(Debug, Clone, PartialEq)]
pub enum QueueState {
    /// It waits for its end.
    Waiting {
        /// Where.
        stage: Stage,
        /// Whether that takes longer than `optimistic.operation_timeout`.
        is_overdue: bool,
    },
    /// It was refused and waits for the user.
    Refused(Refused),
}

impl QueueItem {
    pub(super) fn pending(edit: PendingView) -> Self {
        let PendingView { id, board, op, created, attempts, stage, is_overdue } = edit;
        let state = QueueState::Waiting { stage, is_overdue };
        Self { id, what: describe(&op), board, op, created, attempts, state }
    }

    pub(super) fn refused(id: EditId, edit: RefusedView) -> Self {
        let RefusedView { board, op, why, created, .. } = edit;
        Self { id, what: describe(&op), board, op, created, attempts: 1, state: QueueState::Refused(why) }
    }

    /// Whether it was refused.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(self.state, QueueState::Refused(_))
    }
}

fn describe(op: &Operation) -> String {
    let entity = &op.entity;
    match &op.action {
        Action::Create { kind, .. } => format!("create {kind} {entity}"),
        Action::Patch { set, unset } => {
            let part =
                |verb: &str, names: Vec<&str>| (!names.is_empty()).then(|| format!("{verb} {}", names.join(", ")));
            let set = part("set", set.keys().map(String::as_str).collect());
            let unset = part("unset", unset.iter().map(String::as_str).collect());
            let parts: Vec<_> = set.into_iter().chain(unset).collect();
            format!("{} of {entity}", parts.join(", "))
        }
        Action::Increment { field, by } => format!("add {by} to {field} of {entity}"),
        Action::SetAdd { field, .. } => format!("add to {field} of {entity}"),
        Action::SetRemove { field, .. } => format!("take from {field} of {entity}"),
        Action::Remove => format!("remove {entity}"),
    }
}
