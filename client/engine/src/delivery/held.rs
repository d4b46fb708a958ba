//! Items that wait for one consumer.
//!
//! In: items as they arrive. Out: all of them in order, those of one key as one. Never: more than it is allowed to
//! hold; the oldest then become one that says how many they were.

use std::collections::BTreeMap;

use super::item::{FoldFn, Item, KeyFn, Missed, MissedWhy};

/// Items that wait for one consumer, oldest first.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// Summary of the oldest items, left out because there were too many.
    left_out: Option<Item>,
    items: BTreeMap<u64, (Item, Option<String>)>,
    /// Place of each key's item.
    places: BTreeMap<String, u64>,
    next: u64,
}

impl Held {
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.left_out.is_none()
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// Number of items that were left out; `None` when nobody can know.
    pub(super) fn left_out(&self) -> Option<u64> {
        self.left_out.as_ref().map_or(Some(0), |item| item.as_missed().count)
    }

    /// Adds an item at the end; whether one that waited became part of it.
    pub(super) fn push(&mut self, mut item: Item, key: Option<&KeyFn>, fold: Option<&FoldFn>) -> bool {
        let key = match (key, fold) {
            (Some(key), _) => key.key(&item.body),
            (None, Some(_)) => Some(String::new()),
            (None, None) => None,
        };
        let place = self.next;
        self.next += 1;
        let mut is_folded = false;
        if let Some(key) = &key
            && let Some(earlier) = self.places.insert(key.clone(), place)
            && let Some((earlier, _)) = self.items.remove(&earlier)
        {
            is_folded = true;
            item.stands_for += earlier.stands_for;
            if let Some(fold) = fold {
                item.body = fold.fold(&earlier.body, &item.body);
            }
        }
        self.items.insert(place, (item, key));
        is_folded
    }

    /// Notes that things were missed here; nothing that comes later becomes one with what is before.
    pub(super) fn push_missed(&mut self, missed: Item) {
        self.places.clear();
        self.items.insert(self.next, (missed, None));
        self.next += 1;
    }

    /// Leaves the oldest out so that no more than `max` wait; how many items that were.
    pub(super) fn shrink(&mut self, max: usize) -> u64 {
        let mut left_out = 0;
        while self.items.len() > max {
            let Some((place, (item, key))) = self.items.pop_first() else { break };
            if let Some(key) = key.filter(|key| self.places.get(key) == Some(&place)) {
                self.places.remove(&key);
            }
            left_out += item.stands_for.min(1);
            let before = self.left_out.take();
            let a = before.as_ref().map_or(Missed { count: Some(0), why: MissedWhy::Limit }, Item::as_missed);
            let b = item.as_missed();
            let count = a.count.zip(b.count).map(|(a, b)| a + b);
            let through = item.through.or(before.and_then(|before| before.through));
            self.left_out = Some(Item::missed(count, a.why.max(b.why), through));
        }
        left_out
    }

    /// Hands everything over.
    pub(super) fn take(&mut self) -> Vec<Item> {
        self.places.clear();
        let items = std::mem::take(&mut self.items).into_values().map(|(item, _)| item);
        self.left_out.take().into_iter().chain(items).collect()
    }
}
