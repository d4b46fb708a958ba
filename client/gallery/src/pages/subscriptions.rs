//! The page of the hook that follows the user from tab to tab.

use std::time::Duration;

use tideboard_client::hooks::{UseRealtimeSubscriptionsOptions, use_realtime_subscriptions};
use tideboard_engine::{ChannelView, PlanTab};
use tideboard_shared::Channel;
use yew::prelude::*;

use super::controls::{Choice, Demo, NumberField, Toggle, act};

const TABS: &[&str] = &["board", "machine", "people", "forbidden"];

fn map() -> Vec<PlanTab> {
    let channels = ["board:main", "stream:host.*", "presence:main", "board:nowhere"];
    let tab = |(name, channel): (&&str, &str)| PlanTab {
        name: (*name).to_owned(),
        requests: vec![channel.parse::<Channel>().expect("a valid channel").into()],
    };
    TABS.iter().zip(channels).map(tab).collect()
}

#[component]
pub(super) fn RealtimeSubscriptions() -> Html {
    let tab = use_state(|| 0);
    let debounce = use_state(|| 100);
    let linger = use_state(|| 5_000);
    let prefetch = use_state(|| 0);
    let visible_only = use_state(|| false);
    let millis = |value: u32| Some(Duration::from_millis(value.into()));
    let subscriptions = use_realtime_subscriptions(
        Some(TABS[*tab]),
        UseRealtimeSubscriptionsOptions {
            map: map(),
            debounce: millis(*debounce),
            linger: millis(*linger),
            prefetch: Some(*prefetch as usize),
            visible_only: *visible_only,
        },
    );
    let update = use_force_update();
    let facts = vec![
        ("active", format!("{:?}", subscriptions.active())),
        ("next", format!("{:?}", subscriptions.next())),
        ("lingering", format!("{:?}", subscriptions.lingering())),
        ("pinned", format!("{:?}", subscriptions.pinned())),
        ("denied", format!("{:?}", subscriptions.denied())),
        ("metrics", format!("{:?}", subscriptions.metrics())),
    ];
    let a = subscriptions.clone();
    let b = subscriptions.clone();
    let machine: Channel = "stream:host.*".parse().expect("a valid channel");
    let same = machine.clone();
    let actions = html! {
        <>
            { act("Pin the machine", move || a.pin(machine.clone())) }
            { act("Unpin it", move || b.unpin(&same)) }
            { act("Read the counts again", move || update.force_update()) }
        </>
    };
    let row = |view: ChannelView| {
        let ChannelView { channel, status, metrics, .. } = view;
        html! {
            <tr>
                <td>{ channel.to_string() }</td><td>{ format!("{status:?}") }</td>
                <td>{ format!("{} received, {} bytes", metrics.received, metrics.bytes) }</td>
            </tr>
        }
    };
    let rows: Html = subscriptions.by_channel().into_iter().map(row).collect();
    let controls = html! {
        <>
            <Choice label="active_tab" names={TABS} value={tab} />
            <NumberField label="debounce, ms" value={debounce} />
            <NumberField label="linger, ms" value={linger} />
            <NumberField label="prefetch, tabs" value={prefetch} />
            <Toggle label="visible_only" value={visible_only} />
        </>
    };
    html! {
        <Demo about="Only what is looked at is subscribed to." {controls} {facts} {actions}>
            <table>{ rows }</table>
        </Demo>
    }
}
