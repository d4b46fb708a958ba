//! `use_websocket_message` against the real server, and against bursts that it would not send.

use std::{rc::Rc, time::Duration};

use serde::Deserialize;
use tideboard_client::hooks::{
    Keep, MessageBatch, UseWebsocketMessageHandle, UseWebsocketMessageOptions, use_websocket_message_with_options,
};
use tideboard_engine::{SocketEpoch, SocketEvent};
use tideboard_shared::{ServerMessage, ServerMessageType, encode_many, limits::MESSAGES_PER_FRAME, message::Response};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::{
    page::{Log, frames, wait_until},
    probe::{Hooked, ProbeProps, hooked},
};

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Answer {
    id: String,
    result: u64,
}

type Handle = UseWebsocketMessageHandle<Answer>;
type Options = (ServerMessageType, UseWebsocketMessageOptions<Answer>);

#[component]
fn Answers(props: &ProbeProps<Options, Handle>) -> Html {
    let (wanted, options) = props.probe.options.clone();
    props.probe.renders.note(use_websocket_message_with_options(wanted, options));
    Html::default()
}

type Listening = Hooked<Answers, Options, Handle>;

async fn listen(options: UseWebsocketMessageOptions<Answer>) -> Listening {
    let hooked = hooked((ServerMessageType::Response, options)).await;
    hooked.live().await;
    hooked
}

/// The server says these, as fast as it can.
fn say(hooked: &Listening, numbers: std::ops::Range<u64>) {
    let message = |n: u64| ServerMessage::Response(Response::Result { id: format!("other-{n}"), result: n.into() });
    let messages: Vec<_> = numbers.map(message).collect();
    for messages in messages.chunks(MESSAGES_PER_FRAME) {
        let event = SocketEvent::Frame(encode_many(messages));
        hooked.realtime().deliver(SocketEpoch(1), event);
    }
}

fn numbers(messages: &[Rc<Answer>]) -> Vec<u64> {
    messages.iter().map(|message| message.result).collect()
}

#[wasm_bindgen_test]
async fn burst_loses_nothing() {
    let hooked = listen(Default::default()).await;
    let renders = hooked.renders.len();
    say(&hooked, 0..5_000);
    wait_until("the last one", || hooked.handle().latest().is_some_and(|answer| answer.result == 4_999)).await;
    frames(2).await;
    assert_eq!(numbers(&hooked.handle().drain()), (0..5_000).collect::<Vec<_>>());
    assert!(hooked.handle().drain().is_empty(), "each once");
    assert!(hooked.handle().is_complete() && hooked.handle().dropped() == 0 && hooked.handle().last_at().is_some());
    assert!(hooked.renders.len() - renders <= 20, "{} renders", hooked.renders.len() - renders);
}

#[wasm_bindgen_test]
async fn what_exceeds_the_limit_is_counted() {
    let hooked = listen(UseWebsocketMessageOptions { max_undrained: 100, ..Default::default() }).await;
    say(&hooked, 0..250);
    wait_until("the last one", || hooked.handle().latest().is_some_and(|answer| answer.result == 249)).await;
    assert_eq!(numbers(&hooked.handle().drain()), (150..250).collect::<Vec<_>>());
    assert_eq!((hooked.handle().dropped(), hooked.handle().is_complete()), (150, false));
}

#[wasm_bindgen_test]
async fn only_what_passes_the_filter_is_kept_and_as_much_as_wanted() {
    let even = |message: Rc<ServerMessage>| match message.as_ref() {
        ServerMessage::Response(Response::Result { result, .. }) => result.as_u64().is_some_and(|n| n % 2 == 0),
        _ => false,
    };
    let options =
        UseWebsocketMessageOptions { filter: Some(Callback::from(even)), keep: Keep::Last(3), ..Default::default() };
    let hooked = listen(options).await;
    say(&hooked, 0..10);
    wait_until("the last one", || hooked.handle().latest().is_some_and(|answer| answer.result == 8)).await;
    assert_eq!(numbers(&hooked.handle().history()), [4, 6, 8]);
    hooked.handle().clear();
    assert!(hooked.handle().latest().is_none() && hooked.handle().drain().is_empty());
}

#[wasm_bindgen_test]
async fn callbacks_hear_each_without_a_render_and_what_cannot_be_read() {
    let heard = Log::<u64>::default();
    let problems = Log::<String>::default();
    let options = UseWebsocketMessageOptions {
        renders: false,
        batch: MessageBatch::Every(Duration::from_millis(20)),
        on_message: {
            let heard = heard.clone();
            Callback::from(move |answer: Rc<Answer>| heard.note(answer.result))
        },
        on_decode_error: {
            let problems = problems.clone();
            Callback::from(move |problem| problems.note(problem))
        },
        ..Default::default()
    };
    let mut hooked = listen(options).await;
    let renders = hooked.renders.len();
    say(&hooked, 0..3);
    let result = serde_json::json!("no number");
    let unreadable = ServerMessage::Response(Response::Result { id: "other".to_owned(), result });
    let event = SocketEvent::Frame(encode_many(&[unreadable]));
    hooked.realtime().deliver(SocketEpoch(1), event);
    wait_until("the problem", || problems.len() == 1).await;
    assert_eq!(heard.all(), [0, 1, 2]);
    frames(3).await;
    assert_eq!(hooked.renders.len(), renders);
    hooked.unmount();
    say(&hooked, 3..6);
    frames(10).await;
    assert_eq!(heard.len(), 3, "nobody listens any more");
}
