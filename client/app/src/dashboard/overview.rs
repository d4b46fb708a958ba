//! The board's widgets on their grid, and what one does to them: arrange, add, configure, remove.

use std::rc::Rc;

use gloo::utils::document;
use tideboard_client::{entities::Favorite, hooks::CollectionItem};
use tideboard_engine::ConflictStrategy;
use tideboard_shared::{Action, EntityId};
use tideboard_ui::{
    components::{BoardGrid, EmptyState, GridChange, GridItem, Icon, IconButton, Menu, MenuEntry, MenuItem},
    layout::Item,
};
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

use super::{
    context::{use_careful_edit, use_items, use_loose_edit, use_page},
    favorite,
    panels::panel_of,
    past::RestoreWidget,
    widget_form::{WidgetForm, WidgetPicker},
};
use crate::widget::Widget;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct OverviewProps {
    pub(crate) is_arranging: bool,
    /// Set while the picker of widgets is asked for.
    pub(crate) is_adding: bool,
    pub(crate) on_add: Callback<bool>,
}

/// The board's widgets on their grid.
#[component]
pub(crate) fn Overview(props: &OverviewProps) -> Html {
    let page = use_page();
    let widgets = use_items::<Widget>(ConflictStrategy::LocalWins);
    let loose = use_loose_edit();
    let form = use_state(|| None::<EntityId>);
    let on_change = use_callback(loose, |change: GridChange, edit| {
        match change {
            GridChange::Move(id, place) => edit.apply(id, Action::set([("place", to_value(&place))])),
            GridChange::Resize(id, size) => edit.apply(id, Action::set([("size", to_value(&size))])),
        };
    });
    use_effect_with((page.here.address.widget.clone(), widgets.list().is_some()), |(widget, is_loaded)| {
        if *is_loaded && let Some(id) = widget {
            show_widget(id);
        }
    });
    let Some(items) = widgets.list() else { return html! { <LoadingGrid /> } };
    let is_past = page.past.is_some();
    let cells: Rc<[GridItem]> = items.iter().map(|item| cell(item, &form, is_past)).collect();
    let on_picked = {
        let form = form.clone();
        let on_add = props.on_add.clone();
        Callback::from(move |id: Option<EntityId>| {
            on_add.emit(false);
            form.set(id);
        })
    };
    let on_close = {
        let form = form.clone();
        Callback::from(move |()| form.set(None))
    };
    let configured = form.as_ref().and_then(|id| items.iter().find(|item| item.id == *id));
    html! {
        <>
            if cells.is_empty() {
                <EmptyBoard on_add={props.on_add.reform(|()| true)} />
            } else {
                <BoardGrid items={cells} is_arranging={props.is_arranging && page.is_editable} {on_change} />
            }
            if props.is_adding {
                <WidgetPicker others={items.iter().map(item_of).collect::<Rc<[Item]>>()} on_close={on_picked} />
            }
            if let Some(item) = configured {
                <WidgetForm item={item.clone()} {on_close} />
            }
        </>
    }
}

/// Brings a widget into view and marks it for a moment.
fn show_widget(id: &str) {
    let cells = document().query_selector_all("[data-cell]").ok();
    let cells = cells.iter().flat_map(|cells| (0..cells.length()).filter_map(|at| cells.item(at)));
    let cell = cells
        .filter_map(|cell| cell.dyn_into::<Element>().ok())
        .find(|cell| cell.get_attribute("data-cell").as_deref() == Some(id));
    if let Some(cell) = cell {
        cell.scroll_into_view();
        // The style sheet's animation ends by itself.
        let _marked = cell.set_attribute("data-found", "");
    }
}

fn item_of(item: &CollectionItem<Widget>) -> Item {
    Item { id: item.id.clone(), place: item.value.place, size: item.value.size }
}

