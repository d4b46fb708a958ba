//! Every hook, mounted and unmounted a thousand times: nothing stays behind.

use std::time::Duration;

use gloo::utils::window;
use js_sys::{Function, Promise, Reflect, WebAssembly};
use serde::Deserialize;
use serde_json::{Value, json};
use tideboard_client::{
    DriverUsage, Realtime, RealtimeProvider,
    entities::Order,
    hooks::{
        ConflictRule, Pacing, UseBackgroundSyncOptions, UseOptimisticUpdateOptions, UsePeriodicRefreshOptions,
        UsePresenceOptions, UseRealtimeSubscriptionsOptions, UseWebsocketOptions, UseWebsocketUrlOptions,
        UseWidgetStatusOptions, use_background_sync_with_options, use_channel, use_collection, use_downloads, use_edit,
        use_entity, use_favorites, use_feed, use_feeds, use_notifications, use_offline_queue,
        use_optimistic_update_with_options, use_orders, use_periodic_refresh_with_options, use_presence_with_options,
        use_realtime_subscriptions, use_realtime_updates, use_store, use_stream, use_sync_status, use_undo,
        use_websocket_message, use_websocket_request, use_websocket_state, use_websocket_url_with_options,
        use_websocket_with_options, use_widget_status,
    },
};
use tideboard_engine::PlanTab;
use tideboard_shared::{Channel, ServerMessageType};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::{
    page::{Log, frames, mount, wait_until},
    probe::board,
};

/// Number of times that everything is mounted, after some times that fill what is filled once.
const TIMES: usize = 1_000;

#[derive(PartialEq, Deserialize)]
struct Thing {
    title: String,
}

/// The hooks that show what there is.
#[component]
fn Readers() -> Html {
    let topic = || "host.cpu".parse().unwrap();
    use_channel(Channel::Notifications.into());
    use_collection::<Order>(board(), "order");
    use_downloads(board());
    use_edit(board());
    use_entity::<Thing>(board(), "welcome".into());
    use_favorites(board());
    use_feed(topic(), Default::default());
    use_feeds(vec![topic(), "host.memory".parse().unwrap()], Default::default());
    use_notifications();
    use_orders(board());
    use_presence_with_options(board(), UsePresenceOptions { state: Some(json!({"at": 1})) });
    use_store(|reader| reader.connection().state.is_live());
    use_stream(topic());
    use_sync_status();
    let channels = vec![Channel::Board(board()), Channel::Stream(topic())];
    use_widget_status(UseWidgetStatusOptions { board: Some(board()), channels, ..Default::default() });
    Html::default()
}

/// The hooks that do something.
#[component]
fn Doers() -> Html {
    let options = UseOptimisticUpdateOptions {
        on_conflict: ConflictRule::Merge(Callback::from(|_| None)),
        pacing: Pacing::Debounce(Duration::from_millis(50)),
        ..Default::default()
    };
    use_optimistic_update_with_options::<Thing>(board(), "welcome".into(), options);
    use_offline_queue();
    use_realtime_updates(board());
    use_undo(board());
    let tab = PlanTab { name: "a".to_owned(), requests: vec![Channel::Board(board()).into()] };
    let options = UseRealtimeSubscriptionsOptions { map: vec![tab], ..Default::default() };
    use_realtime_subscriptions(Some("a"), options);
    use_background_sync_with_options(UseBackgroundSyncOptions { auto_start: false, ..Default::default() });
    let options = UsePeriodicRefreshOptions { when_hidden: true, ..Default::default() };
    use_periodic_refresh_with_options(|| std::future::ready(Ok::<_, ()>(1)), options);
    Html::default()
}

/// The hooks of the connection.
#[component]
fn Connections() -> Html {
    use_websocket_with_options(UseWebsocketOptions { auto_connect: false, ..Default::default() });
    use_websocket_message::<Value>(ServerMessageType::Response);
    use_websocket_request::<Value, Value>("board.list");
    use_websocket_state();
    let options = UseWebsocketUrlOptions { auto_connect: false, ..Default::default() };
    use_websocket_url_with_options("ws://api.test/".into(), options);
    Html::default()
}

