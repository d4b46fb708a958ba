//! `use_store`, the primitive beneath all hooks.

use tideboard_client::{Realtime, RealtimeProvider, hooks::use_store_with};
use tideboard_shared::ClientMessage;
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::page::{Log, SERVER, frames, mount, wait_until};

#[derive(Clone, PartialEq, Properties)]
struct Props {
    realtime: Log<Realtime>,
    /// The state at every run of the selector, and the value at every render.
    runs: Log<bool>,
    renders: Log<bool>,
}

#[component]
fn App(props: &Props) -> Html {
    let realtime = props.realtime.clone();
    let on_initialized = Callback::from(move |handle| realtime.note(handle));
    html! { <RealtimeProvider url={SERVER} {on_initialized}><Probe ..props.clone() /></RealtimeProvider> }
}

#[component]
fn Probe(props: &Props) -> Html {
    let is_live = use_store_with(props.runs.clone(), |reader, runs| {
        let is_live = reader.connection().state.is_live();
        runs.note(is_live);
        is_live
    });
    props.renders.note(*is_live);
    Html::default()
}

#[wasm_bindgen_test]
async fn it_renders_when_the_selected_value_changes_and_not_when_it_does_not() {
    let props = Props { realtime: Log::default(), runs: Log::default(), renders: Log::default() };
    let _app = mount::<App>(props.clone());
    wait_until("a live connection", || props.renders.len() > 0 && props.renders.last()).await;
    assert!(props.runs.len() > 2, "the selector follows every step of connecting: {:?}", props.runs.all());
    assert_eq!(props.renders.all(), [false, true], "the component only what it shows of them");
}

#[wasm_bindgen_test]
async fn it_runs_only_when_what_it_read_changes() {
    let props = Props { realtime: Log::default(), runs: Log::default(), renders: Log::default() };
    let _app = mount::<App>(props.clone());
    wait_until("a live connection", || props.renders.len() > 0 && props.renders.last()).await;
    let realtime = props.realtime.last();
    // Meanwhile the tab takes the lead of its browser's.
    frames(20).await;
    let runs = props.runs.len();
    let _points = realtime.subscribe("stream:host.cpu".parse::<tideboard_shared::Channel>().unwrap().into());
    let topic = "host.cpu".parse().unwrap();
    wait_until("points", || realtime.read(|reader| reader.stream(&topic).is_some())).await;
    assert_eq!(props.runs.len(), runs, "streams are not what it read");
}

#[wasm_bindgen_test]
async fn it_is_unsubscribed_with_its_component() {
    let props = Props { realtime: Log::default(), runs: Log::default(), renders: Log::default() };
    let app = mount::<App>(props.clone());
    wait_until("a live connection", || props.renders.len() > 0 && props.renders.last()).await;
    let realtime = props.realtime.last();
    drop(app);
    frames(5).await;
    let runs = props.runs.len();
    realtime.connect();
    realtime.send(ClientMessage::Request { id: "r".into(), method: "board.list".into(), params: ().into() });
    wait_until("a live connection", || realtime.read(|reader| reader.connection().state.is_live())).await;
    assert_eq!(props.runs.len(), runs);
    realtime.disconnect();
}
