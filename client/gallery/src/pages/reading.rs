//! The pages of the hooks that read.

use std::{rc::Rc, time::Duration};

use serde_json::{Value, json};
use tideboard_client::hooks::{
    UseNotificationsOptions, UsePresenceOptions, UseStreamOptions, use_channel, use_entity, use_feed, use_feeds,
    use_notifications_with_options, use_presence_with_options, use_realtime, use_store, use_store_with,
    use_stream_with_options,
};
use tideboard_shared::{
    Channel, Topic,
    message::{Level, Subscribe},
};
use tideboard_ui::{Series, format::Unit, widgets::TimeSeries};
use yew::prelude::*;

use super::controls::{Choice, Demo, NumberField, Toggle, act, board, logged, use_log};

const TOPICS: &[&str] = &["host.cpu", "host.memory", "host.network.rx"];

fn topic(at: usize) -> Topic {
    TOPICS[at].parse().expect("a valid name")
}

#[component]
pub(super) fn EntityPage() -> Html {
    const IDS: &[&str] = &["welcome", "counter", "nothing"];
    let id = use_state(|| 0);
    let entity = use_entity::<Value>(board(), IDS[*id].into());
    let facts = vec![
        ("value", entity.value().map_or_else(|| "–".to_owned(), ToString::to_string)),
        ("error", format!("{:?}", entity.error())),
        ("pending", entity.pending().to_string()),
        ("seen", entity.seen().0.0.to_string()),
    ];
    let controls = html! { <Choice label="entity" names={IDS} value={id} /> };
    html! { <Demo about="One entity of a board; renders only when it changes." {controls} {facts} /> }
}

#[component]
pub(super) fn StreamPage() -> Html {
    let name = use_state(|| 0);
    let history = use_state(|| 300);
    let rate = use_state(|| 0);
    let window = use_state(|| 60);
    let options = UseStreamOptions {
        history: *history,
        max_rate_hz: (*rate > 0).then(|| f64::from(*rate)),
        window: Duration::from_secs((*window).into()),
    };
    let stream = use_stream_with_options(topic(*name), options);
    let facts = vec![
        ("latest", format!("{:?}", stream.latest())),
        ("points", stream.points().len().to_string()),
        ("is_thinned", stream.is_thinned().to_string()),
    ];
    let controls = html! {
        <>
            <Choice label="topic" names={TOPICS} value={name} />
            <NumberField label="history, points" value={history} />
            <NumberField label="max_rate_hz, 0: none" value={rate} />
            <NumberField label="window, s" value={window} />
        </>
    };
    html! { <Demo about="The latest point of a stream; renders once for every message." {controls} {facts} /> }
}

#[component]
pub(super) fn FeedPage() -> Html {
    let name = use_state(|| 0);
    let feed = use_feed(topic(*name), UseStreamOptions::default());
    let series: Rc<Rc<[Series]>> =
        use_memo((feed, *name), |(feed, at)| Rc::from([Series::new(TOPICS[*at], feed.clone())]));
    let unit = [Unit::Ratio, Unit::Bytes, Unit::BytesPerSecond][*name];
    let controls = html! { <Choice label="topic" names={TOPICS} value={name} /> };
    html! {
        <Demo about="A stream for a chart: no render, however many points arrive." {controls}>
            <TimeSeries title="Stream" series={Rc::clone(&*series)} {unit} />
        </Demo>
    }
}

#[component]
pub(super) fn FeedsPage() -> Html {
    let count = use_state(|| 2);
    let names = &TOPICS[..(*count as usize).clamp(1, TOPICS.len())];
    let feeds = use_feeds((0..names.len()).map(topic).collect(), UseStreamOptions::default());
    let series: Rc<Rc<[Series]>> = use_memo((feeds, names), |(feeds, names)| {
        names.iter().zip(feeds.iter()).map(|(name, feed)| Series::new(*name, feed.clone())).collect()
    });
    let controls = html! { <NumberField label="topics" value={count} /> };
    html! {
        <Demo about="Several streams for one chart: no render, however many points arrive." {controls}>
            <TimeSeries title="Streams" series={Rc::clone(&*series)} unit={Unit::Plain} />
        </Demo>
    }
}

