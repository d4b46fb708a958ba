//! The latest events, for resuming and for what a field said at a conflicting edit's base.
//!
//! In: events in order, with what they replaced. Out: those after a position, all of them or none; values as they were.
//! Never holds more than asked for by `trim`; never looks through all events for one field.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use serde_json::Value;
use tideboard_shared::{Action, EntityId, Operation, Seq, message::Event};

use crate::row::Replaced;

#[derive(Debug, Clone)]
struct Past {
    event: Event,
    /// Values that the event replaced; unknown for events of rows that did not keep them.
    replaced: Option<Arc<Replaced>>,
    bytes: usize,
}

/// A window that ends with the newest event; `seq` is consecutive in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    past: VecDeque<Past>,
    /// Sum of the events' bytes.
    bytes: usize,
    index: Index,
}

impl History {
    pub(crate) fn push(&mut self, event: Event, replaced: Option<Arc<Replaced>>) {
        let bytes = event.op.bytes() + replaced.as_ref().map_or(0, |replaced| replaced.bytes());
        self.bytes += bytes;
        self.index.visit(&event.op, |seqs| seqs.push_back(event.seq));
        self.past.push_back(Past { event, replaced, bytes });
    }

    /// Forgets the oldest events beyond so many, and beyond so many bytes.
    pub(crate) fn trim(&mut self, events: usize, bytes: usize) {
        while (self.past.len() > events || self.bytes > bytes)
            && let Some(past) = self.past.pop_front()
        {
            self.bytes -= past.bytes;
            self.index.visit(&past.event.op, |seqs| _ = seqs.pop_front());
        }
    }

    /// Forgets the events after `seq`.
    pub(crate) fn take_back(&mut self, seq: Seq) {
        while let Some(past) = self.past.pop_back_if(|past| past.event.seq > seq) {
            self.bytes -= past.bytes;
            self.index.visit(&past.event.op, |seqs| _ = seqs.pop_back());
        }
    }

    /// Every event after `since`, or `None` when one of them is no longer here. `newest` is the board's position.
    pub(crate) fn after(&self, since: Seq, newest: Seq) -> Option<Vec<Event>> {
        if since == newest {
            return Some(Vec::new());
        }
        Some(self.past.range(self.place_after(since)?..).map(|past| past.event.clone()).collect())
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
        let first = self.past.front()?.event.seq;
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
    /// By ascending name.
    fields: Vec<(String, VecDeque<Seq>)>,
}

impl Index {
    /// Edits the list of every field that an operation changes; lists that are empty then are dropped.
    fn visit(&mut self, op: &Operation, mut edit: impl FnMut(&mut VecDeque<Seq>)) {
        let touched = match self.0.get_mut(&op.entity) {
            Some(touched) => touched,
            None => self.0.entry(op.entity.clone()).or_default(),
        };
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
        let of_field = touched.place(field).ok().and_then(|place| first(&touched.fields[place].1));
        of_field.into_iter().chain(first(&touched.whole)).min()
    }
}

impl Touched {
    fn visit(&mut self, field: &str, edit: &mut impl FnMut(&mut VecDeque<Seq>)) {
        let place = self.place(field).unwrap_or_else(|place| {
            self.fields.insert(place, (field.to_owned(), VecDeque::new()));
            place
        });
        let (_, seqs) = &mut self.fields[place];
        edit(seqs);
        if seqs.is_empty() {
            self.fields.remove(place);
        }
    }

    /// Place of a field, or the one where it would go.
    fn place(&self, field: &str) -> Result<usize, usize> {
        self.fields.binary_search_by(|(name, _)| name.as_str().cmp(field))
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
                let op = Operation { id, entity, base: Seq::ZERO, action, on_conflict: OnConflict::Reject, again: false };
                let event = Event { seq: Seq(seq), by: "ann".into(), at: UnixMs(seq), op: op.into() };
                // Every event says which it is by what it replaced.
                let fields = ["a", "b", "c"].map(|name| (name.to_owned(), seq.into())).into();
                history.push(event, Some(Replaced { fields, removed: None }.into()));
                history.trim(keep, usize::MAX);
            }
            let newest = history.past.back().unwrap().event.seq;
            history.take_back(Seq(newest.0.saturating_sub(back)));
            let first = history.past.front().map_or(u64::MAX, |past| past.event.seq.0);
            for base in 0..newest.0 + 2 {
                for (entity, field) in [("x", "a"), ("x", "b"), ("y", "a"), ("y", "c")] {
                    let is_next = |past: &&Past| {
                        past.event.seq.0 > base && past.event.op.entity.as_str() == entity
                            && touches(&past.event.op.action, field)
                    };
                    let found = history.past.iter().find(is_next).filter(|_| base + 1 >= first);
                    let expected = found.map(|past| Some(past.event.seq.0.into()));
                    prop_assert_eq!(history.value_at(&entity.into(), field, Seq(base)), expected);
                }
            }
            history.trim(0, 0);
            prop_assert!(history.index.0.is_empty() && history.bytes == 0);
        }
    }
}
