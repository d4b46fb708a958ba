//! The chart: pixels, and the same as text.

use std::{cell::Cell, rc::Rc, time::Duration};

use tideboard_client::{
    Feed, PointSource, RealtimeProvider, Subscription,
    hooks::{UseWebsocketHandle, use_feed, use_websocket},
};
use tideboard_shared::{Point, UnixMs};
use tideboard_ui::{Series, format::Unit, widgets::TimeSeries};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, Event, EventInit, HtmlCanvasElement, HtmlElement, HtmlSelectElement, KeyboardEventInit};
use yew::prelude::*;

use crate::page::{Log, Mounted, SERVER, frames, mount, wait_until};

const START: u64 = 1_763_710_000_000;

/// Points that a test adds by hand.
#[derive(Clone, Default)]
struct Source {
    points: Log<Point>,
    watchers: Rc<Cell<Vec<Callback<()>>>>,
}

impl Source {
    fn add(&self, second: u64, value: f64) {
        self.points.note(Point(UnixMs(START + second * 1_000), value));
        let watchers = self.watchers.take();
        watchers.iter().for_each(|watcher| watcher.emit(()));
        self.watchers.set(watchers);
    }
}

impl PointSource for Source {
    fn read(&self, from: UnixMs, out: &mut Vec<Point>) {
        out.extend(self.points.all().into_iter().filter(|point| point.0 >= from));
    }

    fn last(&self) -> Option<Point> {
        self.points.all().last().copied()
    }

    fn watch(&self, changed: Callback<()>) -> Subscription {
        let mut watchers = self.watchers.take();
        watchers.push(changed);
        self.watchers.set(watchers);
        Subscription::none()
    }
}

#[derive(Clone, PartialEq, Properties)]
struct Props {
    feeds: Vec<Feed>,
    renders: Log<()>,
    windows: Log<Duration>,
    pauses: Log<Option<UnixMs>>,
    #[prop_or_default]
    paused_at: Option<UnixMs>,
}

/// Without the app's style sheet a canvas has no size of its own.
const STYLE: &str = ".chart canvas { display: block; inline-size: 400px; block-size: 160px }";
const LABELS: [&str; 2] = ["Busy", "Idle"];

#[component]
fn Chart(props: &Props) -> Html {
    props.renders.note(());
    let series: Rc<[Series]> =
        props.feeds.iter().zip(LABELS).map(|(feed, label)| Series::new(label, feed.clone())).collect();
    let windows = props.windows.clone();
    let pauses = props.pauses.clone();
    html! {
        <div style="inline-size:400px">
            <style>{ STYLE }</style>
            <TimeSeries title="Processor" {series} unit={Unit::Ratio} top={Some(1.0)} paused_at={props.paused_at}
                on_window={Callback::from(move |window| windows.note(window))}
                on_pause={Callback::from(move |at| pauses.note(at))} />
        </div>
    }
}

fn props(feeds: impl IntoIterator<Item = Source>) -> Props {
    Props {
        feeds: feeds.into_iter().map(Feed::new).collect(),
        renders: Log::default(),
        windows: Log::default(),
        pauses: Log::default(),
        paused_at: None,
    }
}

/// Shows charts and waits until the first is drawn.
async fn shown(props: Props) -> Mounted<Chart> {
    let app = mount::<Chart>(props);
    wait_until("its words", || words(&app.root).contains("last")).await;
    app
}

fn find<T: JsCast>(root: &Element, selector: &str) -> T {
    root.query_selector(selector).unwrap().expect(selector).unchecked_into()
}

fn picture(root: &Element) -> String {
    find::<HtmlCanvasElement>(root, "canvas").to_data_url().unwrap()
}

fn words(root: &Element) -> String {
    let canvas = root.query_selector("canvas").unwrap();
    canvas.and_then(|canvas| canvas.get_attribute("aria-label")).unwrap_or_default()
}

fn text(root: &Element, selector: &str) -> String {
    find::<HtmlElement>(root, selector).text_content().unwrap_or_default()
}

fn press(root: &Element, key: &str) {
    let init = KeyboardEventInit::new();
    init.set_key(key);
    init.set_bubbles(true);
    init.set_cancelable(true);
    let event = web_sys::KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    let plot: HtmlElement = find(root, "[data-chart-plot]");
    plot.focus().unwrap();
    plot.dispatch_event(&event).unwrap();
}

/// Number of points that the chart says have come while it stood.
fn new_points(root: &Element) -> usize {
    let said = root.query_selector(".chart-paused").unwrap().and_then(|said| said.get_attribute("data-new"));
    said.and_then(|count| count.parse().ok()).unwrap_or_default()
}

