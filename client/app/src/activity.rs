//! Entries of the activity feed, made of a board's events, each beside the value that was there before.
//!
//! In: events, and the board as it is. Out: entries for an activity feed. Never: a guess; what no event of the list and no field of
//! the board tells, is left out.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use tideboard_shared::{Action, Changed, Entity, EntityId, Fields, Seq, board::predict, message::Event};
use tideboard_ui::widgets::ActivityEntry;

mod words;

use words::words_of;

/// The events as entries, newest first. `now` gives an entity as it is.
#[must_use]
pub(crate) fn entries_of<'a>(
    events: impl DoubleEndedIterator<Item = &'a Event> + Clone,
    now: impl Fn(&EntityId) -> Option<Arc<Entity>>,
) -> Vec<ActivityEntry> {
    let mut known = BTreeMap::<EntityId, Option<Arc<Entity>>>::new();
    let mut entries = Vec::new();
    for event in events.clone() {
        let id = &event.op.entity;
        let entity = known.entry(id.clone()).or_insert_with(|| before_all(events.clone(), id, now(id)));
        entries.push(entry_of(event, entity.as_deref()));
        // What refuses is not known well enough, and stays as it is.
        let _unknown = predict(entity, &event.op, event.seq);
    }
    entries.reverse();
    entries
}

/// The entry of an event; `before` is its entity as it was, where that is known.
fn entry_of(event: &Event, before: Option<&Entity>) -> ActivityEntry {
    let text = words_of(event, before);
    let Event { seq, by, at, op } = event;
    ActivityEntry { seq: *seq, by: by.clone(), at: *at, entity: op.entity.clone(), kind: text.kind.clone(), text }
}

/// Entity as far as it is known before the first of these events: the fields that none of them touches.
fn before_all<'a>(
    events: impl Iterator<Item = &'a Event>,
    id: &EntityId,
    now: Option<Arc<Entity>>,
) -> Option<Arc<Entity>> {
    let mut touched = BTreeSet::new();
    for event in events.filter(|event| event.op.entity == *id) {
        match &event.op.action {
            // It was not there, or another one was.
            Action::Create { .. } => return None,
            Action::Remove => {}
            Action::Patch { set, unset } => touched.extend(set.keys().chain(unset).cloned()),
            Action::Increment { field, .. } | Action::SetAdd { field, .. } | Action::SetRemove { field, .. } => {
                touched.insert(field.clone());
            }
        }
    }
    let now = now?;
    let fields: Fields = now
        .fields
        .iter()
        .filter(|(name, _)| !touched.contains(*name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let changed = BTreeMap::<String, Changed>::new();
    Some(Arc::new(Entity { id: id.clone(), kind: now.kind.clone(), version: Seq::ZERO, fields, changed }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn event(seq: u64, action: serde_json::Value) -> Event {
        let op = json!({"id": format!("c_1/{seq}"), "entity": "o1", "base": 0, "action": action, "on_conflict": "overwrite"});
        serde_json::from_value(json!({"seq": seq, "by": "ann", "at": 1_000 * seq, "op": op})).unwrap()
    }

    fn order(fields: serde_json::Value) -> Arc<Entity> {
        let entity = json!({"id": "o1", "kind": "order", "version": 9, "fields": fields, "changed": {}});
        Arc::new(serde_json::from_value(entity).unwrap())
    }

    #[test]
    fn an_old_value_is_told_where_an_earlier_event_or_the_board_tells_it() {
        let events = [
            event(5, json!({"do": "patch", "set": {"status": "paid"}})),
            event(6, json!({"do": "patch", "set": {"status": "shipped"}})),
        ];
        let now = order(json!({"customer": "Ada", "status": "shipped"}));
        let entries = entries_of(events.iter(), |_| Some(Arc::clone(&now)));
        assert_eq!(entries.iter().map(|entry| entry.seq.0).collect::<Vec<_>>(), [6, 5]);
        assert_eq!(entries[0].text.changes[0].before.as_deref(), Some("Paid"));
        assert_eq!(entries[1].text.changes[0].before, None, "nobody knows what it was before the first event");
        assert_eq!(entries[0].kind, "order");
    }

    #[test]
    fn what_was_created_in_the_list_is_known_from_there_though_it_is_gone_now() {
        let events = [
            event(1, json!({"do": "create", "kind": "order", "fields": {"customer": "Ada", "status": "new"}})),
            event(2, json!({"do": "patch", "set": {"status": "paid"}})),
            event(3, json!({"do": "remove"})),
        ];
        let entries = entries_of(events.iter(), |_| None);
        assert_eq!(entries[1].text.changes[0].before.as_deref(), Some("New"));
        assert!(entries.iter().all(|entry| entry.kind == "order"), "{entries:?}");
    }
}
