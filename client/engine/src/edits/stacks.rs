//! Edits on top of the confirmed board: what the user sees of each entity.
//!
//! In: edits in the order in which they will get, or have, their numbers. Out: any entity with its edits run again on
//! top, by the very code with which the server decides. An edit that no longer applies is left out and counted, never a
//! failure.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use tideboard_shared::{Entity, EntityId, Seq, UnixMs, board::predict};

use super::{
    EditId, OpNo,
    life::{Life, Tracked},
};

/// All edits, of every board.
pub(super) type All = BTreeMap<EditId, Tracked>;

/// Edits on top of one board, by entity.
#[derive(Debug, Default)]
pub(super) struct Stacks {
    by_entity: BTreeMap<EntityId, Stack>,
    /// Edits that are applied as an event that has not arrived.
    applied: BTreeSet<(Seq, EditId)>,
    /// Creation time of each of the others.
    unended: BTreeSet<(UnixMs, EditId)>,
    /// Runs of an edit on an entity so far.
    #[cfg(test)]
    pub(super) runs: std::cell::Cell<usize>,
}

/// Edits of one entity, oldest first, and what they last made of it.
#[derive(Debug, Default)]
struct Stack {
    ids: Vec<EditId>,
    shown: RefCell<Option<Shown>>,
}

/// Result of the first `edits` of a stack on a confirmed entity at `seq`.
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
    /// Edits among them that no longer apply.
    pub(crate) inapplicable: usize,
}

/// Place of a new edit among the others of its entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The user made it just now.
    Newest,
    /// Another page made it: among the numbered ones, in their order, before those that have no number yet.
    ByNumber,
}

impl Stacks {
    /// Number of edits without an end.
    pub(super) fn unended(&self) -> usize {
        self.unended.len()
    }

    /// True if no edit is left, not even one whose event is still to come.
    pub(super) fn is_empty(&self) -> bool {
        self.by_entity.is_empty()
    }

    /// Number of edits that are applied and taken back, so that each will be reverted.
    pub(super) fn owed(&self, all: &All) -> usize {
        let is_owed = |id: &EditId| all.get(id).is_some_and(|edit| edit.life.is_taken_back());
        self.applied.iter().filter(|(_, id)| is_owed(id)).count()
    }

    /// Edits of one entity, oldest first.
    pub(super) fn of_entity(&self, entity: &EntityId) -> impl Iterator<Item = EditId> {
        self.by_entity.get(entity).into_iter().flat_map(|stack| &stack.ids).copied()
    }

    /// Entities with edits, by ascending id.
    pub(super) fn entities(&self) -> impl Iterator<Item = &EntityId> {
        self.by_entity.keys()
    }

    /// Creation time of the oldest edit without an end, by the user's clock.
    pub(super) fn oldest(&self) -> Option<UnixMs> {
        self.unended.first().map(|(created, _)| *created)
    }

    /// Puts an edit that has no end on its entity.
    pub(super) fn insert(&mut self, id: EditId, edit: &Tracked, place: Place, all: &All) {
        let stack = self.by_entity.entry(edit.op.entity.clone()).or_default();
        match place {
            Place::Newest => stack.ids.push(id),
            Place::ByNumber => {
                let place = stack.ids.partition_point(|other| all.get(other).map(rank) < Some(rank(edit)));
                stack.ids.insert(place, id);
                stack.shown.take();
            }
        }
        self.unended.insert((edit.created, id));
    }

    /// Takes an edit off its entity.
    pub(super) fn remove(&mut self, id: EditId, edit: &Tracked) {
        if let Life::Applied { at, .. } = &edit.life {
            self.applied.remove(&(at.seq, id));
        }
        self.unended.remove(&(edit.created, id));
        if let Some(stack) = self.by_entity.get_mut(&edit.op.entity) {
            stack.shown.take();
            // Mostly the first.
            if let Some(place) = stack.ids.iter().position(|other| *other == id) {
                stack.ids.remove(place);
            }
            if stack.ids.is_empty() {
                self.by_entity.remove(&edit.op.entity);
            }
        }
    }

    /// Forgets what an entity's edits last made of it: one of them shows another way.
    pub(super) fn touch(&mut self, entity: &EntityId) {
        if let Some(stack) = self.by_entity.get_mut(entity) {
            stack.shown.take();
        }
    }

    /// Forgets what the edits of every entity last made of it.
    pub(super) fn touch_all(&mut self) {
        for stack in self.by_entity.values_mut() {
            stack.shown.take();
        }
    }

