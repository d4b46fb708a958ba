//! The frame of a live widget.

use std::{sync::Arc, time::Duration};

use tideboard_client::{Realtime, RealtimeProvider, hooks::use_channel};
use tideboard_engine::{BoardStatus, Edit, SendResult};
use tideboard_shared::{Action, Channel, ClientMessage, Entity, EntityId, Fields, Point, Topic};
use tideboard_ui::components::WidgetRealtime;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::{
    page::{Log, Mounted, SERVER, frames, mount, wait_until},
    probe::{board, fresh, quick},
};

#[derive(Clone, PartialEq, Properties)]
struct Props {
    realtime: Log<Realtime>,
    widget: EntityId,
    topic: Option<Topic>,
    paused: bool,
    entities: Log<Option<Arc<Entity>>>,
    synced: Log<()>,
}

impl Props {
    fn new() -> Self {
        let realtime = Log::default();
        let entities = Log::default();
        let synced = Log::default();
        Self { realtime, widget: fresh(), topic: None, paused: false, entities, synced }
    }
}

/// Drawing a stream keeps it subscribed.
#[derive(PartialEq, Properties)]
struct DrawnProps {
    topic: Topic,
}

#[component]
fn Drawn(props: &DrawnProps) -> Html {
    use_channel(Channel::Stream(props.topic.clone()).into());
    Html::default()
}

#[component]
fn App(props: &Props) -> Html {
    let realtime = props.realtime.clone();
    let entities = props.entities.clone();
    let synced = props.synced.clone();
    let on_initialized = Callback::from(move |handle| realtime.note(handle));
    let channels: Vec<_> = props.topic.iter().cloned().map(Channel::Stream).collect();
    let drawn = props.topic.clone().map(|topic| html! { <Drawn {topic} /> });
    html! {
        <RealtimeProvider url={SERVER} persistent={false} config={quick()} {on_initialized}>
            <WidgetRealtime widget_id={props.widget.clone()} board={board()} title="Ours" {channels} paused={props.paused}
                stale_after={Duration::from_millis(1_500)} on_update={Callback::from(move |entity| entities.note(entity))}
                on_sync={Callback::from(move |()| synced.note(()))}>
                { drawn }
            </WidgetRealtime>
        </RealtimeProvider>
    }
}

async fn start(props: &Props) -> (Mounted<App>, Realtime) {
    let app = mount::<App>(props.clone());
    wait_until("the provider", || props.realtime.len() > 0).await;
    let realtime = props.realtime.last();
    wait_until("a live board", || {
        realtime.read(|reader| Some(reader.board(&board())?.status)) == Some(BoardStatus::Live)
    })
    .await;
    (app, realtime)
}

fn find(app: &Mounted<App>, selector: &str) -> Option<HtmlElement> {
    app.root.query_selector(selector).unwrap().map(JsCast::unchecked_into)
}

fn status(app: &Mounted<App>) -> String {
    find(app, ".panel-status").and_then(|node| node.get_attribute("data-status")).unwrap_or_default()
}

fn publish(realtime: &Realtime, topic: &Topic) {
    let points = vec![Point(realtime.now().wall, 1.0)];
    let sent = realtime.send(ClientMessage::Publish { stream: topic.clone(), points });
    assert_eq!(sent, SendResult::Sent);
}

#[wasm_bindgen_test]
async fn it_follows_its_board() {
    let props = Props::new();
    let (app, realtime) = start(&props).await;
    wait_until("live", || status(&app) == "live").await;
    wait_until("it is told", || props.synced.len() == 1).await;
    realtime.disconnect();
    wait_until("offline", || status(&app) == "offline").await;
    realtime.connect();
    wait_until("live again", || status(&app) == "live" && props.synced.len() == 2).await;
}

#[wasm_bindgen_test]
async fn it_tells_of_its_entity_with_pending_edits_and_counts_them() {
    let props = Props::new();
    let (app, realtime) = start(&props).await;
    wait_until("nothing there", || props.entities.len() > 0 && props.entities.last().is_none()).await;
    realtime.disconnect();
    let create = Action::Create { kind: "widget".to_owned(), fields: Fields::new() };
    realtime.apply(Edit::new(board(), props.widget.clone(), create), |_| {}).unwrap();
    wait_until("the entity", || props.entities.last().is_some_and(|entity| entity.id == props.widget)).await;
    let pending = || find(&app, ".pending-mark").and_then(|node| node.get_attribute("data-pending"));
    wait_until("the mark", || pending().as_deref() == Some("1")).await;
    realtime.connect();
    wait_until("no mark", || pending().as_deref() == Some("0")).await;
}

#[wasm_bindgen_test]
async fn a_stream_goes_stale_comes_back_and_renders_nothing_between() {
    let topic: Topic = format!("test.widget.{}", fresh().as_str().replace("test-0.", "")).parse().unwrap();
    let props = Props { topic: Some(topic.clone()), ..Props::new() };
    let (app, realtime) = start(&props).await;
    wait_until("nothing so far", || status(&app) == "loading").await;
    publish(&realtime, &topic);
    wait_until("live", || status(&app) == "live").await;
    let changes = watch(&app);
    publish(&realtime, &topic);
    frames(5).await;
    assert_eq!(changes.len(), 0, "points alone change nothing");
    wait_until("stale", || status(&app) == "stale").await;
    assert!(find(&app, "[aria-label='Refresh']").is_some());
    publish(&realtime, &topic);
    wait_until("live again", || status(&app) == "live").await;
}

#[wasm_bindgen_test]
async fn a_stream_of_which_nothing_comes_is_empty() {
    let topic: Topic = format!("test.silent.{}", fresh().as_str().replace("test-0.", "")).parse().unwrap();
    let (app, _) = start(&Props { topic: Some(topic), ..Props::new() }).await;
    wait_until("empty", || status(&app) == "empty").await;
}

#[wasm_bindgen_test]
async fn what_is_stopped_says_so() {
    let (app, _) = start(&Props { paused: true, ..Props::new() }).await;
    wait_until("paused", || status(&app) == "paused").await;
}

/// Notes every change within the frame.
fn watch(app: &Mounted<App>) -> Log<()> {
    let log = Log::default();
    let note = log.clone();
    let on_change = wasm_bindgen::closure::Closure::<dyn FnMut()>::new(move || note.note(()));
    let observe = js_sys::Function::new_with_args(
        "node, call",
        "new MutationObserver(call).observe(node, { subtree: true, childList: true, attributes: true, characterData: true })",
    );
    observe.call2(&wasm_bindgen::JsValue::NULL, &app.root, &on_change.into_js_value()).unwrap();
    log
}
