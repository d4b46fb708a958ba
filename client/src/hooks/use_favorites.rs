use std::ops::Deref;

use tideboard_shared::{BoardId, EntityId};
use yew::prelude::*;

use super::{
    CollectionItem, UseCollectionOptions,
    editor::Applied,
    typed::{TypedHandle, use_typed},
};
use crate::entities::Favorite;

/// Handle of [`use_favorites`]: all that a [`TypedHandle`] can do, and what only favorites can.
#[derive(Debug, Clone, PartialEq)]
pub struct UseFavoritesHandle(TypedHandle<Favorite>);

impl Deref for UseFavoritesHandle {
    type Target = TypedHandle<Favorite>;

    fn deref(&self) -> &TypedHandle<Favorite> {
        &self.0
    }
}

impl UseFavoritesHandle {
    /// The favourite that leads to a target.
    #[must_use]
    pub fn find(&self, target: &str) -> Option<&CollectionItem<Favorite>> {
        self.list()?.iter().find(|item| item.value.target == target)
    }

    /// Tells whether a target is among the favorites.
    #[must_use]
    pub fn is_favorite(&self, target: &str) -> bool {
        self.find(target).is_some()
    }

    /// Makes a target a favourite, or none any more.
    ///
    /// Its name comes from its target, so that two people who do the same at once make one favourite.
    pub fn toggle(&self, favorite: &Favorite) -> Applied {
        match self.find(&favorite.target) {
            Some(item) => self.remove(item.id.clone()),
            None => self.create(id_of(&favorite.target), favorite),
        }
    }
}

/// The favourites of a board: entities of kind `favorite`. Edits show at once.
///
/// ```no_run
/// use tideboard_client::{entities::Favorite, hooks::use_favorites};
/// use yew::prelude::*;
///
/// #[component]
/// fn Star() -> Html {
///     let favorites = use_favorites("main".parse().expect("a name"));
///     let mark = if favorites.is_favorite("/orders") { "★" } else { "☆" };
///     let onclick = move |_| {
///         favorites.toggle(&Favorite { target: "/orders".into(), label: "Orders".into() });
///     };
///     html! { <button {onclick} aria-label="Favourite">{ mark }</button> }
/// }
/// ```
///
/// | option of [`use_favorites_with_options`] | default | |
/// |---|---|---|
/// | `on_conflict` | `RemoteWins` | theirs stands and the user is told; `LocalWins` sends mine again to overwrite |
/// | `on_reject` | none | called when an edit could not be made or was refused |
///
/// Returns a [`UseFavoritesHandle`]; renders when a favourite changes, comes or goes. A refused edit ends in
/// `on_reject` and `refusals()`, with the reason.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_favorites(board: BoardId) -> UseFavoritesHandle {
    use_favorites_with_options(board, UseCollectionOptions::default())
}

/// [`use_favorites`] with options.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_favorites_with_options(board: BoardId, options: UseCollectionOptions) -> UseFavoritesHandle {
    UseFavoritesHandle(use_typed(board, options))
}

/// A name that depends on the target alone: FNV-1a, 64 bit.
fn id_of(target: &str) -> EntityId {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = target.bytes().fold(0xcbf2_9ce4_8422_2325, step);
    EntityId::from(format!("favorite-{hash:016x}"))
}
