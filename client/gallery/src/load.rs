//! Pages for measuring the cost under load: fifty widgets at once, each with a stream of its own; or one chart with
//! very many points; or a table of all orders.

use std::{rc::Rc, time::Duration};

use gloo::utils::window;
use tideboard_client::{
    Feed, RealtimeProvider,
    hooks::{UseStreamOptions, WidgetStatus, use_feed, use_stream},
};
use tideboard_engine::Config;
use tideboard_shared::{Topic, UnixMs};
use tideboard_ui::{
    Series,
    components::{AppShell, SyncIndicator, WidgetFrame},
    format::number,
    widgets::{Stat, TimeSeries},
};
use yew::prelude::*;
use yew_hooks::use_interval;

mod table;

/// Number of widgets, half of each kind; `?widgets=N` sets another.
const WIDGETS: usize = 50;
/// Number of series that the points of `?points=N` are divided among.
const SERIES: usize = 8;
/// Time span of the chart with very many points.
const WINDOW: Duration = Duration::from_secs(3_600);

#[derive(Debug, Clone, PartialEq, Properties)]
struct WidgetProps {
    topic: Topic,
}

/// Page under load that the address asks for.
#[component]
pub(crate) fn LoadPage() -> Html {
    if window().location().search().is_ok_and(|query| query == "?rows") {
        return html! { <table::TablePage /> };
    }
    match asked("points", 1_000_000) {
        Some(points) => html! { <ManyPoints {points} /> },
        None => html! { <ManyWidgets count={asked("widgets", 1_000).unwrap_or(WIDGETS)} /> },
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct ManyWidgetsProps {
    count: usize,
}

/// Many widgets: numbers, then charts, of the streams `load.0`, `load.1` and so on.
#[component]
fn ManyWidgets(props: &ManyWidgetsProps) -> Html {
    let count = props.count;
    html! {
        <AppShell board={format!("{count} widgets")} status={html! { <SyncIndicator /> }}>
            <div class="board">
                { for (0..count / 2).map(|at| html! { <div class="span-3"><Number topic={topic(at)} /></div> }) }
                { for (count / 2..count).map(|at| html! { <Chart topic={topic(at)} /> }) }
            </div>
        </AppShell>
    }
}

#[component]
fn Number(props: &WidgetProps) -> Html {
    let stream = use_stream(props.topic.clone());
    let value = stream.value().map(number).map(AttrValue::from);
    html! { <Stat title={props.topic.to_string()} {value} feed={stream.feed()} /> }
}

#[component]
fn Chart(props: &WidgetProps) -> Html {
    let feed = use_feed(props.topic.clone(), UseStreamOptions::default());
    let series = use_memo(feed, |feed| Rc::<[Series]>::from([Series::new("value", feed.clone())]));
    let title = props.topic.to_string();
    html! {
        <WidgetFrame class="span-4" title={title.clone()} status={WidgetStatus::Live}>
            <TimeSeries {title} series={Rc::<[Series]>::clone(&series)} />
        </WidgetFrame>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct ManyPointsProps {
    points: usize,
}

/// Chart of the streams `load.0` to `load.7`, with a client of its own that keeps that many points.
#[component]
fn ManyPoints(props: &ManyPointsProps) -> Html {
    let max_points = i64::try_from(props.points / SERIES).ok().and_then(|points| points.try_into().ok());
    let mut config = Config::default();
    config.streams.max_points = max_points.unwrap_or(config.streams.max_points);
    html! {
        <RealtimeProvider {config} persistent={false}>
            <AppShell board={format!("{} points", number(props.points as f64))} status={html! { <SyncIndicator /> }}>
                <div class="board">
                    <ManyPointsChart />
                </div>
            </AppShell>
        </RealtimeProvider>
    }
}

#[component]
fn ManyPointsChart() -> Html {
    let feeds: [Feed; SERIES] = [
        use_feed(topic(0), UseStreamOptions::default()),
        use_feed(topic(1), UseStreamOptions::default()),
        use_feed(topic(2), UseStreamOptions::default()),
        use_feed(topic(3), UseStreamOptions::default()),
        use_feed(topic(4), UseStreamOptions::default()),
        use_feed(topic(5), UseStreamOptions::default()),
        use_feed(topic(6), UseStreamOptions::default()),
        use_feed(topic(7), UseStreamOptions::default()),
    ];
    let series = use_memo(feeds, |feeds| {
        let named = feeds.iter().enumerate().map(|(at, feed)| Series::new(topic(at).to_string(), feed.clone()));
        named.collect::<Rc<[Series]>>()
    });
    let series = Rc::<[Series]>::clone(&series);
    html! {
        <WidgetFrame class="span-12" title="Many points" status={WidgetStatus::Live}>
            <PointsHeld series={Rc::clone(&series)} />
            <div style="block-size:30rem"><TimeSeries title="Many points" {series} window={WINDOW} /></div>
        </WidgetFrame>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct PointsHeldProps {
    series: Rc<[Series]>,
}

/// Number of points received so far.
#[component]
fn PointsHeld(props: &PointsHeldProps) -> Html {
    let refresh = use_force_update();
    use_interval(move || refresh.force_update(), 250);
    let held: usize = props.series.iter().map(|series| series.feed.count(UnixMs(0), UnixMs(u64::MAX))).sum();
    html! { <p data-points={held.to_string()}>{ format!("{} points", number(held as f64)) }</p> }
}

fn topic(at: usize) -> Topic {
    format!("load.{at}").parse().expect("letters and digits are a name")
}

/// Number that the address gives for something, from 1 to `most`.
fn asked(what: &str, most: usize) -> Option<usize> {
    let query = window().location().search().ok()?;
    query.strip_prefix(&format!("?{what}="))?.parse().ok().filter(|count| (1..=most).contains(count))
}
