//! What the application says of edits, and what it is told of them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tideboard_shared::{Action, BoardId, Conflict, Durability, EntityId, Operation, Refusal, Rejection, Seq, UnixMs};

/// Names one edit within this engine, from the user's hand to its end. An edit keeps it when it gets another `n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EditId(pub u64);

/// What the user wants changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// The board.
    pub board: BoardId,
    /// The entity.
    pub entity: EntityId,
    /// What to do with it.
    pub action: Action,
    /// What to do about a conflict.
    pub strategy: ConflictStrategy,
    /// The board position that the user saw, when the edit was begun earlier than now, as typed text is.
    pub base: Option<Seq>,
    /// Who takes it to the server.
    pub delivery: Carrier,
    /// Who makes it.
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

    /// The same as the program's own.
    #[must_use]
    pub fn by_program(self) -> Self {
        Self { maker: Maker::Program, ..self }
    }

    /// The same with another way to settle a conflict.
    #[must_use]
    pub fn strategy(self, strategy: ConflictStrategy) -> Self {
        Self { strategy, ..self }
    }
}

/// Who makes an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Maker {
    /// The user, who can undo it.
    #[default]
    User,
    /// The application by itself, such as how far a download is. Undo passes it over, and what was undone can still be redone.
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

/// What to do when others changed the same field first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictStrategy {
    /// Theirs stands; mine is dropped, and the user is told.
    #[default]
    RemoteWins,
    /// Mine is sent again and overwrites theirs.
    LocalWins,
    /// The [`MergeFn`] that is registered for the entity makes one value of both; without one, or when it gives none, as
    /// [`Self::Ask`].
    Merge,
    /// The edit waits in the conflict list until the user has chosen.
    Ask,
}

/// Why an edit was not accepted locally. Nothing was changed or queued.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ApplyError {
    /// As many edits wait as may. Show "offline too long"; free again once outcomes arrive.
    #[error("{limit} edits already wait for the server; wait until they are saved")]
    OutboxFull {
        /// How many may wait.
        limit: usize,
    },
    /// The edits that wait take as many bytes as they may.
    #[error("the edits that wait for the server take {limit} bytes, which is the most; wait until they are saved")]
    OutboxTooLarge {
        /// How many bytes they may take.
        limit: usize,
    },
    /// Edits while offline are switched off, and there is no connection.
    #[error("there is no connection, and edits are not kept while offline; try again once connected")]
    NotLive,
    /// The board is not loaded, so nobody can say what the edit would do.
    #[error("board {0} is not loaded yet")]
    NotLoaded(BoardId),
    /// The server would refuse it; a conflict when others changed the same after the edit's `base`.
    #[error("{}", match .0 { Refusal::Rejected(rejection) => rejection.message.as_str(), Refusal::Conflict(_) => "others changed the same fields" })]
    Refused(Refusal),
}

/// How an edit ended.
#[derive(Debug, Clone, PartialEq)]
pub enum EditEnd {
    /// It is in the board's log.
    Applied {
        /// Where.
        seq: Seq,
        /// How safe it is.
        durability: Durability,
    },
    /// It is not. A rejected one is set aside, where the user can send it again or discard it.
    Refused(Refused),
    /// The user took it back before it reached the log.
    RolledBack,
    /// The application delivered it by a way of its own.
    Confirmed,
    /// Its outcome was known to an earlier run of this client, which was stopped before it could note it down.
    AlreadySettled,
}

/// Why the server did not accept an edit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refused {
    /// Others changed the same first, and theirs stands.
    Conflict(Conflict),
    /// It cannot apply.
    Rejected(Rejection),
    /// A newer version of the application could not read it.
    Unreadable {
        /// What its migration said.
        problem: String,
    },
}

/// Something that became of an edit and that the user should see.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Rises by one per notice.
    pub id: u64,
    /// The edit it is about.
    pub edit: EditId,
    /// Its board.
    pub board: BoardId,
    /// Its entity.
    pub entity: EntityId,
    /// The action's name on the wire.
    pub action: &'static str,
    /// Why it was refused.
    pub why: Refused,
    /// When, by the user's clock.
    pub at: UnixMs,
}

/// One edit that waits, for the list the user can open.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingView {
    /// Names it for [`crate::Engine::rollback`] and [`crate::Engine::retry`].
    pub id: EditId,
    /// Its board.
    pub board: BoardId,
    /// What it does; its `n` is 0 until it is stored.
    pub op: Arc<Operation>,
    /// When it was made, by the user's clock.
    pub created: UnixMs,
    /// How often it was submitted.
    pub attempts: u32,
    /// Where it stands.
    pub stage: Stage,
    /// Whether its outcome takes longer than `optimistic.operation_timeout`.
    pub is_overdue: bool,
}

/// A refused edit that was set aside, for the list the user can open.
#[derive(Debug, Clone, PartialEq)]
pub struct RefusedView {
    /// Its board.
    pub board: BoardId,
    /// What it would have done.
    pub op: Arc<Operation>,
    /// How its conflicts were to be settled.
    pub strategy: ConflictStrategy,
    /// Why it was refused.
    pub why: Refused,
    /// When it was made, by the user's clock.
    pub created: UnixMs,
}

/// Where a pending edit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It is being written to storage.
    Storing,
    /// It is stored and waits for its turn or a connection.
    Queued,
    /// It was submitted, and its outcome is awaited.
    InFlight,
    /// Its application takes it to the server.
    Manual,
}
