//! The orders table.

use serde_json::json;
use tideboard_client::{
    Seen,
    entities::{Order, OrderStatus},
    hooks::{CollectionEntry, CollectionItems},
};
use tideboard_shared::{EntityId, Seq};
use tideboard_ui::widgets::{OrderPatch, Orders};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, Event, EventInit, HtmlElement, HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::page::{Log, Mounted, frames, mount, wait_until};

#[derive(Clone, PartialEq, Properties)]
struct Props {
    rows: CollectionItems<Order>,
    patches: Log<OrderPatch>,
    created: Log<Order>,
    removed: Log<EntityId>,
}

#[component]
fn Table(props: &Props) -> Html {
    let Props { rows, patches, created, removed } = props.clone();
    html! {
        <Orders rows={Some(rows)} on_patch={Callback::from(move |patch| patches.note(patch))}
            on_create={Callback::from(move |order| created.note(order))}
            on_remove={Callback::from(move |id| removed.note(id))} />
    }
}

async fn table() -> (Mounted<Table>, Props) {
    let order = Order { customer: "Ann".into(), item: "Lamp".into(), total: 12.5, status: OrderStatus::New };
    let entry =
        |id: &str, pending| CollectionEntry { id: id.into(), value: order.clone(), pending, seen: Seen(Seq(7)) };
    let rows = [entry("o1", 0), entry("o2", 2)].into_iter().collect();
    let props = Props { rows, patches: Log::default(), created: Log::default(), removed: Log::default() };
    let app = mount::<Table>(props.clone());
    wait_until("the rows", || app.root.query_selector("[data-entity='o2']").unwrap().is_some()).await;
    (app, props)
}

fn find<T: JsCast>(root: &Element, selector: &str) -> T {
    root.query_selector(selector).unwrap().expect(selector).unchecked_into()
}

fn fire(element: &Element, event: &str) {
    let bubbling = EventInit::new();
    bubbling.set_bubbles(true);
    element.dispatch_event(&Event::new_with_event_init_dict(event, &bubbling).unwrap()).unwrap();
}

fn fill(root: &Element, selector: &str, text: &str) {
    let input: HtmlInputElement = find(root, selector);
    input.focus().unwrap();
    input.set_value(text);
    fire(&input, "input");
    input.blur().unwrap();
}

/// Begins to edit a cell of a row.
async fn edit<T: JsCast>(root: &Element, row: &str, label: &str) -> T {
    find::<HtmlElement>(root, &format!("[data-entity='{row}'] [data-label='{label}']")).click();
    frames(2).await;
    find(root, ".cell-editor")
}

#[wasm_bindgen_test]
async fn an_edited_cell_tells_its_field_and_what_it_is_based_on() {
    let (app, props) = table().await;
    edit::<HtmlInputElement>(&app.root, "o1", "Total").await;
    fill(&app.root, "[data-entity='o1'] [aria-label='Total']", "1,250.5");
    let status: HtmlSelectElement = edit(&app.root, "o2", "Status").await;
    status.set_value("paid");
    fire(&status, "change");
    let [total, status] = &props.patches.all()[..] else { panic!("two patches: {:?}", props.patches.all()) };
    assert_eq!((total.id.as_str(), &total.fields["total"], total.seen.0), ("o1", &json!(1250.5), Seq(7)));
    assert_eq!((status.id.as_str(), &status.fields["status"], status.seen.0), ("o2", &json!("paid"), Seq(7)));
    wait_until("the owner's values again", || {
        let text = |row: &str, label: &str| {
            let cell: Element = find(&app.root, &format!("[data-entity='{row}'] [data-label='{label}']"));
            cell.text_content()
        };
        (text("o1", "Total"), text("o2", "Status")) == (Some("12.50".to_owned()), Some("New".to_owned()))
    })
    .await;
}

#[wasm_bindgen_test]
async fn rows_with_pending_edits_are_marked_in_words() {
    let (app, _) = table().await;
    let mark =
        |row: &str| find::<HtmlElement>(&app.root, &format!("[data-entity='{row}'] .pending-mark")).text_content();
    assert_eq!((mark("o1"), mark("o2")), (Some(String::new()), Some("Pending".to_owned())));
}

#[wasm_bindgen_test]
async fn an_order_is_removed_at_once_and_is_not_to_be_had_back_where_nobody_can() {
    let (app, props) = table().await;
    find::<HtmlElement>(&app.root, "[data-entity='o1'] [aria-label='Remove order Ann']").click();
    wait_until("a word about it", || {
        find::<Element>(&app.root, ".table-standing").text_content().as_deref() == Some("Removed order Ann")
    })
    .await;
    assert_eq!(props.removed.all(), ["o1".into()]);
}

#[wasm_bindgen_test]
async fn a_new_order_needs_a_customer_an_item_and_a_total_that_is_a_number() {
    let (app, props) = table().await;
    let add = || find::<HtmlElement>(&app.root, ".new-line button").click();
    let says = |text: &str| find::<HtmlElement>(&app.root, ".new-problem").text_content().unwrap().contains(text);
    add();
    wait_until("a word about what is missing", || says("Customer and item")).await;
    fill(&app.root, "[aria-label='Customer of the new order']", "Bo");
    fill(&app.root, "[aria-label='Item of the new order']", "Desk");
    fill(&app.root, "[aria-label='Total of the new order']", "much");
    add();
    wait_until("a word about the total", || says("not a number")).await;
    fill(&app.root, "[aria-label='Total of the new order']", "99,90");
    add();
    let [order] = &props.created.all()[..] else { panic!("one order") };
    assert_eq!((order.customer.as_str(), order.item.as_str(), order.total), ("Bo", "Desk", 99.9));
    wait_until("empty fields", || {
        find::<HtmlInputElement>(&app.root, "[aria-label='Customer of the new order']").value().is_empty() && says("")
    })
    .await;
}
