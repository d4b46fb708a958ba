//! The development panel: each fault has its effect, healing ends it, nothing is lost and everything is applied once.

use gloo::utils::window;
use js_sys::{Function, Promise};
use tideboard_engine::{
    ConnectionState, EditEnd, Refused, StorageStatus,
    devtools::{Functions, Recording},
};
use tideboard_shared::{Action, Channel, Topic};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlInputElement};

use crate::{
    client::{Client, fresh_user, main},
    page::{frames, wait_until},
};

mod bench;

use bench::{Bench, impatient, tell};

#[wasm_bindgen_test]
async fn a_cut_network_keeps_edits_until_it_is_healed_and_they_are_applied_once() {
    let bench = Bench::live().await;
    let other = Client::live(&fresh_user()).await;
    let id = bench.create().await;
    bench.check("Cut the network");
    bench.breaks("Network cut").await;
    assert!(!bench.is_connected());
    bench.add(&id, 1);
    bench.realtime.reconnect_now();
    frames(20).await;
    assert!(!bench.is_connected() && bench.pending() == 1, "new sockets fail as well: {:?}", bench.state());
    bench.heals().await;
    bench.confirms(&id, 1).await;
    wait_until("the edit at others", || other.confirmed_count(&id) == Some(1)).await;
}

#[wasm_bindgen_test]
async fn latency_delays_both_ways_in_order_and_ends_at_once() {
    let bench = Bench::live().await;
    let id = bench.create().await;
    bench.slide("Latency, each way", 400);
    bench.breaks("400 ms late").await;
    let start = js_sys::Date::now();
    for title in ["a", "b", "c"] {
        bench.apply(&id, Action::set([("title", title)]));
        frames(1).await;
    }
    bench.saved().await;
    let took = js_sys::Date::now() - start;
    assert!(took >= 800.0, "there and back: {took}");
    let title = || bench.confirmed(&id, "title", |title| title.as_str().map(str::to_owned));
    wait_until("the last title", || title().as_deref() == Some("c")).await;
    bench.slide("Latency, each way", 5_000);
    bench.breaks("5 s late").await;
    bench.add(&id, 1);
    frames(10).await;
    assert_eq!(bench.pending(), 1);
    let start = js_sys::Date::now();
    bench.heals().await;
    bench.confirms(&id, 1).await;
    assert!(js_sys::Date::now() - start < 4_000.0, "what was under way did not wait on");
}

#[wasm_bindgen_test]
async fn what_gets_lost_on_its_way_to_the_server_is_repeated() {
    let bench = Bench::live().await;
    let other = Client::live(&fresh_user()).await;
    let id = bench.create().await;
    bench.slide("Frames lost to the server", 100);
    bench.breaks("100% lost to the server").await;
    bench.add(&id, 1);
    wait_until("a lost frame", || !bench.all("tr[data-way='out'][data-fate='lost']").is_empty()).await;
    assert_eq!(bench.pending(), 1);
    bench.heals().await;
    bench.confirms(&id, 1).await;
    wait_until("the edit at others", || other.confirmed_count(&id) == Some(1)).await;
}

#[wasm_bindgen_test]
async fn what_gets_lost_on_its_way_here_leaves_a_hole_that_is_filled() {
    let bench = Bench::live().await;
    let other = Client::live(&fresh_user()).await;
    let id = bench.create().await;
    wait_until("the counter at others", || other.count(&id).is_some()).await;
    bench.slide("Frames lost from the server", 100);
    bench.breaks("100% lost from the server").await;
    // The server applies this one, and its answer gets lost.
    bench.add(&id, 1);
    wait_until("the edit at others", || other.confirmed_count(&id) == Some(1)).await;
    other.add(&id, 10);
    other.saved().await;
    assert_eq!((bench.pending(), bench.confirmed(&id, "count", serde_json::Value::as_i64)), (1, Some(0)));
    bench.heals().await;
    // Nothing tells that something was missed but what comes next.
    other.add(&id, 100);
    bench.confirms(&id, 111).await;
    wait_until("the same at others", || other.confirmed_count(&id) == Some(111)).await;
}

