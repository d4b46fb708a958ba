#![expect(clippy::unwrap_used, reason = "a test ends there")]

use js_sys::{Object, Promise, Reflect};
use tideboard_engine::{Config, DeliveryOptions, KeyFn, MergeFn, Plan, RefreshError, Source};
use tideboard_shared::{BoardId, EntityId};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use yew::Callback;

use super::*;

/// Counts what a page holds: listeners of window and document, timers that have not fired, channels.
const COUNT: &str = "(() => {
    const counts = { listeners: 0, timers: 0, channels: 0 };
    const change = (target, name, by) => {
        const before = target[name];
        target[name] = function (...args) { by(this, args); return before.apply(this, args); };
        return () => { target[name] = before; };
    };
    const isPage = (target) => target === window || target === document || target === undefined;
    const live = new Set();
    const undo = [
        change(EventTarget.prototype, 'addEventListener', (target) => { counts.listeners += isPage(target); }),
        change(EventTarget.prototype, 'removeEventListener', (target) => { counts.listeners -= isPage(target); }),
        change(BroadcastChannel.prototype, 'close', () => { counts.channels -= 1; }),
    ];
    const { setTimeout, clearTimeout, BroadcastChannel: Channel } = window;
    window.setTimeout = (call, ...rest) => {
        const id = setTimeout((...args) => { live.delete(id); call(...args); }, ...rest);
        live.add(id);
        return id;
    };
    window.clearTimeout = (id) => { live.delete(id); clearTimeout(id); };
    window.BroadcastChannel = class extends Channel {
        constructor(name) { super(name); counts.channels += 1; }
    };
    return {
        count: () => { counts.timers = live.size; return { ...counts }; },
        undo: () => {
            undo.forEach((undo) => undo());
            Object.assign(window, { setTimeout, clearTimeout, BroadcastChannel: Channel });
        },
    };
})()";

/// Counts the locks of ours that are held or waited for in this browser.
const LOCKS: &str = "navigator.locks.query().then(({ held, pending }) =>
    [...held, ...pending].filter(({ name }) => name.startsWith('tideboard')).length)";

fn call(object: &Object, name: &str) -> JsValue {
    let function: js_sys::Function = Reflect::get(object, &name.into()).unwrap().unchecked_into();
    function.call0(object).unwrap()
}

async fn locks() -> f64 {
    let query: Promise = js_sys::eval(LOCKS).unwrap().unchecked_into();
    JsFuture::from(query).await.unwrap().as_f64().unwrap()
}

async fn turn() {
    let turn = Promise::new(&mut |resolve, _| {
        gloo::utils::window().request_animation_frame(&resolve).unwrap();
    });
    JsFuture::from(turn).await.unwrap();
}

fn driver(storage: Option<&str>) -> Rc<Driver> {
    Driver::new(DriverOptions {
        url: "ws://api.test/api/realtime".to_owned(),
        socket_url: None,
        storage: storage.map(str::to_owned),
        config: Config::default(),
        migrations: Migrations::default(),
        on_error: Callback::noop(),
    })
}

#[wasm_bindgen_test]
async fn a_driver_that_is_gone_leaves_nothing_behind() {
    let counter: Object = js_sys::eval(COUNT).unwrap().unchecked_into();
    let locks_before = locks().await;
    let counts = || String::from(js_sys::JSON::stringify(&call(&counter, "count")).unwrap());
    let before = counts();
    for round in 0..1_000 {
        // Some end while they begin, some when they are under way.
        let driver = driver((round % 2 == 0).then_some("tideboard leaks"));
        driver.connect();
        let channel = "board:main".parse::<tideboard_shared::Channel>().unwrap();
        let subscription = driver.subscribe(channel.into());
        if round % 50 == 0 {
            turn().await;
            assert_ne!(counts(), before, "what is counted is there");
        }
        drop(driver);
        drop(subscription);
    }
    for _ in 0..100 {
        if counts() == before && locks().await == locks_before {
            break;
        }
        turn().await;
    }
    assert_eq!((counts(), locks().await), (before, locks_before));
    call(&counter, "undo");
}

#[wasm_bindgen_test]
async fn what_nobody_waits_for_any_more_harms_nothing_and_what_never_comes_ends() {
    let driver = driver(None);
    let (_, answer) = driver.request(tideboard_engine::Request::new("board.list", ().into()));
    assert!(answer.await.is_err(), "there is no connection");
    let request =
        tideboard_engine::Request { queue_when_offline: true, ..tideboard_engine::Request::new("a", ().into()) };
    drop(driver.request(request.clone()));
    let (_, answer) = driver.request(request);
    drop(driver);
    assert_eq!(answer.await, Err(tideboard_engine::RequestError::Cancelled));
}

#[wasm_bindgen_test]
async fn a_guard_that_is_dropped_closes_what_it_guards() {
    let driver = driver(None);
    let channel: tideboard_shared::Channel = "board:main".parse().unwrap();
    let delivery = driver.open_delivery(DeliveryOptions::new(Source::Channel(channel)), |_| {}).unwrap();
    let plan = driver.open_plan(Plan::default());
    let delivery_id = delivery.id();
    let plan_id = plan.id();
    let is_open = || driver.read(|reader| (reader.delivery(delivery_id).is_some(), reader.plan(plan_id).is_some()));
    assert_eq!(is_open(), (true, true));
    drop((delivery, plan));
    assert_eq!(is_open(), (false, false));
}

#[wasm_bindgen_test]
async fn a_refresh_says_that_there_is_no_connection() {
    let driver = driver(None);
    let channel: tideboard_shared::Channel = "board:main".parse().unwrap();
    let _subscription = driver.subscribe(channel.clone().into());
    assert_eq!(driver.refresh(&[channel]).await, Err(RefreshError::Offline));
    assert_eq!(driver.invalidate(&"main".parse().unwrap()).await, Err(RefreshError::Offline));
}

#[wasm_bindgen_test]
async fn what_a_function_of_the_application_holds_may_end_with_it() {
    let driver = driver(None);
    let hold = || {
        let channel: tideboard_shared::Channel = "board:main".parse().unwrap();
        driver.subscribe(channel.into())
    };
    let board: BoardId = "main".parse().unwrap();
    let entity: EntityId = "n".into();
    for _ in 0..2 {
        let held = hold();
        let merge = MergeFn::new(move |_| {
            let _ = &held;
            None
        });
        driver.set_merge(board.clone(), entity.clone(), Some(merge));
    }
    driver.set_merge(board, entity, None);
    let held = hold();
    let key = KeyFn::new(move |_| {
        let _ = &held;
        None
    });
    let channel: tideboard_shared::Channel = "board:main".parse().unwrap();
    let options = DeliveryOptions { dedup: Some(key), ..DeliveryOptions::new(Source::Channel(channel)) };
    drop(driver.open_delivery(options, |_| {}).unwrap());
    let channels = driver.read(|reader| reader.channels().len());
    assert_eq!(channels, 0, "each has unsubscribed");
}
