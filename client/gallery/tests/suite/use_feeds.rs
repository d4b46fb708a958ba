//! `use_feeds` against the server's own measurements.

use std::rc::Rc;

use tideboard_client::{Feed, hooks::use_feeds};
use tideboard_shared::Topic;
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::{
    page::wait_until,
    probe::{ProbeProps, hooked},
};

#[component]
fn Charts(props: &ProbeProps<Vec<Topic>, Rc<[Feed]>>) -> Html {
    props.probe.renders.note(use_feeds(props.probe.options.clone(), Default::default()));
    Html::default()
}

fn topics(names: &[&str]) -> Vec<Topic> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

#[wasm_bindgen_test]
async fn each_topic_has_a_feed_in_its_place_however_many_there_are() {
    let charts = hooked::<Charts, _, _>(topics(&["host.cpu", "host.memory"])).await;
    let has_points = |at: usize| charts.handle().get(at).is_some_and(|feed| feed.last().is_some());
    wait_until("points of both", || has_points(0) && has_points(1)).await;
    assert_eq!(charts.renders.len(), 1);
    // A share of one, and bytes.
    assert!(charts.handle()[0].last().unwrap().1 <= 1.0 && charts.handle()[1].last().unwrap().1 > 1.0);
    charts.set_options(topics(&["host.memory", "host.cpu", "host.load"]));
    wait_until("three feeds", || charts.handle().len() == 3 && has_points(2)).await;
    assert!(charts.handle()[0].last().unwrap().1 > 1.0);
    charts.set_options(Vec::new());
    wait_until("none", || charts.handle().is_empty()).await;
}
