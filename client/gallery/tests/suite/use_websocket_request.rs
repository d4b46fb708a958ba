//! `use_websocket_request` against the real server.

use std::{rc::Rc, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};
use tideboard_client::hooks::{
    RequestProblem, UseWebsocketRequestHandle, UseWebsocketRequestOptions, use_websocket_request_with_options,
};
use tideboard_engine::RequestError;
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::{
    page::{Log, frames, wait_until},
    probe::{Hooked, ProbeProps, hooked},
};

#[derive(Debug, PartialEq, Deserialize)]
struct Boards {
    boards: Vec<String>,
}

type Handle = UseWebsocketRequestHandle<Value, Boards>;
type Options = (&'static str, UseWebsocketRequestOptions);

#[component]
fn List(props: &ProbeProps<Options, Handle>) -> Html {
    let (method, options) = props.probe.options.clone();
    props.probe.renders.note(use_websocket_request_with_options(method, options));
    Html::default()
}

async fn list(method: &'static str, options: UseWebsocketRequestOptions) -> Hooked<List, Options, Handle> {
    hooked((method, options)).await
}

#[wasm_bindgen_test]
async fn a_call_is_answered_and_the_answer_shows() {
    let hooked = list("board.list", Default::default()).await;
    hooked.live().await;
    let answer = hooked.handle().call(&json!({}));
    hooked.until("a pending call", Handle::is_pending).await;
    let answer = answer.await.unwrap();
    assert!(answer.boards.contains(&"main".to_owned()));
    let shown = hooked.until("the end", |list| !list.is_pending()).await;
    assert_eq!((shown.data(), shown.error()), (Some(&*answer), None));
    frames(3).await;
    assert_eq!(hooked.renders.len(), 3, "mounted, pending, answered");
    shown.reset();
    hooked.until("no answer", |list| list.data().is_none()).await;
}

#[wasm_bindgen_test]
async fn what_is_asked_in_vain_says_why() {
    let hooked = list("no.such.method", Default::default()).await;
    let unconnected = list("board.list", Default::default()).await;
    unconnected.realtime().disconnect();
    let error = unconnected.handle().call(&json!({})).await.unwrap_err();
    assert_eq!(error, RequestProblem::Failed(RequestError::Disconnected { maybe_applied: false }));

    hooked.live().await;
    let error = hooked.handle().call(&json!({})).await.unwrap_err();
    assert!(matches!(&error, RequestProblem::Failed(RequestError::Rejected(why)) if why.code == "unknown_method"));
    let shown = hooked.until("the problem", |list| list.error().is_some()).await;
    assert_eq!((shown.data(), shown.error()), (None, Some(&error)));

    let unreadable = list("time", Default::default()).await;
    unreadable.live().await;
    assert!(matches!(unreadable.handle().call(&json!({})).await, Err(RequestProblem::Unreadable(_))));
}

#[wasm_bindgen_test]
async fn a_call_may_wait_for_a_connection() {
    let options = UseWebsocketRequestOptions { queue_when_offline: true, ..Default::default() };
    let hooked = list("board.list", options).await;
    hooked.realtime().disconnect();
    let answer = hooked.handle().call(&json!({}));
    hooked.realtime().connect();
    assert!(answer.await.is_ok());
}

#[wasm_bindgen_test]
async fn a_call_ends_in_time_when_cancelled_and_with_its_component() {
    let waiting = UseWebsocketRequestOptions { queue_when_offline: true, ..Default::default() };
    let timeout = Some(Duration::from_millis(200));
    let late = list("board.list", UseWebsocketRequestOptions { timeout, ..waiting.clone() }).await;
    late.realtime().disconnect();
    let disconnected = Err(RequestProblem::Failed(RequestError::Disconnected { maybe_applied: false }));
    assert_eq!(late.handle().call(&json!({})).await, disconnected);

    let cancelled = Err(RequestProblem::Failed(RequestError::Cancelled));
    let mut hooked = list("board.list", waiting).await;
    hooked.realtime().disconnect();
    let answer = hooked.handle().call(&json!({}));
    hooked.handle().cancel();
    assert_eq!(answer.await, cancelled);

    let ends = Log::<Result<Rc<Boards>, RequestProblem>>::default();
    let answer = hooked.handle().call(&json!({}));
    spawn_local({
        let ends = ends.clone();
        async move { ends.note(answer.await) }
    });
    hooked.unmount();
    wait_until("the end", || ends.len() == 1).await;
    assert_eq!(ends.last(), cancelled);
}
