//! The pages of numbers, gauges and charts: every state beside the others.

use std::{cell::RefCell, rc::Rc, time::Duration};

use tideboard_client::{Feed, PointSource, Subscription, hooks::WidgetStatus};
use tideboard_shared::{Point, UnixMs};
use tideboard_ui::{
    Series,
    components::WidgetFrame,
    format::Unit,
    widgets::{Gauge, Stat, TimeSeries},
};
use yew::prelude::*;
use yew_hooks::use_interval;

use super::controls::{Demo, Toggle};

/// Time of the samples' last point, in Unix milliseconds.
const END: u64 = 1_763_710_000_000;
/// Most points that a live sample keeps.
const KEPT: usize = 3_600;

/// Source of points that the page makes up.
#[derive(Clone, Default)]
struct Sample(Rc<RefCell<Held>>);

/// Points, and the callbacks that are told of new ones.
type Held = (Vec<Point>, Vec<Callback<()>>);

impl Sample {
    fn of(values: impl Iterator<Item = f64>, every_ms: u64) -> Feed {
        let values: Vec<f64> = values.collect();
        let start = END - values.len() as u64 * every_ms;
        let points = values.into_iter().enumerate().map(|(at, v)| Point(UnixMs(start + (at as u64 + 1) * every_ms), v));
        Feed::new(Self(Rc::new(RefCell::new((points.collect(), Vec::new())))))
    }

    fn add(&self, value: f64) {
        let mut held = self.0.borrow_mut();
        let next = held.0.last().map_or(END, |last| last.0.0) + 250;
        held.0.push(Point(UnixMs(next), value));
        let excess = held.0.len().saturating_sub(KEPT);
        held.0.drain(..excess);
        let watchers = held.1.clone();
        drop(held);
        watchers.iter().for_each(|watcher| watcher.emit(()));
    }
}

impl PointSource for Sample {
    fn read(&self, from: UnixMs, out: &mut Vec<Point>) {
        let held = self.0.borrow();
        out.extend_from_slice(&held.0[held.0.partition_point(|point| point.0 < from)..]);
    }

    fn last(&self) -> Option<Point> {
        self.0.borrow().0.last().copied()
    }

    fn watch(&self, changed: Callback<()>) -> Subscription {
        self.0.borrow_mut().1.push(changed.clone());
        let held = Rc::clone(&self.0);
        Subscription::new(move || held.borrow_mut().1.retain(|watcher| *watcher != changed))
    }
}

/// Wave with some noise around `level`, another one for each seed.
fn wave(seed: f64, level: f64, swing: f64) -> impl FnMut(usize) -> f64 {
    move |at| {
        let t = at as f64;
        let noise = ((t * 12.989_8 + seed * 78.233).sin() * 43_758.545_3).fract() * 0.12;
        level + swing * ((t / 23.0 + seed).sin() * 0.7 + (t / 7.0 + seed * 3.0).sin() * 0.2 + noise)
    }
}

pub(super) fn sample(seed: f64, level: f64, swing: f64) -> Feed {
    Sample::of((0..300).map(wave(seed, level, swing)), 1_000)
}

