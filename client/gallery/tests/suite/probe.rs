//! A component that shows one hook: what the tests of hooks share.

use tideboard_client::{Realtime, RealtimeProvider};
use tideboard_engine::{BoardStatus, Config, config::millis};
use tideboard_shared::{BoardId, EntityId};
use yew::prelude::*;

use crate::page::{Log, Mounted, SERVER, mount, wait_until};

/// Properties of a component that calls one hook with these options and notes every handle that it gets.
pub(crate) struct Probe<O, H> {
    pub(crate) options: O,
    pub(crate) renders: Log<H>,
}

impl<O: Clone, H> Clone for Probe<O, H> {
    fn clone(&self) -> Self {
        Self { options: self.options.clone(), renders: self.renders.clone() }
    }
}

impl<O: PartialEq, H> PartialEq for Probe<O, H> {
    fn eq(&self, other: &Self) -> bool {
        self.options == other.options && self.renders == other.renders
    }
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ProbeProps<O: Clone + PartialEq, H: Clone + PartialEq> {
    pub(crate) probe: Probe<O, H>,
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct HostProps<O: Clone + PartialEq, H: Clone + PartialEq> {
    probe: Probe<O, H>,
    realtime: Log<Realtime>,
    /// Gives the component other options.
    setter: Log<UseStateSetter<O>>,
    config: Config,
}

/// A provider around one component.
#[component]
pub(crate) fn Host<C, O, H>(props: &HostProps<O, H>) -> Html
where
    C: BaseComponent<Properties = ProbeProps<O, H>>,
    O: Clone + PartialEq + 'static,
    H: Clone + PartialEq + 'static,
{
    let realtime = props.realtime.clone();
    let on_initialized = Callback::from(move |handle| realtime.note(handle));
    let options = use_state(|| props.probe.options.clone());
    if props.setter.len() == 0 {
        props.setter.note(options.setter());
    }
    let probe = Probe { options: (*options).clone(), renders: props.probe.renders.clone() };
    html! {
        <RealtimeProvider url={SERVER} persistent={false} config={props.config.clone()} {on_initialized}><C {probe} /></RealtimeProvider>
    }
}

/// A mounted hook.
pub(crate) struct Hooked<C, O, H>
where
    C: BaseComponent<Properties = ProbeProps<O, H>>,
    O: Clone + PartialEq + 'static,
    H: Clone + PartialEq + 'static,
{
    app: Option<Mounted<Host<C, O, H>>>,
    pub(crate) renders: Log<H>,
    realtime: Log<Realtime>,
    setter: Log<UseStateSetter<O>>,
}

/// Mounts a component that calls a hook, and waits for its first render.
pub(crate) async fn hooked<C, O, H>(options: O) -> Hooked<C, O, H>
where
    C: BaseComponent<Properties = ProbeProps<O, H>>,
    O: Clone + PartialEq + 'static,
    H: Clone + PartialEq + 'static,
{
    hooked_with(options, quick()).await
}

/// Mounts a component that calls a hook, with other settings than [`quick`].
pub(crate) async fn hooked_with<C, O, H>(options: O, config: Config) -> Hooked<C, O, H>
where
    C: BaseComponent<Properties = ProbeProps<O, H>>,
    O: Clone + PartialEq + 'static,
    H: Clone + PartialEq + 'static,
{
    let renders = Log::default();
    let realtime = Log::default();
    let setter = Log::default();
    let probe = Probe { options, renders: renders.clone() };
    let app = mount(HostProps { probe, realtime: realtime.clone(), setter: setter.clone(), config });
    wait_until("the first render", || renders.len() > 0 && realtime.len() > 0).await;
    Hooked { app: Some(app), renders, realtime, setter }
}

impl<C, O, H> Hooked<C, O, H>
where
    C: BaseComponent<Properties = ProbeProps<O, H>>,
    O: Clone + PartialEq + 'static,
    H: Clone + PartialEq + 'static,
{
    /// Handle that the hook returned last.
    pub(crate) fn handle(&self) -> H {
        self.renders.last()
    }

    pub(crate) fn realtime(&self) -> Realtime {
        self.realtime.last()
    }

    /// Renders with other options.
    pub(crate) fn set_options(&self, options: O) {
        self.setter.last().set(options);
    }

    pub(crate) async fn until(&self, what: &str, condition: impl Fn(&H) -> bool) -> H {
        wait_until(what, || condition(&self.handle())).await;
        self.handle()
    }

    /// Waits until the connection stands.
    pub(crate) async fn live(&self) -> H {
        let realtime = self.realtime();
        wait_until("a live connection", || realtime.read(|reader| reader.connection().state.is_live())).await;
        self.handle()
    }

    /// Waits until the board `main` is there.
    pub(crate) async fn on_board(&self) -> H {
        let realtime = self.realtime();
        let status = || realtime.read(|reader| Some(reader.board(&board())?.status));
        wait_until("a live board", || status() == Some(BoardStatus::Live)).await;
        self.handle()
    }

    /// Takes everything off the page; the realtime handle stays usable.
    pub(crate) fn unmount(&mut self) {
        self.app = None;
    }
}

/// Settings with which reconnecting takes no time.
pub(crate) fn quick() -> Config {
    let mut config = Config::default();
    config.connection.reconnect.base = millis(10);
    config.connection.reconnect.max_delay = millis(100);
    config
}

pub(crate) fn board() -> BoardId {
    "main".parse().unwrap()
}

/// A name that no other test has.
pub(crate) fn fresh() -> EntityId {
    EntityId::from(format!("test-{}", js_sys::Math::random()))
}
