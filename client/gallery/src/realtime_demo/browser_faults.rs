use tideboard_client::StorageRoom;
use tideboard_ui::components::SelectField;
use yew::prelude::*;

use crate::faults::FaultSettings;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct BrowserFaultsProps {
    pub(super) settings: FaultSettings,
    pub(super) on_change: Callback<FaultSettings>,
    pub(super) on_expire: Callback<()>,
    pub(super) on_kill: Callback<()>,
}

/// States of the storage: value, name and words.
const STORAGE: [(StorageRoom, &str, &str); 3] = [
    (StorageRoom::Enough, "room", "Storage has room"),
    (StorageRoom::Numbers, "rows", "Storage is full: edits are not written"),
    (StorageRoom::None, "everything", "Storage is full: nothing is written"),
];

/// Controls for the faults of the browser: storage, token and leading tab.
#[component]
pub(super) fn BrowserFaults(props: &BrowserFaultsProps) -> Html {
    let BrowserFaultsProps { settings, on_change, on_expire, on_kill } = props.clone();
    let on_storage = on_change.reform(move |value: AttrValue| {
        let room = STORAGE.iter().find(|(_, name, _)| value == *name).map_or(StorageRoom::Enough, |(room, ..)| *room);
        FaultSettings { room, ..settings }
    });
    let options = STORAGE.map(|(_, value, words)| (value.into(), words.into())).to_vec();
    let chosen = STORAGE.iter().find(|(room, ..)| *room == settings.room).map_or("room", |(_, value, _)| value);
    html! {
        <fieldset class="demo-part">
            <legend>{ "Browser" }</legend>
            <SelectField class="demo-select" label="Storage quota" value={chosen} {options} on_change={on_storage} />
            <div class="demo-actions">
                <button type="button" onclick={on_expire.reform(|_| ())}>{ "Expire the token" }</button>
                <button type="button" onclick={on_kill.reform(|_| ())}>{ "Kill the leading tab" }</button>
            </div>
        </fieldset>
    }
}