pub(super) fn lines(lines: impl IntoIterator<Item = (&'static str, Feed)>) -> Rc<[Series]> {
    lines.into_iter().map(|(label, feed)| Series::new(label, feed)).collect()
}

/// Box of a size in rem, with a title and content.
fn framed(title: &'static str, (width, height): (u32, u32), content: Html) -> Html {
    let style = format!(
        "inline-size:{width}rem;block-size:{height}rem;display:grid;grid-template:minmax(0,1fr)/minmax(0,1fr);\
        max-inline-size:100%"
    );
    html! {
        <div {style}>
            <WidgetFrame title={title} status={WidgetStatus::Live}>{ content }</WidgetFrame>
        </div>
    }
}

fn beside(states: impl IntoIterator<Item = Html>) -> Html {
    html! { <div style="display:flex;flex-wrap:wrap;gap:1rem">{ for states }</div> }
}

/// Title of a chart, its series, their unit, and the end of the scale.
type ChartState = (&'static str, Rc<[Series]>, Unit, Option<f64>);

/// States of a chart that need no page of their own.
fn chart_states() -> Vec<ChartState> {
    let names = ["api", "auth", "billing", "search", "mail", "jobs", "cache", "edge"];
    let many = names.iter().enumerate().map(|(at, name)| (*name, sample(at as f64, 40.0 + 45.0 * at as f64, 60.0)));
    let gaps = (0..300).map(|at| if (90..130).contains(&at) { f64::NAN } else { wave(5.0, 0.5, 0.4)(at) });
    let mut huge = wave(2.0, 3e18, 2e18);
    let mut negative = wave(3.0, -2.0, 14.0);
    let close = (0..300).map(|at| 71.2 + 0.4 * (f64::from(at) / 30.0).sin());
    vec![
        ("One series", lines([("Busy", sample(1.0, 0.45, 0.3))]), Unit::Ratio, Some(1.0)),
        (
            "Two series",
            lines([("received", sample(1.0, 9e6, 7e6)), ("sent", sample(4.0, 4e6, 3e6))]),
            Unit::BytesPerSecond,
            None,
        ),
        ("Eight series", lines(many), Unit::Milliseconds, None),
        ("Empty", lines([("value", Sample::of(std::iter::empty(), 1_000))]), Unit::Plain, None),
        ("One point", lines([("value", Sample::of(std::iter::once(42.0), 1_000))]), Unit::Plain, None),
        ("A gap", lines([("value", Sample::of(gaps, 1_000))]), Unit::Ratio, Some(1.0)),
        ("Huge", lines([("value", Sample::of((0..300).map(&mut huge), 1_000))]), Unit::Plain, None),
        ("Negative", lines([("°C", Sample::of((0..300).map(&mut negative), 1_000))]), Unit::Plain, None),
        ("Far from 0", lines([("°C", Sample::of(close, 1_000))]), Unit::Plain, None),
        ("No number", lines([("value", Sample::of((0..300).map(|_| f64::NAN), 1_000))]), Unit::Plain, None),
    ]
}

fn advance(live: &[Sample; 2], at: usize) {
    live[0].add(wave(1.0, 0.5, 0.35)(at));
    live[1].add(wave(2.0, 0.3, 0.2)(at));
}

#[component]
pub(super) fn TimeSeriesPage() -> Html {
    let is_running = use_state(|| true);
    let count = use_mut_ref(|| 120_usize);
    let told = use_state(String::new);
    let live = use_memo((), |()| {
        let live = [Sample::default(), Sample::default()];
        (0..120).for_each(|at| advance(&live, at));
        live
    });
    let states = use_memo((), |()| chart_states());
    use_interval(
        {
            let live = Rc::clone(&live);
            move || {
                *count.borrow_mut() += 1;
                advance(&live, *count.borrow());
            }
        },
        if *is_running { 250 } else { 0 },
    );
    let live = use_memo((), |()| lines([("user", Feed::new(live[0].clone())), ("system", Feed::new(live[1].clone()))]));
    let live = Rc::<[Series]>::clone(&live);
    let (on_window, on_pause) = {
        let window = told.setter();
        let pause = told.setter();
        (
            Callback::from(move |chosen: Duration| window.set(format!("window {chosen:?}"))),
            Callback::from(move |at: Option<UnixMs>| pause.set(format!("paused at {at:?}"))),
        )
    };
    let facts = vec![("told", told.to_string())];
    let chart = |(title, series, unit, top): &(&'static str, Rc<[Series]>, Unit, Option<f64>)| {
        let chart = html! {
            <TimeSeries title={*title} series={Rc::clone(series)} unit={*unit} top={*top}
                window={Duration::from_secs(300)} />
        };
        framed(title, (27, 16), chart)
    };
    let paused = html! {
        <TimeSeries title="Paused" series={Rc::clone(&live)} unit={Unit::Ratio} top={Some(1.0)}
            window={Duration::from_secs(60)} paused_at={Some(UnixMs(END + 25_000))} />
    };
    let moving = html! {
        <TimeSeries title="Live" series={Rc::clone(&live)} unit={Unit::Ratio} top={Some(1.0)} {on_window} {on_pause}
            window={Duration::from_secs(60)} />
    };
    let small = |title, size| {
        let series = lines([("user", sample(1.0, 0.5, 0.3)), ("system", sample(2.0, 0.3, 0.2))]);
        framed(title, size, html! { <TimeSeries title={title} {series} unit={Unit::Ratio} top={Some(1.0)} /> })
    };
    let shown = [framed("Live", (27, 16), moving), framed("Paused from outside", (27, 16), paused)];
    let sizes = [small("Low", (27, 9)), small("Narrow", (14, 12)), small("Tiny", (11, 8))];
    html! {
        <Demo about="Lines over time. With the plot focused: arrows, Home, End, Escape and Space." {facts}
            controls={html! { <Toggle label="points come" value={is_running} /> }}>
            { beside(shown.into_iter().chain(states.iter().map(chart)).chain(sizes)) }
        </Demo>
    }
}

#[component]
pub(super) fn GaugePage() -> Html {
    let live = use_state(|| 0.5_f64);
    let at = use_mut_ref(|| 0_usize);
    use_interval(
        {
            let live = live.setter();
            move || {
                *at.borrow_mut() += 1;
                live.set(wave(1.0, 0.6, 0.5)(*at.borrow() * 5).clamp(0.0, 1.0));
            }
        },
        1_000,
    );
    let of = |title: &'static str, value: Option<f64>| {
        let gauge = html! { <Gauge {title} {value} unit={Unit::Ratio} warning={Some(0.8)} critical={Some(0.95)} /> };
        framed(title, (13, 13), gauge)
    };
    let gib = 1024.0_f64.powi(3);
    let free = html! {
        <Gauge title="Disk free" value={Some(12.4 * gib)} unit={Unit::Bytes} top={128.0 * gib}
            warning={Some(30.0 * gib)}
            critical={Some(8.0 * gib)} caption="of 128 GiB" />
    };
    let cold = html! { <Gauge title="Outside" value={Some(-4.5)} bottom={-20.0} top={40.0} caption="°C" /> };
    let stale = html! {
        <Gauge title="Stale" value={Some(0.5)} unit={Unit::Ratio} warning={Some(0.8)} critical={Some(0.95)}
            is_stale={true} />
    };
    let sized = |title: &'static str, size| {
        framed(title, size, html! { <Gauge {title} value={Some(0.42)} unit={Unit::Ratio} warning={Some(0.8)} /> })
    };
    let states = [
        of("Live", Some(*live)),
        of("Fine", Some(0.42)),
        of("Warning", Some(0.86)),
        of("Critical", Some(0.97)),
        of("Loading", None),
        of("No number", Some(f64::NAN)),
        of("Beyond the scale", Some(1.4)),
        framed("Low is bad", (13, 13), free),
        framed("Below 0", (13, 13), cold),
        framed("Stale", (13, 13), stale),
        sized("Wide", (24, 9)),
        sized("Tiny", (9, 8)),
        sized("Large", (24, 22)),
    ];
    html! { <Demo about="One number on a scale, with thresholds.">{ beside(states) }</Demo> }
}

