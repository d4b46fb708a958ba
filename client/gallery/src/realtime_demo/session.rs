//! Download of the session's recording.

use gloo::{
    file::{Blob, ObjectUrl},
    utils::document,
};
use tideboard_client::hooks::use_store;
use tideboard_ui::format::count_of;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::Control;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct SessionDownloadProps {
    pub(super) control: Control,
    pub(super) on_said: Callback<AttrValue>,
}

/// Button that downloads the engine's recording of this session, to be replayed elsewhere.
#[component]
pub(super) fn SessionDownload(props: &SessionDownloadProps) -> Html {
    let SessionDownloadProps { control, on_said } = props.clone();
    let is_recorded = *use_store(|reader| reader.config().features.devtools);
    // Kept after the click, because a browser may read the URL later.
    let saved = use_mut_ref(|| None::<ObjectUrl>);
    let onclick = Callback::from(move |_: MouseEvent| on_said.emit(download(&control, &mut saved.borrow_mut()).into()));
    html! {
        <div class="demo-session">
            <button type="button" {onclick} disabled={!is_recorded}>{ "Download the session" }</button>
            <p class="demo-note">
                if is_recorded {
                    {
                        "Everything the engine was told since the page was loaded, tokens left out. It holds what you \
                        saw and wrote."
                    }
                } else {
                    { "Not recorded: features.devtools is off in the provider's settings." }
                }
            </p>
        </div>
    }
}

fn download(control: &Control, saved: &mut Option<ObjectUrl>) -> String {
    let Some(recording) = control.realtime().recording() else { return "This session is not recorded.".to_owned() };
    let json = match serde_json::to_string(&recording) {
        Ok(json) => json,
        Err(problem) => return format!("The session cannot be written: {problem}."),
    };
    let url = saved.insert(Blob::new_with_options(json.as_str(), Some("application/json")).into());
    let link = document().create_element("a").ok().and_then(|link| link.dyn_into::<HtmlElement>().ok());
    let Some(link) = link else { return "This browser cannot save the session.".to_owned() };
    let is_named =
        link.set_attribute("href", url).and_then(|()| link.set_attribute("download", "tideboard-session.json"));
    if is_named.is_err() {
        return "This browser cannot save the session.".to_owned();
    }
    link.click();
    let calls = count_of(recording.calls.len(), "call", "calls");
    match recording.truncated {
        0 => format!("The session was saved: {calls}."),
        later => format!("The session's beginning was saved: {calls}; {later} later ones were too many."),
    }
}
