//! Tour: first view of a newcomer.

use gloo::storage::{LocalStorage, Storage};
use tideboard_ui::components::{Tour, use_tour};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

use crate::page::{Log, Mounted, frames, mount, wait_until};

const KEPT: &str = "tideboard.tour_seen";

#[derive(Clone, PartialEq, Properties)]
struct Props {
    names: Log<AttrValue>,
}

#[component]
fn Owner(props: &Props) -> Html {
    let tour = use_tour();
    let names = props.names.clone();
    let refresh = use_force_update();
    let on_name = Callback::from(move |name| names.note(name));
    html! {
        <>
            <button type="button" id="again" onclick={tour.open.reform(|_: MouseEvent| ())}>{ "Tour" }</button>
            <button type="button" id="refresh" onclick={move |_: MouseEvent| refresh.force_update()}>{ "Render" }</button>
            if tour.is_open { <Tour name="Guest 7" {on_name} on_close={tour.close} /> }
        </>
    }
}

struct Bench {
    app: Mounted<Owner>,
    names: Log<AttrValue>,
}

impl Drop for Bench {
    fn drop(&mut self) {
        LocalStorage::delete(KEPT);
    }
}

async fn bench() -> Bench {
    let names = Log::default();
    let bench = Bench { app: mount::<Owner>(Props { names: names.clone() }), names };
    wait_until("the page", || bench.app.root.query_selector("#again").unwrap().is_some()).await;
    bench
}

impl Bench {
    fn is_open(&self) -> bool {
        self.app.root.query_selector("dialog[open]").unwrap().is_some()
    }

    fn find(&self, selector: &str) -> HtmlElement {
        self.app.root.query_selector(selector).unwrap().expect(selector).unchecked_into()
    }
}

#[wasm_bindgen_test]
async fn it_opens_once_and_again_on_demand() {
    let first = bench().await;
    wait_until("the tour", || first.is_open()).await;
    first.find("button[type='submit']").click();
    wait_until("its end", || !first.is_open()).await;
    assert_eq!(first.names.len(), 0);
    let second = bench().await;
    frames(3).await;
    assert!(!second.is_open());
    second.find("#again").click();
    wait_until("the tour again", || second.is_open()).await;
}

#[wasm_bindgen_test]
async fn another_name_is_told_without_the_spaces_around_it() {
    let bench = bench().await;
    wait_until("the tour", || bench.is_open()).await;
    let field: HtmlInputElement = bench.find("input").unchecked_into();
    wait_until("the name so far", || field.value() == "Guest 7").await;
    field.set_value("  Ann ");
    bench.find("#refresh").click();
    frames(3).await;
    assert_eq!(field.value(), "  Ann ");
    bench.find("button[type='submit']").click();
    wait_until("its end", || !bench.is_open()).await;
    assert_eq!(bench.names.all(), ["Ann"]);
}
