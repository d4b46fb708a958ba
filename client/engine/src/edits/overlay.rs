use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use tideboard_shared::{Action, Conflict, Entity, EntityId, Operation, Seq, UnixMs, board::predict};

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
    /// What takes it back, by what the user saw; the event says it exactly, where one comes.
    pub(crate) inverse: Option<Action>,
    /// The number under which storage still holds it, until it is stored under its next.
    pub(crate) replaces: Option<u64>,
    /// The server has decided it and its effect, if any, is in the confirmed board: no longer shown on top.
    pub(crate) is_decided: bool,
    /// The user took it back while it was on its way: no longer shown, and reverted once it turns out to be applied.
    pub(crate) is_rolled_back: bool,
    /// It was applied before anybody took it back, and storage has forgotten it.
    pub(crate) is_settled: bool,
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
            inverse: None,
            replaces: None,
            is_decided: false,
            is_rolled_back: false,
            is_settled: false,
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
    by_entity: BTreeMap<EntityId, Stack>,
    /// Those that are applied as an event that has not arrived.
    applied: BTreeSet<(Seq, EditId)>,
    /// When each of the others was made.
    created: BTreeSet<(UnixMs, EditId)>,
    /// How often an edit was run on an entity.
    #[cfg(test)]
    pub(crate) runs: std::cell::Cell<usize>,
}

/// One entity's pending edits, oldest first, and what they last made of it.
#[derive(Debug, Default)]
struct Stack {
    ids: Vec<EditId>,
    shown: RefCell<Option<Shown>>,
}

/// What the first `edits` of a stack make of a confirmed entity at `seq`.
#[derive(Debug)]
struct Shown {
    confirmed: Option<Arc<Entity>>,
    seq: Seq,
    edits: usize,
    overlaid: Overlaid,
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

    /// Whether none is left, not even one whose event is still to come.
    pub(crate) fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// How many are applied and taken back, so that each will be reverted.
    pub(crate) fn owed(&self) -> usize {
        let is_owed = |id: &EditId| self.edits.get(id).is_some_and(|pending| pending.is_rolled_back);
        self.applied.iter().filter(|(_, id)| is_owed(id)).count()
    }

    /// The pending edits of one entity, oldest first.
    pub(crate) fn of_entity(&self, entity: &EntityId) -> impl Iterator<Item = EditId> {
        self.by_entity.get(entity).into_iter().flat_map(|stack| &stack.ids).copied()
    }

    pub(crate) fn get(&self, id: EditId) -> Option<&Pending> {
        self.edits.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: EditId) -> Option<&mut Pending> {
        let pending = self.edits.get_mut(&id)?;
        if let Some(stack) = self.by_entity.get_mut(&pending.op.entity) {
            stack.shown.take();
        }
        Some(pending)
    }

    /// The same for what does not change how the edit shows: its number, its attempts, whether it is overdue.
    pub(crate) fn books_mut(&mut self, id: EditId) -> Option<&mut Pending> {
        self.edits.get_mut(&id)
    }

    /// When the oldest edit without an end was made, by the user's clock.
    pub(crate) fn oldest(&self) -> Option<UnixMs> {
        self.created.first().map(|(created, _)| *created)
    }

    pub(crate) fn insert(&mut self, id: EditId, pending: Pending, place: Place) {
        let stack = self.by_entity.entry(pending.op.entity.clone()).or_default();
        match place {
            Place::Newest => stack.ids.push(id),
            Place::ByNumber => {
                let edits = &self.edits;
                let place = stack.ids.partition_point(|other| rank(edits.get(other)) < rank(Some(&pending)));
                stack.ids.insert(place, id);
                stack.shown.take();
            }
        }
        self.created.insert((pending.created, id));
        self.edits.insert(id, pending);
    }

    /// Puts the edits of this one's entity into the order of their numbers.
    pub(crate) fn sort(&mut self, id: EditId) {
        let edits = &self.edits;
        let stack = edits.get(&id).and_then(|pending| self.by_entity.get_mut(&pending.op.entity));
        if let Some(stack) = stack.filter(|stack| !stack.ids.is_sorted_by_key(|id| rank(edits.get(id)))) {
            stack.ids.sort_by_key(|id| rank(edits.get(id)));
            stack.shown.take();
        }
    }

