//! The indicator in the page's header.

use gloo::utils::window;
use tideboard_client::RealtimeProvider;
use tideboard_engine::SyncStatus;
use tideboard_ui::components::SyncIndicator;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlElement, KeyboardEvent, KeyboardEventInit};
use yew::prelude::*;

use crate::page::{Log, SERVER, mount, wait_until};

#[derive(Clone, PartialEq, Properties)]
struct Props {
    statuses: Log<SyncStatus>,
}

#[component]
fn App(props: &Props) -> Html {
    let statuses = props.statuses.clone();
    let on_status_change = use_callback((), move |status, ()| statuses.note(status));
    html! { <RealtimeProvider url={SERVER}><SyncIndicator {on_status_change} /></RealtimeProvider> }
}

fn find(root: &Element, selector: &str) -> Option<HtmlElement> {
    root.query_selector(selector).unwrap().map(JsCast::unchecked_into)
}

#[wasm_bindgen_test]
async fn it_says_in_words_and_by_shape_that_all_is_well() {
    let statuses = Log::default();
    let app = mount::<App>(Props { statuses: statuses.clone() });
    wait_until("a good level", || find(&app.root, ".sync-dot[data-level='good']").is_some()).await;
    assert_eq!(find(&app.root, ".sync-words").unwrap().inner_text(), "Live");
    assert_eq!(statuses.all(), [SyncStatus::Offline { n: 0 }, SyncStatus::Synced]);
}

#[wasm_bindgen_test]
async fn its_details_open_on_demand_and_close_by_escape() {
    let app = mount::<App>(Props { statuses: Log::default() });
    wait_until("a good level", || find(&app.root, ".sync-dot[data-level='good']").is_some()).await;
    let details = find(&app.root, ".sync-details").unwrap();
    assert!(details.hidden());
    find(&app.root, "button.sync-button").unwrap().click();
    wait_until("the details", || !details.hidden()).await;
    // Opening asks the server for a sign of life.
    wait_until("a round trip", || details.text_content().unwrap().contains(" ms")).await;
    let escape = KeyboardEventInit::new();
    escape.set_key("Escape");
    window().dispatch_event(&KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &escape).unwrap()).unwrap();
    wait_until("the details to close", || details.hidden()).await;
}

#[wasm_bindgen_test]
async fn its_buttons_close_and_open_the_connection() {
    let app = mount::<App>(Props { statuses: Log::default() });
    wait_until("a good level", || find(&app.root, ".sync-dot[data-level='good']").is_some()).await;
    find(&app.root, ".sync-actions button:last-child").unwrap().click();
    let words = || find(&app.root, ".sync-words").unwrap().text_content().unwrap();
    wait_until("the end", || words() == "Disconnected").await;
    find(&app.root, ".sync-actions button:first-child").unwrap().click();
    wait_until("the connection", || words() == "Live").await;
}
