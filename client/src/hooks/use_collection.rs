use std::rc::Rc;

use serde::de::DeserializeOwned;
use tideboard_engine::{Carrier, ConflictStrategy};
use tideboard_shared::{Action, BoardId, Channel, EntityId};
use yew::prelude::*;

use super::{
    editor::{Applied, EditProblem, Editor},
    use_channel, use_realtime,
    use_store::use_folded_store,
};
use crate::Seen;

mod items;

pub use items::{CollectionEntry, CollectionItem, CollectionItems};

/// Options of [`use_collection`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UseCollectionOptions {
    /// Side that wins when others changed the same field first. Default theirs, and the user is told. `Merge` takes a
    /// function for each entity, as [`crate::hooks::use_optimistic_update`] registers it; without one the user is
    /// asked.
    pub on_conflict: ConflictStrategy,
    /// Called when an edit could not be made or was refused.
    pub on_reject: Callback<EditProblem>,
}

/// Handle of [`use_collection`].
#[derive(Debug, PartialEq)]
pub struct UseCollectionHandle<T> {
    items: Rc<Option<CollectionItems<T>>>,
    pub(super) editor: Editor,
}

impl<T> Clone for UseCollectionHandle<T> {
    fn clone(&self) -> Self {
        Self { items: Rc::clone(&self.items), editor: self.editor.clone() }
    }
}

impl<T> UseCollectionHandle<T> {
    /// The entities by ascending id; none while the board is not loaded. Those whose fields are no `T` are left out.
    #[must_use]
    pub fn items(&self) -> Option<&[CollectionItem<T>]> {
        self.items.as_ref().as_deref()
    }

    /// Shares the list of [`Self::items`]: a clone costs nothing, and two that were cloned from one another compare at
    /// once.
    #[must_use]
    pub fn shared(&self) -> Option<&CollectionItems<T>> {
        self.items.as_ref().as_ref()
    }

    /// Does anything that can be done to an entity, `create` included.
    pub fn apply(&self, entity: EntityId, action: Action) -> Applied {
        self.editor.apply(entity, action, None)
    }

    /// Does what the user began when the entity looked as at `seen`: a conflict with what came since is found.
    pub fn apply_since(&self, seen: Seen, entity: EntityId, action: Action) -> Applied {
        self.editor.apply(entity, action, Some(seen))
    }
}

/// All entities of one kind on a board, each read as a `T`; renders only when one of them changes, comes or goes.
///
/// ```no_run
/// use tideboard_client::{entities::Order, hooks::use_collection};
/// use yew::prelude::*;
///
/// #[component]
/// fn Orders() -> Html {
///     let orders = use_collection::<Order>("main".parse().expect("a name"), "order");
///     let line = |order: &Order| html! { <li>{ &order.customer }</li> };
///     html! { <ul>{ for orders.items().unwrap_or_default().iter().map(|item| line(&item.value)) }</ul> }
/// }
/// ```
///
/// | option of [`use_collection_with_options`] | default | |
/// |---|---|---|
/// | `on_conflict` | `RemoteWins` | theirs stands and the user is told; `LocalWins`, `Ask` and `Merge` as for one entity |
/// | `on_reject` | none | called when an edit could not be made or was refused |
///
/// Returns a [`UseCollectionHandle`]; a board that is denied looks like one that is not loaded.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_collection<T>(board: BoardId, kind: &'static str) -> UseCollectionHandle<T>
where
    T: DeserializeOwned + PartialEq + 'static,
{
    use_collection_with_options(board, kind, UseCollectionOptions::default())
}

/// [`use_collection`] with options.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_collection_with_options<T>(
    board: BoardId,
    kind: &'static str,
    options: UseCollectionOptions,
) -> UseCollectionHandle<T>
where
    T: DeserializeOwned + PartialEq + 'static,
{
    let realtime = use_realtime();
    use_channel(Channel::Board(board.clone()).into());
    let items =
        use_folded_store((board.clone(), kind), |reader, (board, kind), last| items::read(reader, board, kind, last));
    let UseCollectionOptions { on_conflict: strategy, on_reject } = options;
    UseCollectionHandle { items, editor: Editor { realtime, board, strategy, delivery: Carrier::Auto, on_reject } }
}
