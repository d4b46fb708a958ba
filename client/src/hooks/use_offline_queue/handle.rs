use std::{collections::BTreeSet, rc::Rc};

use tideboard_engine::{ApplyError, EditEnd, EditId};
use tideboard_shared::{OpId, UnixMs};
use yew::Callback;

use super::{ImportError, QueueItem, export};
use crate::Realtime;

/// What [`super::use_offline_queue`] returns.
#[derive(Debug, Clone, PartialEq)]
pub struct UseOfflineQueueHandle {
    pub(super) realtime: Realtime,
    pub(super) items: Rc<Vec<QueueItem>>,
    pub(super) on_refused: Callback<EditId>,
}

impl UseOfflineQueueHandle {
    /// Those that wait, oldest first, then those that were refused.
    #[must_use]
    pub fn items(&self) -> &[QueueItem] {
        &self.items
    }

    /// Those that were refused.
    pub fn refused(&self) -> impl Iterator<Item = &QueueItem> {
        self.items.iter().filter(|item| item.is_refused())
    }

    /// How many wait; those that were refused do not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.iter().filter(|item| !item.is_refused()).count()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// When the oldest of those that wait was made.
    #[must_use]
    pub fn oldest(&self) -> Option<UnixMs> {
        self.items.iter().filter(|item| !item.is_refused()).map(|item| item.created).min()
    }

    /// Sends one again now, instead of when its repeat is due. `false` when it is not waiting.
    pub fn retry(&self, id: EditId) -> bool {
        self.realtime.retry(id)
    }

    /// Gives one up: a refused one is forgotten, one that waits is taken back, and reverted should it be applied all the
    /// same. `false` when there is none.
    pub fn discard(&self, id: EditId) -> bool {
        self.realtime.discard(id) || self.realtime.rollback(id).is_ok()
    }

    /// Makes a refused one again, of what stands now; its new name.
    ///
    /// # Errors
    /// When it cannot be made now; it stays where it is.
    pub fn requeue(&self, id: EditId) -> Result<EditId, ApplyError> {
        let (on_refused, named) = (self.on_refused.clone(), Rc::new(std::cell::Cell::new(id)));
        let made = self.realtime.requeue(id, {
            let named = Rc::clone(&named);
            move |end| {
                if let EditEnd::Refused(_) = end {
                    on_refused.emit(named.get());
                }
            }
        });
        if let Ok(id) = made {
            named.set(id);
        }
        made
    }

    /// Gives all of them up; how many.
    pub fn clear(&self) -> usize {
        self.items.iter().filter(|item| self.discard(item.id)).count()
    }

    /// All of them as JSON text, for another browser or for whoever helps the user.
    #[must_use]
    pub fn export(&self) -> String {
        export::write(&self.items)
    }

    /// Makes the edits of an exported queue, oldest first, but for those that are still in this one; how many. Where others
    /// changed the same the user is asked.
    ///
    /// # Errors
    /// When the text is no exported queue, or some of the edits cannot be made now.
    pub fn import(&self, text: &str) -> Result<usize, ImportError> {
        let edits = export::read(text)?;
        let known: BTreeSet<&OpId> = self.items.iter().map(|item| &item.op.id).collect();
        let (mut made, mut problems) = (0, Vec::new());
        for exported in edits {
            if exported.id.as_ref().is_some_and(|id| known.contains(id)) {
                continue;
            }
            match self.realtime.apply(exported.edit, |_| {}) {
                Ok(_) => made += 1,
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() { Ok(made) } else { Err(ImportError::NotMade { made, problems }) }
    }
}
