//! `use_websocket_state` against the real server.

use std::time::Duration;

use tideboard_client::hooks::{UseWebsocketStateHandle, UseWebsocketStateOptions, use_websocket_state_with_options};
use tideboard_engine::{ConnectionState, SocketEpoch, SocketEvent};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::{
    page::{frames, wait_until},
    probe::{Hooked, ProbeProps, hooked},
};

#[component]
fn State(props: &ProbeProps<UseWebsocketStateOptions, UseWebsocketStateHandle>) -> Html {
    props.probe.renders.note(use_websocket_state_with_options(props.probe.options.clone()));
    Html::default()
}

async fn state(lost_after_ms: u64) -> Hooked<State, UseWebsocketStateOptions, UseWebsocketStateHandle> {
    let lost_after = Some(Duration::from_millis(lost_after_ms));
    let hooked = hooked::<State, _, _>(UseWebsocketStateOptions { lost_after }).await;
    hooked.until("a live connection", |connection| connection.state().is_live()).await;
    hooked
}

#[wasm_bindgen_test]
async fn a_connection_counts_as_lost_after_its_time_and_not_before() {
    let hooked = state(100).await;
    assert!(hooked.handle().is_leader_tab() && !hooked.handle().is_stale() && hooked.handle().retry_in().is_none());
    hooked.realtime().disconnect();
    let closed = hooked.until("the end", |connection| connection.state() == &ConnectionState::Closed).await;
    assert!(!closed.is_stale(), "not yet");
    hooked.until("it counts as lost", UseWebsocketStateHandle::is_stale).await;
    hooked.realtime().connect();
    let live = hooked.until("a live connection", |connection| connection.state().is_live()).await;
    assert!(!live.is_stale());
    frames(10).await;
    let renders = hooked.renders.len();
    frames(20).await;
    assert_eq!(hooked.renders.len(), renders, "nothing changed");
}

#[wasm_bindgen_test]
async fn a_short_loss_is_none() {
    let hooked = state(60_000).await;
    let before = hooked.renders.len();
    let cut = SocketEvent::Closed { code: 1006, reason: String::new() };
    hooked.realtime().deliver(SocketEpoch(1), cut);
    let is_lost = || hooked.renders.all()[before..].iter().any(|connection| !connection.state().is_live());
    wait_until("the loss", is_lost).await;
    hooked.handle().retry_now();
    hooked.until("a live connection", |connection| connection.state().is_live()).await;
    assert!(hooked.renders.all()[before..].iter().all(|connection| !connection.is_stale()));
}
