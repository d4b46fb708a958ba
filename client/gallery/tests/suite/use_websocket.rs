//! `use_websocket` against the real server.

use std::rc::Rc;

use tideboard_client::{
    Realtime, RealtimeError, RealtimeProvider, TextProvider,
    hooks::{UseWebsocketHandle, UseWebsocketOptions, use_websocket_with_options},
};
use tideboard_engine::{
    Config, ConnectionState, SendResult, SocketEpoch, SocketEvent,
    config::{count, millis},
};
use tideboard_shared::{ClientMessage, ServerMessage, ServerMessageType, message::Response};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::page::{Log, Mounted, SERVER, frames, mount, wait_until};

/// Gives a token and notes that it was asked.
fn token(events: &Log<String>) -> TextProvider {
    let events = events.clone();
    TextProvider::new(move || {
        events.note("token".to_owned());
        std::future::ready(Ok("fresh".to_owned()))
    })
}

/// Words and deeds of the hook.
#[derive(Clone, Default, PartialEq)]
struct Notes {
    renders: Log<UseWebsocketHandle>,
    events: Log<String>,
    messages: Log<ServerMessageType>,
    realtime: Log<Realtime>,
}

impl Notes {
    fn handle(&self) -> UseWebsocketHandle {
        self.renders.last()
    }

    async fn live(&self) -> UseWebsocketHandle {
        wait_until("a live connection", || self.renders.len() > 0 && self.handle().is_connected()).await;
        self.handle()
    }

    fn count(&self, event: &str) -> usize {
        self.events.all().iter().filter(|noted| noted.as_str() == event).count()
    }
}

#[derive(Clone, PartialEq, Properties)]
struct Props {
    notes: Notes,
    #[prop_or(SERVER)]
    url: &'static str,
    #[prop_or_default]
    config: Config,
    #[prop_or(true)]
    auto_connect: bool,
    #[prop_or_default]
    has_token: bool,
}

#[component]
fn App(props: &Props) -> Html {
    let realtime = props.notes.realtime.clone();
    let on_initialized = Callback::from(move |handle| realtime.note(handle));
    html! {
        <RealtimeProvider url={props.url} persistent={false} config={props.config.clone()} auto_connect={false} {on_initialized}>
            <Probe ..props.clone() />
        </RealtimeProvider>
    }
}

#[component]
fn Probe(props: &Props) -> Html {
    let note = |what: &'static str| {
        let events = props.notes.events.clone();
        move || events.note(what.to_owned())
    };
    let connected = note("connected");
    let disconnected = note("disconnected");
    let gave_up = note("gave up");
    let events = props.notes.events.clone();
    let messages = props.notes.messages.clone();
    let handle = use_websocket_with_options(UseWebsocketOptions {
        auto_connect: props.auto_connect,
        token: props.has_token.then(|| token(&props.notes.events)),
        on_gave_up: Callback::from(move |_| gave_up()),
        on_connected: Callback::from(move |()| connected()),
        on_disconnected: Callback::from(move |_| disconnected()),
        on_reconnecting: Callback::from(move |attempt| events.note(format!("reconnecting {attempt}"))),
        on_message: Callback::from(move |message: Rc<ServerMessage>| messages.note(message.message_type())),
        ..UseWebsocketOptions::default()
    });
    props.notes.renders.note(handle);
    Html::default()
}

fn start(notes: &Notes) -> Mounted<App> {
    mount::<App>(yew::props!(Props { notes: notes.clone() }))
}

fn quick() -> Config {
    let mut config = Config::default();
    config.connection.reconnect.base = millis(10);
    config.connection.reconnect.max_delay = millis(100);
    config
}

fn request(id: &str) -> ClientMessage {
    ClientMessage::Request { id: id.to_owned(), method: "board.list".to_owned(), params: serde_json::json!({}) }
}

