//! `use_periodic_refresh`, with a fetcher that the test controls.

use std::{cell::Cell, rc::Rc, time::Duration};

use gloo::utils::window;
use tideboard_client::hooks::{
    RefreshInterval, UsePeriodicRefreshHandle, UsePeriodicRefreshOptions, use_periodic_refresh_with_options,
};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Event;
use yew::prelude::*;

use crate::{
    page::{Log, frames, wait_until},
    probe::{Hooked, ProbeProps, hooked},
};

type Handle = UsePeriodicRefreshHandle<u32, String>;

/// The rules of one test, and how many times it was fetched.
#[derive(Clone)]
struct Fetching {
    options: Rc<dyn Fn() -> UsePeriodicRefreshOptions<u32, String>>,
    count: Rc<Cell<u32>>,
    fails: Rc<Cell<bool>>,
}

impl PartialEq for Fetching {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.options, &other.options)
    }
}

impl Fetching {
    fn new(options: impl Fn() -> UsePeriodicRefreshOptions<u32, String> + 'static) -> Self {
        Self { options: Rc::new(options), count: Rc::default(), fails: Rc::default() }
    }

    async fn start(&self) -> Hooked<Numbers, Self, Handle> {
        hooked(self.clone()).await
    }
}

#[component]
fn Numbers(props: &ProbeProps<Fetching, Handle>) -> Html {
    let Fetching { options, count, fails } = props.probe.options.clone();
    let fetch = move || {
        count.set(count.get() + 1);
        std::future::ready(if fails.get() { Err("no luck".to_owned()) } else { Ok(count.get()) })
    };
    props.probe.renders.note(use_periodic_refresh_with_options(fetch, options()));
    Html::default()
}

fn every(millis: u64) -> UsePeriodicRefreshOptions<u32, String> {
    UsePeriodicRefreshOptions {
        interval: RefreshInterval::Every(Duration::from_millis(millis)),
        when_hidden: true,
        ..Default::default()
    }
}

#[wasm_bindgen_test]
async fn it_fetches_at_once_and_then_again_and_again_while_it_is_mounted() {
    let fetching = Fetching::new(|| every(20));
    let mut hooked = fetching.start().await;
    assert!(hooked.renders.all()[0].data().is_none());
    let third = hooked.until("the third", |numbers| numbers.data() == Some(&3)).await;
    assert!(third.error().is_none() && third.last_updated().is_some() && !third.is_loading() && !third.is_stale());
    hooked.unmount();
    let count = fetching.count.get();
    frames(20).await;
    assert_eq!(fetching.count.get(), count);
}

#[wasm_bindgen_test]
async fn a_pause_ends_what_comes_by_itself_and_a_call_is_always_heard() {
    let fetching = Fetching::new(|| UsePeriodicRefreshOptions { auto_start: false, ..every(20) });
    let hooked = fetching.start().await;
    frames(10).await;
    assert_eq!((fetching.count.get(), hooked.handle().is_paused(), hooked.handle().next_in()), (0, true, None));
    let one = hooked.handle().refresh();
    let same = hooked.handle().refresh();
    assert_eq!(one.await, Some(Ok(Rc::new(1))));
    assert_eq!(same.await, Some(Ok(Rc::new(1))), "two calls at once are one fetch");
    frames(10).await;
    assert_eq!(fetching.count.get(), 1);
    hooked.handle().resume();
    hooked.until("more", |numbers| numbers.data() >= Some(&3)).await;
    assert!(hooked.handle().next_in().is_some() || hooked.handle().is_refreshing());
    hooked.handle().pause();
    let count = fetching.count.get();
    frames(10).await;
    assert_eq!(fetching.count.get(), count);
}

