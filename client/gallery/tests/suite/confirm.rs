//! The question before something is destroyed.

use gloo::utils::document;
use tideboard_ui::components::Confirm;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::page::{Log, Mounted, mount, wait_until};

#[derive(Clone, PartialEq, Properties)]
struct Props {
    told: Log<&'static str>,
}

#[component]
fn Owner(props: &Props) -> Html {
    let tell = |words: &'static str| {
        let told = props.told.clone();
        Callback::from(move |()| told.note(words))
    };
    html! { <Confirm title="Remove “CPU”?" on_confirm={tell("removed")} on_close={tell("kept")}>{ "For everyone." }</Confirm> }
}

async fn question() -> (Mounted<Owner>, Log<&'static str>) {
    let told = Log::default();
    let app = mount::<Owner>(Props { told: told.clone() });
    wait_until("the question", || app.root.query_selector("dialog[open]").unwrap().is_some()).await;
    (app, told)
}

fn find(app: &Mounted<Owner>, selector: &str) -> HtmlElement {
    app.root.query_selector(selector).unwrap().expect(selector).unchecked_into()
}

#[wasm_bindgen_test]
async fn the_focus_is_on_the_way_out() {
    let (app, told) = question().await;
    let focused = document().active_element().unwrap();
    assert_eq!(focused.text_content().as_deref(), Some("Cancel"));
    assert_eq!(find(&app, "dialog").get_attribute("role").as_deref(), Some("alertdialog"));
    find(&app, ".dialog-foot button").click();
    assert_eq!(told.all(), ["kept"]);
}

#[wasm_bindgen_test]
async fn only_its_own_button_destroys() {
    let (app, told) = question().await;
    assert_eq!(find(&app, ".button-danger").text_content().as_deref(), Some("Remove"));
    find(&app, ".button-danger").click();
    assert_eq!(told.all(), ["removed"]);
}