fn cell(item: &CollectionItem<Widget>, form: &UseStateHandle<Option<EntityId>>, is_past: bool) -> GridItem {
    let configure = {
        let form = form.setter();
        let id = item.id.clone();
        Callback::from(move |()| form.set(Some(id.clone())))
    };
    let menu = if is_past {
        html! { <RestoreWidget id={item.id.clone()} /> }
    } else {
        html! { <WidgetMenu item={item.clone()} on_configure={configure.clone()} /> }
    };
    let widget = &item.value;
    let label = if widget.title.is_empty() { widget.kind.label().to_owned() } else { widget.title.clone() };
    let tools = html! {
        <>
            <IconButton icon={Icon::Gear} label={format!("Configure {label}")} onclick={configure.reform(|_| ())} />
            <RemoveWidget id={item.id.clone()} label={label.clone()} />
        </>
    };
    GridItem { item: item_of(item), label: label.into(), tools, content: panel_of(item, menu) }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct WidgetMenuProps {
    item: CollectionItem<Widget>,
    on_configure: Callback<()>,
}

/// Menu that every widget has.
#[component]
fn WidgetMenu(props: &WidgetMenuProps) -> Html {
    let page = use_page();
    let edit = use_careful_edit();
    let WidgetMenuProps { item, on_configure } = props;
    let title: AttrValue =
        if item.value.title.is_empty() { item.value.kind.label().into() } else { item.value.title.clone().into() };
    let remove = use_remove(item.id.clone(), title.clone());
    let copy = {
        let edit = edit.clone();
        let item = item.clone();
        Callback::from(move |()| {
            let mut widget = item.value.clone();
            widget.place.rank += 0.5;
            edit.create(&widget);
        })
    };
    let star = {
        let page = page.clone();
        let item = item.clone();
        let title = title.clone();
        Callback::from(move |()| {
            edit.create(&Favorite { target: favorite::of_widget(&item.id), label: title.to_string() });
            page.say_done("Added to the favourites");
        })
    };
    let entry = |label: &'static str, icon: Icon, on_choose: Callback<()>| {
        MenuEntry::Item(MenuItem {
            icon: Some(icon),
            is_disabled: !page.is_editable,
            ..MenuItem::new(label, on_choose)
        })
    };
    let entries = vec![
        entry("Configure…", Icon::Gear, on_configure.clone()),
        entry("Duplicate", Icon::Copy, copy),
        entry("Add to favourites", Icon::Star, star),
        MenuEntry::Separator,
        MenuEntry::Item(MenuItem {
            icon: Some(Icon::Trash),
            is_danger: true,
            is_disabled: !page.is_editable,
            ..MenuItem::new("Remove", remove)
        }),
    ];
    html! { <Menu class="widget-menu" label={format!("Options of {title}")} icon={Icon::More} {entries} /> }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct RemoveWidgetProps {
    id: EntityId,
    label: AttrValue,
}

#[component]
fn RemoveWidget(props: &RemoveWidgetProps) -> Html {
    let remove = use_remove(props.id.clone(), props.label.clone());
    html! { <IconButton icon={Icon::Trash} label={format!("Remove {}", props.label)} onclick={remove.reform(|_| ())} /> }
}

/// Removes a widget and says how to get it back.
#[hook]
fn use_remove(id: EntityId, title: AttrValue) -> Callback<()> {
    let page = use_page();
    let edit = use_careful_edit();
    Callback::from(move |()| {
        if edit.apply(id.clone(), Action::Remove).local.is_ok() {
            page.say_done(format!("{title} removed"));
        }
    })
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct EmptyBoardProps {
    on_add: Callback<()>,
}

#[component]
fn EmptyBoard(props: &EmptyBoardProps) -> Html {
    let page = use_page();
    let action = html! {
        <button type="button" class="button-primary" onclick={props.on_add.reform(|_| ())} disabled={!page.is_editable}>
            { Html::from(Icon::Plus) }{ "Add a widget" }
        </button>
    };
    html! {
        <div class="board-empty">
            <EmptyState icon={Icon::Grid} title="This board is empty" text="Add a first widget, or import a board from a file." {action} />
        </div>
    }
}

/// A page of placeholders, about as large as what comes.
#[component]
fn LoadingGrid() -> Html {
    html! {
        <div class="grid" aria-hidden="true">
            { for (0..4).map(|index| html! { <div key={index} class="grid-cell panel" style={format!("--x:{};--y:1;--w:3;--h:2;--x2:{};--y2:{};--w2:1", index * 3 + 1, index % 2 + 1, index / 2 * 2 + 1)} /> }) }
        </div>
    }
}

fn to_value<T: serde::Serialize>(value: &T) -> serde_json::Value {
    serde_json::to_value(value).expect("places and sizes are JSON")
}
