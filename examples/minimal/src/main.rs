//! The least that shows a live value and edits it: the counter of the board `main`.
//!
//! Run `cargo xtask run -- --allow-origin http://127.0.0.1:8080` for a server that lets Trunk's page in, then
//! `trunk serve` in this folder. Open the page twice and press the button.

use serde::Deserialize;
use tideboard_client::{
    RealtimeProvider,
    hooks::{use_optimistic_update, use_websocket_state},
};
use yew::prelude::*;

/// Part of the entity `counter` that is read here.
#[derive(PartialEq, Deserialize)]
struct Counter {
    count: f64,
}

#[component]
fn Count() -> Html {
    let connection = use_websocket_state();
    let counter = use_optimistic_update::<Counter>("main".parse().expect("a name"), "counter".into());
    let count = counter.value().map_or("…".to_owned(), |counter| counter.count.to_string());
    let pending = if counter.is_pending() { " (not saved yet)" } else { "" };
    let disabled = counter.value().is_none();
    let onclick = move |_| drop(counter.increment("count", 1));
    html! {
        <main>
            <button {onclick} {disabled}>{ "Add one" }</button>
            <p role="status">{ count }{ pending }</p>
            if connection.is_stale() { <p>{ "Not connected. What you do is kept." }</p> }
        </main>
    }
}

#[component]
fn App() -> Html {
    html! { <RealtimeProvider url="ws://localhost:3000/api/realtime"><Count /></RealtimeProvider> }
}

fn main() {
    yew::Renderer::<App>::new().render();
}
