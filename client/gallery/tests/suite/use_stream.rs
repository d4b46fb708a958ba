//! `use_stream` and `use_feed` against the server's own measurements.

use tideboard_client::{
    Feed, RealtimeProvider,
    hooks::{UseStreamHandle, use_feed, use_stream},
};
use tideboard_shared::{Topic, UnixMs};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::page::{Log, SERVER, mount, wait_until};

#[derive(Clone, PartialEq, Default)]
struct Notes {
    streams: Log<UseStreamHandle>,
    feeds: Log<Feed>,
}

#[derive(Clone, PartialEq, Properties)]
struct Props {
    notes: Notes,
}

#[component]
fn App(props: &Props) -> Html {
    html! {
        <RealtimeProvider url={SERVER}><Latest ..props.clone() /><Chart ..props.clone() /></RealtimeProvider>
    }
}

#[component]
fn Latest(props: &Props) -> Html {
    props.notes.streams.note(use_stream(cpu()));
    Html::default()
}

#[component]
fn Chart(props: &Props) -> Html {
    props.notes.feeds.note(use_feed(cpu(), Default::default()));
    Html::default()
}

fn cpu() -> Topic {
    "host.cpu".parse().unwrap()
}

#[wasm_bindgen_test]
async fn points_come_in_order_and_render_who_shows_them_but_no_feed() {
    let notes = Notes::default();
    let _app = mount::<App>(Props { notes: notes.clone() });
    wait_until("points", || notes.streams.len() > 0 && notes.streams.last().points().len() >= 2).await;
    let renders = notes.streams.len();
    let newest = notes.streams.last().latest().unwrap();
    wait_until("a newer point", || notes.streams.last().latest().unwrap().0 > newest.0).await;
    assert!(notes.streams.len() > renders);
    assert_eq!(notes.feeds.len(), 1, "a feed never renders");

    let mut read = Vec::new();
    notes.feeds.last().read(UnixMs(0), &mut read);
    assert_eq!(read, notes.streams.last().points());
    assert!(read.is_sorted_by(|a, b| a.0 < b.0));
    assert!(read.iter().all(|point| (0.0..=1.0).contains(&point.1)));
}
