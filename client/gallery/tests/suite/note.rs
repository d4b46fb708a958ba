//! The note: read as Markdown, edited as text.

use tideboard_ui::{
    components::TextEdit,
    widgets::{Note, NotePart},
};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{
    Element, Event, EventInit, HtmlElement, HtmlInputElement, HtmlTextAreaElement, KeyboardEvent, KeyboardEventInit,
};
use yew::prelude::*;

use crate::page::{Log, Mounted, mount, wait_until};

#[derive(Clone, PartialEq, Properties)]
struct Props {
    text: AttrValue,
    edits: Log<(NotePart, String)>,
    editing: Log<bool>,
}

#[component]
fn Owner(props: &Props) -> Html {
    let text = use_state(|| props.text.clone());
    let edits = props.edits.clone();
    let editing = props.editing.clone();
    let on_edit = {
        let setter = text.setter();
        Callback::from(move |(part, edit): (NotePart, TextEdit)| {
            edits.note((part, edit.text.clone()));
            setter.set(edit.text.into());
        })
    };
    let on_editing = use_callback(editing, |is_editing, editing| editing.note(is_editing));
    html! { <Note title="To do" text={(*text).clone()} {on_edit} {on_editing} /> }
}

async fn note(text: &'static str) -> (Mounted<Owner>, Props) {
    let props = Props { text: text.into(), edits: Log::default(), editing: Log::default() };
    let app = mount::<Owner>(props.clone());
    wait_until("the note", || app.root.query_selector(".markdown, .empty-state").unwrap().is_some()).await;
    (app, props)
}

fn find<T: JsCast>(root: &Element, selector: &str) -> T {
    root.query_selector(selector).unwrap().expect(selector).unchecked_into()
}

fn press(element: &Element, key: &str) {
    let init = KeyboardEventInit::new();
    init.set_key(key);
    init.set_bubbles(true);
    init.set_cancelable(true);
    element.dispatch_event(&KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap()).unwrap();
}

async fn write(app: &Mounted<Owner>) -> HtmlTextAreaElement {
    find::<HtmlElement>(&app.root, "[aria-label='Edit note']").click();
    wait_until("the field", || app.root.query_selector("textarea").unwrap().is_some()).await;
    find(&app.root, "textarea")
}

fn type_text(area: &HtmlTextAreaElement, text: &str) {
    area.set_value(text);
    let bubbling = EventInit::new();
    bubbling.set_bubbles(true);
    area.dispatch_event(&Event::new_with_event_init_dict("input", &bubbling).unwrap()).unwrap();
}

#[wasm_bindgen_test]
async fn markdown_is_read_as_it_is_meant() {
    let text = "# One\n\ntext **bold** `code`\n\n- a\n- b\n\n> said\n\n| H |\n|---|\n| c |\n\n```\nlet x;\n```";
    let (app, _) = note(text).await;
    let shown = |selector: &str| find::<HtmlElement>(&app.root, selector).text_content().unwrap();
    assert_eq!((shown("h3").as_str(), shown("strong").as_str(), shown("p code").as_str()), ("One", "bold", "code"));
    assert_eq!((shown("ul").as_str(), shown("blockquote").as_str()), ("ab", "said"));
    assert_eq!((shown("th").as_str(), shown("td").as_str(), shown("pre").as_str()), ("H", "c", "let x;\n"));
}

#[wasm_bindgen_test]
async fn nothing_that_an_author_writes_becomes_a_part_of_the_page() {
    let (app, _) =
        note("<img src=x onerror=alert(1)> <b>x</b>\n\n<script>alert(1)</script>\n\n![p](https://a.example/i.png)")
            .await;
    assert!(app.root.query_selector("img, script, b").unwrap().is_none());
    assert!(app.root.text_content().unwrap().contains("<b>x</b>"));
    assert_eq!(find::<Element>(&app.root, "a").text_content().as_deref(), Some("p"));
}

#[wasm_bindgen_test]
async fn only_addresses_that_are_safe_are_links() {
    let (app, _) = note(
        "[bad](javascript:alert(1)) [data](data:text/html,x) [good](https://a.example) see https://b.example/c_d.",
    )
    .await;
    let links = app.root.query_selector_all("a").unwrap();
    let link = |at| links.get(at).unwrap().unchecked_into::<Element>();
    let attributes = |link: Element| (link.get_attribute("href").unwrap(), link.get_attribute("rel").unwrap());
    let addresses: Vec<_> = (0..links.length()).map(|at| attributes(link(at))).collect();
    let rel = || "noopener noreferrer".to_owned();
    assert_eq!(addresses, [("https://a.example".to_owned(), rel()), ("https://b.example/c_d".to_owned(), rel())]);
}

#[wasm_bindgen_test]
async fn quotes_within_quotes_without_end_do_not_break_the_page() {
    let text: &'static str = Box::leak(format!("{} deep", ">".repeat(5_000)).into_boxed_str());
    let (app, _) = note(text).await;
    assert!(app.root.text_content().unwrap().contains("deep"));
    assert!(app.root.query_selector_all("blockquote").unwrap().length() <= 16);
}

#[wasm_bindgen_test]
async fn escape_keeps_what_was_typed_and_goes_back_to_the_text() {
    let (app, props) = note("old").await;
    let area = write(&app).await;
    assert_eq!(gloo::utils::document().active_element().as_ref(), Some(area.as_ref()));
    type_text(&area, "new");
    press(&area, "Escape");
    wait_until("the text", || {
        app.root.query_selector(".markdown").unwrap().is_some_and(|text| text.text_content().unwrap() == "new")
    })
    .await;
    assert_eq!(props.edits.all(), [(NotePart::Text, "new".to_owned())]);
    assert_eq!(gloo::utils::document().active_element(), app.root.query_selector(".markdown").unwrap());
    assert_eq!(props.editing.all(), [true, false]);
}

#[wasm_bindgen_test]
async fn enter_begins_to_edit_and_leaving_the_note_ends_it() {
    let (app, props) = note("old").await;
    press(&find::<Element>(&app.root, ".markdown"), "Enter");
    wait_until("the field", || app.root.query_selector("textarea").unwrap().is_some()).await;
    let title: HtmlInputElement = find(&app.root, "input[aria-label='Title']");
    title.focus().unwrap();
    assert!(app.root.query_selector("textarea").unwrap().is_some());
    title.blur().unwrap();
    wait_until("the text", || app.root.query_selector("textarea").unwrap().is_none()).await;
    assert_eq!(props.edits.len(), 0);
}

#[wasm_bindgen_test]
async fn a_ticked_task_is_an_edit_of_the_text() {
    let (app, props) = note("- [ ] one\n- [ ] two").await;
    find::<HtmlInputElement>(&app.root, "input[aria-label='two']").click();
    wait_until("the edit", || props.edits.len() == 1).await;
    assert_eq!(props.edits.last(), (NotePart::Text, "- [ ] one\n- [x] two".to_owned()));
    wait_until("the tick", || find::<HtmlInputElement>(&app.root, "input[aria-label='two']").checked()).await;
}

#[wasm_bindgen_test]
async fn an_empty_note_says_what_to_do() {
    let (app, _) = note("  ").await;
    find::<HtmlElement>(&app.root, ".empty-state button").click();
    wait_until("the field", || app.root.query_selector("textarea").unwrap().is_some()).await;
}
