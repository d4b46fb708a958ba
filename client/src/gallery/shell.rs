//! The pages of what is around a board: menus, tabs, frame, dialogs, messages.

use tideboard_client::components::{Icon, Menu, MenuEntry, MenuItem};
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