#[wasm_bindgen_test]
async fn an_expired_token_keeps_edits_until_it_is_good_again() {
    let bench = Bench::live().await;
    let id = bench.create().await;
    bench.press("Expire the token");
    wait_until("the wish for a token", || bench.state() == ConnectionState::NeedsAuth).await;
    bench.says("The token has expired").await;
    bench.add(&id, 1);
    frames(10).await;
    assert_eq!((bench.state(), bench.pending()), (ConnectionState::NeedsAuth, 1));
    bench.heals().await;
    bench.confirms(&id, 1).await;
    bench.press("Expire the token");
    wait_until("the wish for a token", || bench.state() == ConnectionState::NeedsAuth).await;
    bench.realtime.set_token("fresh");
    bench.is_live_again().await;
}

#[wasm_bindgen_test]
async fn a_full_storage_lets_edits_out_of_memory_or_makes_them_wait_for_a_number() {
    let bench = Bench::live().await;
    let id = bench.create().await;
    bench.choose("Storage quota", "rows");
    bench.breaks("Storage full").await;
    bench.add(&id, 1);
    wait_until("the warning", || bench.storage() == StorageStatus::QuotaExceeded).await;
    bench.confirms(&id, 1).await;
    bench.choose("Storage quota", "everything");
    frames(3).await;
    bench.add(&id, 10);
    frames(20).await;
    assert_eq!((bench.pending(), bench.storage()), (1, StorageStatus::QuotaExceeded));
    bench.heals().await;
    bench.confirms(&id, 11).await;
    bench.add(&id, 100);
    bench.confirms(&id, 111).await;
    assert_eq!(bench.storage(), StorageStatus::Persisted);
}

#[wasm_bindgen_test]
async fn the_lead_goes_to_the_next_tab_and_comes_back_and_no_edit_is_lost_on_the_way() {
    let user = fresh_user();
    let bench = Bench::with(&user, impatient()).await;
    let next = Client::live(&user).await;
    wait_until("both to know of each other", || next.tabs() == 2 && !next.is_leader()).await;
    let leads = || bench.realtime.read(|reader| reader.connection().is_leader);
    let id = bench.create().await;
    bench.add(&id, 1);
    bench.press("Kill the leading tab");
    bench.says("let go of the lead").await;
    next.add(&id, 10);
    wait_until("the lead", || next.is_leader() && !leads()).await;
    next.confirms(&id, 11).await;
    bench.confirms(&id, 11).await;
    bench.press("Kill the leading tab");
    bench.says("lost its lead to this one").await;
    next.add(&id, 100);
    wait_until("the lead", || leads() && !next.is_leader()).await;
    for confirmed in [111, 111] {
        bench.confirms(&id, confirmed).await;
        next.confirms(&id, confirmed).await;
    }
}

#[wasm_bindgen_test]
async fn a_forced_conflict_comes_between_an_edit_and_the_server_and_then_no_more() {
    let bench = Bench::live().await;
    let id = bench.create().await;
    let words = "Force a conflict on my next change";
    wait_until("the board's name", || !bench.is_disabled(words)).await;
    bench.press(words);
    bench.says("Waiting for your next change").await;
    // What cannot meet a conflict goes its way.
    bench.add(&id, 1);
    bench.confirms(&id, 1).await;
    bench.apply(&id, Action::set([("title", "changed")]));
    bench.says("Someone else was faster").await;
    bench.saved().await;
    assert!(matches!(bench.ends.last(), EditEnd::Refused(Refused::Conflict(_))), "{:?}", bench.ends.all());
    let title = || bench.confirmed(&id, "title", |title| title.as_str().map(str::to_owned));
    wait_until("their title", || title().as_deref() == Some("changed, said someone else")).await;
    wait_until("the end of it", || bench.button(words).get_attribute("aria-pressed").as_deref() == Some("false")).await;
    bench.apply(&id, Action::set([("title", "again")]));
    bench.saved().await;
    assert!(matches!(bench.ends.last(), EditEnd::Applied { .. }));
    // One that is called off forces nothing.
    bench.press(words);
    wait_until("the wish", || bench.button(words).get_attribute("aria-pressed").as_deref() == Some("true")).await;
    bench.heals().await;
    bench.apply(&id, Action::set([("title", "at last")]));
    bench.saved().await;
    assert!(matches!(bench.ends.last(), EditEnd::Applied { .. }));
}

