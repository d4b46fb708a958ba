//! `use_websocket_url` against the real server, spoken to by hand.

use std::{cell::Cell, rc::Rc};

use tideboard_client::{
    Overflow, PlainMessage, PlainQueue, PlainState, TextProvider,
    hooks::{UseWebsocketUrlHandle, UseWebsocketUrlOptions, use_websocket_url_with_options},
};
use tideboard_engine::{
    SendResult,
    config::{ReconnectConfig, count, millis},
};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::{
    page::{Log, SERVER, frames, wait_until},
    probe::{Hooked, ProbeProps, hooked},
};

type Options = (&'static str, UseWebsocketUrlOptions);

#[component]
fn Plain(props: &ProbeProps<Options, UseWebsocketUrlHandle>) -> Html {
    let (url, options) = props.probe.options.clone();
    props.probe.renders.note(use_websocket_url_with_options(url.into(), options));
    Html::default()
}

type Page = Hooked<Plain, Options, UseWebsocketUrlHandle>;

fn quick() -> UseWebsocketUrlOptions {
    let reconnect = ReconnectConfig { base: millis(10), max_delay: millis(100), ..ReconnectConfig::default() };
    UseWebsocketUrlOptions { reconnect, ..Default::default() }
}

async fn page(url: &'static str, options: UseWebsocketUrlOptions) -> Page {
    hooked((url, options)).await
}

async fn open(options: UseWebsocketUrlOptions) -> Page {
    let page = page(SERVER, options).await;
    page.until("a connection", UseWebsocketUrlHandle::is_connected).await;
    page
}

const PING: &str = r#"{"type":"ping","t":7}"#;
const HELLO: &str = r#"{"type":"hello","protocol":1,"client":"plain","tab":"t"}"#;

fn is(message: &PlainMessage, kind: &str) -> bool {
    matches!(message, PlainMessage::Text(text) if text.contains(&format!("\"type\":\"{kind}\"")))
}

#[wasm_bindgen_test]
async fn messages_come_and_go_whatever_they_say() {
    let heard = Log::<PlainMessage>::default();
    let on_message = {
        let heard = heard.clone();
        Callback::from(move |message| heard.note(message))
    };
    let page = open(UseWebsocketUrlOptions { on_message, ..quick() }).await;
    page.until("the greeting", |socket| socket.latest().is_some_and(|message| is(&message, "welcome"))).await;
    assert_eq!(page.handle().send(HELLO), SendResult::Sent);
    assert_eq!(page.handle().send(PING), SendResult::Sent);
    page.until("the answer", |socket| socket.latest().is_some_and(|message| is(&message, "pong"))).await;
    let drained = page.handle().drain();
    assert_eq!(drained, heard.all());
    assert!(page.handle().drain().is_empty() && page.handle().dropped() == 0);
    assert_eq!(page.handle().attempt(), 1);
}

#[wasm_bindgen_test]
async fn what_is_sent_early_waits_in_order_and_no_more_than_may() {
    let queue = PlainQueue { max_len: 2, overflow: Overflow::Refuse, ..PlainQueue::default() };
    let options = UseWebsocketUrlOptions { auto_connect: false, queue, ..quick() };
    let page = page(SERVER, options).await;
    assert_eq!(page.handle().state(), &PlainState::Idle);
    let results = [HELLO, PING, PING].map(|text| page.handle().send(text));
    assert_eq!(results, [SendResult::Queued, SendResult::Queued, SendResult::Refused]);
    assert_eq!(page.handle().buffered_bytes(), HELLO.len() + PING.len());
    page.handle().connect();
    page.until("the answer", |socket| socket.latest().is_some_and(|message| is(&message, "pong"))).await;
    page.handle().disconnect();
    let queue = PlainQueue { max_bytes: 8, overflow: Overflow::DropOldest, ..PlainQueue::default() };
    page.set_options((SERVER, UseWebsocketUrlOptions { queue, ..quick() }));
    page.until("the end", |socket| socket.state() == &PlainState::Closed).await;
    frames(2).await;
    let results = ["12345", "6789", "123456789"].map(|text| page.handle().send(text));
    assert_eq!(results, [SendResult::Queued, SendResult::Queued, SendResult::Refused]);
    assert_eq!(page.handle().buffered_bytes(), 4);
    assert_eq!(page.handle().send_bytes([1, 2, 3]), SendResult::Queued);
}

#[wasm_bindgen_test]
async fn the_address_is_asked_for_at_every_attempt_and_tries_end_where_they_may() {
    let asked = Rc::new(Cell::new(0));
    let events = Log::<String>::default();
    let url = {
        let asked = Rc::clone(&asked);
        TextProvider::new(move || {
            asked.set(asked.get() + 1);
            std::future::ready(Ok("ws://api.test/nothing/here".to_owned()))
        })
    };
    let reconnect = ReconnectConfig { max_attempts: Some(count(3)), ..quick().reconnect };
    let note = |what: &'static str| {
        let events = events.clone();
        Callback::from(move |n: u32| events.note(format!("{what} {n}")))
    };
    let options = UseWebsocketUrlOptions {
        url: Some(url),
        reconnect,
        on_reconnecting: note("reconnecting"),
        on_gave_up: note("gave up"),
        ..quick()
    };
    let page = page(SERVER, options).await;
    let over = page.until("the end", |socket| socket.state() == &PlainState::GaveUp { attempts: 3 }).await;
    assert_eq!((asked.get(), over.last_close().map(|close| close.code)), (3, Some(1006)));
    assert_eq!(events.all(), ["reconnecting 2", "reconnecting 3", "gave up 3"]);
    over.reconnect_now();
    wait_until("another try", || asked.get() == 4).await;
}

#[wasm_bindgen_test]
async fn a_connection_that_ends_is_replaced_unless_it_was_closed_here() {
    let page = open(quick()).await;
    page.handle().send("no JSON");
    // It may be replaced before the next frame.
    page.until("the end", |socket| socket.last_close().is_some()).await;
    page.until("another connection", UseWebsocketUrlHandle::is_connected).await;
    assert!(page.handle().last_close().is_some_and(|close| close.code >= 4000));
    page.handle().disconnect();
    page.until("the end", |socket| socket.state() == &PlainState::Closed).await;
    frames(20).await;
    assert_eq!(page.handle().state(), &PlainState::Closed);
}

#[wasm_bindgen_test]
async fn it_ends_with_its_component_and_what_should_not_be_tried_is_not() {
    let mut page = open(quick()).await;
    let handle = page.handle();
    let renders = page.renders.clone();
    page.unmount();
    frames(2).await;
    let before = renders.len();
    assert_ne!(handle.send(PING), SendResult::Sent);
    frames(20).await;
    assert_eq!(renders.len(), before);

    let should_retry = Some(Callback::from(|_| false));
    let url = "ws://api.test/nothing/here";
    let page = self::page(url, UseWebsocketUrlOptions { should_retry, ..quick() }).await;
    page.until("the end", |socket| socket.state() == &PlainState::GaveUp { attempts: 1 }).await;
}
