//! `use_feed` against the server's own measurements.

use std::{cell::Cell, rc::Rc};

use tideboard_client::{Feed, hooks::use_feed};
use tideboard_shared::{Topic, UnixMs};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::{
    page::wait_until,
    probe::{ProbeProps, hooked},
};

#[component]
fn Chart(props: &ProbeProps<Topic, Feed>) -> Html {
    props.probe.renders.note(use_feed(props.probe.options.clone(), Default::default()));
    Html::default()
}

#[wasm_bindgen_test]
async fn a_feed_is_watched_without_a_render_until_the_watch_is_dropped() {
    let chart = hooked::<Chart, _, _>("host.cpu".parse().unwrap()).await;
    let feed = chart.handle();
    let calls = Rc::new(Cell::new(0));
    let watch = feed.watch({
        let calls = Rc::clone(&calls);
        Callback::from(move |()| calls.set(calls.get() + 1))
    });
    wait_until("two messages with points", || calls.get() >= 2).await;
    let mut points = Vec::new();
    feed.read(UnixMs(0), &mut points);
    assert_eq!(points.last().copied(), feed.last());
    assert_eq!(chart.renders.len(), 1);
    drop(watch);
    let newest = feed.last();
    let heard = calls.get();
    wait_until("more points", || feed.last() != newest).await;
    assert_eq!(calls.get(), heard);
    chart.set_options("host.memory".parse().unwrap());
    wait_until("another feed", || chart.renders.len() == 2 && chart.handle() != feed).await;
}