#[wasm_bindgen_test]
async fn it_draws_and_describes_new_points_without_a_render() {
    let source = Source::default();
    let props = props([source.clone()]);
    let app = shown(props.clone()).await;
    assert_eq!(words(&app.root), "Processor, last 5 min. Busy: no values yet.");
    let empty = picture(&app.root);
    let renders = props.renders.len();
    for second in 0..20 {
        source.add(second, 0.25 + second as f64 / 40.0);
    }
    wait_until("a line", || picture(&app.root) != empty).await;
    assert_eq!(words(&app.root), "Processor, last 5 min. Busy now 72%, 25% to 72%.");
    assert_eq!(text(&app.root, "[data-legend='0']"), "72%");
    assert_eq!(props.renders.len(), renders);
}

#[wasm_bindgen_test]
async fn a_paused_chart_keeps_its_picture_and_counts_what_comes() {
    let source = Source::default();
    (0..10).for_each(|second| source.add(second, 0.5));
    let app = shown(Props { paused_at: Some(UnixMs(START + 9_000)), ..props([source.clone()]) }).await;
    let before = picture(&app.root);
    (10..20).for_each(|second| source.add(second, 0.9));
    wait_until("the count", || new_points(&app.root) == 10).await;
    assert!(text(&app.root, ".chart-paused").ends_with("10 new"));
    assert_eq!(picture(&app.root), before);
    assert_eq!(text(&app.root, "[data-legend='0']"), "50%");
    press(&app.root, " ");
    wait_until("the line goes on", || text(&app.root, "[data-legend='0']") == "90%").await;
    assert_ne!(picture(&app.root), before);
}

#[wasm_bindgen_test]
async fn space_and_the_button_pause_and_tell_it() {
    let source = Source::default();
    (0..10).for_each(|second| source.add(second, 0.5));
    let props = props([source]);
    let app = shown(props.clone()).await;
    press(&app.root, " ");
    wait_until("paused", || app.root.query_selector("button[aria-label='Resume']").unwrap().is_some()).await;
    find::<HtmlElement>(&app.root, "button[aria-label='Resume']").click();
    wait_until("resumed", || app.root.query_selector("button[aria-label='Pause']").unwrap().is_some()).await;
    assert_eq!(props.pauses.all(), [Some(UnixMs(START + 9_000)), None]);
}

#[wasm_bindgen_test]
async fn arrow_keys_move_the_crosshair_and_have_the_values_read_out() {
    let busy = Source::default();
    let idle = Source::default();
    (0..10).for_each(|second| busy.add(second * 20, 0.1 * second as f64));
    (0..5).for_each(|second| idle.add(second * 20, 0.9));
    let app = shown(props([busy, idle])).await;
    let said = |key: &str| {
        press(&app.root, key);
        let text = text(&app.root, "[data-chart-says]");
        text.split_once(": ").map(|(_, values)| values.to_owned()).unwrap_or_default()
    };
    assert_eq!(
        ["ArrowLeft", "ArrowLeft", "ArrowRight", "ArrowRight"].map(said),
        ["Busy 90%", "Busy 80%", "Busy 90%", "Busy 90%"]
    );
    assert_eq!(said("Home"), "Busy 0%, Idle 90%");
    let tip: HtmlElement = find(&app.root, "[data-tip-box]");
    wait_until("the tooltip", || !tip.hidden()).await;
    assert_eq!(["0", "1"].map(|at| text(&app.root, &format!("[data-tip='{at}']"))), ["0%", "90%"]);
    assert_eq!(said("End"), "Busy 90%");
    press(&app.root, "Escape");
    wait_until("no tooltip", || tip.hidden()).await;
}

#[wasm_bindgen_test]
async fn a_series_is_hidden_and_shown_by_its_name() {
    let busy = Source::default();
    let idle = Source::default();
    (0..10).for_each(|second| busy.add(second * 20, 0.2));
    (0..10).for_each(|second| idle.add(second * 20, 0.8));
    let app = shown(props([busy, idle])).await;
    wait_until("lines", || text(&app.root, "[data-legend='1']") == "80%").await;
    let both = picture(&app.root);
    let name: HtmlElement = find(&app.root, "button[data-legend-entry='1']");
    let is_pressed = || name.get_attribute("aria-pressed").unwrap_or_default();
    assert_eq!(is_pressed(), "true");
    name.click();
    wait_until("one line", || is_pressed() == "false" && picture(&app.root) != both).await;
    frames(3).await;
    assert_ne!(picture(&app.root), both);
    assert_eq!(text(&app.root, "[data-legend='1']"), "80%", "its value is still told");
    name.click();
    wait_until("both lines", || picture(&app.root) == both).await;
}

