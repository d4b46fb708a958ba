//! The badge of pending operations and its list.

use tideboard_client::{Realtime, RealtimeProvider, hooks::use_channel};
use tideboard_engine::{BoardStatus, Edit, EditId, Refused};
use tideboard_shared::{Action, Channel, Fields};
use tideboard_ui::components::PendingOperationsBadge;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::{
    page::{Log, Mounted, SERVER, mount, wait_until},
    probe::{board, fresh, quick},
};

#[derive(Clone, PartialEq, Default, Properties)]
struct Props {
    realtime: Log<Realtime>,
    complete: Log<EditId>,
    failed: Log<(EditId, Refused)>,
}

#[component]
fn Page(props: &Props) -> Html {
    use_channel(Channel::Board(board()).into());
    let complete = props.complete.clone();
    let failed = props.failed.clone();
    html! {
        <PendingOperationsBadge max_display={2} on_operation_complete={Callback::from(move |id| complete.note(id))}
            on_operation_fail={Callback::from(move |fail| failed.note(fail))} />
    }
}

#[component]
fn App(props: &Props) -> Html {
    let realtime = props.realtime.clone();
    let on_initialized = Callback::from(move |handle| realtime.note(handle));
    html! {
        <RealtimeProvider url={SERVER} persistent={false} config={quick()} {on_initialized}><Page ..props.clone() /></RealtimeProvider>
    }
}

async fn start() -> (Mounted<App>, Props, Realtime) {
    let props = Props::default();
    let app = mount::<App>(props.clone());
    wait_until("the provider", || props.realtime.len() > 0).await;
    let realtime = props.realtime.last();
    let status = || realtime.read(|reader| Some(reader.board(&board())?.status));
    wait_until("a live board", || status() == Some(BoardStatus::Live)).await;
    (app, props, realtime)
}

fn find(app: &Mounted<App>, selector: &str) -> Option<HtmlElement> {
    app.root.query_selector(selector).unwrap().map(JsCast::unchecked_into)
}

fn text(app: &Mounted<App>, selector: &str) -> String {
    find(app, selector).map_or_else(String::new, |node| node.text_content().unwrap())
}

fn create() -> Edit {
    let action = Action::Create { kind: "thing".to_owned(), fields: Fields::new() };
    Edit::new(board(), fresh(), action)
}

/// Another client creates the same first.
async fn refused(realtime: &Realtime) -> EditId {
    let (rival, other, log) = start().await;
    let edit = create();
    realtime.disconnect();
    let id = realtime.apply(edit.clone(), |_| {}).unwrap();
    log.apply(edit, |_| {}).unwrap();
    wait_until("theirs", || other.complete.len() == 1).await;
    realtime.connect();
    drop(rival);
    id
}

#[wasm_bindgen_test]
async fn it_counts_what_waits_and_tells_of_its_end() {
    let (app, props, realtime) = start().await;
    assert_eq!(text(&app, ".badge [role='status']"), "All edits are saved");
    realtime.disconnect();
    let ids: Vec<_> = (0..3).map(|_| realtime.apply(create(), |_| {}).unwrap()).collect();
    wait_until("the number", || text(&app, ".badge-count") == "3").await;
    find(&app, "button.badge-button").unwrap().click();
    wait_until("the list", || text(&app, ".pending-list").contains("waits for a connection")).await;
    assert!(text(&app, ".pending-list").contains("and 1 more edit"), "two are listed");
    assert!(text(&app, ".pending-list").contains("just now · not sent yet"));
    realtime.connect();
    wait_until("their ends", || props.complete.len() == 3).await;
    assert_eq!(props.complete.all(), ids);
    wait_until("an empty list", || text(&app, ".badge-panel").contains("All edits are saved.")).await;
}

#[wasm_bindgen_test]
async fn an_edit_that_waits_can_be_rolled_back() {
    let (app, props, realtime) = start().await;
    realtime.disconnect();
    let id = realtime.apply(create(), |_| {}).unwrap();
    find(&app, "button.badge-button").unwrap().click();
    wait_until("its button", || find(&app, "[aria-label^='Roll back: Create thing']").is_some()).await;
    find(&app, "[aria-label^='Roll back']").unwrap().click();
    wait_until("nothing waits", || text(&app, ".badge-count") == "0").await;
    assert_eq!((props.complete.all(), props.failed.len()), (vec![id], 0));
}

#[wasm_bindgen_test]
async fn a_refused_edit_says_why_and_can_be_sent_again_or_discarded() {
    let (app, props, realtime) = start().await;
    let id = refused(&realtime).await;
    wait_until("the refusal", || props.failed.len() == 1).await;
    assert_eq!(props.failed.last().0, id);
    assert_eq!(find(&app, ".badge").unwrap().get_attribute("data-level").as_deref(), Some("attention"));
    find(&app, "button.badge-button").unwrap().click();
    wait_until("its reason", || text(&app, "[data-state='refused'] .pending-state").starts_with("refused: ")).await;
    find(&app, "[aria-label^='Send again']").unwrap().click();
    wait_until("why it cannot be", || !text(&app, ".pending-problem").is_empty()).await;
    find(&app, "[aria-label^='Discard']").unwrap().click();
    wait_until("nothing is left", || text(&app, ".badge-count") == "0").await;
}

#[wasm_bindgen_test]
async fn what_waits_can_be_taken_out_as_a_file() {
    let (app, _, realtime) = start().await;
    realtime.disconnect();
    realtime.apply(create(), |_| {}).unwrap();
    find(&app, "button.badge-button").unwrap().click();
    wait_until("the link", || find(&app, "a[download]").is_some()).await;
    let link = find(&app, "a[download]").unwrap().get_attribute("href").unwrap();
    let (kind, text) = link.split_once(',').unwrap();
    assert_eq!(kind, "data:application/json;charset=utf-8");
    let text: String = js_sys::decode_uri_component(text).unwrap().into();
    assert!(text.contains("tideboard-queue") && text.contains("\"thing\""), "{text}");
}
