//! The pages of the connection's hooks.

use std::{rc::Rc, time::Duration};

use serde_json::{Value, json};
use tideboard_client::{
    Overflow, PlainMessage, PlainQueue,
    hooks::{
        Keep, MessageBatch, UseWebsocketMessageOptions, UseWebsocketOptions, UseWebsocketRequestOptions,
        UseWebsocketStateOptions, UseWebsocketUrlOptions, use_websocket_message_with_options,
        use_websocket_request_with_options, use_websocket_state_with_options, use_websocket_url_with_options,
        use_websocket_with_options,
    },
};
use tideboard_shared::{ClientMessage, ServerMessage, ServerMessageType, UnixMs};
use yew::prelude::*;

use super::controls::{Choice, Demo, NumberField, Toggle, act, logged, use_log};

#[component]
pub(super) fn Websocket() -> Html {
    let (log, add) = use_log();
    let hears = use_state(|| false);
    let on_message = match *hears {
        true => logged(&add, |message: Rc<ServerMessage>| format!("message: {:?}", message.message_type())),
        false => Callback::noop(),
    };
    let socket = use_websocket_with_options(UseWebsocketOptions {
        on_connected: logged(&add, |()| "connected".to_owned()),
        on_disconnected: logged(&add, |state| format!("disconnected: {state:?}")),
        on_reconnecting: logged(&add, |attempt| format!("attempt {attempt} is next")),
        on_gave_up: logged(&add, |state| format!("gave up: {state:?}")),
        on_error: logged(&add, |error| format!("error: {error}")),
        on_message,
        ..Default::default()
    });
    let facts = vec![
        ("state", format!("{:?}", socket.state())),
        ("attempt", socket.attempt().to_string()),
        ("next_retry_in", format!("{:?}", socket.next_retry_in())),
        ("last_close", format!("{:?}", socket.last_close())),
        ("rtt", format!("{:?}", socket.rtt())),
        ("buffered_bytes", socket.buffered_bytes().to_string()),
    ];
    let [a, b, c, d] = std::array::from_fn(|_| socket.clone());
    let actions = html! {
        <>
            { act("Connect", move || a.connect()) }
            { act("Disconnect", move || b.disconnect()) }
            { act("Reconnect now", move || c.reconnect_now()) }
            { act("Send a ping", move || d.send(ClientMessage::Ping { t: UnixMs(0) })) }
        </>
    };
    let controls = html! { <Toggle label="on_message" value={hears} /> };
    html! {
        <Demo about="The connection itself: its state, its messages, and how to open and close it." {controls} {facts}
            {actions} {log} />
    }
}

#[component]
pub(super) fn WebsocketUrl() -> Html {
    let (log, add) = use_log();
    let renders = use_state(|| true);
    let drops = use_state(|| false);
    let overflow = if *drops { Overflow::DropOldest } else { Overflow::Refuse };
    let options = UseWebsocketUrlOptions {
        auto_connect: false,
        renders: *renders,
        queue: PlainQueue { max_len: 3, overflow, ..PlainQueue::default() },
        on_connected: logged(&add, |()| "connected".to_owned()),
        on_disconnected: logged(&add, |close| format!("disconnected: {close:?}")),
        on_reconnecting: logged(&add, |attempt| format!("attempt {attempt} is next")),
        on_gave_up: logged(&add, |attempts| format!("gave up after {attempts}")),
        on_message: logged(&add, |message| match message {
            PlainMessage::Text(text) => text.chars().take(100).collect(),
            PlainMessage::Binary(bytes) => format!("{} bytes", bytes.len()),
        }),
        ..Default::default()
    };
    let host = gloo::utils::window().location().host().unwrap_or_default();
    let socket = use_websocket_url_with_options(format!("ws://{host}/api/realtime").into(), options);
    let facts = vec![
        ("state", format!("{:?}", socket.state())),
        ("attempt", socket.attempt().to_string()),
        ("last_close", format!("{:?}", socket.last_close())),
        ("buffered_bytes", socket.buffered_bytes().to_string()),
        ("dropped", socket.dropped().to_string()),
    ];
    let [a, b, c, d] = std::array::from_fn(|_| socket.clone());
    let send = {
        let add = add.clone();
        move || add.emit(format!("send: {:?}", d.send(json!({"type": "ping", "t": 1}).to_string())))
    };
    let actions = html! {
        <>
            { act("Connect", move || a.connect()) }
            { act("Disconnect", move || b.disconnect()) }
            { act("Reconnect now", move || c.reconnect_now()) }
            { act("Send text", send) }
        </>
    };
    let controls = html! {
        <><Toggle label="renders" value={renders} /><Toggle label="queue.overflow: drop the oldest" value={drops} /></>
    };
    html! {
        <Demo about="A WebSocket of any server, without our protocol; here it is our own server's." {controls} {facts}
            {actions} {log} />
    }
}

