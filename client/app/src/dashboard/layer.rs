use std::rc::Rc;

use tideboard_client::hooks::{CollectionEntry, CollectionItem};
use tideboard_shared::{BoardId, Entity};
use tideboard_ui::components::{Command, CommandPalette, ConflictResolution, Shortcut, ShortcutsHelp, SingleKeys};
use yew::prelude::*;
use yew_hooks::use_local_storage;

use super::{
    commands::{Open, PageUi},
    panels::panel_of,
    transfer::ImportDialog,
};
use crate::widget::Widget;

/// Key in `localStorage` of the commands used of late, and their number.
const RECENT_KEY: &str = "tideboard.recent";
const RECENT: usize = 5;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct LayerProps {
    pub(crate) board: BoardId,
    pub(crate) ui: UseReducerHandle<PageUi>,
    pub(crate) commands: Rc<[Command]>,
    pub(crate) shortcuts: Rc<[Shortcut]>,
    pub(crate) single_keys: SingleKeys,
}

/// Dialog over a board's page, of which one is open at a time, and the notice of conflicts that leads to one.
#[component]
pub(crate) fn Layer(props: &LayerProps) -> Html {
    let LayerProps { board, ui, commands, shortcuts, single_keys } = props.clone();
    let recent = use_local_storage::<Vec<String>>(RECENT_KEY.to_owned());
    let on_close = {
        let ui = ui.dispatcher();
        Callback::from(move |()| ui.dispatch(Open::Nothing.into()))
    };
    let on_run = {
        let recent = recent.clone();
        Callback::from(move |id: AttrValue| {
            let mut latest = Option::clone(&recent).unwrap_or_default();
            latest.retain(|other| *other != *id);
            latest.insert(0, id.to_string());
            latest.truncate(RECENT);
            recent.set(latest);
        })
    };
    let dialog = match ui.open {
        Open::Palette => {
            let recent = recent.iter().flatten().cloned().map(AttrValue::from).collect::<Vec<_>>();
            html! { <CommandPalette {commands} {recent} {on_run} on_close={on_close.clone()} /> }
        }
        Open::Shortcuts => html! { <ShortcutsHelp {shortcuts} {single_keys} on_close={on_close.clone()} /> },
        Open::Import => html! { <ImportDialog on_close={on_close.clone()} /> },
        // Their owners show these.
        Open::Nothing | Open::Picker | Open::NewBoard | Open::Conflicts => Html::default(),
    };
    html! {
        <>
            <ConflictResolution {board} is_reviewing={ui.open == Open::Conflicts} {on_close} preview={Callback::from(preview)} />
            { dialog }
        </>
    }
}

/// A widget in the conflict dialog as it is on the board; anything else as its fields.
fn preview(entity: Rc<Entity>) -> Html {
    match entity.decode() {
        Ok(value) if entity.is::<Widget>() => {
            let item = CollectionItem::from(CollectionEntry {
                id: entity.id.clone(),
                value,
                pending: 0,
                seen: Default::default(),
            });
            html! { <div class="widget-preview" inert=true>{ panel_of(&item, Html::default()) }</div> }
        }
        _ => html! {
            <dl class="facts">
                { for entity.fields.iter().map(|(name, value)| {
                    let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
                    html! { <div key={name.clone()}><dt>{ name }</dt><dd>{ text }</dd></div> }
                }) }
            </dl>
        },
    }
}
