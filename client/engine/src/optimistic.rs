//! Edits that the user has made and the server has not confirmed: what they look like, and how they end.
//!
//! In: edits, their numbers, their outcomes. Out: any entity with its pending edits re-applied on top, by the very code
//! with which the server decides. An edit that no longer applies is left out and counted, never a failure.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};
use tideboard_shared::{
    Action, BoardId, Conflict, Durability, Entity, EntityId, Operation, Refusal, Rejection, Seq, UnixMs, board::predict,
};

/// Names one edit within this engine, from the user's hand to its end. An edit keeps it when it gets another `n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EditId(pub u64);

/// What the user wants changed.
#[derive(Debug, Clone, PartialEq)]
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
    /// It is not, and never will be.
    Refused(Refused),
    /// Its outcome was known to an earlier run of this client, which was stopped before it could note it down.
    AlreadySettled,
}

/// Why the server did not accept an edit.
#[derive(Debug, Clone, PartialEq)]
pub enum Refused {
    /// Others changed the same first, and theirs stands.
    Conflict(Conflict),
    /// It cannot apply.
    Rejected(Rejection),
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

/// An edit without an end.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    /// `op.id.n` is 0 until storage has numbered the edit.
    pub(crate) op: Operation,
    pub(crate) strategy: ConflictStrategy,
    pub(crate) created: UnixMs,
    /// The confirmed entity that the user saw.
    pub(crate) seen: Option<Arc<Entity>>,
    /// The number under which storage still holds it, until it is stored under its next.
    pub(crate) replaces: Option<u64>,
    /// The server has decided it and its effect, if any, is in the confirmed board: no longer shown on top.
    pub(crate) is_decided: bool,
    /// Applied as this event, which has not arrived yet.
    pub(crate) applied_as: Option<Seq>,
}

/// One board's pending edits.
#[derive(Debug, Default)]
pub(crate) struct PendingEdits {
    edits: BTreeMap<EditId, Pending>,
    /// Per entity, oldest first.
    by_entity: BTreeMap<EntityId, Vec<EditId>>,
}

/// An entity with its pending edits on top.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Overlaid {
    pub(crate) entity: Option<Arc<Entity>>,
    /// Edits without an end.
    pub(crate) pending: usize,
    /// Those among them that no longer apply.
    pub(crate) inapplicable: usize,
}

/// Where a new edit stands among the others of its entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The user made it just now.
    Newest,
    /// An earlier run of this client made it; read from storage in order, newest first.
    Oldest,
}

impl PendingEdits {
    pub(crate) fn get(&self, id: EditId) -> Option<&Pending> {
        self.edits.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: EditId) -> Option<&mut Pending> {
        self.edits.get_mut(&id)
    }

    /// Edits without an end.
    pub(crate) fn unended(&self) -> impl Iterator<Item = &Pending> {
        self.edits.values().filter(|pending| pending.applied_as.is_none())
    }

    /// Edits that are applied as an event up to `seq`.
    pub(crate) fn applied_through(&self, seq: Seq) -> Vec<EditId> {
        let is_applied = |pending: &Pending| pending.applied_as.is_some_and(|at| at <= seq);
        self.edits.iter().filter(|(_, pending)| is_applied(pending)).map(|(id, _)| *id).collect()
    }

    pub(crate) fn insert(&mut self, id: EditId, pending: Pending, place: Place) {
        let ids = self.by_entity.entry(pending.op.entity.clone()).or_default();
        match place {
            Place::Newest => ids.push(id),
            Place::Oldest => ids.insert(0, id),
        }
        self.edits.insert(id, pending);
    }

    pub(crate) fn remove(&mut self, id: EditId) -> Option<Pending> {
        let pending = self.edits.remove(&id)?;
        if let Some(ids) = self.by_entity.get_mut(&pending.op.entity) {
            ids.retain(|other| *other != id);
            if ids.is_empty() {
                self.by_entity.remove(&pending.op.entity);
            }
        }
        Some(pending)
    }

    /// Entities with pending edits, by ascending id.
    pub(crate) fn entities(&self) -> impl Iterator<Item = &EntityId> {
        self.by_entity.keys()
    }

    /// A snapshot shows what became of numbers up to `last_n`, though their outcomes may still be to come.
    pub(crate) fn handle_snapshot(&mut self, last_n: u64) {
        for pending in self.edits.values_mut() {
            pending.is_decided = (1..=last_n).contains(&pending.op.id.n);
        }
    }

    /// The entity as the user should see it: confirmed, then every pending edit run again. `O(pending on it)`.
    pub(crate) fn overlay(&self, id: &EntityId, confirmed: Option<&Arc<Entity>>, seq: Seq) -> Overlaid {
        let mut shown = Overlaid { entity: confirmed.cloned(), pending: 0, inapplicable: 0 };
        for pending in self.by_entity.get(id).into_iter().flatten().filter_map(|id| self.edits.get(id)) {
            shown.pending += usize::from(pending.applied_as.is_none());
            if pending.is_decided {
                continue;
            }
            match predict(shown.entity.as_ref(), &pending.op, seq.next()) {
                Ok(entity) => shown.entity = entity,
                Err(_) => shown.inapplicable += 1,
            }
        }
        shown
    }
}

impl Pending {
    /// Fills in what the user saw: the client knows it exactly, however far back.
    pub(crate) fn complete_conflict(&self, mut conflict: Conflict) -> Conflict {
        if let Some(seen) = &self.seen {
            conflict.fill_base(|name| seen.fields.get(name).cloned());
        }
        conflict
    }
}
