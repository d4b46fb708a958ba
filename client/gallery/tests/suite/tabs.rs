//! Several tabs of one browser: one connection, and nothing lost when the one that has it goes.

use gloo::utils::{document, window};
use js_sys::Function;
use tideboard_engine::{BoardStatus, Config, config::millis};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Event, PageTransitionEvent, PageTransitionEventInit};

use crate::{
    client::{Client, fresh_user},
    page::{SERVER, frames, wait_until},
};

/// A leader and one that follows it.
async fn two(user: &str) -> (Client, Client) {
    let leader = Client::live(user).await;
    let follower = Client::live(user).await;
    wait_until("both to know of each other", || leader.tabs() == 2 && follower.tabs() == 2).await;
    assert!(leader.is_leader() && !follower.is_leader());
    (leader, follower)
}

#[wasm_bindgen_test]
async fn what_one_tab_does_the_others_show_before_the_server_has_it() {
    let (leader, follower) = two(&fresh_user()).await;
    let id = follower.create();
    wait_until("the counter at the leader", || leader.count(&id) == Some(0)).await;
    leader.add(&id, 1);
    follower.add(&id, 2);
    for tab in [&leader, &follower] {
        tab.confirms(&id, 3).await;
    }
    assert_eq!((leader.ends.len(), follower.ends.len()), (1, 2), "each hears of its own edits");
}

#[wasm_bindgen_test]
async fn the_next_tab_takes_over_when_the_leading_one_is_closed() {
    let (leader, follower) = two(&fresh_user()).await;
    let id = follower.create();
    follower.saved().await;
    drop(leader);
    follower.add(&id, 1);
    wait_until("the lead", || follower.is_leader()).await;
    follower.confirms(&id, 1).await;
    assert_eq!(follower.tabs(), 1);
}

#[wasm_bindgen_test]
async fn edits_that_were_made_offline_go_out_with_whichever_tab_is_left() {
    let (leader, follower) = two(&fresh_user()).await;
    let id = leader.create();
    leader.saved().await;
    leader.realtime.disconnect();
    wait_until("no connection", || !follower.is_connected()).await;
    leader.add(&id, 1);
    follower.add(&id, 2);
    wait_until("both edits in both tabs", || leader.count(&id) == Some(3) && follower.count(&id) == Some(3)).await;
    drop(leader);
    follower.realtime.connect();
    follower.confirms(&id, 3).await;
}

/// Takes the lead of a user's tabs by force, without leading; gives it up when the returned function is called.
fn rob(user: &str) -> Function {
    let script = format!(
        "(() => {{
            let release;
            const held = new Promise((resolve) => {{ release = resolve; }});
            navigator.locks.request('tideboard {SERVER} {user} lead', {{ steal: true }}, () => held).catch(() => {{}});
            return release;
        }})()"
    );
    js_sys::eval(&script).unwrap().unchecked_into()
}

/// Settings of tabs that soon lose their patience.
fn impatient() -> Config {
    let mut config = Config::default();
    config.tabs.heartbeat = millis(100);
    config.tabs.leader_timeout = millis(500);
    config
}

#[wasm_bindgen_test]
async fn the_lead_is_taken_from_a_tab_that_does_not_answer() {
    let user = fresh_user();
    // It holds the lock, and says nothing.
    let _release = rob(&user);
    let client = Client::with(&user, impatient()).await;
    wait_until("a live board", || client.status() == Some(BoardStatus::Live)).await;
    assert!(client.is_leader());
    let id = client.create();
    client.confirms(&id, 0).await;
}

#[wasm_bindgen_test]
async fn a_tab_that_was_robbed_follows_until_it_may_lead_again() {
    let user = fresh_user();
    let mut patient = Config::default();
    patient.tabs.leader_timeout = millis(600_000);
    let client = Client::with(&user, patient).await;
    wait_until("a live board", || client.status() == Some(BoardStatus::Live)).await;
    let id = client.create();
    client.saved().await;
    let release = rob(&user);
    wait_until("the loss of the lead", || !client.is_leader()).await;
    client.add(&id, 1);
    frames(10).await;
    assert_eq!((client.is_leader(), client.sync().pending), (false, 1));
    release.call0(&JsValue::UNDEFINED).unwrap();
    wait_until("the lead", || client.is_leader()).await;
    client.confirms(&id, 1).await;
}

#[wasm_bindgen_test]
async fn a_page_that_sleeps_lets_go_and_comes_back_where_it_was() {
    let (leader, follower) = two(&fresh_user()).await;
    let id = leader.create();
    leader.saved().await;
    let freeze = Event::new("freeze").unwrap();
    // Both are on this page, and go to sleep together.
    document().dispatch_event(&freeze).unwrap();
    wait_until("no connection", || !leader.is_connected() && !follower.is_connected()).await;
    leader.add(&id, 1);
    frames(5).await;
    document().dispatch_event(&Event::new("resume").unwrap()).unwrap();
    for tab in [&leader, &follower] {
        tab.confirms(&id, 1).await;
        wait_until("a live board", || tab.status() == Some(BoardStatus::Live)).await;
    }
    assert!(leader.is_leader() != follower.is_leader());
}

#[wasm_bindgen_test]
async fn a_page_comes_back_from_the_cache_of_the_browser() {
    let (leader, follower) = two(&fresh_user()).await;
    let turn = |name: &str| {
        let init = PageTransitionEventInit::new();
        init.set_persisted(true);
        window().dispatch_event(&PageTransitionEvent::new_with_event_init_dict(name, &init).unwrap()).unwrap();
    };
    turn("pagehide");
    wait_until("no connection", || !leader.is_connected() && !follower.is_connected()).await;
    turn("pageshow");
    wait_until("a connection", || leader.is_connected() && follower.is_connected()).await;
}

#[wasm_bindgen_test]
async fn a_tab_that_closes_its_provider_does_not_close_the_connection_of_the_others() {
    let (leader, follower) = two(&fresh_user()).await;
    drop(follower);
    frames(10).await;
    assert!(leader.is_connected());
}
