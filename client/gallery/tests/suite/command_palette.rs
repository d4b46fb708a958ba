//! The field that finds what can be done by a few letters.

use std::rc::Rc;

use gloo::utils::document;
use tideboard_ui::components::{Command, CommandPalette};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Event, EventInit, HtmlElement, HtmlInputElement};
use yew::prelude::*;

use crate::page::{Log, Mounted, mount, press, wait_until};

#[derive(Clone, PartialEq, Properties)]
struct Props {
    told: Log<AttrValue>,
}

#[component]
fn Owner(props: &Props) -> Html {
    let is_open = use_state(|| true);
    let commands = use_memo((), |()| {
        let all: [Command; 4] = [
            Command::new("orders", "Go to Orders", "Go to"),
            Command::new("system", "Go to System", "Go to"),
            Command::new("redo", "Redo", "Edit").enabled(false),
            Command::new("note", "Add a note", "Widgets").keywords("markdown"),
        ];
        Rc::<[Command]>::from(all)
    });
    let on_run = {
        let told = props.told.clone();
        Callback::from(move |id| told.note(id))
    };
    let on_close = {
        let told = props.told.clone();
        let setter = is_open.setter();
        Callback::from(move |()| {
            told.note("closed".into());
            setter.set(false);
        })
    };
    html! {
        if *is_open {
            <CommandPalette commands={Rc::<[Command]>::clone(&commands)} recent={vec![AttrValue::from("note")]} {on_run} {on_close} />
        }
    }
}

struct Bench {
    app: Mounted<Owner>,
    told: Log<AttrValue>,
}

async fn bench() -> Bench {
    let told = Log::default();
    let bench = Bench { app: mount::<Owner>(Props { told: told.clone() }), told };
    wait_until("the focus in the field", || {
        document().active_element().is_some_and(|element| element.get_attribute("role").as_deref() == Some("combobox"))
    })
    .await;
    bench
}

impl Bench {
    fn field(&self) -> HtmlInputElement {
        self.app.root.query_selector("[role='combobox']").unwrap().unwrap().unchecked_into()
    }

    /// The words of the option that the field says is active.
    fn active(&self) -> Option<String> {
        let id = self.field().get_attribute("aria-activedescendant")?;
        let option: HtmlElement = self.app.root.query_selector(&format!("#{id}")).unwrap()?.unchecked_into();
        assert_eq!(option.get_attribute("aria-selected").as_deref(), Some("true"));
        option.query_selector(".menu-label").unwrap()?.text_content()
    }

    async fn type_text(&self, text: &str, active: Option<&str>) {
        self.field().set_value(text);
        let bubbling = EventInit::new();
        bubbling.set_bubbles(true);
        self.field().dispatch_event(&Event::new_with_event_init_dict("input", &bubbling).unwrap()).unwrap();
        wait_until("the option that fits", || self.active().as_deref() == active).await;
    }
}

#[wasm_bindgen_test]
async fn those_used_of_late_come_first_and_arrows_go_through_all() {
    let bench = bench().await;
    for (key, active) in
        [("", "Add a note"), ("ArrowDown", "Go to Orders"), ("ArrowUp", "Add a note"), ("ArrowUp", "Redo")]
    {
        press(&bench.field(), key);
        wait_until(active, || bench.active().as_deref() == Some(active)).await;
    }
}

#[wasm_bindgen_test]
async fn typed_letters_find_a_command_and_enter_runs_it_after_the_palette_is_closed() {
    let bench = bench().await;
    bench.type_text("gsy", Some("Go to System")).await;
    let marks = bench.app.root.query_selector("[aria-selected='true'] .menu-label").unwrap().unwrap().inner_html();
    assert_eq!(marks, "<mark>G</mark>o to <mark>Sy</mark>stem");
    press(&bench.field(), "Enter");
    assert_eq!(bench.told.all(), ["closed", "system"]);
}

#[wasm_bindgen_test]
async fn what_cannot_be_done_now_is_shown_and_not_run() {
    let bench = bench().await;
    bench.type_text("redo", Some("Redo")).await;
    press(&bench.field(), "Enter");
    assert_eq!(bench.told.len(), 0);
}

#[wasm_bindgen_test]
async fn it_says_how_many_fit_also_none() {
    let bench = bench().await;
    let status = || bench.app.root.query_selector("[role='status']").unwrap().unwrap().text_content().unwrap();
    assert_eq!(status(), "4 commands");
    bench.type_text("markdown", Some("Add a note")).await;
    wait_until("the count of one", || status() == "1 command").await;
    bench.type_text("xyz", None).await;
    assert_eq!(status(), "0 commands");
    assert!(bench.app.root.text_content().unwrap().contains("Nothing is called “xyz”"));
}
