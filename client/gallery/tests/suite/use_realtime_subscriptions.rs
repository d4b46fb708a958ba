//! `use_realtime_subscriptions` against the real server.

use std::time::Duration;

use tideboard_client::hooks::{
    UseRealtimeSubscriptionsHandle, UseRealtimeSubscriptionsOptions, use_realtime_subscriptions,
};
use tideboard_engine::{ChannelStatus, PlanTab};
use tideboard_shared::{Channel, DeniedReason};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::{
    page::{frames, wait_until},
    probe::{Hooked, ProbeProps, hooked},
};

type Options = (Option<&'static str>, UseRealtimeSubscriptionsOptions);

#[component]
fn Tabs(props: &ProbeProps<Options, UseRealtimeSubscriptionsHandle>) -> Html {
    let (tab, options) = props.probe.options.clone();
    props.probe.renders.note(use_realtime_subscriptions(tab, options));
    Html::default()
}

type Page = Hooked<Tabs, Options, UseRealtimeSubscriptionsHandle>;

fn channel(name: &str) -> Channel {
    name.parse().unwrap()
}

fn options() -> UseRealtimeSubscriptionsOptions {
    let tab = |name: &str, wish: &str| PlanTab { name: name.to_owned(), requests: vec![channel(wish).into()] };
    UseRealtimeSubscriptionsOptions {
        map: vec![tab("board", "board:main"), tab("cpu", "stream:host.cpu"), tab("none", "board:nowhere")],
        debounce: Some(Duration::from_millis(10)),
        linger: Some(Duration::ZERO),
        ..Default::default()
    }
}

fn is_active(tabs: &UseRealtimeSubscriptionsHandle, name: &str) -> bool {
    tabs.status(&channel(name)) == Some(&ChannelStatus::Active)
}

async fn page() -> Page {
    let page = hooked((Some("board"), options())).await;
    page.until("the board", |tabs| is_active(tabs, "board:main")).await;
    page
}

#[wasm_bindgen_test]
async fn only_the_channels_of_the_active_tab_are_wanted() {
    let page = page().await;
    assert_eq!(page.handle().active(), Some("board"));
    page.set_options((Some("cpu"), options()));
    page.until("the stream", |tabs| is_active(tabs, "stream:host.cpu")).await;
    let tabs = page.until("no board", |tabs| tabs.status(&channel("board:main")).is_none()).await;
    assert_eq!((tabs.active(), tabs.next(), tabs.lingering().len()), (Some("cpu"), None, 0));
    wait_until("points", || {
        let view = page.handle().by_channel().into_iter().find(|view| view.channel == channel("stream:host.cpu"));
        view.is_some_and(|view| view.metrics.received > 0 && view.metrics.bytes > 0)
    })
    .await;
    let totals = page.handle().metrics();
    assert!(totals.received >= totals.delivered && totals.bytes > 0 && totals.coalesced == 0);
    let renders = page.renders.len();
    frames(70).await;
    assert_eq!(page.renders.len(), renders, "what comes through renders nothing");
    page.set_options((None, options()));
    page.until("nothing", |tabs| tabs.status(&channel("stream:host.cpu")).is_none() && tabs.active().is_none()).await;
}

#[wasm_bindgen_test]
async fn a_pinned_channel_stays_and_neighbours_come_ahead() {
    let page = page().await;
    page.handle().pin(channel("board:main"));
    page.set_options((Some("cpu"), options()));
    let tabs = page.until("the stream", |tabs| is_active(tabs, "stream:host.cpu")).await;
    assert!(is_active(&tabs, "board:main") && tabs.pinned() == [channel("board:main")]);
    tabs.unpin(&channel("board:main"));
    page.until("no board", |tabs| tabs.status(&channel("board:main")).is_none()).await;
    page.set_options((Some("cpu"), UseRealtimeSubscriptionsOptions { prefetch: Some(1), ..options() }));
    page.until("the neighbour", |tabs| is_active(tabs, "board:main")).await;
}

#[wasm_bindgen_test]
async fn a_tab_that_was_left_lingers_and_one_that_is_denied_says_why() {
    let lingering = UseRealtimeSubscriptionsOptions { linger: Some(Duration::from_secs(60)), ..options() };
    let page = hooked::<Tabs, Options, UseRealtimeSubscriptionsHandle>((Some("board"), lingering.clone())).await;
    page.until("the board", |tabs| is_active(tabs, "board:main")).await;
    page.set_options((Some("none"), lingering));
    let tabs = page.until("the denial", |tabs| !tabs.denied().is_empty()).await;
    assert_eq!(tabs.denied(), [(&channel("board:nowhere"), &DeniedReason::UnknownBoard)]);
    assert_eq!(tabs.lingering(), ["board"]);
    assert_eq!(tabs.status(&channel("board:main")), Some(&ChannelStatus::Lingering));
}

#[wasm_bindgen_test]
async fn all_wishes_go_with_the_component() {
    let mut page = page().await;
    let realtime = page.realtime();
    page.unmount();
    wait_until("no wishes", || realtime.read(|reader| reader.channels()).is_empty()).await;
}
