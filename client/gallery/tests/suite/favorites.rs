//! The favourites.

use std::rc::Rc;

use gloo::utils::document;
use tideboard_client::{Seen, entities::Favorite};
use tideboard_shared::EntityId;
use tideboard_ui::widgets::{FavoriteName, FavoriteRow, Favorites};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlElement, HtmlInputElement, KeyboardEvent, KeyboardEventInit};
use yew::prelude::*;

use crate::page::{Log, Mounted, mount, wait_until};

#[derive(Clone, PartialEq, Properties)]
struct Props {
    labels: Vec<&'static str>,
    opened: Log<Favorite>,
    renamed: Log<FavoriteName>,
    added: Log<Favorite>,
}

#[component]
fn Owner(props: &Props) -> Html {
    let labels = use_state(|| props.labels.clone());
    let row = |label: &&'static str| FavoriteRow {
        id: (*label).into(),
        favorite: Favorite { target: format!("/{label}"), label: (*label).to_owned() },
        pending: 0,
        seen: Seen::default(),
    };
    let rows: Rc<[FavoriteRow]> = labels.iter().map(row).collect();
    let Props { opened, renamed, added, .. } = props.clone();
    let on_remove = {
        let labels = labels.clone();
        Callback::from(move |id: EntityId| {
            labels.set(labels.iter().copied().filter(|label| *label != id.as_str()).collect())
        })
    };
    html! {
        <Favorites {rows} {on_remove} on_open={Callback::from(move |favorite| opened.note(favorite))}
            on_rename={Callback::from(move |name| renamed.note(name))} on_add={Callback::from(move |favorite| added.note(favorite))} />
    }
}

async fn list(labels: &[&'static str]) -> (Mounted<Owner>, Props) {
    let props =
        Props { labels: labels.to_vec(), opened: Log::default(), renamed: Log::default(), added: Log::default() };
    let app = mount::<Owner>(props.clone());
    wait_until("the list", || app.root.query_selector(".favorite-list").unwrap().is_some()).await;
    (app, props)
}

fn find<T: JsCast>(root: &Element, selector: &str) -> T {
    root.query_selector(selector).unwrap().expect(selector).unchecked_into()
}

fn press(key: &str) {
    let init = KeyboardEventInit::new();
    init.set_key(key);
    init.set_bubbles(true);
    init.set_cancelable(true);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    document().active_element().unwrap().dispatch_event(&event).unwrap();
}

fn focused() -> String {
    document().active_element().and_then(|element| element.text_content()).unwrap_or_default()
}

#[wasm_bindgen_test]
async fn arrows_move_and_delete_removes_and_the_focus_stays_in_the_list() {
    let (app, _) = list(&["c", "a", "b"]).await;
    find::<HtmlElement>(&app.root, ".favorite-open").focus().unwrap();
    assert_eq!(focused(), "a/a");
    press("ArrowDown");
    assert_eq!(focused(), "b/b");
    wait_until("the tab stop", || find::<Element>(&app.root, "[tabindex='0']").text_content().unwrap() == "b/b").await;
    press("Delete");
    wait_until("the next line", || focused() == "c/c").await;
    assert_eq!(app.root.query_selector_all(".favorite-open").unwrap().length(), 2);
    press("Home");
    wait_until("the first line", || focused() == "a/a").await;
}

#[wasm_bindgen_test]
async fn a_favorite_is_opened_and_renamed() {
    let (app, props) = list(&["a"]).await;
    let open: HtmlElement = find(&app.root, ".favorite-open");
    open.click();
    assert_eq!(props.opened.last().target, "/a");
    open.focus().unwrap();
    press("F2");
    wait_until("the field", || app.root.query_selector(".favorite-rename input").unwrap().is_some()).await;
    let field: HtmlInputElement = find(&app.root, ".favorite-rename input");
    field.set_value("new");
    let bubbling = web_sys::EventInit::new();
    bubbling.set_bubbles(true);
    field.dispatch_event(&web_sys::Event::new_with_event_init_dict("input", &bubbling).unwrap()).unwrap();
    press("Enter");
    wait_until("the button", || focused() == "a/a").await;
    let name = props.renamed.last();
    assert_eq!((name.id.as_str(), name.edit.text.as_str()), ("a", "new"));
}

#[wasm_bindgen_test]
async fn an_empty_list_says_what_to_do_and_adds_what_is_an_address() {
    let (app, props) = list(&[]).await;
    assert!(find::<Element>(&app.root, ".empty-state").text_content().unwrap().contains("No favourites yet"));
    let target: HtmlInputElement = find(&app.root, "[aria-label='Address of the new favourite']");
    target.set_value("javascript:alert(1)");
    find::<HtmlElement>(&app.root, "form button").click();
    wait_until("the problem", || {
        find::<Element>(&app.root, ".form-problem").text_content().unwrap().contains("begins with /")
    })
    .await;
    assert_eq!(props.added.len(), 0);
    target.set_value("/orders");
    find::<HtmlElement>(&app.root, "form button").click();
    assert_eq!(props.added.last(), Favorite { target: "/orders".into(), label: "/orders".into() });
}