#[wasm_bindgen_test]
async fn it_connects_when_mounted_and_hears_the_welcome() {
    let notes = Notes::default();
    let _app = start(&notes);
    notes.live().await;
    let mut states: Vec<_> = notes.renders.all().iter().map(|handle| state_name(handle.state())).collect();
    states.dedup();
    assert_eq!(states.first(), Some(&"idle"));
    assert_eq!(states.last(), Some(&"live"));
    assert!(states.is_sorted_by_key(|name| ["idle", "connecting", "greeting", "live"].iter().position(|n| n == name)));
    assert_eq!(notes.messages.all()[..2], [ServerMessageType::Welcome, ServerMessageType::Ready]);
    assert_eq!(notes.events.all(), ["connected"]);
}

#[wasm_bindgen_test]
async fn it_waits_to_be_asked_when_told_so() {
    let notes = Notes::default();
    let _app = mount::<App>(yew::props!(Props { notes: notes.clone(), auto_connect: false }));
    frames(10).await;
    assert_eq!(notes.handle().state(), &ConnectionState::Idle);
    notes.handle().connect();
    notes.live().await;
}

#[wasm_bindgen_test]
async fn a_subscriber_hears_its_type_of_message_until_it_is_dropped() {
    let notes = Notes::default();
    let _app = start(&notes);
    let handle = notes.live().await;
    let answers = Log::<String>::default();
    let subscription = handle.subscribe(ServerMessageType::Response, {
        let answers = answers.clone();
        Callback::from(move |message: Rc<ServerMessage>| {
            if let ServerMessage::Response(Response::Result { id, .. }) = message.as_ref() {
                answers.note(id.clone());
            }
        })
    });
    assert_eq!(handle.send(request("r1")), SendResult::Sent);
    wait_until("the answer", || answers.len() == 1).await;
    drop(subscription);
    handle.send(request("r2"));
    let responses = || notes.messages.all().iter().filter(|kind| **kind == ServerMessageType::Response).count();
    wait_until("the second answer", || responses() == 2).await;
    assert_eq!(answers.all(), ["r1"]);
}

#[wasm_bindgen_test]
async fn what_is_sent_before_the_connection_stands_waits_for_it() {
    let notes = Notes::default();
    let _app = mount::<App>(yew::props!(Props { notes: notes.clone(), auto_connect: false }));
    wait_until("the first render", || notes.renders.len() > 0).await;
    assert_eq!(notes.handle().send(request("early")), SendResult::Queued);
    notes.handle().connect();
    wait_until("the answer", || notes.messages.all().contains(&ServerMessageType::Response)).await;
}

#[wasm_bindgen_test]
async fn a_disconnect_is_explicit_and_stays() {
    let notes = Notes::default();
    let _app = start(&notes);
    notes.live().await.disconnect();
    wait_until("the end", || notes.handle().state() == &ConnectionState::Closed).await;
    frames(60).await;
    assert_eq!(notes.handle().state(), &ConnectionState::Closed);
    assert_eq!(notes.events.all(), ["connected", "disconnected"]);
    notes.handle().connect();
    notes.live().await;
    assert_eq!(notes.count("connected"), 2);
}

#[wasm_bindgen_test]
async fn a_forced_reconnect_replaces_the_connection() {
    let notes = Notes::default();
    let _app = start(&notes);
    notes.live().await.reconnect_now();
    wait_until("a second connection", || notes.count("connected") == 2).await;
    notes.live().await;
    assert_eq!(notes.events.all(), ["connected", "disconnected", "connected"]);
}

#[wasm_bindgen_test]
async fn a_server_that_does_not_answer_is_tried_again_and_again() {
    let notes = Notes::default();
    let url = "ws://api.test/nothing/here";
    let _app = mount::<App>(yew::props!(Props { notes: notes.clone(), url, config: quick() }));
    wait_until("three tries", || notes.events.len() >= 3).await;
    assert_eq!(notes.events.all()[..3], ["reconnecting 2", "reconnecting 3", "reconnecting 4"]);
    wait_until("the attempt to show", || notes.handle().attempt() >= 3).await;
    assert_eq!(notes.handle().last_close().map(|close| close.code), Some(1006));
}