    /// Puts the edits of an entity into the order of their numbers.
    pub(super) fn sort(&mut self, entity: &EntityId, all: &All) {
        let Some(stack) = self.by_entity.get_mut(entity) else { return };
        let of = |id: &EditId| all.get(id).map(rank);
        if !stack.ids.is_sorted_by_key(of) {
            crate::sort::sort_few(&mut stack.ids, of);
            stack.shown.take();
        }
    }

    /// Puts an edit on top of the others of its entity: it is about to get a higher number than they have.
    pub(super) fn raise(&mut self, id: EditId, entity: &EntityId) {
        let Some(stack) = self.by_entity.get_mut(entity) else { return };
        if stack.ids.last() != Some(&id) {
            stack.ids.retain(|other| *other != id);
            stack.ids.push(id);
        }
        stack.shown.take();
    }

    /// Notes that an edit is applied as an event that is still to come.
    pub(super) fn handle_applied(&mut self, id: EditId, created: UnixMs, seq: Seq) {
        self.unended.remove(&(created, id));
        self.applied.insert((seq, id));
    }

    /// The edit that is applied as this very event, which has not arrived.
    pub(super) fn applied_at(&self, seq: Seq) -> Option<EditId> {
        self.applied.range((seq, EditId(0))..=(seq, EditId(u64::MAX))).map(|(_, id)| *id).next()
    }

    /// Edits that are applied as an event that has not arrived.
    pub(super) fn applied(&self) -> impl Iterator<Item = EditId> {
        self.applied.iter().map(|(_, id)| *id)
    }

    /// True if the edit with this number is applied as an event that has not arrived.
    pub(super) fn is_applied(&self, n: OpNo, all: &All) -> bool {
        let number = |id: &EditId| all.get(id).and_then(|edit| edit.life.number());
        self.applied.iter().any(|(_, id)| number(id) == Some(n))
    }

    /// Every edit on the board.
    pub(super) fn ids(&self) -> impl Iterator<Item = EditId> {
        self.unended.iter().map(|(_, id)| *id).chain(self.applied.iter().map(|(_, id)| *id))
    }

    /// The entity as the user should see it: confirmed, then every edit of it run again.
    ///
    /// `O(edits of it)` after the board has changed; after that what was made of it is kept, and only newer edits are
    /// run.
    pub(super) fn overlay(&self, id: &EntityId, confirmed: Option<&Arc<Entity>>, seq: Seq, all: &All) -> Overlaid {
        let Some(stack) = self.by_entity.get(id) else { return Overlaid::of(confirmed) };
        let mut kept = stack.shown.borrow_mut();
        let shown = match &mut *kept {
            Some(shown) if shown.is_of(confirmed, seq) => shown,
            outdated => {
                let overlaid = Overlaid::of(confirmed);
                outdated.insert(Shown { confirmed: confirmed.cloned(), seq, edits: 0, overlaid })
            }
        };
        for edit in stack.ids[shown.edits..].iter().filter_map(|id| all.get(id)) {
            #[cfg(test)]
            self.runs.update(|runs| runs + 1);
            shown.overlaid.run(edit, seq);
        }
        shown.edits = stack.ids.len();
        shown.overlaid.clone()
    }
}

impl Shown {
    /// True if the result was made of this entity. While it is kept, the confirmed entity is shared and so is never
    /// changed in place.
    fn is_of(&self, confirmed: Option<&Arc<Entity>>, seq: Seq) -> bool {
        let is_same = match (&self.confirmed, confirmed) {
            (Some(mine), Some(confirmed)) => Arc::ptr_eq(mine, confirmed),
            (mine, confirmed) => mine.is_none() && confirmed.is_none(),
        };
        is_same && self.seq == seq
    }
}

impl Overlaid {
    pub(super) fn of(confirmed: Option<&Arc<Entity>>) -> Self {
        Self { entity: confirmed.cloned(), pending: 0, inapplicable: 0 }
    }

    fn run(&mut self, edit: &Tracked, seq: Seq) {
        self.pending += usize::from(edit.life.is_unended());
        if edit.life.is_on_top() && predict(&mut self.entity, &edit.op, seq.next()).is_err() {
            self.inapplicable += 1;
        }
    }
}

/// Rank in an entity's stack. Edits without a number come last: each gets a higher one than all that have one.
fn rank(edit: &Tracked) -> u64 {
    OpNo::new(edit.op.id.n).map_or(u64::MAX, OpNo::get)
}
