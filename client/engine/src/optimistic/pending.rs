use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use tideboard_shared::{Conflict, Entity, EntityId, Operation, Seq, UnixMs, board::predict};

use super::{ConflictStrategy, Delivery, EditId};

/// An edit without an end, or one whose event has not arrived yet.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    /// `op.id.n` is 0 until storage has numbered the edit.
    pub(crate) op: Arc<Operation>,
    pub(crate) strategy: ConflictStrategy,
    pub(crate) delivery: Delivery,
    pub(crate) created: UnixMs,
    /// When its outcome becomes overdue.
    pub(crate) deadline: std::time::Duration,
    /// Bytes it takes in the outbox.
    pub(crate) bytes: usize,
    /// How often it was submitted.
    pub(crate) attempts: u32,
    /// The confirmed entity that the user saw.
    pub(crate) seen: Option<Arc<Entity>>,
    /// The number under which storage still holds it, until it is stored under its next.
    pub(crate) replaces: Option<u64>,
    /// The server has decided it and its effect, if any, is in the confirmed board: no longer shown on top.
    pub(crate) is_decided: bool,
    /// The user took it back while it was on its way: no longer shown, and reverted once it turns out to be applied.
    pub(crate) is_rolled_back: bool,
    pub(crate) is_overdue: bool,
    /// Applied as this event, which has not arrived yet.
    pub(crate) applied_as: Option<Seq>,
}

impl Pending {
    /// A new edit, as if there had been no others.
    pub(crate) fn new(op: Operation, strategy: ConflictStrategy, created: UnixMs) -> Self {
        let bytes = tideboard_shared::encode(&op).len();
        Self {
            op: Arc::new(op),
            strategy,
            delivery: Delivery::Auto,
            created,
            deadline: std::time::Duration::MAX,
            bytes,
            attempts: 0,
            seen: None,
            replaces: None,
            is_decided: false,
            is_rolled_back: false,
            is_overdue: false,
            applied_as: None,
        }
    }

    /// Fills in what the user saw: the client knows it exactly, however far back.
    pub(crate) fn complete_conflict(&self, mut conflict: Conflict) -> Conflict {
        if let Some(seen) = &self.seen {
            conflict.fill_base(|name| seen.fields.get(name).cloned());
        }
        conflict
    }
}

/// One board's pending edits.
#[derive(Debug, Default)]
pub(crate) struct PendingEdits {
    edits: BTreeMap<EditId, Pending>,
    /// Per entity, oldest first.
    by_entity: BTreeMap<EntityId, Vec<EditId>>,
    /// Those that are applied as an event that has not arrived.
    applied: BTreeSet<(Seq, EditId)>,
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
    /// Another page made it: among the numbered ones, in their order, before those that have no number yet.
    ByNumber,
}

impl PendingEdits {
    /// How many have no end yet.
    pub(crate) fn unended(&self) -> usize {
        self.edits.len() - self.applied.len()
    }

    /// The pending edits of one entity, oldest first.
    pub(crate) fn of_entity(&self, entity: &EntityId) -> impl Iterator<Item = EditId> {
        self.by_entity.get(entity).into_iter().flatten().copied()
    }

    pub(crate) fn get(&self, id: EditId) -> Option<&Pending> {
        self.edits.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: EditId) -> Option<&mut Pending> {
        self.edits.get_mut(&id)
    }

    pub(crate) fn insert(&mut self, id: EditId, pending: Pending, place: Place) {
        let ids = self.by_entity.entry(pending.op.entity.clone()).or_default();
        match place {
            Place::Newest => ids.push(id),
            Place::ByNumber => {
                let edits = &self.edits;
                let place = ids.partition_point(|other| rank(edits.get(other)) < rank(Some(&pending)));
                ids.insert(place, id);
            }
        }
        self.edits.insert(id, pending);
    }

    /// Puts the edits of this one's entity into the order of their numbers.
    pub(crate) fn sort(&mut self, id: EditId) {
        let edits = &self.edits;
        let ids = edits.get(&id).and_then(|pending| self.by_entity.get_mut(&pending.op.entity));
        if let Some(ids) = ids {
            ids.sort_by_key(|id| rank(edits.get(id)));
        }
    }

    pub(crate) fn remove(&mut self, id: EditId) -> Option<Pending> {
        let pending = self.edits.remove(&id)?;
        if let Some(seq) = pending.applied_as {
            self.applied.remove(&(seq, id));
        }
        if let Some(ids) = self.by_entity.get_mut(&pending.op.entity) {
            ids.retain(|other| *other != id);
            if ids.is_empty() {
                self.by_entity.remove(&pending.op.entity);
            }
        }
        Some(pending)
    }

    /// Notes that an edit is applied as an event that is still to come.
    pub(crate) fn handle_applied(&mut self, id: EditId, seq: Seq) {
        if let Some(pending) = self.edits.get_mut(&id) {
            pending.applied_as = Some(seq);
            self.applied.insert((seq, id));
        }
    }

    /// Edits that are applied as an event up to `seq`.
    pub(crate) fn applied_through(&self, seq: Seq) -> Vec<EditId> {
        self.applied.iter().take_while(|(at, _)| *at <= seq).map(|(_, id)| *id).collect()
    }

    /// Whether the edit with this number is applied as an event that has not arrived.
    pub(crate) fn is_applied(&self, n: u64) -> bool {
        self.applied.iter().filter_map(|(_, id)| self.edits.get(id)).any(|pending| pending.op.id.n == n)
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
            let is_shown = !pending.is_decided && !pending.is_rolled_back;
            if is_shown && predict(&mut shown.entity, &pending.op, seq.next()).is_err() {
                shown.inapplicable += 1;
            }
        }
        shown
    }
}

/// Edits without a number come last; one that is about to get another keeps its place.
fn rank(pending: Option<&Pending>) -> u64 {
    let n = pending.map_or(0, |pending| pending.replaces.unwrap_or(pending.op.id.n));
    if n == 0 { u64::MAX } else { n }
}
