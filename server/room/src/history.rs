//! The latest events, for resuming and for what a field said at a conflicting edit's base.
//!
//! In: events in order, each with the log's check and what it replaced. Out: those after a position, all of them or none;
//! the check at any position among them; values as they were.
//! Never holds more than asked for by `trim`; never looks through all events for one field.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use serde_json::Value;
use tideboard_shared::{Action, Check, EntityId, Operation, Seq, message::Event};

use crate::row::Replaced;

/// Event in a board's log.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Logged {
    pub(crate) event: Event,
    /// Check of the log with the event.
    pub(crate) check: Check,
}

#[derive(Debug, Clone)]
struct Past {
    logged: Logged,
    /// Values that the event replaced; unknown for events of rows that did not keep them.
    replaced: Option<Arc<Replaced>>,
    bytes: usize,
}

/// A window that ends with the newest event; `seq` is consecutive in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    past: VecDeque<Past>,
    /// Check of the log before the first of them.
    before: Check,
    /// Sum of the events' bytes.
    bytes: usize,
    index: Index,
}

impl History {
    /// No event after a place in the log with this check.
    pub(crate) fn starting_at(check: Check) -> Self {
        Self { before: check, ..Self::default() }
    }

    pub(crate) fn push(&mut self, logged: Logged, replaced: Option<Arc<Replaced>>) {
        let event = &logged.event;
        let bytes = event.op.bytes() + replaced.as_ref().map_or(0, |replaced| replaced.bytes());
        self.bytes += bytes;
        self.index.visit(&event.op, |seqs| seqs.push_back(event.seq));
        self.past.push_back(Past { logged, replaced, bytes });
    }

    /// Forgets the oldest events beyond so many, and beyond so many bytes.
    pub(crate) fn trim(&mut self, events: usize, bytes: usize) {
        while (self.past.len() > events || self.bytes > bytes)
            && let Some(past) = self.past.pop_front()
        {
            self.bytes -= past.bytes;
            self.before = past.logged.check;
            self.index.visit(&past.logged.event.op, |seqs| _ = seqs.pop_front());
        }
    }

    /// Forgets the events after `seq`.
    pub(crate) fn take_back(&mut self, seq: Seq) {
        while let Some(past) = self.past.pop_back_if(|past| past.logged.event.seq > seq) {
            self.bytes -= past.bytes;
            self.index.visit(&past.logged.event.op, |seqs| _ = seqs.pop_back());
        }
    }

    /// Check of the log at `seq`; `None` where the events from there on are no longer all here, or not yet.
    pub(crate) fn check_at(&self, seq: Seq) -> Option<Check> {
        if seq.next() == self.past.front()?.logged.event.seq {
            return Some(self.before);
        }
        Some(self.past[self.place(seq)?].logged.check)
    }

    /// Every event after `since`, or `None` when one of them is no longer here. `newest` is the board's position.
    pub(crate) fn after(&self, since: Seq, newest: Seq) -> Option<Vec<Logged>> {
        if since == newest {
            return Some(Vec::new());
        }
        Some(self.past.range(self.place_after(since)?..).map(|past| past.logged.clone()).collect())
    }

    /// Value of `field` at `base`, given that it was changed since, `Some(None)` where it was absent; `None` when history
    /// does not tell.
    pub(crate) fn value_at(&self, entity: &EntityId, field: &str, base: Seq) -> Option<Option<Value>> {
        self.place_after(base)?;
        let first = self.index.first_after(entity, field, base)?;
        let past = &self.past[self.place(first)?];
        past.replaced.as_ref().map(|replaced| replaced.value(field).cloned())
    }

    fn place_after(&self, seq: Seq) -> Option<usize> {
        self.place(seq.next())
    }

    fn place(&self, seq: Seq) -> Option<usize> {
        let first = self.past.front()?.logged.event.seq;
        let place = usize::try_from(seq.0.checked_sub(first.0)?).ok()?;
        (place < self.past.len()).then_some(place)
    }
}

/// Places of events by what they changed, ascending.
#[derive(Debug, Clone, Default)]
struct Index(BTreeMap<EntityId, Touched>);

#[derive(Debug, Clone, Default)]
struct Touched {
    /// Events that made or removed the entity, and so changed every field.
    whole: VecDeque<Seq>,
    fields: BTreeMap<String, VecDeque<Seq>>,
}