#[wasm_bindgen_test]
async fn a_window_is_chosen_and_told() {
    let source = Source::default();
    (0..10).for_each(|second| source.add(second * 60, 0.1 * second as f64));
    let props = props([source]);
    let app = shown(props.clone()).await;
    assert_eq!(words(&app.root), "Processor, last 5 min. Busy now 90%, 40% to 90%.");
    let choice: HtmlSelectElement = find(&app.root, "select[aria-label='Time window']");
    assert_eq!(choice.value(), "300");
    choice.set_value("900");
    let init = EventInit::new();
    init.set_bubbles(true);
    choice.dispatch_event(&Event::new_with_event_init_dict("change", &init).unwrap()).unwrap();
    wait_until("a longer time", || words(&app.root) == "Processor, last 15 min. Busy now 90%, 0% to 90%.").await;
    assert_eq!(props.windows.all(), [Duration::from_secs(900)]);
}

#[wasm_bindgen_test]
async fn canvas_chart_has_a_table_for_screen_readers() {
    let source = Source::default();
    (0..3).for_each(|second| source.add(second, 0.1 * (second + 1) as f64));
    let app = shown(props([source])).await;
    find::<HtmlElement>(&app.root, "button[aria-label='Show as table']").click();
    wait_until("the table", || app.root.query_selector("tbody tr").unwrap().is_some()).await;
    let cells = app.root.query_selector_all("tbody td").unwrap();
    let cells: Vec<_> = (0..cells.length()).filter_map(|index| cells.item(index)?.text_content()).collect();
    assert_eq!(cells, ["30%", "20%", "10%"], "newest first");
    assert_eq!(text(&app.root, "caption"), "Processor, latest values");
    let table: HtmlElement = find(&app.root, ".values-table");
    table.focus().unwrap();
    let focused = web_sys::window().unwrap().document().unwrap().active_element();
    assert_eq!(focused, Some(table.into()), "one can scroll it by keyboard");
}

#[derive(Clone, PartialEq, Properties)]
struct LiveProps {
    sockets: Log<UseWebsocketHandle>,
    feeds: Log<Feed>,
}

#[component]
fn LiveApp(props: &LiveProps) -> Html {
    html! { <RealtimeProvider url={SERVER} persistent={false}><LiveChart ..props.clone() /></RealtimeProvider> }
}

#[component]
fn LiveChart(props: &LiveProps) -> Html {
    props.sockets.note(use_websocket());
    let feed = use_feed("host.cpu".parse().unwrap(), Default::default());
    props.feeds.note(feed.clone());
    let series: Rc<[Series]> = Rc::new([Series::new("Busy", feed)]);
    html! { <><style>{ STYLE }</style><TimeSeries title="Processor" {series} unit={Unit::Ratio} top={Some(1.0)} /></> }
}

#[wasm_bindgen_test]
async fn live_panel_keeps_history_on_reconnect_and_pauses() {
    let props = LiveProps { sockets: Log::default(), feeds: Log::default() };
    let app = mount::<LiveApp>(props.clone());
    wait_until("a chart", || props.feeds.len() > 0).await;
    let feed = props.feeds.last();
    let count = || feed.count(UnixMs(0), UnixMs(u64::MAX));
    wait_until("points", || count() >= 2).await;
    let oldest = feed.oldest();
    props.sockets.last().disconnect();
    wait_until("no connection", || !props.sockets.last().is_connected()).await;
    // What came last is drawn within a quarter of a second.
    frames(30).await;
    let held = count();
    let cut_off = picture(&app.root);
    frames(20).await;
    assert_eq!((picture(&app.root), feed.oldest()), (cut_off, oldest), "the line stays without a connection");
    props.sockets.last().connect();
    wait_until("the line goes on", || count() > held).await;
    assert_eq!(feed.oldest(), oldest, "what was there before is there still");
    press(&app.root, " ");
    wait_until("paused", || app.root.query_selector(".chart-paused").unwrap().is_some()).await;
    frames(3).await;
    let paused = picture(&app.root);
    wait_until("what comes is counted", || new_points(&app.root) > 0).await;
    assert_eq!(picture(&app.root), paused, "and not shown");
    press(&app.root, " ");
    wait_until("it goes on", || picture(&app.root) != paused).await;
}