#[derive(Clone, PartialEq, Properties)]
struct Props {
    realtime: Log<Realtime>,
    setter: Log<UseStateSetter<bool>>,
    came: Log<()>,
    went: Log<()>,
}

#[component]
fn App(props: &Props) -> Html {
    let is_shown = use_state(|| false);
    if props.setter.len() == 0 {
        props.setter.note(is_shown.setter());
    }
    let realtime = props.realtime.clone();
    let on_initialized = Callback::from(move |handle| realtime.note(handle));
    html! {
        <RealtimeProvider url="ws://api.test/" persistent={false} auto_connect={false} {on_initialized}>
            if *is_shown { <Readers /><Doers /><Connections /><Witness ..props.clone() /> }
        </RealtimeProvider>
    }
}

/// Makes the browser count the event listeners that are registered; says how many there are.
fn count_listeners() -> Function {
    let count = Function::new_no_args(
        "const proto = EventTarget.prototype, { addEventListener: add, removeEventListener: remove } = proto;
         let n = 0;
         proto.addEventListener = function (...all) { n += 1; return add.apply(this, all); };
         proto.removeEventListener = function (...all) { n -= 1; return remove.apply(this, all); };
         return () => n;",
    );
    count.call0(&JsValue::NULL).unwrap().unchecked_into()
}

fn memory_bytes() -> f64 {
    let memory: WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    Reflect::get(&memory.buffer(), &"byteLength".into()).unwrap().as_f64().unwrap()
}

/// Notes that everything was mounted, and that it is gone.
#[component]
fn Witness(props: &Props) -> Html {
    let came = props.came.clone();
    let went = props.went.clone();
    use_effect_with((), move |()| {
        came.note(());
        move || went.note(())
    });
    Html::default()
}

/// Shows everything and takes it away again.
async fn mount_and_unmount(props: &Props, times: usize) {
    let before = (props.came.len(), props.went.len());
    for at in 1..=times {
        props.setter.last().set(true);
        turns(|| props.came.len() == before.0 + at).await;
        props.setter.last().set(false);
        turns(|| props.went.len() == before.1 + at).await;
    }
    frames(3).await;
}

/// Lets the browser's other tasks run until the condition holds; a frame a time would take too long.
async fn turns(condition: impl Fn() -> bool) {
    while !condition() {
        let turn = Promise::new(&mut |resolve, _| {
            window().set_timeout_with_callback(&resolve).unwrap();
        });
        JsFuture::from(turn).await.unwrap();
    }
}

#[wasm_bindgen_test]
async fn a_thousand_mounts_of_every_hook_leave_nothing_behind() {
    let listeners = count_listeners();
    let props = Props { realtime: Log::default(), setter: Log::default(), came: Log::default(), went: Log::default() };
    let _app = mount::<App>(props.clone());
    wait_until("the provider", || props.realtime.len() == 1).await;
    let realtime = props.realtime.last();

    props.setter.last().set(true);
    turns(|| props.came.len() == 1).await;
    let shown = realtime.usage();
    assert!(shown.observers >= 20 && shown.listeners >= 3 && shown.consumers == 2 && shown.merges == 1, "{shown:?}");
    props.setter.last().set(false);
    turns(|| props.went.len() == 1).await;
    mount_and_unmount(&props, 50).await;
    let held = |realtime: &Realtime| {
        let channels = realtime.read(|reader| reader.channels().len());
        (realtime.usage(), channels, listeners.call0(&JsValue::NULL).unwrap().as_f64().unwrap())
    };
    let before = (held(&realtime), memory_bytes());
    assert_eq!((before.0.0, before.0.1), (DriverUsage::default(), 0));
    mount_and_unmount(&props, TIMES).await;
    let after = (held(&realtime), memory_bytes());
    assert_eq!(after.0, before.0);
    let grown = after.1 - before.1;
    assert!(grown <= 1024.0 * 1024.0, "{grown} bytes more");
}
