//! The latest events, for resuming and for what a field said at a conflicting edit's base.
//!
//! In: events in order, each with the log's check. Out: those after a position, all of them or none; the check at any
//! position among them. Never holds more than asked for by `trim`.

use std::collections::VecDeque;

use serde_json::Value;
use tideboard_shared::{Action, Applied, Check, EntityId, Operation, Seq, message::Event};

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
    /// Values that the event replaced; unknown for events that a snapshot covered when the board was restored.
    applied: Option<Applied>,
}

/// A window that ends with the newest event; `seq` is consecutive in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    past: VecDeque<Past>,
    /// Check of the log before the first of them.
    before: Check,
}

impl History {
    /// No event after a place in the log with this check.
    pub(crate) fn starting_at(check: Check) -> Self {
        Self { past: VecDeque::new(), before: check }
    }

    pub(crate) fn push(&mut self, logged: Logged, applied: Option<Applied>) {
        self.past.push_back(Past { logged, applied });
    }

    pub(crate) fn trim(&mut self, limit: usize) {
        let excess = self.past.len().saturating_sub(limit);
        if let Some(last) = self.past.drain(..excess).next_back() {
            self.before = last.logged.check;
        }
    }

    /// Forgets the events after `seq`.
    pub(crate) fn take_back(&mut self, seq: Seq) {
        while self.past.pop_back_if(|past| past.logged.event.seq > seq).is_some() {}
    }

    /// Check of the log at `seq`; `None` where the events from there on are no longer all here, or not yet.
    pub(crate) fn check_at(&self, seq: Seq) -> Option<Check> {
        let first = self.past.front()?.logged.event.seq;
        if seq.next() == first {
            return Some(self.before);
        }
        let index = usize::try_from(seq.0.checked_sub(first.0)?).ok()?;
        self.past.get(index).map(|past| past.logged.check)
    }

    /// Every event after `since`, or `None` when one of them is no longer here. `newest` is the board's position.
    pub(crate) fn after(&self, since: Seq, newest: Seq) -> Option<Vec<Logged>> {
        if since == newest {
            return Some(Vec::new());
        }
        Some(self.past.range(self.index_after(since)?..).map(|past| past.logged.clone()).collect())
    }

    /// Value of `field` at `base`, given that it was changed since; `None` when history does not tell.
    pub(crate) fn value_at(&self, entity: &EntityId, field: &str, base: Seq) -> Option<Value> {
        let mut since = self.past.range(self.index_after(base)?..);
        let is_it = |past: &&Past| past.logged.event.op.entity == *entity && touches(&past.logged.event.op, field);
        let first = since.find(is_it)?;
        let applied = first.applied.as_ref()?;
        let value = match &applied.removed {
            Some(removed) => removed.fields.get(field).cloned(),
            None => applied.before.iter().find(|(name, _)| name == field).and_then(|(_, value)| value.clone()),
        };
        Some(value.unwrap_or_default())
    }

    fn index_after(&self, seq: Seq) -> Option<usize> {
        let first = self.past.front()?.logged.event.seq;
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