#[component]
pub(super) fn StatPage() -> Html {
    let feed = use_memo((), |()| sample(1.0, 0.45, 0.4));
    let stat = |title: &'static str, size: (u32, u32), value: Option<&'static str>| {
        let content = html! {
            <Stat value={value.map(AttrValue::from)} feed={Feed::clone(&feed)} top={Some(1.0)} caption="load 0.42"
                window={Duration::from_secs(120)} />
        };
        framed(title, size, content)
    };
    let sizes = [(12, 6), (12, 8), (12, 12), (18, 6), (18, 9), (18, 13), (26, 8), (26, 13), (34, 8), (34, 16), (9, 6)];
    let sized = sizes.map(|size| stat("CPU", size, Some("42%")));
    let fill = |title, fill: f64| {
        framed(title, (18, 8), html! { <Stat value="42 GiB" caption="of 128 GiB" fill={Some(fill)} /> })
    };
    let bare = html! { <Stat value="1,234" caption="orders today" /> };
    let stale = html! { <Stat value="42%" feed={Feed::clone(&feed)} caption="load 0.42" is_stale={true} /> };
    let states = [
        stat("Loading", (18, 8), None),
        framed("Stale", (18, 8), stale),
        framed("No line", (18, 8), bare),
        fill("Bar", 0.4),
        fill("Nearly full", 0.88),
        fill("Full", 0.97),
        stat("Long number", (13, 8), Some("1,234,567.89 MiB/s")),
        html! {
            <div style="inline-size:18rem">
                <Stat title="A panel of its own" value="42%" feed={Feed::clone(&feed)} caption="load 0.42" />
            </div>
        },
    ];
    html! { <Demo about="One big number, in cells of every size.">{ beside(sized.into_iter().chain(states)) }</Demo> }
}
