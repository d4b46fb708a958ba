use std::rc::Rc;

use tideboard_client::{entities::Favorite, hooks::CollectionItem};
use tideboard_engine::ConflictStrategy;
use tideboard_shared::{Action, EntityId};
use tideboard_ui::{
    components::TextEdit,
    widgets::{FavoriteName, FavoriteRow, Favorites},
};
use yew::prelude::*;

use super::{Panel, WidgetProps};
use crate::dashboard::{
    context::{use_careful_edit, use_items, use_page},
    favorite,
};

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct FavoritesPanelProps {
    #[prop_or_else(|| EntityId::from("favourites"))]
    pub(crate) id: EntityId,
    #[prop_or(AttrValue::Static("Favourites"))]
    pub(crate) title: AttrValue,
    #[prop_or_default]
    pub(crate) menu: Html,
}

/// The board's favourites as a widget.
#[component]
pub(super) fn FavoritesWidget(props: &WidgetProps) -> Html {
    html! { <FavoritesPanel id={props.item.id.clone()} title={props.title()} menu={props.menu.clone()} /> }
}

/// All entities of kind `favorite`.
#[component]
pub(crate) fn FavoritesPanel(props: &FavoritesPanelProps) -> Html {
    let page = use_page();
    let edit = use_careful_edit();
    let favorites = use_items::<Favorite>(ConflictStrategy::Ask);
    let rows: Option<Rc<[FavoriteRow]>> = favorites.list().map(|items| {
        let row = |item: &CollectionItem<Favorite>| FavoriteRow {
            id: item.id.clone(),
            favorite: item.value.clone(),
            pending: item.pending,
            seen: item.seen,
        };
        items.iter().map(row).collect()
    });
    let on_open = {
        let here = page.here.clone();
        Callback::from(move |favorite: Favorite| favorite::open(&here, &favorite.target))
    };
    let on_remove = use_callback(favorites.live.clone(), |id: EntityId, favorites| {
        favorites.apply(id, Action::Remove);
    });
    let on_rename = use_callback(favorites.live.clone(), |FavoriteName { id, edit }, favorites| {
        let TextEdit { text, seen } = edit;
        favorites.apply_since(seen, id, Action::set([("label", text)]));
    });
    let on_add = use_callback(edit, |favorite: Favorite, edit| {
        edit.create(&favorite);
    });
    html! {
        <Panel id={props.id.clone()} title={props.title.clone()} menu={props.menu.clone()}>
            <Favorites {rows} {on_open} {on_remove} {on_rename} {on_add} is_disabled={!page.is_editable} />
        </Panel>
    }
}
