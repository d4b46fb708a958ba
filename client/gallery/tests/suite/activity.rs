//! The activity feed.

use std::rc::Rc;

use tideboard_shared::{Seq, UnixMs};
use tideboard_ui::widgets::{Activity, ActivityEntry, ActivityText};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, Event, HtmlElement, HtmlSelectElement};
use yew::prelude::*;

use crate::page::{Log, Mounted, frames, mount, wait_until};

#[derive(Clone, PartialEq, Properties)]
struct Props {
    setter: Log<UseStateSetter<u64>>,
    opened: Log<Seq>,
}

/// A feed of so many changes, one an hour, by Ann and Bo in turn.
#[component]
fn Owner(props: &Props) -> Html {
    let count = use_state(|| 20_u64);
    if props.setter.len() == 0 {
        props.setter.note(count.setter());
    }
    let entry = |seq: u64| ActivityEntry {
        seq: Seq(seq),
        by: if seq.is_multiple_of(2) { "ann" } else { "bo" }.to_owned(),
        at: UnixMs(seq * 3_600_000),
        entity: format!("e{seq}").into(),
        kind: "order".into(),
        text: ActivityText { verb: "changed", kind: "order".into(), label: format!("o{seq}"), changes: Vec::new() },
    };
    let entries: Rc<[ActivityEntry]> = (1..=*count).rev().map(entry).collect();
    let opened = props.opened.clone();
    // As the style sheet has it, which the tests do not load.
    html! {
        <div>
            <style>{ ".activity-lines { block-size: 120px; overflow: auto; }" }</style>
            <Activity {entries} on_open={Callback::from(move |seq| opened.note(seq))} />
        </div>
    }
}

async fn feed() -> (Mounted<Owner>, Props) {
    let props = Props { setter: Log::default(), opened: Log::default() };
    let app = mount::<Owner>(props.clone());
    wait_until("the feed", || lines(&app) == 20).await;
    (app, props)
}

fn lines(app: &Mounted<Owner>) -> u32 {
    app.root.query_selector_all(".activity-line").unwrap().length()
}

fn find<T: JsCast>(root: &Element, selector: &str) -> T {
    root.query_selector(selector).unwrap().expect(selector).unchecked_into()
}

#[wasm_bindgen_test]
async fn what_comes_while_the_user_reads_is_counted_and_shown_on_demand() {
    let (app, props) = feed().await;
    let list: Element = find(&app.root, ".activity-lines");
    list.set_scroll_top(50);
    assert_eq!(list.scroll_top(), 50);
    // The browser tells of it with the next frame.
    frames(5).await;
    props.setter.last().set(23);
    wait_until("the button", || find::<Element>(&app.root, ".activity-new").text_content().unwrap() == "3 new").await;
    assert_eq!((lines(&app), list.scroll_top()), (20, 50));
    find::<HtmlElement>(&app.root, ".activity-new button").click();
    wait_until("the new ones", || lines(&app) == 23 && list.scroll_top() == 0).await;
    assert_eq!(find::<Element>(&app.root, ".activity-new").text_content().as_deref(), Some(""));
}

#[wasm_bindgen_test]
async fn at_its_beginning_the_feed_follows() {
    let (app, props) = feed().await;
    props.setter.last().set(21);
    wait_until("the new one", || lines(&app) == 21).await;
}

#[wasm_bindgen_test]
async fn a_change_opens_the_board_as_it_was_and_people_can_be_told_apart() {
    let (app, props) = feed().await;
    find::<HtmlElement>(&app.root, "[data-seq='7'] button").click();
    assert_eq!(props.opened.all(), [Seq(7)]);
    let by: HtmlSelectElement = find(&app.root, "select[aria-label='Changes by']");
    by.set_value("ann");
    let bubbling = web_sys::EventInit::new();
    bubbling.set_bubbles(true);
    by.dispatch_event(&Event::new_with_event_init_dict("change", &bubbling).unwrap()).unwrap();
    wait_until("Ann's changes", || lines(&app) == 10).await;
}
