//! A hook outside `<RealtimeProvider>` says so. A panic leaves a program unusable, so each hook has one of its own: this
//! test, loaded anew by the page.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test ends there")]

use std::sync::Mutex;

use gloo::utils::{document, window};
use js_sys::{Function, Promise, Reflect};
use serde_json::Value;
use tideboard_client::{entities::Order, hooks::*};
use tideboard_shared::{BoardId, Channel, ServerMessageType, Topic};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use yew::prelude::*;

wasm_bindgen_test_configure!(run_in_browser);

/// Words of this program's panic.
static SAID: Mutex<Option<String>> = Mutex::new(None);

fn board() -> BoardId {
    "main".parse().unwrap()
}

fn topic() -> Topic {
    "host.cpu".parse().unwrap()
}

/// A component for each hook, and a function that mounts the one of a name.
macro_rules! lost {
    ($($component:ident $name:literal $call:expr;)*) => {
        $(
            #[component]
            fn $component() -> Html {
                $call;
                Html::default()
            }
        )*

        const NAMES: &[&str] = &[$($name),*];

        fn mount(name: &str) {
            match name {
                $($name => drop(yew::Renderer::<$component>::with_root(root()).render()),)*
                name => panic!("no component for {name}"),
            }
        }
    };
}

lost! {
    BackgroundSync "use_background_sync" use_background_sync();
    Channels "use_channel" use_channel(Channel::Notifications.into());
    Collection "use_collection" use_collection::<Order>(board(), "order");
    Downloads "use_downloads" use_downloads(board());
    Edit "use_edit" use_edit(board());
    Entity "use_entity" use_entity::<Value>(board(), "welcome".into());
    Favorites "use_favorites" use_favorites(board());
    FeedOf "use_feed" use_feed(topic(), Default::default());
    Feeds "use_feeds" use_feeds(vec![topic()], Default::default());
    Notifications "use_notifications" use_notifications();
    OfflineQueue "use_offline_queue" use_offline_queue();
    OptimisticUpdate "use_optimistic_update" use_optimistic_update::<Value>(board(), "welcome".into());
    Orders "use_orders" use_orders(board());
    PeriodicRefresh "use_periodic_refresh" use_periodic_refresh(|| std::future::ready(Ok::<_, ()>(())));
    Presence "use_presence" use_presence(board());
    Subscriptions "use_realtime_subscriptions" use_realtime_subscriptions(None, Default::default());
    Updates "use_realtime_updates" use_realtime_updates(board());
    Way "use_realtime" use_realtime();
    Store "use_store" use_store(|reader| reader.connection());
    StoreWith "use_store_with" use_store_with((), |reader, ()| reader.connection());
    Stream "use_stream" use_stream(topic());
    SyncStatus "use_sync_status" use_sync_status();
    Undo "use_undo" use_undo(board());
    Watch "use_watch" use_watch((), |reader, ()| reader.connection(), Callback::noop());
    Websocket "use_websocket" use_websocket();
    Message "use_websocket_message" use_websocket_message::<Value>(ServerMessageType::Pong);
    Request "use_websocket_request" use_websocket_request::<Value, Value>("time");
    State "use_websocket_state" use_websocket_state();
    WidgetStatusOf "use_widget_status" use_widget_status(UseWidgetStatusOptions::default());
}

fn root() -> web_sys::Element {
    document().create_element("div").unwrap()
}

/// Mounts a hook outside the provider; called in a program that is given up afterwards.
#[wasm_bindgen]
pub fn lose(name: &str) {
    yew::set_custom_panic_hook(Box::new(|panic| *SAID.lock().unwrap() = Some(panic.to_string())));
    mount(name);
}

/// Words of this program's panic.
#[wasm_bindgen]
pub fn said() -> String {
    SAID.lock().unwrap().clone().unwrap_or_default()
}

/// Loads this program once more, with a memory of its own: to the page, another address is another module.
async fn another(name: &str) -> JsValue {
    let import = Function::new_with_args(
        "wasm, name",
        "return import(`/wasm-bindgen-test?${name}`).then(m => m.default({ module_or_path: wasm }).then(() => m))",
    );
    let loaded = import.call2(&JsValue::NULL, &wasm_bindgen::module(), &name.into()).unwrap();
    JsFuture::from(loaded.unchecked_into::<Promise>()).await.unwrap()
}

fn function(module: &JsValue, name: &str) -> Function {
    Reflect::get(module, &name.into()).unwrap().unchecked_into()
}

async fn frame() {
    let frame = Promise::new(&mut |resolve, _| {
        window().request_animation_frame(&resolve).unwrap();
    });
    JsFuture::from(frame).await.unwrap();
}

#[wasm_bindgen_test]
async fn every_hook_outside_the_provider_panics_with_a_sentence_that_says_so() {
    for name in NAMES {
        let program = another(name).await;
        function(&program, "lose").call1(&JsValue::NULL, &(*name).into()).unwrap();
        // The render is the next microtask; two frames are more than enough.
        frame().await;
        frame().await;
        let said = function(&program, "said").call0(&JsValue::NULL).unwrap().as_string().unwrap();
        assert!(said.contains("inside <RealtimeProvider>"), "{name}: {said}");
    }
}
