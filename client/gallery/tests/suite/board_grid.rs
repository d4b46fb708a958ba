//! The grid of widgets: by pointer and by keyboard.

use std::rc::Rc;

use tideboard_ui::{
    components::{BoardGrid, GridChange, GridItem},
    layout::{Item, Place, Size},
};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{HtmlElement, KeyboardEvent, KeyboardEventInit, PointerEvent, PointerEventInit};
use yew::prelude::*;

use crate::page::{Log, Mounted, frames, mount, press, wait_until};

#[derive(Clone, PartialEq, Properties)]
struct Props {
    changes: Log<GridChange>,
}

/// Two widgets beside each other on columns of 100 and rows of 50 pixels.
#[component]
fn Owner(props: &Props) -> Html {
    let item =
        |(id, x, rank): (&str, u8, f64)| Item { id: id.into(), place: Place { x, rank }, size: Size { w: 4, h: 2 } };
    let of = |item: Item| {
        let label = AttrValue::from(item.id.to_string());
        GridItem { item, label, tools: Html::default(), content: html! { <p>{ "…" }</p> } }
    };
    let items: Rc<[GridItem]> = [("a", 0, 1.0), ("b", 4, 2.0)].map(item).map(of).into();
    let changes = props.changes.clone();
    let style = ".grid { --columns: 12; display: grid; inline-size: 1200px; column-gap: 0px; grid-auto-rows: 50px; grid-template-columns: repeat(12, 100px) }";
    html! {
        <div>
            <style>{ style }</style>
            <BoardGrid {items} is_arranging=true on_change={Callback::from(move |change| changes.note(change))} />
        </div>
    }
}

async fn grid() -> (Mounted<Owner>, Log<GridChange>) {
    let changes = Log::default();
    let app = mount::<Owner>(Props { changes: changes.clone() });
    wait_until("the handles", || app.root.query_selector(".cell-handle").unwrap().is_some()).await;
    (app, changes)
}

fn handle(app: &Mounted<Owner>, label: &str) -> HtmlElement {
    app.root.query_selector(&format!("[aria-label='{label}']")).unwrap().expect(label).unchecked_into()
}

fn pointer(target: &HtmlElement, event: &str, at: (i32, i32)) {
    let init = PointerEventInit::new();
    init.set_bubbles(true);
    init.set_is_primary(true);
    init.set_client_x(at.0);
    init.set_client_y(at.1);
    target.dispatch_event(&PointerEvent::new_with_event_init_dict(event, &init).unwrap()).unwrap();
}

fn shift(target: &HtmlElement, key: &str) {
    let init = KeyboardEventInit::new();
    init.set_bubbles(true);
    init.set_key(key);
    init.set_shift_key(true);
    target.dispatch_event(&KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap()).unwrap();
}

#[wasm_bindgen_test]
async fn arrows_move_what_has_the_focus_and_resize_it_with_shift() {
    let (app, changes) = grid().await;
    press(&handle(&app, "Move b"), "ArrowRight");
    assert_eq!(changes.last(), GridChange::Move("b".into(), Place { x: 5, rank: 2.0 }));
    shift(&handle(&app, "Move b"), "ArrowDown");
    assert_eq!(changes.last(), GridChange::Resize("b".into(), Size { w: 4, h: 3 }));
    press(&handle(&app, "Resize a"), "ArrowLeft");
    assert_eq!(changes.last(), GridChange::Resize("a".into(), Size { w: 3, h: 2 }));
    press(&handle(&app, "Move a"), "ArrowLeft");
    assert_eq!(changes.len(), 3, "it stands at the edge");
    wait_until("words for those who do not see it", || {
        app.root.query_selector("[role='status']").unwrap().unwrap().text_content().unwrap().contains("3 columns wide")
    })
    .await;
}

#[wasm_bindgen_test]
async fn what_is_pulled_by_its_corner_shows_its_size_and_is_changed_when_it_is_let_go() {
    let (app, changes) = grid().await;
    let corner = handle(&app, "Resize a");
    pointer(&corner, "pointerdown", (400, 100));
    frames(2).await;
    pointer(&corner, "pointerup", (610, 155));
    assert_eq!(changes.all(), [GridChange::Resize("a".into(), Size { w: 6, h: 3 })]);
    pointer(&corner, "pointerdown", (400, 100));
    frames(2).await;
    press(&corner, "Escape");
    frames(2).await;
    pointer(&corner, "pointerup", (800, 400));
    assert_eq!(changes.len(), 1, "it was taken back");
}
