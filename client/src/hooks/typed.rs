//! Collection of one well-known kind: what `use_orders`, `use_favorites` and `use_downloads` share.

use std::rc::Rc;

use tideboard_engine::{EditId, Notice, Rollback, RollbackError};
use tideboard_shared::{Action, BoardId, EntityId, Kind};
use yew::prelude::*;

use super::{
    editor::{Applied, creation},
    use_collection::*,
    use_store_with,
};
use crate::Seen;

/// The entities of one well-known kind; what [`crate::hooks::use_orders`] and its like share.
#[derive(Debug, PartialEq)]
pub struct TypedHandle<T> {
    items: UseCollectionHandle<T>,
    refusals: Rc<Vec<Notice>>,
}

impl<T> Clone for TypedHandle<T> {
    fn clone(&self) -> Self {
        Self { items: self.items.clone(), refusals: Rc::clone(&self.refusals) }
    }
}

impl<T> TypedHandle<T> {
    /// The entities by ascending id; none while the board is not loaded.
    #[must_use]
    pub fn list(&self) -> Option<&[CollectionItem<T>]> {
        self.items.items()
    }

    /// Shares the list of [`Self::list`]: a clone costs nothing, and two that were cloned from one another compare at
    /// once.
    #[must_use]
    pub fn shared(&self) -> Option<&CollectionItems<T>> {
        self.items.shared()
    }

    /// Finds an entity by its id.
    #[must_use]
    pub fn get(&self, id: &EntityId) -> Option<&CollectionItem<T>> {
        let list = self.list()?;
        list.binary_search_by(|item| item.id.cmp(id)).ok().map(|at| &list[at])
    }

    /// Number of edits of these entities that wait for the server.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.list().unwrap_or_default().iter().map(|item| item.pending).sum()
    }

    /// Removes one. Refused where others changed it since it was last shown.
    pub fn remove(&self, id: EntityId) -> Applied {
        match self.get(&id).map(|item| item.seen) {
            Some(seen) => self.items.apply_since(seen, id, Action::Remove),
            None => self.items.apply(id, Action::Remove),
        }
    }

    /// Does anything that can be done to an entity.
    pub fn apply(&self, entity: EntityId, action: Action) -> Applied {
        self.items.apply(entity, action)
    }

    /// Does what the user began when the entity looked as at `seen`: a conflict with what came since is found.
    pub fn apply_since(&self, seen: Seen, entity: EntityId, action: Action) -> Applied {
        self.items.apply_since(seen, entity, action)
    }

    /// Takes an edit back. From here on it does not show; should it reach the server all the same, it is reverted there.
    ///
    /// # Errors
    /// When it is not known any more, or others changed the same since it was applied.
    pub fn rollback(&self, edit: EditId) -> Result<Rollback, RollbackError> {
        self.items.editor.realtime.rollback(edit)
    }

    /// Edits of them that the server refused, each with the reason, until [`Self::dismiss`]; oldest first.
    #[must_use]
    pub fn refusals(&self) -> &[Notice] {
        &self.refusals
    }

    /// Forgets a refusal by its `id`.
    pub fn dismiss(&self, notice: u64) {
        self.items.editor.realtime.dismiss_notice(notice);
    }

    /// Adds an entity under a name.
    pub(super) fn create(&self, id: EntityId, value: &T) -> Applied
    where
        T: Kind,
    {
        self.items.apply(id, creation(value))
    }

    /// Adds an entity; its id, and the result of adding it.
    pub fn add(&self, value: &T) -> (EntityId, Applied)
    where
        T: Kind,
    {
        self.items.editor.create(value)
    }
}

#[hook]
pub(super) fn use_typed<T>(board: BoardId, options: UseCollectionOptions) -> TypedHandle<T>
where
    T: Kind + PartialEq + 'static,
{
    let items = use_collection_with_options::<T>(board.clone(), T::NAME, options);
    let refusals = use_store_with(board, |reader, board| {
        let is_ours = |notice: &Notice| {
            // One that could not be created has no kind; those that are made here are named by it.
            let entity = reader.entity(board, &notice.entity);
            entity.map_or_else(|| notice.entity.as_str().starts_with(T::NAME), |view| view.entity.is::<T>())
        };
        let notices = reader.notices().into_iter();
        notices.filter(|notice| notice.board == *board && is_ours(notice)).collect::<Vec<_>>()
    });
    TypedHandle { items, refusals }
}