#[component]
pub(super) fn WebsocketMessage() -> Html {
    const TYPES: [ServerMessageType; 4] =
        [ServerMessageType::Pong, ServerMessageType::Updates, ServerMessageType::Stream, ServerMessageType::Presence];
    let wanted = use_state(|| 0);
    let keep = use_state(|| 5);
    let every = use_state(|| 0);
    let batch = match *every {
        0 => MessageBatch::Frame,
        millis => MessageBatch::Every(Duration::from_millis(millis.into())),
    };
    let options = UseWebsocketMessageOptions { keep: Keep::Last(*keep as usize), batch, ..Default::default() };
    let messages = use_websocket_message_with_options::<Value>(TYPES[*wanted], options);
    let socket = use_websocket_with_options(UseWebsocketOptions::default());
    let facts = vec![
        ("history", messages.history().len().to_string()),
        ("latest", messages.latest().map_or_else(String::new, |message| message.to_string())),
        ("dropped", messages.dropped().to_string()),
        ("is_complete", messages.is_complete().to_string()),
        ("last_at", format!("{:?}", messages.last_at())),
    ];
    let a = messages.clone();
    let b = messages;
    let actions = html! {
        <>
            { act("Ask for a pong", move || socket.send(ClientMessage::Ping { t: UnixMs(0) })) }
            { act("Drain", move || {
                let words = format!("{} messages", a.drain().len());
                gloo::utils::window().alert_with_message(&words).unwrap_or_default()
            }) }
            { act("Clear", move || b.clear()) }
        </>
    };
    let controls = html! {
        <>
            <Choice label="type" names={&["pong", "updates", "stream", "presence"][..]} value={wanted} />
            <NumberField label="keep: last" value={keep} />
            <NumberField label="batch: every so many ms, 0: each frame" value={every} />
        </>
    };
    html! { <Demo about="Messages of one type, none lost in a burst." {controls} {facts} {actions} /> }
}

#[component]
pub(super) fn WebsocketState() -> Html {
    let lost_after = use_state(|| 2_000);
    let options = UseWebsocketStateOptions { lost_after: Some(Duration::from_millis((*lost_after).into())) };
    let connection = use_websocket_state_with_options(options);
    let socket = use_websocket_with_options(UseWebsocketOptions::default());
    let facts = vec![
        ("state", format!("{:?}", connection.state())),
        ("is_stale", connection.is_stale().to_string()),
        ("retry_in", format!("{:?}", connection.retry_in())),
        ("rtt", format!("{:?}", connection.rtt())),
        ("clock_skew_ms", format!("{:?}", connection.clock_skew_ms())),
        ("is_leader_tab", connection.is_leader_tab().to_string()),
    ];
    let actions = html! {
        <>
            { act("Disconnect", move || socket.disconnect()) }
            { act("Retry now", move || connection.retry_now()) }
        </>
    };
    let controls = html! { <NumberField label="lost_after, ms" value={lost_after} /> };
    html! { <Demo about="Where the connection stands, for showing it." {controls} {facts} {actions} /> }
}

#[component]
pub(super) fn WebsocketRequest() -> Html {
    let method = use_state(|| 0);
    let queues = use_state(|| false);
    let idempotent = use_state(|| false);
    let timeout = use_state(|| 5_000);
    let options = UseWebsocketRequestOptions {
        timeout: Some(Duration::from_millis((*timeout).into())),
        idempotent: *idempotent,
        queue_when_offline: *queues,
        ..Default::default()
    };
    let name = ["board.list", "time", "no.such.method"][*method];
    let request = use_websocket_request_with_options::<Value, Value>(name, options);
    let facts = vec![
        ("is_pending", request.is_pending().to_string()),
        ("data", request.data().map_or_else(String::new, ToString::to_string)),
        ("error", request.error().map_or_else(String::new, ToString::to_string)),
    ];
    let [a, b, c] = std::array::from_fn(|_| request.clone());
    let actions = html! {
        <>
            { act("Call", move || drop(a.call(&json!({})))) }
            { act("Cancel", move || b.cancel()) }
            { act("Reset", move || c.reset()) }
        </>
    };
    let controls = html! {
        <>
            <Choice label="method" names={&["board.list", "time", "no.such.method"][..]} value={method} />
            <NumberField label="timeout, ms" value={timeout} />
            <Toggle label="idempotent" value={idempotent} />
            <Toggle label="queue_when_offline" value={queues} />
        </>
    };
    html! { <Demo about="A question to the server, with exactly one answer." {controls} {facts} {actions} /> }
}
