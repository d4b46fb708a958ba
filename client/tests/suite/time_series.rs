//! The chart: pixels, and the same as text.

use std::{cell::Cell, rc::Rc};

use tideboard_client::{Feed, PointSource, Series, Subscription, format::Unit, widgets::TimeSeries};
use tideboard_shared::{Point, UnixMs};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlCanvasElement, HtmlElement};
use yew::prelude::*;

use crate::page::{Log, frames, mount, wait_until};

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
    feed: Feed,
    renders: Log<()>,
    #[prop_or_default]
    paused_at: Option<UnixMs>,
}

#[component]
fn Chart(props: &Props) -> Html {
    props.renders.note(());
    let series: Rc<[Series]> = Rc::new([Series::new("Busy", props.feed.clone())]);
    html! {
        <div style="inline-size:400px">
            <style>{ ".chart canvas { display: block; inline-size: 400px; block-size: 160px }" }</style>
            <TimeSeries title="Processor" {series} unit={Unit::Ratio} top={Some(1.0)} paused_at={props.paused_at} />
        </div>
    }
}

fn find<T: JsCast>(root: &Element, selector: &str) -> T {
    root.query_selector(selector).unwrap().expect(selector).unchecked_into()
}

fn picture(root: &Element) -> String {
    find::<HtmlCanvasElement>(root, "canvas").to_data_url().unwrap()
}

fn words(root: &Element) -> String {
    find::<Element>(root, "canvas").get_attribute("aria-label").unwrap_or_default()
}

#[wasm_bindgen_test]
async fn it_draws_and_describes_new_points_without_a_render() {
    let source = Source::default();
    let props = Props { feed: Feed::new(source.clone()), renders: Log::default(), paused_at: None };
    let app = mount::<Chart>(props.clone());
    wait_until("its words", || app.root.query_selector("canvas[aria-label]").unwrap().is_some()).await;
    assert_eq!(words(&app.root), "Processor, last 5 min. Busy: no values yet.");
    let (empty, renders) = (picture(&app.root), props.renders.len());
    for second in 0..20 {
        source.add(second, 0.25 + second as f64 / 40.0);
    }
    wait_until("a line", || picture(&app.root) != empty).await;
    assert_eq!(words(&app.root), "Processor, last 5 min. Busy now 72%, 25% to 72%.");
    assert_eq!(find::<HtmlElement>(&app.root, "[data-legend='0']").inner_text(), "72%");
    assert_eq!(props.renders.len(), renders);
}

#[wasm_bindgen_test]
async fn a_paused_chart_keeps_its_picture() {
    let source = Source::default();
    (0..10).for_each(|second| source.add(second, 0.5));
    let paused_at = Some(UnixMs(START + 9_000));
    let app = mount::<Chart>(Props { feed: Feed::new(source.clone()), renders: Log::default(), paused_at });
    wait_until("its words", || app.root.query_selector("canvas[aria-label]").unwrap().is_some()).await;
    let before = picture(&app.root);
    (10..20).for_each(|second| source.add(second, 0.9));
    frames(5).await;
    assert_eq!(picture(&app.root), before);
}

#[wasm_bindgen_test]
async fn canvas_chart_has_a_table_for_screen_readers() {
    let source = Source::default();
    (0..3).for_each(|second| source.add(second, 0.1 * (second + 1) as f64));
    let app = mount::<Chart>(Props { feed: Feed::new(source), renders: Log::default(), paused_at: None });
    wait_until("the button", || app.root.query_selector("button").unwrap().is_some()).await;
    find::<HtmlElement>(&app.root, "button[aria-label='Show as table']").click();
    wait_until("the table", || app.root.query_selector("tbody tr").unwrap().is_some()).await;
    let cells = app.root.query_selector_all("tbody td").unwrap();
    let cells: Vec<_> = (0..cells.length()).filter_map(|index| cells.item(index)?.text_content()).collect();
    assert_eq!(cells, ["30%", "20%", "10%"], "newest first");
}
