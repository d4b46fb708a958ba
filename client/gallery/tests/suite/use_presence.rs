//! `use_presence` against the real server.

use serde_json::{Value, json};
use tideboard_client::hooks::{UsePresenceHandle, UsePresenceOptions, use_presence_with_options};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::{
    page::frames,
    probe::{Hooked, ProbeProps, board, hooked},
};

#[component]
fn People(props: &ProbeProps<UsePresenceOptions, UsePresenceHandle>) -> Html {
    props.probe.renders.note(use_presence_with_options(board(), props.probe.options.clone()));
    Html::default()
}

type User = Hooked<People, UsePresenceOptions, UsePresenceHandle>;

/// User who shows this state.
async fn user(state: Option<Value>) -> User {
    let user = hooked(UsePresenceOptions { state }).await;
    user.live().await;
    user
}

/// A state that no other test shows.
fn state(what: &str) -> Value {
    json!({ "what": what, "test": js_sys::Math::random() })
}

fn sees(people: &UsePresenceHandle, state: &Value) -> bool {
    people.others().any(|member| member.state == *state)
}

#[wasm_bindgen_test]
async fn others_come_change_and_go() {
    let first = state("first");
    let second = state("second");
    let ann = user(None).await;
    let mut bob = user(Some(first.clone())).await;
    ann.until("bob", |people| sees(people, &first)).await;
    bob.until("himself", |people| people.me().is_some_and(|me| me.state == first)).await;
    assert!(ann.handle().me().is_none() && ann.handle().state().is_none(), "ann only watches");
    bob.set_options(UsePresenceOptions { state: Some(second.clone()) });
    ann.until("bob elsewhere", |people| sees(people, &second) && !sees(people, &first)).await;
    let third = state("third");
    bob.handle().set_state(third.clone());
    ann.until("bob where he says", |people| sees(people, &third)).await;
    bob.handle().leave();
    ann.until("no bob", |people| !sees(people, &third)).await;
    bob.unmount();
}

#[wasm_bindgen_test]
async fn who_comes_later_sees_who_is_there_and_a_lost_connection_changes_nothing() {
    let shown = state("first");
    let bob = user(Some(shown.clone())).await;
    let ann = user(None).await;
    ann.until("bob", |people| sees(people, &shown)).await;
    bob.realtime().disconnect();
    bob.until("nobody", |people| people.members().is_empty()).await;
    bob.realtime().connect();
    bob.until("himself", |people| people.me().is_some_and(|me| me.state == shown)).await;
    ann.until("bob", |people| sees(people, &shown)).await;
}

#[wasm_bindgen_test]
async fn a_component_that_goes_takes_its_state_along_and_renders_come_with_changes_only() {
    let shown = state("first");
    let ann = user(None).await;
    let bob = user(Some(shown.clone())).await;
    ann.until("bob", |people| sees(people, &shown)).await;
    frames(10).await;
    let before = ann.handle();
    let renders = ann.renders.len();
    bob.handle().set_state(shown.clone());
    frames(20).await;
    let changed = ann.handle() != before;
    assert!(changed || ann.renders.len() == renders, "the same state is no reason to render");
    bob.set_options(UsePresenceOptions { state: None });
    ann.until("no bob", |people| !sees(people, &shown)).await;
}
