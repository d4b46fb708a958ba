//! Messages at the page's edge.

use std::time::Duration;

use tideboard_ui::components::{Toast, ToastLevel, Toasts};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{FocusEvent, FocusEventInit, HtmlElement};
use yew::prelude::*;

use crate::page::{Log, Mounted, frames, mount, wait_until};

#[derive(Clone, PartialEq, Properties)]
struct Props {
    told: Log<AttrValue>,
    /// Time for which an info stays.
    vanish_after: Duration,
}

#[component]
fn Owner(props: &Props) -> Html {
    let told = props.told.clone();
    let undo = Callback::from(move |()| told.note("undo".into()));
    let toasts = use_state(|| {
        vec![
            Toast::new("info", ToastLevel::Info, "Removed", "").action("Undo", undo),
            Toast::new("warning", ToastLevel::Warning, "Not changed", "Theirs is kept."),
            Toast::new("error", ToastLevel::Error, "Not saved", "The storage is full."),
        ]
    });
    let on_dismiss = {
        let told = props.told.clone();
        let toasts = toasts.clone();
        Callback::from(move |id: AttrValue| {
            told.note(id.clone());
            toasts.set(toasts.iter().filter(|toast| toast.id != id).cloned().collect());
        })
    };
    html! { <Toasts toasts={(*toasts).clone()} {on_dismiss} vanish_after={props.vanish_after} /> }
}

async fn toasts(vanish_after: Duration) -> (Mounted<Owner>, Log<AttrValue>) {
    let told = Log::default();
    let app = mount::<Owner>(Props { told: told.clone(), vanish_after });
    wait_until("the toasts", || app.root.query_selector("[data-level='error']").unwrap().is_some()).await;
    (app, told)
}

fn find(app: &Mounted<Owner>, selector: &str) -> HtmlElement {
    app.root.query_selector(selector).unwrap().expect(selector).unchecked_into()
}

fn tell_focus(element: &HtmlElement, event: &str) {
    let bubbling = FocusEventInit::new();
    bubbling.set_bubbles(true);
    element.dispatch_event(&FocusEvent::new_with_focus_event_init_dict(event, &bubbling).unwrap()).unwrap();
}

#[wasm_bindgen_test]
async fn only_what_is_good_to_know_vanishes_by_itself() {
    let (app, told) = toasts(Duration::from_millis(100)).await;
    wait_until("the info to vanish", || told.len() > 0).await;
    frames(20).await;
    assert_eq!(told.all(), ["info"]);
    assert_eq!(find(&app, ".toasts").child_element_count(), 2);
}

#[wasm_bindgen_test]
async fn with_the_focus_on_any_nothing_vanishes() {
    let (app, told) = toasts(Duration::from_millis(200)).await;
    let button = find(&app, "[data-level='error'] [aria-label='Dismiss']");
    tell_focus(&button, "focusin");
    frames(30).await;
    assert_eq!(told.len(), 0);
    tell_focus(&button, "focusout");
    wait_until("the info to vanish", || told.all() == ["info"]).await;
}

#[wasm_bindgen_test]
async fn its_action_is_told_once_and_dismisses_it() {
    let (app, told) = toasts(Duration::from_secs(60)).await;
    find(&app, ".toast-action").click();
    wait_until("the toast to go", || app.root.query_selector("[data-level='info']").unwrap().is_none()).await;
    assert_eq!(told.all(), ["undo", "info"]);
}

#[wasm_bindgen_test]
async fn errors_are_said_at_once_and_the_rest_when_there_is_time() {
    let (app, _) = toasts(Duration::from_secs(60)).await;
    let role = |level: &str| find(&app, &format!("[data-level='{level}']")).get_attribute("role");
    assert_eq!((role("error").as_deref(), role("warning")), (Some("alert"), None));
    assert_eq!(find(&app, ".toasts").get_attribute("aria-live").as_deref(), Some("polite"));
}