#[wasm_bindgen_test]
async fn tries_end_where_the_settings_say_so() {
    let notes = Notes::default();
    let mut config = quick();
    config.connection.reconnect.max_attempts = Some(count(2));
    let url = "ws://api.test/nothing/here";
    let _app = mount::<App>(yew::props!(Props { notes: notes.clone(), url, config }));
    wait_until("the end", || notes.count("gave up") == 1).await;
    assert_eq!(notes.events.all(), ["reconnecting 2", "gave up"]);
}

#[wasm_bindgen_test]
async fn a_token_is_asked_for_before_connecting_and_when_the_server_wants_a_fresh_one() {
    let notes = Notes::default();
    let _app = mount::<App>(yew::props!(Props { notes: notes.clone(), has_token: true, config: quick() }));
    let handle = notes.live().await;
    assert_eq!(notes.events.all(), ["token", "connected"]);
    let event = SocketEvent::Closed { code: 4001, reason: "the token is too old".to_owned() };
    notes.realtime.last().deliver(SocketEpoch(1), event);
    wait_until("another connection", || notes.count("connected") == 2).await;
    assert_eq!(notes.events.all(), ["token", "connected", "disconnected", "token", "connected"]);
    assert_eq!(handle.buffered_bytes(), 0);
}

#[wasm_bindgen_test]
async fn an_address_that_is_none_is_told_and_not_tried_for_ever_at_once() {
    let notes = Notes::default();
    let _app = mount::<App>(yew::props!(Props { notes: notes.clone(), url: "ftp://api.test/" }));
    wait_until("a wait", || notes.events.len() > 0).await;
    wait_until("the wait to show", || notes.handle().next_retry_in().is_some()).await;
    assert!(notes.handle().last_close().is_some_and(|close| !close.reason.is_empty()));
}

#[wasm_bindgen_test]
async fn the_connection_ends_with_the_provider() {
    let notes = Notes::default();
    let app = start(&notes);
    let handle = notes.live().await;
    drop(app);
    wait_until("the end", || handle.send(request("late")) == SendResult::Queued).await;
}

fn state_name(state: &ConnectionState) -> &'static str {
    match state {
        ConnectionState::Idle => "idle",
        ConnectionState::Connecting { .. } => "connecting",
        ConnectionState::Greeting { .. } => "greeting",
        ConnectionState::Live { .. } => "live",
        _ => "other",
    }
}

#[derive(Clone, PartialEq, Properties)]
struct AskedProps {
    notes: Notes,
    asked: Log<()>,
}

/// A provider whose first answer is that there is no address.
#[component]
fn Asked(props: &AskedProps) -> Html {
    let asked = props.asked.clone();
    let socket_url = TextProvider::new(move || {
        asked.note(());
        let is_first = asked.len() == 1;
        std::future::ready(if is_first { Err("not yet".to_owned()) } else { Ok(SERVER.to_owned()) })
    });
    let events = props.notes.events.clone();
    let on_error = Callback::from(move |error: RealtimeError| events.note(error.to_string()));
    html! {
        <RealtimeProvider url="ws://nowhere.test/" {socket_url} persistent={false} config={quick()} {on_error}>
            <Probe notes={props.notes.clone()} />
        </RealtimeProvider>
    }
}

#[wasm_bindgen_test]
async fn the_address_is_asked_for_at_every_attempt() {
    let notes = Notes::default();
    let asked = Log::default();
    let app = mount::<Asked>(AskedProps { notes: notes.clone(), asked: asked.clone() });
    notes.live().await;
    assert_eq!((asked.len(), notes.count("no address: not yet")), (2, 1));
    notes.handle().reconnect_now();
    wait_until("another attempt", || asked.len() == 3).await;
    notes.live().await;
    drop(app);
}
