//! Entities of a collection, shared from list to list.
//!
//! In: the last list, the keys that have changed. Out: the next list. Never: a read of what has not changed, or a new
//! list where nothing looks another way.

use std::{ops::Deref, rc::Rc};

use serde::de::DeserializeOwned;
use tideboard_engine::{BoardStatus, EntityView, Key, Reader};
use tideboard_shared::{BoardId, EntityId};

use crate::{
    Seen,
    hooks::{use_entity::position, use_store::Last},
};

/// Entity of a collection; a clone shares it.
#[derive(Debug)]
pub struct CollectionItem<T>(Rc<CollectionEntry<T>>);

/// Facts that are known of an entity of a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct CollectionEntry<T> {
    /// The entity.
    pub id: EntityId,
    /// Fields of the entity with the user's pending edits on top.
    pub value: T,
    /// Number of edits of it that wait for the server.
    pub pending: usize,
    /// Position of the board at which it looked like this.
    pub seen: Seen,
}

impl<T> CollectionItem<T> {
    /// Tells whether both are the very same, and so equal; takes no look at the values.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> From<CollectionEntry<T>> for CollectionItem<T> {
    fn from(entry: CollectionEntry<T>) -> Self {
        Self(Rc::new(entry))
    }
}

impl<T> Deref for CollectionItem<T> {
    type Target = CollectionEntry<T>;

    fn deref(&self) -> &CollectionEntry<T> {
        &self.0
    }
}

impl<T> Clone for CollectionItem<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T: PartialEq> PartialEq for CollectionItem<T> {
    fn eq(&self, other: &Self) -> bool {
        self.is(other) || self.0 == other.0
    }
}

/// The entities of a collection by ascending id. One that has not changed is the very same in the next list.
#[derive(Debug)]
pub struct CollectionItems<T>(Rc<Vec<CollectionItem<T>>>);

impl<T> CollectionItems<T> {
    /// Tells whether both are the very same list; takes no look at what is in it.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> FromIterator<CollectionItem<T>> for CollectionItems<T> {
    fn from_iter<I: IntoIterator<Item = CollectionItem<T>>>(items: I) -> Self {
        Self(Rc::new(items.into_iter().collect()))
    }
}

impl<T> FromIterator<CollectionEntry<T>> for CollectionItems<T> {
    fn from_iter<I: IntoIterator<Item = CollectionEntry<T>>>(entries: I) -> Self {
        entries.into_iter().map(CollectionItem::from).collect()
    }
}

impl<T> Deref for CollectionItems<T> {
    type Target = [CollectionItem<T>];

    fn deref(&self) -> &[CollectionItem<T>] {
        &self.0
    }
}

impl<T> Clone for CollectionItems<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T: PartialEq> PartialEq for CollectionItems<T> {
    fn eq(&self, other: &Self) -> bool {
        self.is(other) || self.0 == other.0
    }
}

/// The entities of a kind; `None` while the board is not shown. Reads only those that have changed since `last`.
pub(super) fn read<T: DeserializeOwned + PartialEq>(
    reader: &Reader<'_>,
    board: &BoardId,
    kind: &str,
    last: Option<Last<'_, Option<CollectionItems<T>>>>,
) -> Option<CollectionItems<T>> {
    if !reader.board(board).is_some_and(|view| is_shown(&view.status)) {
        return None;
    }
    let seen = position(reader, board);
    let snapshot = Key::Snapshot(board.clone());
    match last {
        Some((Some(items), changed)) if !changed.contains(&snapshot) => {
            let changed = changed.iter().filter_map(|key| match key {
                Key::Entity(of, id) if of == board => Some(id),
                _ => None,
            });
            let read = |id: &EntityId| {
                let view = reader.entity(board, id).filter(|view| view.entity.kind == kind)?;
                entry(&view, seen)
            };
            Some(updated(items, changed, read))
        }
        _ => Some(reader.entities(board, kind).iter().filter_map(|view| entry(view, seen)).collect()),
    }
}

/// The list with these entities read anew; the very same list when none of them looks another way.
fn updated<'a, T: PartialEq>(
    items: &CollectionItems<T>,
    changed: impl Iterator<Item = &'a EntityId>,
    read: impl Fn(&EntityId) -> Option<CollectionEntry<T>>,
) -> CollectionItems<T> {
    let mut next = items.clone();
    for id in changed {
        match (next.binary_search_by(|item| item.id.cmp(id)), read(id)) {
            (Ok(at), Some(entry)) if *next[at] != entry => Rc::make_mut(&mut next.0)[at] = entry.into(),
            (Err(at), Some(entry)) => Rc::make_mut(&mut next.0).insert(at, entry.into()),
            (Ok(at), None) => {
                Rc::make_mut(&mut next.0).remove(at);
            }
            (Ok(_), Some(_)) | (Err(_), None) => {}
        }
    }
    next
}

fn entry<T: DeserializeOwned>(view: &EntityView, seen: Seen) -> Option<CollectionEntry<T>> {
    let value = view.entity.decode().ok()?;
    Some(CollectionEntry { id: view.entity.id.clone(), value, pending: view.pending, seen })
}

fn is_shown(status: &BoardStatus) -> bool {
    match status {
        BoardStatus::CatchingUp | BoardStatus::Live | BoardStatus::Polled | BoardStatus::Stale => true,
        BoardStatus::Loading | BoardStatus::Denied { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn entry(id: &str, value: i32) -> CollectionEntry<i32> {
        CollectionEntry { id: id.into(), value, pending: 0, seen: Seen::default() }
    }

    fn list(entries: &[(&str, i32)]) -> CollectionItems<i32> {
        entries.iter().map(|(id, value)| entry(id, *value)).collect()
    }

    #[test]
    fn only_what_has_changed_is_read_and_the_rest_is_the_very_same() {
        let before = list(&[("a", 1), ("c", 3), ("d", 4), ("e", 5)]);
        let changed: [EntityId; 4] = ["b".into(), "c".into(), "d".into(), "x".into()];
        let after = updated(&before, changed.iter(), |id| match id.as_str() {
            "b" => Some(entry("b", 2)),
            "c" => Some(entry("c", 30)),
            "d" | "x" => None,
            other => panic!("{other} was read"),
        });
        assert_eq!(after, list(&[("a", 1), ("b", 2), ("c", 30), ("e", 5)]));
        assert!(after[0].is(&before[0]) && after[3].is(&before[3]) && !after[2].is(&before[1]));
    }

    #[test]
    fn a_list_of_which_nothing_looks_another_way_is_the_very_same() {
        let before = list(&[("a", 1), ("b", 2)]);
        let after = updated(&before, ["a".into(), "x".into()].iter(), |id| (*id == "a".into()).then(|| entry("a", 1)));
        assert!(after.is(&before));
    }
}