#[wasm_bindgen_test]
async fn a_failure_keeps_the_data_and_is_tried_again_soon() {
    let ends = Log::<Result<u32, String>>::default();
    let fetching = Fetching::new({
        let ends = ends.clone();
        move || {
            let ends = ends.clone();
            let note = move |end: Result<Rc<u32>, Rc<String>>| ends.note(end.map(|n| *n).map_err(|e| (*e).clone()));
            UsePeriodicRefreshOptions {
                error_retry: Some(Duration::from_millis(10)),
                on_end: Callback::from(note),
                ..every(60_000)
            }
        }
    });
    let hooked = fetching.start().await;
    hooked.until("the first", |numbers| numbers.data() == Some(&1)).await;
    fetching.fails.set(true);
    assert_eq!(hooked.handle().refresh().await, Some(Err(Rc::new("no luck".to_owned()))));
    let failed = hooked.until("the failure", |numbers| numbers.error().is_some()).await;
    assert_eq!(failed.data(), Some(&1));
    wait_until("more tries", || fetching.count.get() >= 4).await;
    fetching.fails.set(false);
    hooked.until("success", |numbers| numbers.error().is_none()).await;
    assert_eq!(ends.all()[..2], [Ok(1), Err("no luck".to_owned())]);
}

#[wasm_bindgen_test]
async fn looking_at_the_page_again_fetches_but_not_too_soon() {
    for (dedupe_ms, expected) in [(0, 2), (60_000, 1)] {
        let dedupe = Duration::from_millis(dedupe_ms);
        let fetching =
            Fetching::new(move || UsePeriodicRefreshOptions { dedupe, on_reconnect: false, ..every(60_000) });
        let hooked = fetching.start().await;
        hooked.until("the first", |numbers| numbers.data() == Some(&1)).await;
        window().dispatch_event(&Event::new("focus").unwrap()).unwrap();
        frames(5).await;
        assert_eq!(fetching.count.get(), expected);
    }
}

#[wasm_bindgen_test]
async fn what_is_forbidden_when_due_is_fetched_once_it_is_allowed() {
    let allowed = Rc::new(Cell::new(false));
    let fetching = Fetching::new({
        let allowed = Rc::clone(&allowed);
        move || {
            let allowed = Rc::clone(&allowed);
            let only_when = Some(Callback::from(move |()| allowed.get()));
            UsePeriodicRefreshOptions { only_when, on_focus: false, on_reconnect: false, ..every(60_000) }
        }
    });
    let hooked = fetching.start().await;
    frames(5).await;
    assert_eq!(fetching.count.get(), 0);
    allowed.set(true);
    window().dispatch_event(&Event::new("focus").unwrap()).unwrap();
    hooked.until("the data", |numbers| numbers.data() == Some(&1)).await;
}

#[wasm_bindgen_test]
async fn while_news_come_by_themselves_nothing_is_fetched() {
    let fetching = Fetching::new(|| UsePeriodicRefreshOptions { skip_if_live: true, auto_start: false, ..every(20) });
    let hooked = fetching.start().await;
    hooked.live().await;
    hooked.handle().resume();
    frames(10).await;
    assert_eq!(fetching.count.get(), 0);
    hooked.realtime().disconnect();
    hooked.until("a fetch", |numbers| numbers.data().is_some()).await;
}

#[wasm_bindgen_test]
async fn the_interval_may_depend_on_the_data_which_may_go_meanwhile_and_grow_stale() {
    let fetching = Fetching::new(|| {
        let interval =
            |data: Option<Rc<u32>>| Duration::from_millis(if data.is_none_or(|n| *n < 3) { 10 } else { 60_000 });
        UsePeriodicRefreshOptions {
            interval: RefreshInterval::ByData(Callback::from(interval)),
            keep_previous: false,
            stale_after: Some(Duration::ZERO),
            ..every(0)
        }
    });
    let hooked = fetching.start().await;
    hooked.until("the third", |numbers| numbers.data() == Some(&3) && numbers.is_stale()).await;
    frames(10).await;
    assert_eq!(fetching.count.get(), 3);
    let renders = hooked.renders.len();
    assert!(hooked.renders.all().iter().filter(|numbers| numbers.is_refreshing()).all(|numbers| numbers.is_loading()));
    frames(10).await;
    assert_eq!(hooked.renders.len(), renders);
}