#[component]
pub(super) fn Presence() -> Html {
    let is_seen = use_state(|| true);
    let place = use_state(|| 0);
    const PLACES: &[&str] = &["orders", "note", "chart"];
    let state = is_seen.then(|| json!({ "looks_at": PLACES[*place] }));
    let people = use_presence_with_options(board(), UsePresenceOptions { state });
    let facts = vec![
        ("members", people.members().len().to_string()),
        ("me", format!("{:?}", people.me().map(|me| &me.state))),
        (
            "others",
            people.others().map(|other| format!("{}: {}", other.user, other.state)).collect::<Vec<_>>().join(", "),
        ),
    ];
    let a = people.clone();
    let b = people;
    let actions = html! {
        <>
            { act("Show another state", move || a.set_state(json!({ "looks_at": "something else" }))) }
            { act("Leave", move || b.leave()) }
        </>
    };
    let controls =
        html! { <><Toggle label="be seen" value={is_seen} /><Choice label="state" names={PLACES} value={place} /></> };
    html! {
        <Demo about="Who is on the board, and what they do there. Open this page twice." {controls} {facts} {actions} />
    }
}

#[component]
pub(super) fn Notifications() -> Html {
    let (log, add) = use_log();
    let level = use_state(|| 0);
    let max = use_state(|| 100);
    let options = UseNotificationsOptions {
        min_level: [Level::Info, Level::Success, Level::Warning, Level::Error][*level],
        max: *max as usize,
        on_notification: logged(&add, |notification| format!("told: {notification:?}")),
    };
    let notifications = use_notifications_with_options(options);
    let facts =
        notifications.list().iter().map(|n| ("", format!("{}: {} {}", n.id, n.title, n.body))).collect::<Vec<_>>();
    let actions = act("Dismiss all", move || notifications.dismiss_all());
    let controls = html! {
        <>
            <Choice label="min_level" names={&["info", "success", "warning", "error"][..]} value={level} />
            <NumberField label="max" value={max} />
        </>
    };
    html! {
        <Demo about="What the server wants people to know: POST /api/notifications sends one." {controls} {facts}
            {actions} {log} />
    }
}

#[component]
pub(super) fn Store() -> Html {
    let pending = use_store(|reader| reader.sync().pending);
    let facts = vec![("reader.sync().pending", pending.to_string())];
    html! {
        <Demo about="Any selection from what the engine knows; renders only when the selected value changes." {facts} />
    }
}

#[component]
pub(super) fn StoreWith() -> Html {
    let name = use_state(|| 0);
    use_channel(Channel::Stream(topic(*name)).into());
    let latest = use_store_with(topic(*name), |reader, topic| reader.stream(topic)?.latest());
    let facts = vec![("reader.stream(topic)?.latest()", format!("{latest:?}"))];
    let controls = html! { <Choice label="topic" names={TOPICS} value={name} /> };
    html! {
        <Demo about="A selection that depends on something: when that changes, it starts anew." {controls} {facts} />
    }
}

#[component]
pub(super) fn ChannelPage() -> Html {
    let name = use_state(|| 0);
    let rate = use_state(|| 0);
    let channel = Channel::Stream(topic(*name));
    let max_rate_hz = (*rate > 0).then(|| f64::from(*rate));
    use_channel(Subscribe { max_rate_hz, ..channel.clone().into() });
    let status = use_store_with(channel, |reader, channel| reader.channel(channel).map(|view| view.status));
    let facts = vec![("status", format!("{status:?}"))];
    let controls = html! {
        <>
            <Choice label="channel" names={TOPICS} value={name} />
            <NumberField label="max_rate_hz, 0: none" value={rate} />
        </>
    };
    html! { <Demo about="Keeps a channel subscribed while the component is mounted." {controls} {facts} /> }
}

#[component]
pub(super) fn RealtimePage() -> Html {
    let realtime = use_realtime();
    let update = use_force_update();
    let facts = vec![("usage", format!("{:?}", realtime.usage())), ("now", format!("{:?}", realtime.now()))];
    let actions = act("Read again", move || update.force_update());
    html! { <Demo about="The way to the server, for what no hook does." {facts} {actions} /> }
}