#[wasm_bindgen_test]
async fn somebody_else_places_orders_and_publishes() {
    let bench = Bench::live().await;
    let topic: Topic = "demo.wave".parse().unwrap();
    let _stream = bench.realtime.subscribe(Channel::Stream(topic.clone()).into());
    let orders = || bench.realtime.read(|reader| reader.entities(&main(), "order"));
    let before = orders().len();
    wait_until("the board's name", || !bench.is_disabled("Place an order")).await;
    bench.press("Place an order");
    bench.says("Someone else placed an order").await;
    wait_until("an order", || orders().len() > before).await;
    bench.press("Move an order on");
    bench.says("Someone else made an order").await;
    assert_eq!(bench.ends.len(), 0, "nothing of it is this tab's");
    let points = || bench.realtime.read(|reader| reader.stream(&topic).map_or(0, |ring| ring.points().len()));
    bench.check("10 points a second");
    wait_until("points", || points() >= 3).await;
    bench.heals().await;
    frames(20).await;
    let after = points();
    frames(30).await;
    assert_eq!(points(), after, "they have left");
}

#[wasm_bindgen_test]
async fn faults_end_with_the_panel() {
    let bench = Bench::live().await;
    bench.check("Cut the network");
    bench.breaks("Network cut").await;
    bench.choose("Storage quota", "everything");
    bench.slide("Frames lost to the server", 100);
    bench.breaks("100% lost").await;
    bench.setter.last().set(false);
    bench.is_live_again().await;
    let id = bench.create().await;
    bench.add(&id, 1);
    bench.confirms(&id, 1).await;
    assert_eq!(bench.storage(), StorageStatus::Persisted);
}

#[wasm_bindgen_test]
async fn the_log_shows_what_passes_and_can_be_filtered_stopped_and_emptied() {
    let bench = Bench::live().await;
    let id = bench.create().await;
    let rows = |selector: &str| bench.all(&format!(".demo-rows tbody tr{selector}")).len();
    wait_until("frames both ways", || rows("[data-way='in']") > 0 && rows("[data-way='out']") > 0).await;
    let log: Element = bench.find("[role='log']");
    assert_eq!(log.get_attribute("aria-live").as_deref(), Some("off"), "nobody is read every frame");
    bench.choose("Direction", "out");
    wait_until("one way alone", || rows("[data-way='in']") == 0 && rows("[data-way='out']") > 0).await;
    let filter: HtmlInputElement = bench.find("input[aria-label='Show frames with this text']");
    filter.set_value(id.as_str());
    tell(&filter, "input");
    wait_until("the edit's frame", || rows("") == 1).await;
    bench.all(".demo-kind")[0].click();
    wait_until("its text", || bench.all(".demo-json pre").len() == 1).await;
    assert!(bench.find::<Element>(".demo-json pre").text_content().unwrap().contains("\"type\": \"submit\""));
    bench.press("Pause");
    wait_until("a stop", || bench.button("Pause").get_attribute("aria-pressed").as_deref() == Some("true")).await;
    bench.add(&id, 1);
    bench.saved().await;
    frames(20).await;
    assert_eq!(rows("[data-way]"), 1, "it stands still");
    bench.press("Pause");
    wait_until("the next", || rows("[data-way]") == 2).await;
    bench.press("Clear");
    wait_until("nothing", || rows("") == 0).await;
}

/// Catches what a page would save; gives the address of it.
const CATCH: &str = "(() => {
    const { click } = HTMLElement.prototype;
    let saved;
    HTMLElement.prototype.click = function () { if (this.download) saved = this.href; else click.call(this); };
    return () => { HTMLElement.prototype.click = click; return saved; };
})()";

#[wasm_bindgen_test]
async fn the_session_can_be_saved_and_replays() {
    let mut config = impatient();
    config.features.devtools = true;
    let bench = Bench::with(&fresh_user(), config).await;
    let id = bench.create().await;
    let caught: Function = js_sys::eval(CATCH).unwrap().unchecked_into();
    bench.press("Download the session");
    let address = caught.call0(&JsValue::UNDEFINED).unwrap().as_string().unwrap();
    bench.says("The session was saved").await;
    let response: web_sys::Response = get(window().fetch_with_str(&address)).await.unchecked_into();
    let text = get(response.text().unwrap()).await.as_string().unwrap();
    let replay = Recording::from_json(&text).unwrap().replay(&Functions::default());
    let confirmed = replay.engine.confirmed(&main(), &id).expect("what the user made is there");
    assert_eq!(confirmed.fields["count"], 0);
}

#[wasm_bindgen_test]
async fn a_session_that_is_not_recorded_cannot_be_saved() {
    let bench = Bench::live().await;
    assert!(bench.is_disabled("Download the session"));
}

async fn get(promise: Promise) -> JsValue {
    JsFuture::from(promise).await.unwrap()
}
