//! The row of links to a board's pages.

use tideboard_ui::components::{Icon, Tab, TabBar};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{HtmlElement, MouseEvent, MouseEventInit};
use yew::prelude::*;

use crate::page::{Log, Mounted, mount, wait_until};

#[derive(Clone, PartialEq, Properties)]
struct Props {
    gone_to: Log<AttrValue>,
}

#[component]
fn Owner(props: &Props) -> Html {
    let current = use_state(|| AttrValue::from("Tab 9"));
    let tab = |n: usize| Tab {
        id: format!("Tab {n}").into(),
        label: format!("Tab {n}").into(),
        icon: Icon::Grid,
        href: format!("#tab-{n}").into(),
        count: n % 2,
    };
    let on_go = {
        let gone_to = props.gone_to.clone();
        let current = current.setter();
        Callback::from(move |id: AttrValue| {
            gone_to.note(id.clone());
            current.set(id);
        })
    };
    html! {
        <div style="inline-size: 200px">
            <style>{ ".tab-bar { overflow: auto hidden } .tab-bar ul { display: flex; inline-size: max-content }" }</style>
            <TabBar tabs={(1..=9).map(tab).collect::<Vec<_>>()} current={(*current).clone()} {on_go} />
        </div>
    }
}

async fn bar() -> (Mounted<Owner>, Log<AttrValue>) {
    let gone_to = Log::default();
    let app = mount::<Owner>(Props { gone_to: gone_to.clone() });
    wait_until("the tabs", || app.root.query_selector("nav a").unwrap().is_some()).await;
    (app, gone_to)
}

fn find(app: &Mounted<Owner>, selector: &str) -> HtmlElement {
    app.root.query_selector(selector).unwrap().expect(selector).unchecked_into()
}

#[wasm_bindgen_test]
async fn a_plain_press_is_told_and_the_browser_does_not_follow_the_link() {
    let (app, gone_to) = bar().await;
    let before = gloo::utils::window().location().hash().unwrap();
    find(&app, "a[href='#tab-2']").click();
    wait_until("the tab", || find(&app, "[aria-current='page']").text_content().unwrap() == "Tab 2").await;
    assert_eq!(gone_to.all(), ["Tab 2"]);
    assert_eq!(gloo::utils::window().location().hash().unwrap(), before);
}

#[wasm_bindgen_test]
async fn a_press_with_a_key_held_is_left_to_the_browser() {
    let (app, gone_to) = bar().await;
    let press = MouseEventInit::new();
    press.set_bubbles(true);
    press.set_cancelable(true);
    press.set_shift_key(true);
    let press = MouseEvent::new_with_mouse_event_init_dict("click", &press).unwrap();
    // Here, as nobody wants a new window from a test.
    let guard = gloo::events::EventListener::new_with_options(
        &gloo::utils::window(),
        "click",
        gloo::events::EventListenerOptions::enable_prevent_default(),
        |event| event.prevent_default(),
    );
    find(&app, "a[href='#tab-2']").dispatch_event(&press).unwrap();
    drop(guard);
    assert_eq!(gone_to.len(), 0);
}

#[wasm_bindgen_test]
async fn the_open_tab_is_in_view_where_not_all_fit() {
    let (app, _) = bar().await;
    let is_in_view = || {
        let bar = find(&app, "nav").get_bounding_client_rect();
        let tab = find(&app, "[aria-current]").get_bounding_client_rect();
        tab.left() >= bar.left() - 1.0 && tab.right() <= bar.right() + 1.0
    };
    assert!(find(&app, "nav").scroll_width() > find(&app, "nav").client_width());
    wait_until("the last tab in view", is_in_view).await;
    find(&app, "a[href='#tab-1']").click();
    wait_until("the first tab in view", || find(&app, "nav").scroll_left() == 0 && is_in_view()).await;
}
