use std::rc::Rc;

use tideboard_client::{entities::Favorite, hooks::CollectionItem};
use tideboard_engine::ConflictStrategy;
use tideboard_shared::{Action, EntityId};
use tideboard_ui::{
    components::TextEdit,
    widgets::{FavoriteList, FavoriteName, FavoriteRow},
};
use yew::prelude::*;

use super::{Panel, WidgetProps};
use crate::dashboard::{
    context::{use_careful_edit, use_items, use_page},
    favourite,
};

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct FavouritesPanelProps {
    #[prop_or_else(|| EntityId::from("favourites"))]
    pub(crate) id: EntityId,
    #[prop_or(AttrValue::Static("Favourites"))]
    pub(crate) title: AttrValue,
    #[prop_or_default]
    pub(crate) menu: Html,
}

/// The board's favourites as a widget.
#[component]
pub(super) fn FavouritesWidget(props: &WidgetProps) -> Html {
    html! { <FavouritesPanel id={props.item.id.clone()} title={props.title()} menu={props.menu.clone()} /> }
}

/// All entities of kind `favorite`.
#[component]
pub(crate) fn FavouritesPanel(props: &FavouritesPanelProps) -> Html {
    let (page, edit) = (use_page(), use_careful_edit());
    let favourites = use_items::<Favorite>(ConflictStrategy::Ask);
    let rows: Option<Rc<[FavoriteRow]>> = favourites.list().map(|items| {
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
        Callback::from(move |favourite: Favorite| favourite::open(&here, &favourite.target))
    };
    let on_remove = use_callback(favourites.live.clone(), |id: EntityId, favourites| {
        favourites.apply(id, Action::Remove);
    });
    let on_rename = use_callback(favourites.live.clone(), |FavoriteName { id, edit }, favourites| {
        let TextEdit { text, seen } = edit;
        favourites.apply_since(seen, id, Action::set([("label", text)]));
    });
    let on_add = use_callback(edit, |favourite: Favorite, edit| {
        edit.create(&favourite);
    });
    html! {
        <Panel id={props.id.clone()} title={props.title.clone()} menu={props.menu.clone()}>
            <FavoriteList {rows} {on_open} {on_remove} {on_rename} {on_add} is_disabled={!page.is_editable} />
        </Panel>
    }
}