    /// Puts an edit on top of the others of its entity: it is about to get a higher number than they have.
    pub(crate) fn raise(&mut self, id: EditId) {
        let stack = self.edits.get(&id).and_then(|pending| self.by_entity.get_mut(&pending.op.entity));
        if let Some(stack) = stack.filter(|stack| stack.ids.last() != Some(&id)) {
            stack.ids.retain(|other| *other != id);
            stack.ids.push(id);
            stack.shown.take();
        }
    }

    pub(crate) fn remove(&mut self, id: EditId) -> Option<Pending> {
        let pending = self.edits.remove(&id)?;
        if let Some(seq) = pending.applied_as {
            self.applied.remove(&(seq, id));
        }
        self.created.remove(&(pending.created, id));
        if let Some(stack) = self.by_entity.get_mut(&pending.op.entity) {
            stack.shown.take();
            // Mostly the first.
            if let Some(place) = stack.ids.iter().position(|other| *other == id) {
                stack.ids.remove(place);
            }
            if stack.ids.is_empty() {
                self.by_entity.remove(&pending.op.entity);
            }
        }
        Some(pending)
    }

    /// Notes that an edit is applied as an event that is still to come.
    pub(crate) fn handle_applied(&mut self, id: EditId, seq: Seq) {
        if let Some(pending) = self.get_mut(id) {
            pending.applied_as = Some(seq);
            let created = pending.created;
            self.created.remove(&(created, id));
            self.applied.insert((seq, id));
        }
    }

    /// The edit that is applied as this very event, which has not arrived.
    pub(crate) fn applied_at(&self, seq: Seq) -> Option<EditId> {
        self.applied.range((seq, EditId(0))..=(seq, EditId(u64::MAX))).map(|(_, id)| *id).next()
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
        for stack in self.by_entity.values_mut() {
            stack.shown.take();
        }
    }

    /// The entity as the user should see it: confirmed, then every pending edit run again.
    ///
    /// `O(pending on it)` after the board has changed; after that what was made of it is kept, and only newer edits are run.
    pub(crate) fn overlay(&self, id: &EntityId, confirmed: Option<&Arc<Entity>>, seq: Seq) -> Overlaid {
        let Some(stack) = self.by_entity.get(id) else { return Overlaid::of(confirmed) };
        let mut kept = stack.shown.borrow_mut();
        let shown = match &mut *kept {
            Some(shown) if shown.is_of(confirmed, seq) => shown,
            outdated => {
                let overlaid = Overlaid::of(confirmed);
                outdated.insert(Shown { confirmed: confirmed.cloned(), seq, edits: 0, overlaid })
            }
        };
        for pending in stack.ids[shown.edits..].iter().filter_map(|id| self.edits.get(id)) {
            #[cfg(test)]
            self.runs.update(|runs| runs + 1);
            shown.overlaid.run(pending, seq);
        }
        shown.edits = stack.ids.len();
        shown.overlaid.clone()
    }
}

impl Shown {
    /// Whether it was made of this. While it is kept, the confirmed entity is shared and so is never changed in place.
    fn is_of(&self, confirmed: Option<&Arc<Entity>>, seq: Seq) -> bool {
        let is_same = match (&self.confirmed, confirmed) {
            (Some(mine), Some(confirmed)) => Arc::ptr_eq(mine, confirmed),
            (mine, confirmed) => mine.is_none() && confirmed.is_none(),
        };
        is_same && self.seq == seq
    }
}

impl Overlaid {
    fn of(confirmed: Option<&Arc<Entity>>) -> Self {
        Self { entity: confirmed.cloned(), pending: 0, inapplicable: 0 }
    }

    fn run(&mut self, pending: &Pending, seq: Seq) {
        self.pending += usize::from(pending.applied_as.is_none());
        let is_shown = !pending.is_decided && !pending.is_rolled_back;
        if is_shown && predict(&mut self.entity, &pending.op, seq.next()).is_err() {
            self.inapplicable += 1;
        }
    }
}

/// Edits without a number come last: each gets a higher one than all that have one.
fn rank(pending: Option<&Pending>) -> u64 {
    let n = pending.map_or(0, |pending| pending.op.id.n);
    if n == 0 { u64::MAX } else { n }
}
