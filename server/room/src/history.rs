//! The latest events, for resuming and for what a field said at a conflicting edit's base.
//!
//! In: events in order. Out: those after a position, all of them or none. Never holds more than asked for by `trim`.

use std::collections::VecDeque;

use serde_json::Value;
use tideboard_shared::{Action, Applied, EntityId, Operation, Seq, message::Event};

#[derive(Debug, Clone)]
struct Past {
    event: Event,
    /// Values that the event replaced; unknown for events that a snapshot covered when the board was restored.
    applied: Option<Applied>,
}

/// A window that ends with the newest event; `seq` is consecutive in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    past: VecDeque<Past>,
}

impl History {
    pub(crate) fn push(&mut self, event: Event, applied: Option<Applied>) {
        self.past.push_back(Past { event, applied });
    }

    pub(crate) fn trim(&mut self, limit: usize) {
        let excess = self.past.len().saturating_sub(limit);
        self.past.drain(..excess);
    }

    /// Forgets the events after `seq`.
    pub(crate) fn take_back(&mut self, seq: Seq) {
        while self.past.pop_back_if(|past| past.event.seq > seq).is_some() {}
    }

    /// Every event after `since`, or `None` when one of them is no longer here. `newest` is the board's position.
    pub(crate) fn after(&self, since: Seq, newest: Seq) -> Option<Vec<Event>> {
        if since == newest {
            return Some(Vec::new());
        }
        Some(self.past.range(self.index_after(since)?..).map(|past| past.event.clone()).collect())
    }

    /// Value of `field` at `base`, given that it was changed since; `None` when history does not tell.
    pub(crate) fn value_at(&self, entity: &EntityId, field: &str, base: Seq) -> Option<Value> {
        let mut since = self.past.range(self.index_after(base)?..);
        let first = since.find(|past| past.event.op.entity == *entity && touches(&past.event.op, field))?;
        let applied = first.applied.as_ref()?;
        let value = match &applied.removed {
            Some(removed) => removed.fields.get(field).cloned(),
            None => applied.before.iter().find(|(name, _)| name == field).and_then(|(_, value)| value.clone()),
        };
        Some(value.unwrap_or_default())
    }

    fn index_after(&self, seq: Seq) -> Option<usize> {
        let first = self.past.front()?.event.seq;
        let index = usize::try_from(seq.next().0.checked_sub(first.0)?).ok()?;
        (index < self.past.len()).then_some(index)
    }
}

fn touches(op: &Operation, name: &str) -> bool {
    match &op.action {
        Action::Create { .. } | Action::Remove => true,
        Action::Patch { set, unset } => set.contains_key(name) || unset.contains(name),
        Action::Increment { field, .. } | Action::SetAdd { field, .. } | Action::SetRemove { field, .. } => {
            field == name
        }
    }
}