impl Index {
    /// Edits the list of every field that an operation changes; lists that are empty then are dropped.
    fn visit(&mut self, op: &Operation, mut edit: impl FnMut(&mut VecDeque<Seq>)) {
        if !self.0.contains_key(&op.entity) {
            self.0.insert(op.entity.clone(), Touched::default());
        }
        let Some(touched) = self.0.get_mut(&op.entity) else { return };
        match &op.action {
            Action::Create { .. } | Action::Remove => edit(&mut touched.whole),
            Action::Patch { set, unset } => {
                for name in set.keys().chain(unset.iter().filter(|name| !set.contains_key(*name))) {
                    touched.visit(name, &mut edit);
                }
            }
            Action::Increment { field, .. } | Action::SetAdd { field, .. } | Action::SetRemove { field, .. } => {
                touched.visit(field, &mut edit);
            }
        }
        if touched.whole.is_empty() && touched.fields.is_empty() {
            self.0.remove(&op.entity);
        }
    }

    /// The first event after `seq` that changed the field.
    fn first_after(&self, entity: &EntityId, field: &str, seq: Seq) -> Option<Seq> {
        let touched = self.0.get(entity)?;
        let first = |seqs: &VecDeque<Seq>| seqs.get(seqs.partition_point(|at| *at <= seq)).copied();
        let of_field = touched.fields.get(field).and_then(first);
        of_field.into_iter().chain(first(&touched.whole)).min()
    }
}

impl Touched {
    fn visit(&mut self, field: &str, edit: &mut impl FnMut(&mut VecDeque<Seq>)) {
        match self.fields.get_mut(field) {
            Some(seqs) => {
                edit(seqs);
                if seqs.is_empty() {
                    self.fields.remove(field);
                }
            }
            None => edit(self.fields.entry(field.to_owned()).or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tideboard_shared::{OnConflict, UnixMs};

    use super::*;

    fn action() -> impl Strategy<Value = Action> {
        let fields = prop::collection::btree_map("[abc]", 0..9_u8, 0..3);
        prop_oneof![
            Just(Action::Create { kind: "k".into(), fields: [].into() }),
            Just(Action::Remove),
            (fields, prop::collection::btree_set("[abc]", 0..2)).prop_map(|(set, unset)| {
                let set = set.into_iter().map(|(name, value)| (name, value.into())).collect();
                Action::Patch { set, unset }
            }),
            "[abc]".prop_map(|field| Action::Increment { field, by: 1.into() }),
        ]
    }

    fn touches(action: &Action, name: &str) -> bool {
        match action {
            Action::Create { .. } | Action::Remove => true,
            Action::Patch { set, unset } => set.contains_key(name) || unset.contains(name),
            Action::Increment { field, .. } | Action::SetAdd { field, .. } | Action::SetRemove { field, .. } => {
                field == name
            }
        }
    }

    proptest! {
        #[test]
        fn the_index_finds_what_a_look_through_all_events_finds(
            actions in prop::collection::vec(("[xy]", action()), 1..40), keep in 1..30_usize, back in 0..10_u64,
        ) {
            let mut history = History::default();
            for (seq, (entity, action)) in (1..).zip(actions) {
                let id = "c/1".parse().unwrap();
                let entity = entity.as_str().into();
                let op = Operation { id, entity, base: Seq::ZERO, action, on_conflict: OnConflict::Reject };
                let event = Event { seq: Seq(seq), by: "ann".into(), at: UnixMs(seq), op: op.into() };
                // Every event says which it is by what it replaced.
                let fields = ["a", "b", "c"].map(|name| (name.to_owned(), seq.into())).into();
                history.push(Logged { event, check: Check::EMPTY }, Some(Replaced { fields, removed: None }.into()));
                history.trim(keep, usize::MAX);
            }
            let newest = history.past.back().unwrap().logged.event.seq;
            history.take_back(Seq(newest.0.saturating_sub(back)));
            let first = history.past.front().map_or(u64::MAX, |past| past.logged.event.seq.0);
            for base in 0..newest.0 + 2 {
                for (entity, field) in [("x", "a"), ("x", "b"), ("y", "a"), ("y", "c")] {
                    let is_next = |past: &&Past| {
                        past.logged.event.seq.0 > base && past.logged.event.op.entity.as_str() == entity
                            && touches(&past.logged.event.op.action, field)
                    };
                    let found = history.past.iter().find(is_next).filter(|_| base + 1 >= first);
                    let expected = found.map(|past| Some(past.logged.event.seq.0.into()));
                    prop_assert_eq!(history.value_at(&entity.into(), field, Seq(base)), expected);
                }
            }
            history.trim(0, 0);
            prop_assert!(history.index.0.is_empty() && history.bytes == 0);
        }
    }
}
