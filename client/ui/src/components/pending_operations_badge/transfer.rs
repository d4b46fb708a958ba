//! Export and import of edits as a file.

use tideboard_client::hooks::UseOfflineQueueHandle;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::format::count_of;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct TransferProps {
    pub(super) queue: UseOfflineQueueHandle,
}

/// Buttons that export the edits as a file, for another browser or for support, and import such a file.
#[component]
pub(super) fn Transfer(props: &TransferProps) -> Html {
    let queue = &props.queue;
    let outcome = use_state(|| None::<String>);
    let text = use_memo(queue.clone(), |queue| {
        let text = String::from(js_sys::encode_uri_component(&queue.export()));
        format!("data:application/json;charset=utf-8,{text}")
    });
    let onchange = {
        let queue = queue.clone();
        let outcome = outcome.setter();
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let Some(file) = input.files().and_then(|files| files.item(0)) else { return };
            // The same file may be chosen again.
            input.set_value("");
            let queue = queue.clone();
            let outcome = outcome.clone();
            spawn_local(async move {
                let read = JsFuture::from(file.unchecked_ref::<web_sys::Blob>().text()).await;
                outcome.set(Some(import(&queue, read.ok().and_then(|text| text.as_string()))));
            });
        })
    };
    html! {
        <div class="pending-transfer">
            if !queue.items().is_empty() {
                <a class="button button-small" download="tideboard-edits.json" href={text.to_string()}>
                    { "Export as a file" }
                </a>
            }
            <label class="button button-small">
                { "Import a file…" }
                <input class="visually-hidden" type="file" accept="application/json,.json" {onchange} />
            </label>
            <span class="pending-facts" role="status">{ outcome.as_deref() }</span>
        </div>
    }
}

fn import(queue: &UseOfflineQueueHandle, text: Option<String>) -> String {
    let Some(text) = text else { return "The file cannot be read.".to_owned() };
    match queue.import(&text) {
        Ok(made) => format!("{} taken in.", count_of(made, "edit", "edits")),
        Err(problem) => format!("Not taken in: {problem}."),
    }
}
