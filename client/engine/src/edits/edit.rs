//! Words between the application and the engine on edits: edits themselves, their ends, and views of those that wait.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tideboard_shared::{Action, BoardId, Conflict, Durability, EntityId, Operation, Refusal, Rejection, Seq, UnixMs};

/// Names one edit within this engine, from the user's hand to its end. An edit keeps it when it gets another `n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EditId(pub u64);

/// Change that the user wants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// The board.
    pub board: BoardId,
    /// The entity.
    pub entity: EntityId,
    /// Action on the entity.
    pub action: Action,
    /// Way to settle a conflict.
    pub strategy: ConflictStrategy,
    /// The board position that the user saw, when the edit was begun earlier than now, as typed text is.
    pub base: Option<Seq>,
    /// Way to the server.
    pub delivery: Carrier,
    /// Maker of the edit.
    #[serde(default)]
    pub maker: Maker,
}

impl Edit {
    /// An edit of what the user sees now, by the usual way, in which theirs wins.
    pub fn new(board: BoardId, entity: impl Into<EntityId>, action: Action) -> Self {
        Self {
            board,
            entity: entity.into(),
            action,
            strategy: ConflictStrategy::default(),
            base: None,
            delivery: Carrier::default(),
            maker: Maker::default(),
        }
    }

    /// Makes the edit the program's own.
    #[must_use]
    pub fn by_program(self) -> Self {
        Self { maker: Maker::Program, ..self }
    }

    /// Sets the way to settle a conflict.
    #[must_use]
    pub fn strategy(self, strategy: ConflictStrategy) -> Self {
        Self { strategy, ..self }
    }
}

/// Maker of an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Maker {
    /// The user, who can undo it.
    #[default]
    User,
    /// The application by itself, such as how far a download is. Undo passes it over, and what was undone can still be
    /// redone.
    Program,
}

/// Carrier that takes an edit to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// The engine.
    #[default]
    Auto,
    /// The application, by a way of its own: it ends the edit with [`crate::Engine::confirm`] or
    /// [`crate::Engine::rollback`]. Such an edit is not stored and does not survive a reload.
    Manual,
}

/// Way to settle it when others changed the same field first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictStrategy {
    /// Theirs stands; mine is dropped, and the user is told.
    #[default]
    RemoteWins,
    /// Mine is sent again and overwrites theirs.
    LocalWins,
    /// The [`crate::MergeFn`] that is registered for the entity makes one value of both; without one, or when it gives
    /// none, as [`Self::Ask`].
    Merge,
    /// The edit waits in the conflict list until the user has chosen.
    Ask,
}

/// Reason why an edit was not accepted locally. Nothing was changed or queued.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ApplyError {
    /// As many edits wait as may. Show "offline too long"; free again once outcomes arrive.
    #[error("{limit} edits already wait for the server; wait until they are saved")]
    OutboxFull {
        /// Most edits that may wait.
        limit: usize,
    },
    /// The edits that wait take as many bytes as they may.
    #[error("the edits that wait for the server take {limit} bytes, which is the most; wait until they are saved")]
    OutboxTooLarge {
        /// Most bytes that they may take.
        limit: usize,
    },
    /// Edits while offline are switched off, and there is no connection.
    #[error("there is no connection, and edits are not kept while offline; try again once connected")]
    NotLive,
    /// The board is not loaded, so nobody can say what the edit would do.
    #[error("board {0} is not loaded yet")]
    NotLoaded(BoardId),
    /// The server would refuse it; a conflict when others changed the same after the edit's `base`.
    #[error("{}", words(.0))]
    Refused(Refusal),
}

/// End of an edit.
#[derive(Debug, Clone, PartialEq)]
pub enum EditEnd {
    /// In the board's log.
    Applied {
        /// Place in the log.
        seq: Seq,
        /// Durability that the server promised.
        durability: Durability,
    },
    /// Not in the log. A rejected edit is set aside, where the user can send it again or discard it.
    Refused(Refused),
    /// The user took it back before it reached the log.
    RolledBack,
    /// The application delivered it by a way of its own.
    Confirmed,
    /// Decided in an earlier run of this client, which was stopped before it could note the outcome down.
    AlreadySettled,
}

/// Reason why the server did not accept an edit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refused {
    /// Others changed the same first, and theirs stands.
    Conflict(Conflict),
    /// The edit cannot apply.
    Rejected(Rejection),
    /// A newer version of the application could not read it.
    Unreadable {
        /// Message of the migration.
        problem: String,
    },
}

/// News of an edit that the user should see.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Number of the notice, which rises. Numbers of notices that another tab shows are left out.
    pub id: u64,
    /// The edit it is about.
    pub edit: EditId,
    /// Board of the edit.
    pub board: BoardId,
    /// Entity of the edit.
    pub entity: EntityId,
    /// The action's name on the wire.
    pub action: &'static str,
    /// Reason for the refusal.
    pub why: Refused,
    /// Time of the news, by the user's clock.
    pub at: UnixMs,
}

/// Notice that the server has another history of a board than was shown here, as after an older copy of its data was put
/// in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetBack {
    /// Rises by one per notice, with those of [`Notice`].
    pub id: u64,
    /// The board.
    pub board: BoardId,
    /// Edits of the user that were applied before and are not there any more, as far as this browser remembers.
    pub lost: usize,
    /// Time of the news, by the user's clock.
    pub at: UnixMs,
}

/// Edit that waits, for the list the user can open.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingView {
    /// Names it for [`crate::Engine::rollback`] and [`crate::Engine::retry`].
    pub id: EditId,
    /// Board of the edit.
    pub board: BoardId,
    /// Operation of the edit; its `n` is 0 until storage has numbered it.
    pub op: Arc<Operation>,
    /// Creation time, by the user's clock.
    pub created: UnixMs,
    /// Submits so far.
    pub attempts: u32,
    /// Stage of the edit.
    pub stage: Stage,
    /// True if the outcome takes longer than `optimistic.operation_timeout`.
    pub is_overdue: bool,
}

/// A refused edit that was set aside, for the list the user can open.
#[derive(Debug, Clone, PartialEq)]
pub struct RefusedView {
    /// Board of the edit.
    pub board: BoardId,
    /// Operation that was refused.
    pub op: Arc<Operation>,
    /// Way in which its conflicts were to be settled.
    pub strategy: ConflictStrategy,
    /// Reason for the refusal.
    pub why: Refused,
    /// Creation time, by the user's clock.
    pub created: UnixMs,
}

/// Stage of a pending edit, as the user may see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Being written to storage.
    Storing,
    /// Stored; waits for its turn or a connection.
    Queued,
    /// Submitted; its outcome is awaited.
    InFlight,
    /// Taken to the server by its application.
    Manual,
}

/// Refusal in words, for people.
pub(super) fn words(refusal: &Refusal) -> &str {
    match refusal {
        Refusal::Rejected(rejection) => &rejection.message,
        Refusal::Conflict(_) => "others changed the same fields",
    }
}
