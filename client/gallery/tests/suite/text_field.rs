//! The field that several people edit.

use gloo::utils::document;
use tideboard_ui::components::{FieldKind, TextEdit, TextField};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Event, EventInit, HtmlTextAreaElement};
use yew::prelude::*;

use crate::page::{Log, Mounted, frames, mount, wait_until};

#[derive(Clone, PartialEq, Properties)]
struct Props {
    edits: Log<String>,
    /// Sets the owner's text from outside, as others would.
    setter: Log<UseStateSetter<String>>,
    /// Owner takes what is typed.
    takes: bool,
}

#[component]
fn Owner(props: &Props) -> Html {
    let text = use_state(|| "one two".to_owned());
    if props.setter.len() == 0 {
        props.setter.note(text.setter());
    }
    let on_commit = {
        let props = props.clone();
        let setter = text.setter();
        Callback::from(move |edit: TextEdit| {
            props.edits.note(edit.text.clone());
            if props.takes {
                setter.set(edit.text);
            }
        })
    };
    html! { <TextField label="Text" kind={FieldKind::Area} value={(*text).clone()} {on_commit} /> }
}

struct Bench {
    _app: Mounted<Owner>,
    area: HtmlTextAreaElement,
    edits: Log<String>,
    others: UseStateSetter<String>,
}

async fn bench(takes: bool) -> Bench {
    let edits = Log::default();
    let setter = Log::default();
    let app = mount::<Owner>(Props { edits: edits.clone(), setter: setter.clone(), takes });
    let area = || app.root.query_selector("textarea").unwrap().and_then(|area| area.dyn_into().ok());
    wait_until("the field with its text", || area().is_some_and(|area: HtmlTextAreaElement| area.value() == "one two"))
        .await;
    let area = area().unwrap();
    area.focus().unwrap();
    assert_eq!(document().active_element().as_ref(), Some(area.as_ref()));
    Bench { area, edits, others: setter.last(), _app: app }
}

impl Bench {
    fn type_text(&self, text: &str) {
        self.area.set_value(text);
        let bubbling = EventInit::new();
        bubbling.set_bubbles(true);
        self.area.dispatch_event(&Event::new_with_event_init_dict("input", &bubbling).unwrap()).unwrap();
    }
}

#[wasm_bindgen_test]
async fn typing_is_told_once_when_it_pauses() {
    let bench = bench(true).await;
    bench.type_text("one two t");
    bench.type_text("one two three");
    assert_eq!(bench.edits.len(), 0);
    wait_until("the edit", || bench.edits.len() > 0).await;
    frames(5).await;
    assert_eq!(bench.edits.all(), ["one two three"]);
    assert_eq!(bench.area.value(), "one two three");
}

#[wasm_bindgen_test]
async fn leaving_the_field_tells_at_once() {
    let bench = bench(true).await;
    bench.type_text("left");
    bench.area.blur().unwrap();
    assert_eq!(bench.edits.all(), ["left"]);
}

#[wasm_bindgen_test]
async fn what_others_write_does_not_overwrite_what_is_being_typed() {
    let bench = bench(true).await;
    bench.type_text("mine");
    bench.others.set("theirs".to_owned());
    frames(5).await;
    assert_eq!(bench.area.value(), "mine");
    bench.area.blur().unwrap();
    assert_eq!(bench.edits.all(), ["mine"]);
}

#[wasm_bindgen_test]
async fn what_others_write_shows_at_once_and_the_caret_keeps_its_place() {
    let bench = bench(true).await;
    bench.area.set_selection_range(4, 4).unwrap();
    bench.others.set("zero one two".to_owned());
    wait_until("their text", || bench.area.value() == "zero one two").await;
    assert_eq!(bench.area.selection_end().unwrap(), Some(9));
    assert_eq!(bench.edits.len(), 0);
}

#[wasm_bindgen_test]
async fn a_text_that_the_owner_does_not_take_does_not_stay() {
    let bench = bench(false).await;
    bench.type_text("refused");
    bench.area.blur().unwrap();
    wait_until("the owner's text again", || bench.area.value() == "one two").await;
}
