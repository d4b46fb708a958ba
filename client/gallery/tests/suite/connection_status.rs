//! The connection's state, in its three sizes.

use tideboard_client::RealtimeProvider;
use tideboard_engine::{Config, config::secs};
use tideboard_ui::components::{ConnectionStatus, ConnectionVariant};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use crate::page::{Log, Mounted, SERVER, mount, wait_until};

#[derive(Clone, PartialEq, Properties)]
struct Props {
    variant: ConnectionVariant,
    url: AttrValue,
    renders: Log<()>,
}

/// Counts how often what is beside the component renders.
#[component]
fn Page(props: &Props) -> Html {
    props.renders.note(());
    html! { <ConnectionStatus variant={props.variant} /> }
}

#[component]
fn App(props: &Props) -> Html {
    let mut config = Config::default();
    config.connection.reconnect.base = secs(20);
    config.connection.reconnect.max_delay = secs(20);
    html! { <RealtimeProvider url={props.url.clone()} persistent={false} {config}><Page ..props.clone() /></RealtimeProvider> }
}

fn start(variant: ConnectionVariant, url: &'static str) -> (Mounted<App>, Log<()>) {
    let renders = Log::default();
    (mount::<App>(Props { variant, url: url.into(), renders: renders.clone() }), renders)
}

fn find(root: &Element, selector: &str) -> Option<HtmlElement> {
    root.query_selector(selector).unwrap().map(JsCast::unchecked_into)
}

fn text(root: &Element, selector: &str) -> String {
    find(root, selector).map_or_else(String::new, |node| node.text_content().unwrap())
}

fn button(root: &Element, label: &str) -> Option<HtmlElement> {
    let buttons = root.query_selector_all("button").unwrap();
    let all = (0..buttons.length()).filter_map(|at| buttons.item(at)?.dyn_into::<HtmlElement>().ok());
    all.into_iter().find(|button| button.text_content().unwrap() == label)
}

#[wasm_bindgen_test]
async fn every_size_says_the_same_in_words() {
    for variant in [ConnectionVariant::Minimal, ConnectionVariant::Compact, ConnectionVariant::Full] {
        let (app, _) = start(variant, SERVER);
        wait_until("a live connection", || find(&app.root, ".sync-dot[data-level='good']").is_some()).await;
        assert_eq!(text(&app.root, ".connection [role='status']"), "Live", "{variant:?}");
    }
}

#[wasm_bindgen_test]
async fn its_buttons_close_and_open_the_connection() {
    let (app, _) = start(ConnectionVariant::Full, SERVER);
    wait_until("a live connection", || text(&app.root, ".connection-words") == "Live").await;
    button(&app.root, "Disconnect").unwrap().click();
    wait_until("the end", || text(&app.root, ".connection-words") == "Disconnected").await;
    button(&app.root, "Connect").unwrap().click();
    wait_until("the connection", || text(&app.root, ".connection-words") == "Live").await;
}

#[wasm_bindgen_test]
async fn the_countdown_to_the_next_try_ticks_without_rendering_the_page() {
    // Nobody listens there.
    let (app, renders) = start(ConnectionVariant::Compact, "ws://127.0.0.1:9/api/realtime");
    wait_until("a countdown", || text(&app.root, ".countdown").starts_with("in ")).await;
    let first = text(&app.root, ".countdown");
    let rendered = renders.len();
    wait_until("a tick", || text(&app.root, ".countdown") != first).await;
    assert_eq!(renders.len(), rendered);
    assert!(find(&app.root, "[role='status'] .countdown").is_none(), "it is not read out at every tick");
}
