//! Index of the selectors that follow the engine, by the keys that they read.
//!
//! In: keys of an observer, keys that changed. Out: those who are concerned. Never: a call; the driver makes it while
//! nothing is borrowed.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use tideboard_engine::Key;
use tideboard_shared::tree;

use super::Driver;

/// Called with all that has changed when one of the keys has; gives the keys to be called for next.
pub(crate) type OnChange = Rc<dyn Fn(&Driver, &[Key]) -> BTreeSet<Key>>;

/// Names one observer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ObserverId(u64);

/// Observers by the keys that they read. Finding them costs nothing for those who are not concerned.
#[derive(Default)]
pub(super) struct Observers {
    all: BTreeMap<ObserverId, Observer>,
    by_key: BTreeMap<Key, BTreeSet<ObserverId>>,
    last_id: u64,
}

struct Observer {
    keys: BTreeSet<Key>,
    on_change: OnChange,
}

impl Observers {
    pub(super) fn add(&mut self, keys: BTreeSet<Key>, on_change: OnChange) -> ObserverId {
        self.last_id += 1;
        let id = ObserverId(self.last_id);
        self.index(id, &keys);
        self.all.insert(id, Observer { keys, on_change });
        id
    }

    /// Gives an observer other keys; nothing happens when it is gone.
    pub(super) fn set_keys(&mut self, id: ObserverId, keys: BTreeSet<Key>) {
        let Some(observer) = self.all.get_mut(&id) else { return };
        if observer.keys == keys {
            return;
        }
        let old = std::mem::replace(&mut observer.keys, keys.clone());
        self.unindex(id, &old);
        self.index(id, &keys);
    }

    /// Takes an observer out; what it would have been called by.
    pub(super) fn remove(&mut self, id: ObserverId) -> Option<OnChange> {
        let observer = self.all.remove(&id)?;
        self.unindex(id, &observer.keys);
        Some(observer.on_change)
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Observers of any of the keys, in the order in which they came.
    pub(super) fn concerned(&self, keys: &[Key]) -> BTreeSet<ObserverId> {
        tree(keys.iter().filter_map(|key| self.by_key.get(key)).flatten().copied())
    }

    /// Callback of an observer; `None` when the observer has gone since.
    pub(super) fn callback(&self, id: ObserverId) -> Option<OnChange> {
        self.all.get(&id).map(|observer| Rc::clone(&observer.on_change))
    }

    fn index(&mut self, id: ObserverId, keys: &BTreeSet<Key>) {
        for key in keys {
            self.by_key.entry(key.clone()).or_default().insert(id);
        }
    }

    fn unindex(&mut self, id: ObserverId, keys: &BTreeSet<Key>) {
        for key in keys {
            if let Some(ids) = self.by_key.get_mut(key) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.by_key.remove(key);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn noop() -> OnChange {
        Rc::new(|_, _| BTreeSet::new())
    }

    #[test]
    fn only_those_who_read_a_key_are_concerned_by_it() {
        let mut observers = Observers::default();
        let first = observers.add([Key::Connection, Key::Sync].into(), noop());
        let second = observers.add([Key::Sync].into(), noop());
        assert_eq!(observers.concerned(&[Key::Connection]), [first].into());
        assert_eq!(observers.concerned(&[Key::Sync, Key::Connection]), [first, second].into());
        assert_eq!(observers.concerned(&[Key::Notices]), [].into());
    }

    #[test]
    fn an_observers_keys_follow_what_it_read_last() {
        let mut observers = Observers::default();
        let id = observers.add([Key::Connection].into(), noop());
        observers.set_keys(id, [Key::Notices].into());
        assert_eq!(observers.concerned(&[Key::Connection]), [].into());
        assert_eq!(observers.concerned(&[Key::Notices]), [id].into());
    }

    #[test]
    fn one_that_is_gone_leaves_nothing_behind() {
        let mut observers = Observers::default();
        let id = observers.add([Key::Connection, Key::Sync].into(), noop());
        assert!(observers.remove(id).is_some());
        observers.set_keys(id, [Key::Sync].into());
        assert!(observers.callback(id).is_none());
        assert!(observers.all.is_empty() && observers.by_key.is_empty());
    }
}
