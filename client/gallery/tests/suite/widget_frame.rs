//! The panel around a widget, in every state.

use std::collections::BTreeSet;

use tideboard_client::hooks::WidgetStatus;
use tideboard_ui::components::{FrameMessage, WidgetFrame};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use crate::page::{Log, Mounted, frames, mount, wait_until};

#[derive(Clone, PartialEq, Properties)]
struct Props {
    setter: Log<UseStateSetter<WidgetStatus>>,
    retries: Log<()>,
}

#[component]
fn Owner(props: &Props) -> Html {
    let status = use_state(|| WidgetStatus::Loading);
    if props.setter.len() == 0 {
        props.setter.note(status.setter());
    }
    let retries = props.retries.clone();
    let message = (*status == WidgetStatus::Empty).then(|| FrameMessage::new("Nothing here", "Add something."));
    html! {
        <div style="block-size:200px;display:grid">
            <WidgetFrame title="CPU" status={*status} {message} on_retry={Callback::from(move |()| retries.note(()))}>
                <p class="content">{ "content" }</p>
            </WidgetFrame>
        </div>
    }
}

async fn frame() -> (Mounted<Owner>, Props) {
    let props = Props { setter: Log::default(), retries: Log::default() };
    let app = mount::<Owner>(props.clone());
    wait_until("the frame", || app.root.query_selector("article").unwrap().is_some()).await;
    (app, props)
}

fn find(root: &Element, selector: &str) -> HtmlElement {
    root.query_selector(selector).unwrap().expect(selector).unchecked_into()
}

async fn show(app: &Mounted<Owner>, props: &Props, status: WidgetStatus) {
    props.setter.last().set(status);
    let selector = format!("article[data-status='{}']", status.name());
    wait_until(status.name(), || app.root.query_selector(&selector).unwrap().is_some()).await;
}

#[wasm_bindgen_test]
async fn every_state_is_said_in_words_of_its_own() {
    let (app, props) = frame().await;
    let mut words = BTreeSet::new();
    for status in WidgetStatus::ALL {
        show(&app, &props, status).await;
        let text = find(&app.root, ".panel-words").text_content().unwrap();
        assert_eq!(text, status.label());
        words.insert(text);
        let is_replaced = matches!(status, WidgetStatus::Empty | WidgetStatus::Denied | WidgetStatus::Error);
        assert_eq!(app.root.query_selector(".content").unwrap().is_none(), is_replaced, "{status:?}");
    }
    assert_eq!(words.len(), WidgetStatus::ALL.len());
}

#[wasm_bindgen_test]
async fn trouble_is_told_once_and_not_with_every_second_that_it_lasts() {
    let (app, props) = frame().await;
    let news = || find(&app.root, "[role='status']").text_content().unwrap();
    show(&app, &props, WidgetStatus::Live).await;
    assert_eq!(news(), "");
    show(&app, &props, WidgetStatus::Stale(std::time::Duration::from_secs(5))).await;
    wait_until("the news", || news() == "CPU: stale").await;
    props.setter.last().set(WidgetStatus::Stale(std::time::Duration::from_secs(9)));
    wait_until("the age", || find(&app.root, ".panel-age").text_content().unwrap() == "9 s old").await;
    assert_eq!(news(), "CPU: stale");
    show(&app, &props, WidgetStatus::Live).await;
    wait_until("the end", || news() == "CPU: live again").await;
}

#[wasm_bindgen_test]
async fn what_is_denied_or_broken_can_be_asked_for_again() {
    let (app, props) = frame().await;
    for status in [WidgetStatus::Denied, WidgetStatus::Error] {
        show(&app, &props, status).await;
        find(&app.root, ".empty-state button").click();
    }
    frames(2).await;
    assert_eq!(props.retries.len(), 2);
    show(&app, &props, WidgetStatus::Empty).await;
    assert!(app.root.query_selector(".empty-state button").unwrap().is_none());
}
