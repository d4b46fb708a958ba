//! A tab with the panel, and what a user does there.

use tideboard_client::{Realtime, RealtimeProvider, Subscription};
use tideboard_engine::{
    BoardStatus, Config, ConnectionState, Edit, EditEnd, StorageStatus,
    config::{millis, secs},
};
use tideboard_gallery::RealtimeDemo;
use tideboard_shared::{Action, Channel, EntityId, Fields};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, EventInit, HtmlElement, HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::{
    client::{fresh_user, main},
    page::{Log, Mounted, SERVER, frames, mount, wait_until},
    probe::fresh,
};

#[derive(Clone, PartialEq, Properties)]
struct Props {
    user: AttrValue,
    config: Config,
    realtime: Log<Realtime>,
    setter: Log<UseStateSetter<bool>>,
}

#[component]
fn App(props: &Props) -> Html {
    let is_shown = use_state(|| true);
    if props.setter.len() == 0 {
        props.setter.note(is_shown.setter());
    }
    let realtime = props.realtime.clone();
    let on_initialized = Callback::from(move |handle| realtime.note(handle));
    html! {
        <RealtimeProvider url={SERVER} user={props.user.clone()} config={props.config.clone()} {on_initialized}>
            if *is_shown { <RealtimeDemo /> }
        </RealtimeProvider>
    }
}

/// A tab with the panel.
pub(crate) struct Bench {
    pub(crate) realtime: Realtime,
    pub(crate) ends: Log<EditEnd>,
    pub(crate) setter: Log<UseStateSetter<bool>>,
    app: Mounted<App>,
    _board: Subscription,
}

/// Settings that find out soon what got lost.
pub(crate) fn impatient() -> Config {
    let mut config = Config::default();
    config.connection.reconnect.base = millis(10);
    config.connection.reconnect.max_delay = millis(100);
    config.sync.outcome_timeout = secs(1);
    config.sync.retry_base = millis(10);
    config.sync.retry_max = millis(100);
    config.updates.gap_timeout = millis(50);
    config
}

impl Bench {
    pub(crate) async fn live() -> Self {
        Self::with(&fresh_user(), impatient()).await
    }

    pub(crate) async fn with(user: &str, config: Config) -> Self {
        let realtime = Log::default();
        let setter = Log::default();
        let user = user.to_owned().into();
        let app = mount::<App>(Props { user, config, realtime: realtime.clone(), setter: setter.clone() });
        wait_until("a driver", || realtime.len() > 0).await;
        let realtime = realtime.last();
        let board = realtime.subscribe(Channel::Board(main()).into());
        let bench = Self { realtime, ends: Log::default(), setter, app, _board: board };
        bench.is_live_again().await;
        bench
    }

    pub(crate) async fn is_live_again(&self) {
        let status = || self.realtime.read(|reader| Some(reader.board(&main())?.status));
        wait_until("a live board", || self.is_connected() && status() == Some(BoardStatus::Live)).await;
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.realtime.read(|reader| reader.connection().state.is_live())
    }

    pub(crate) fn state(&self) -> ConnectionState {
        self.realtime.read(|reader| reader.connection().state)
    }

    pub(crate) fn pending(&self) -> usize {
        self.realtime.read(|reader| reader.sync().pending)
    }

    pub(crate) fn storage(&self) -> StorageStatus {
        self.realtime.read(|reader| reader.sync().storage)
    }

    pub(crate) fn apply(&self, id: &EntityId, action: Action) {
        let ends = self.ends.clone();
        self.realtime.apply(Edit::new(main(), id.clone(), action), move |end| ends.note(end)).unwrap();
    }

    pub(crate) fn add(&self, id: &EntityId, by: i64) {
        self.apply(id, Action::Increment { field: "count".to_owned(), by: by.into() });
    }

    /// Makes a counter that no other test has.
    pub(crate) async fn create(&self) -> EntityId {
        let id = fresh();
        let fields = Fields::from([("count".to_owned(), 0.into()), ("title".to_owned(), "mine".into())]);
        self.apply(&id, Action::Create { kind: "thing".to_owned(), fields });
        // Its outcome may come before its event.
        self.confirms(&id, 0).await;
        id
    }

    pub(crate) async fn saved(&self) {
        wait_until("everything saved", || self.pending() == 0).await;
    }

    pub(crate) fn confirmed<T>(
        &self,
        id: &EntityId,
        field: &str,
        read: impl Fn(&serde_json::Value) -> Option<T>,
    ) -> Option<T> {
        self.realtime.read(|reader| reader.confirmed(&main(), id)?.fields.get(field).and_then(read))
    }

    pub(crate) async fn confirms(&self, id: &EntityId, count: i64) {
        self.saved().await;
        let counted = || self.confirmed(id, "count", serde_json::Value::as_i64);
        wait_until(&format!("a count of {count}"), || counted() == Some(count)).await;
    }

    pub(crate) fn find<T: JsCast>(&self, selector: &str) -> T {
        self.app.root.query_selector(selector).unwrap().expect(selector).unchecked_into()
    }

    pub(crate) fn all(&self, selector: &str) -> Vec<HtmlElement> {
        let found = self.app.root.query_selector_all(selector).unwrap();
        (0..found.length()).map(|at| found.get(at).unwrap().unchecked_into()).collect()
    }

    pub(crate) fn button(&self, words: &str) -> HtmlElement {
        let named = |button: &HtmlElement| button.text_content().is_some_and(|text| text == words);
        self.all("button").into_iter().find(named).expect(words)
    }

    pub(crate) fn is_disabled(&self, words: &str) -> bool {
        self.button(words).has_attribute("disabled")
    }

    pub(crate) fn press(&self, words: &str) {
        self.button(words).click();
    }

    pub(crate) fn check(&self, words: &str) {
        let named = |label: &HtmlElement| label.text_content().is_some_and(|text| text == words);
        let label = self.all("label").into_iter().find(named).expect(words);
        label.query_selector("input").unwrap().unwrap().unchecked_into::<HtmlElement>().click();
    }

    pub(crate) fn slide(&self, label: &str, value: u32) {
        let slider: HtmlInputElement = self.find(&format!("input[aria-label='{label}']"));
        slider.set_value(&value.to_string());
        tell(&slider, "input");
    }

    pub(crate) fn choose(&self, label: &str, value: &str) {
        let select: HtmlSelectElement = self.find(&format!("select[aria-label='{label}']"));
        select.set_value(value);
        tell(&select, "change");
    }

    pub(crate) fn faults(&self) -> String {
        self.find::<Element>(".demo-faults").text_content().unwrap()
    }

    pub(crate) async fn says(&self, words: &str) {
        wait_until(words, || self.find::<Element>(".demo-said").text_content().unwrap().contains(words)).await;
    }

    pub(crate) async fn breaks(&self, words: &str) {
        wait_until(words, || self.faults().contains(words)).await;
        // Effects run after the render.
        frames(2).await;
    }

    pub(crate) async fn heals(&self) {
        self.press("Heal all");
        wait_until("health", || self.faults() == "Nothing is broken").await;
    }
}

pub(crate) fn tell(element: &Element, event: &str) {
    let init = EventInit::new();
    init.set_bubbles(true);
    element.dispatch_event(&Event::new_with_event_init_dict(event, &init).unwrap()).unwrap();
}
