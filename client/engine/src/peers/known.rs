//! Where each edit comes from, so that it is the same one in every tab.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tideboard_shared::TabId;

use crate::EditId;

/// The page that made an edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// Its tab.
    pub tab: TabId,
    /// Tells the page from earlier ones of the same tab.
    pub life: u32,
}

/// What is known of an edit that has been given a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Provenance {
    /// Its first number: its name in every tab.
    pub(crate) first: u64,
    /// `None` when nobody noted it.
    pub(crate) author: Option<Author>,
    pub(crate) is_stored: bool,
    /// Whether another tab may have submitted it.
    pub(crate) may_be_sent: bool,
    /// The read of storage that will tell what became of it, where nothing else can.
    pub(crate) doubt: Option<u64>,
}

/// All numbered edits without an end, those that wait for the user included.
#[derive(Debug, Default)]
pub(crate) struct Known {
    by_first: BTreeMap<u64, EditId>,
    edits: BTreeMap<EditId, Provenance>,
}

impl Known {
    pub(crate) fn insert(&mut self, id: EditId, provenance: Provenance) {
        self.by_first.insert(provenance.first, id);
        self.edits.insert(id, provenance);
    }

    pub(crate) fn remove(&mut self, id: EditId) {
        if let Some(provenance) = self.edits.remove(&id) {
            self.by_first.remove(&provenance.first);
        }
    }

    pub(crate) fn by_first(&self, first: u64) -> Option<EditId> {
        self.by_first.get(&first).copied()
    }

    pub(crate) fn get(&self, id: EditId) -> Option<&Provenance> {
        self.edits.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: EditId) -> Option<&mut Provenance> {
        self.edits.get_mut(&id)
    }

    /// By ascending id.
    pub(crate) fn ids(&self) -> Vec<EditId> {
        self.edits.keys().copied().collect()
    }
}
