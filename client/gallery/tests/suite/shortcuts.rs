//! Shortcuts: the keyboard on a page.

use std::rc::Rc;

use gloo::{
    storage::{LocalStorage, Storage},
    utils::document,
};
use tideboard_ui::components::{Shortcut, ShortcutsHelp, use_shortcuts, use_single_keys};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlElement, KeyboardEvent, KeyboardEventInit};
use yew::prelude::*;

use crate::page::{Log, Mounted, mount, press, wait_until};

const KEPT: &str = "tideboard.single_keys";

#[derive(Clone, PartialEq, Properties)]
struct Props {
    told: Log<&'static str>,
}

#[component]
fn Owner(props: &Props) -> Html {
    let is_open = use_state(|| false);
    let single_keys = use_single_keys();
    let shortcuts = use_memo((), |()| {
        let tell = |name: &'static str| {
            let told = props.told.clone();
            Callback::from(move |()| told.note(name))
        };
        let setter = is_open.setter();
        let help = Callback::from(move |()| setter.set(true));
        Rc::<[Shortcut]>::from([
            Shortcut::new("g o", "Overview", "Go to", tell("overview")),
            Shortcut::new("a", "Add a widget", "Edit", tell("add")),
            Shortcut::new("mod+z", "Undo", "Edit", tell("undo")),
            Shortcut::new("mod+k", "Commands", "General", tell("palette")).in_fields(),
            Shortcut::new("?", "Shortcuts", "General", help),
        ])
    });
    use_shortcuts(Rc::clone(&shortcuts), &single_keys);
    let on_close = {
        let setter = is_open.setter();
        Callback::from(move |()| setter.set(false))
    };
    html! {
        <>
            <button type="button">{ "A button" }</button>
            <input type="text" aria-label="A field" />
            if *is_open { <ShortcutsHelp shortcuts={Rc::<[Shortcut]>::clone(&shortcuts)} {single_keys} {on_close} /> }
        </>
    }
}

struct Bench {
    app: Mounted<Owner>,
    told: Log<&'static str>,
}

impl Drop for Bench {
    fn drop(&mut self) {
        LocalStorage::delete(KEPT);
    }
}

async fn bench() -> Bench {
    let told = Log::default();
    let bench = Bench { app: mount::<Owner>(Props { told: told.clone() }), told };
    wait_until("the page", || bench.app.root.query_selector("input").unwrap().is_some()).await;
    // Effects run after what they belong to is on the page.
    wait_until("the listener", || {
        press_with_ctrl(&bench.find("button"), "k");
        bench.told.len() > 0
    })
    .await;
    bench
}

impl Bench {
    fn find(&self, selector: &str) -> HtmlElement {
        self.app.root.query_selector(selector).unwrap().expect(selector).unchecked_into()
    }

    /// Words that were told since the page came up.
    fn told(&self) -> Vec<&'static str> {
        self.told.all()[1..].to_vec()
    }
}

fn press_with_ctrl(element: &Element, key: &str) {
    let press = KeyboardEventInit::new();
    press.set_key(key);
    press.set_ctrl_key(true);
    press.set_bubbles(true);
    press.set_cancelable(true);
    element.dispatch_event(&KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &press).unwrap()).unwrap();
}

#[wasm_bindgen_test]
async fn single_keys_and_sequences_do_what_they_are_for() {
    let bench = bench().await;
    for key in ["a", "g", "o", "o"] {
        press(&bench.find("button"), key);
    }
    assert_eq!(bench.told(), ["add", "overview"]);
}

#[wasm_bindgen_test]
async fn in_a_field_only_those_meant_for_it_work() {
    let bench = bench().await;
    let field = bench.find("input");
    press(&field, "a");
    press_with_ctrl(&field, "z");
    press_with_ctrl(&field, "k");
    press_with_ctrl(&bench.find("button"), "z");
    assert_eq!(bench.told(), ["palette", "undo"]);
}

#[wasm_bindgen_test]
async fn none_works_while_a_dialog_is_open() {
    let bench = bench().await;
    press(&bench.find("button"), "?");
    wait_until("the help", || document().query_selector("dialog[open]").unwrap().is_some()).await;
    press(&bench.find("dialog button"), "a");
    press_with_ctrl(&bench.find("dialog button"), "k");
    assert_eq!(bench.told(), Vec::<&str>::new());
}

#[wasm_bindgen_test]
async fn the_help_turns_single_keys_off_and_the_browser_keeps_that() {
    let bench = bench().await;
    press(&bench.find("button"), "?");
    wait_until("the help", || bench.app.root.query_selector("dialog[open]").unwrap().is_some()).await;
    assert!(bench.find("dialog").text_content().unwrap().contains("Go toOverview"));
    bench.find("[role='switch']").click();
    wait_until("the switch", || {
        bench.find("[role='switch']").get_attribute("aria-checked").as_deref() == Some("false")
    })
    .await;
    assert_eq!(LocalStorage::get(KEPT).ok(), Some(false));
    bench.find("[aria-label='Close']").click();
    wait_until("the end of the help", || bench.app.root.query_selector("dialog").unwrap().is_none()).await;
    press(&bench.find("button"), "a");
    press_with_ctrl(&bench.find("button"), "z");
    assert_eq!(bench.told(), ["undo"]);
}
