//! The button that opens a list of things to do.

use gloo::utils::document;
use tideboard_ui::components::{Menu, MenuEntry, MenuItem};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{HtmlElement, MouseEvent};
use yew::prelude::*;

use crate::page::{Log, Mounted, frames, mount, press, wait_until};

#[derive(Clone, PartialEq, Properties)]
struct Props {
    chosen: Log<&'static str>,
}

#[component]
fn Owner(props: &Props) -> Html {
    let tell = |name: &'static str| {
        let chosen = props.chosen.clone();
        Callback::from(move |()| chosen.note(name))
    };
    let entries = vec![
        MenuEntry::Heading("Widget".into()),
        MenuItem::new("Configure", tell("configure")).into(),
        MenuItem::new("Restore", tell("restore")).disabled(true).into(),
        MenuItem::new("Legend", tell("legend")).checked(true).into(),
        MenuEntry::Separator,
        MenuItem::new("Remove", tell("remove")).danger().into(),
    ];
    html! { <><Menu label="More" {entries} /><button type="button" id="beside">{ "Beside" }</button></> }
}

struct Bench {
    app: Mounted<Owner>,
    chosen: Log<&'static str>,
}

async fn bench() -> Bench {
    let chosen = Log::default();
    let app = mount::<Owner>(Props { chosen: chosen.clone() });
    let bench = Bench { app, chosen };
    wait_until("the button", || bench.find("[aria-haspopup='menu']").is_some()).await;
    bench
}

impl Bench {
    fn find(&self, selector: &str) -> Option<HtmlElement> {
        self.app.root.query_selector(selector).unwrap().map(JsCast::unchecked_into)
    }

    fn button(&self) -> HtmlElement {
        self.find("[aria-haspopup='menu']").unwrap()
    }

    fn is_open(&self) -> bool {
        self.find("[role='menu']").is_some()
    }

    async fn open(&self) {
        self.button().click();
        wait_until("the first item's focus", || focused() == "Configure").await;
    }

    async fn closed(&self) {
        wait_until("the end of the menu", || !self.is_open()).await;
    }
}

fn focused() -> String {
    document().active_element().and_then(|element| element.text_content()).unwrap_or_default()
}

fn press_focused(key: &str) {
    press(&document().active_element().unwrap(), key);
}

#[wasm_bindgen_test]
async fn a_press_opens_it_over_the_page_with_the_focus_on_the_first_item() {
    let bench = bench().await;
    assert_eq!(bench.button().get_attribute("aria-expanded").as_deref(), Some("false"));
    bench.open().await;
    assert!(bench.find("[role='menu']").unwrap().matches(":popover-open").unwrap());
    assert_eq!(bench.button().get_attribute("aria-expanded").as_deref(), Some("true"));
    bench.button().click();
    bench.closed().await;
}

#[wasm_bindgen_test]
async fn arrows_and_first_letters_move_the_focus() {
    let bench = bench().await;
    bench.open().await;
    for (key, item) in
        [("ArrowDown", "Restore"), ("End", "Remove"), ("ArrowDown", "Configure"), ("r", "Restore"), ("r", "Remove")]
    {
        press_focused(key);
        assert_eq!(focused(), item, "after {key}");
    }
}

#[wasm_bindgen_test]
async fn the_up_arrow_on_the_button_opens_it_at_the_last_item() {
    let bench = bench().await;
    press(&bench.button(), "ArrowUp");
    wait_until("the last item's focus", || focused() == "Remove").await;
}

#[wasm_bindgen_test]
async fn escape_closes_it_and_gives_the_focus_back() {
    let bench = bench().await;
    bench.open().await;
    press_focused("Escape");
    bench.closed().await;
    assert_eq!(document().active_element().as_ref(), Some(bench.button().as_ref()));
    assert_eq!(bench.chosen.len(), 0);
}

#[wasm_bindgen_test]
async fn a_press_beside_it_closes_it() {
    let bench = bench().await;
    bench.open().await;
    let press = MouseEvent::new_with_mouse_event_init_dict("mousedown", &{
        let init = web_sys::MouseEventInit::new();
        init.set_bubbles(true);
        init
    });
    bench.find("#beside").unwrap().dispatch_event(&press.unwrap()).unwrap();
    bench.closed().await;
}

#[wasm_bindgen_test]
async fn a_chosen_item_is_told_once_with_the_menu_closed_and_a_disabled_one_never() {
    let bench = bench().await;
    bench.open().await;
    let item = |at: usize| bench.find(&format!("[role='menu'] > button:nth-of-type({at})")).unwrap();
    item(2).click();
    frames(2).await;
    assert!(bench.is_open());
    assert_eq!(item(3).get_attribute("aria-checked").as_deref(), Some("true"));
    item(3).click();
    bench.closed().await;
    assert_eq!(bench.chosen.all(), ["legend"]);
    assert_eq!(document().active_element().as_ref(), Some(bench.button().as_ref()));
}
