//! Pages of the components around a board: menus, tabs, frame, dialogs, messages.

use tideboard_ui::components::{AppShell, Icon, Menu, MenuEntry, MenuItem, Tab, TabBar};
use yew::prelude::*;

use super::controls::{Demo, Toggle, logged, use_log};

#[component]
pub(super) fn Icons() -> Html {
    let icon = |icon: &Icon| html! { <li>{ Html::from(*icon) }<span>{ format!("{icon:?}") }</span></li> };
    html! { <ul class="gallery-icons">{ for Icon::ALL.iter().map(icon) }</ul> }
}

#[component]
pub(super) fn Menus() -> Html {
    let (log, add) = use_log();
    let is_on = use_state(|| true);
    let tell = |words: &'static str| logged(&add, move |()| words.to_owned());
    let entries = {
        let value = is_on.clone();
        let toggle = Callback::from(move |()| value.set(!*value));
        vec![
            MenuEntry::Heading("Widget".into()),
            MenuItem::new("Configure", tell("configure")).icon(Icon::Gear).keys("e").into(),
            MenuItem::new("Duplicate", tell("duplicate")).icon(Icon::Copy).keys("mod+d").into(),
            MenuItem::new("Restore", tell("restore")).icon(Icon::History).disabled(true).into(),
            MenuItem::new("Show the legend", toggle).checked(*is_on).into(),
            MenuEntry::Separator,
            MenuItem::new("Remove", tell("remove")).icon(Icon::Trash).danger().into(),
        ]
    };
    let many: Vec<_> = (1..=40).map(|n| MenuItem::new(format!("Board {n}"), tell("a board")).into()).collect();
    let controls = html! { <Toggle label="Show the legend" value={is_on} /> };
    html! {
        <Demo about="A button that opens a list of things to do." {controls} {log}>
            <div class="gallery-ends">
                <Menu label="At the left" entries={entries.clone()} />
                <Menu label="Boards" text="Operations" icon={Icon::Grid} entries={many} />
                <Menu label="Nothing" text="Disabled" entries={entries.clone()} is_disabled=true />
                <Menu label="At the right" {entries} />
            </div>
        </Demo>
    }
}

fn tabs() -> Vec<Tab> {
    let tab = |(label, icon, count): (&'static str, Icon, usize)| Tab {
        id: label.into(),
        label: label.into(),
        icon,
        href: format!("#{label}").into(),
        count,
    };
    let tabs = [
        ("Overview", Icon::Grid, 0),
        ("Orders", Icon::Table, 3),
        ("Favourites", Icon::Star, 0),
        ("Downloads", Icon::Download, 128),
        ("Activity", Icon::Activity, 0),
        ("System", Icon::Gauge, 0),
    ];
    tabs.into_iter().map(tab).collect()
}

#[component]
pub(super) fn Tabs() -> Html {
    let (log, add) = use_log();
    let current = use_state(|| AttrValue::from("Activity"));
    let on_go = {
        let add = add.clone();
        let setter = current.setter();
        Callback::from(move |id: AttrValue| {
            add.emit(format!("goes to {id}"));
            setter.set(id);
        })
    };
    html! {
        <Demo about="Links to the pages of one thing." {log}>
            <TabBar tabs={tabs()} current={(*current).clone()} {on_go} />
        </Demo>
    }
}

#[component]
pub(super) fn Shell() -> Html {
    let (log, add) = use_log();
    let is_kiosk = use_state(|| false);
    let has_banner = use_state(|| false);
    let tell = |words: &'static str| logged(&add, move |()| words.to_owned());
    let set = |state: &UseStateHandle<bool>, value: bool| {
        let setter = state.setter();
        Callback::from(move |()| setter.set(value))
    };
    let board = MenuEntry::from(MenuItem::new("Operations", tell("operations")).checked(true));
    let boards = vec![board, MenuItem::new("Shop floor", tell("shop floor")).checked(false).into()];
    let tools = vec![
        MenuItem::new("Undo", tell("undo")).icon(Icon::Undo).keys("mod+z"),
        MenuItem::new("Redo", tell("redo")).icon(Icon::Redo).keys("mod+shift+z").disabled(true),
        MenuItem::new("Search", tell("search")).icon(Icon::Search).keys("mod+k"),
        MenuItem::new("Add a widget", tell("add")).icon(Icon::Plus).keys("a"),
    ];
    let menu = vec![
        MenuItem::new("Full screen", set(&is_kiosk, true)).icon(Icon::Fullscreen).keys("k").into(),
        MenuItem::new("Share", tell("share")).icon(Icon::Share).into(),
        MenuItem::new("Export", tell("export")).icon(Icon::Download).into(),
    ];
    let banner = has_banner
        .then(|| html! { <p class="gallery-banner">{ "You are offline. Edits are kept here and sent later." }</p> });
    let controls = html! {
        <>
            <Toggle label="banner" value={has_banner} />
            <Toggle label="is_kiosk" value={is_kiosk.clone()} />
        </>
    };
    html! {
        <div class="gallery-frame">
            <AppShell board="Operations"
                switcher={html! { <Menu label="Boards" text="Operations of the northern plants" entries={boards} /> }}
                tabs={html! {
                    <TabBar tabs={tabs()} current="Overview" on_go={logged(&add, |id| format!("goes to {id}"))} />
                }}
                people={html! { <span class="tab-count">{ "+2" }</span> }}
                status={html! { <tideboard_ui::components::SyncIndicator /> }}
                {tools} {menu} {banner} is_kiosk={*is_kiosk} on_leave_kiosk={set(&is_kiosk, false)}>
                <div class="gallery-page"><Demo about="The page's frame." {controls} {log} /></div>
            </AppShell>
        </div>
    }
}
