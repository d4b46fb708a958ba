//! Fetches something now and again, as long as somebody is there to see it.
//!
//! In: a fetcher, rules, what the page and the connection do. Out: the latest result, and a call at every change. Never:
//! two fetches at once, a fetch after [`Refresher::stop`], or one that the rules forbid unless it is asked for.

use std::{
    cell::RefCell,
    future::Future,
    pin::Pin,
    rc::{Rc, Weak},
    time::Duration,
};

use futures_channel::oneshot;
use gloo::timers::callback::Timeout;
use tideboard_shared::UnixMs;
use wasm_bindgen_futures::spawn_local;
use yew::Callback;

use crate::{Realtime, latest::Latest};

mod events;
mod rules;

use events::Events;
pub use rules::RefreshInterval;
pub(crate) use rules::Rules;

/// What a fetcher gives.
pub(crate) type Fetched<T, E> = Pin<Box<dyn Future<Output = Result<T, E>>>>;
/// Fetches.
pub(crate) type Fetch<T, E> = Rc<dyn Fn() -> Fetched<T, E>>;
/// How a fetch ended.
pub(crate) type End<T, E> = Result<Rc<T>, Rc<E>>;

/// Why a fetch is wanted without being asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wake {
    /// The user looks at the page.
    Focus,
    /// There is a network, or a connection, again.
    Reconnect,
}

/// What is known at one moment.
pub(crate) struct View<T, E> {
    pub(crate) data: Option<Rc<T>>,
    pub(crate) error: Option<Rc<E>>,
    pub(crate) is_refreshing: bool,
    pub(crate) is_paused: bool,
    /// When data last came, by the user's clock.
    pub(crate) updated: Option<UnixMs>,
    /// When the next fetch is due, by the clock that does not jump.
    pub(crate) due: Option<Duration>,
}

impl<T, E> Clone for View<T, E> {
    fn clone(&self) -> Self {
        let Self { data, error, is_refreshing, is_paused, updated, due } = self;
        Self {
            data: data.clone(),
            error: error.clone(),
            is_refreshing: *is_refreshing,
            is_paused: *is_paused,
            updated: *updated,
            due: *due,
        }
    }
}

/// Fetches for one component.
pub(crate) struct Refresher<T, E> {
    realtime: Realtime,
    fetch: Latest<Fetch<T, E>>,
    rules: Latest<Rc<Rules<T>>>,
    on_end: Latest<Callback<End<T, E>>>,
    state: RefCell<State<T, E>>,
    on_change: Box<dyn Fn()>,
    this: Weak<Self>,
}

struct State<T, E> {
    view: View<T, E>,
    timer: Option<Timeout>,
    events: Option<Events>,
    /// When the last fetch began.
    started: Option<Duration>,
    /// Fetches in a row that failed.
    failures: u32,
    /// A fetch was due while it was forbidden.
    is_owed: bool,
    waiters: Vec<oneshot::Sender<End<T, E>>>,
}

impl<T: 'static, E: 'static> Refresher<T, E> {
    pub(crate) fn new(realtime: Realtime, fetch: Fetch<T, E>, on_change: impl Fn() + 'static) -> Rc<Self> {
        let view = View { data: None, error: None, is_refreshing: false, is_paused: false, updated: None, due: None };
        let state =
            State { view, timer: None, events: None, started: None, failures: 0, is_owed: false, waiters: Vec::new() };
        Rc::new_cyclic(|this| Self {
            realtime,
            fetch: Latest::new(fetch),
            rules: Latest::new(Rc::default()),
            on_end: Latest::new(Callback::noop()),
            state: RefCell::new(state),
            on_change: Box::new(on_change),
            this: this.clone(),
        })
    }

    /// What the component wants as of its latest render.
    pub(crate) fn set_up(&self, fetch: Fetch<T, E>, rules: Rules<T>, on_end: Callback<End<T, E>>) {
        self.fetch.set(fetch);
        self.rules.set(Rc::new(rules));
        self.on_end.set(on_end);
    }

    /// Begins: fetches at once where the rules allow it.
    pub(crate) fn start(&self) {
        let this = self.this.clone();
        let events = Events::new(&self.realtime, move |wake| {
            if let Some(refresher) = this.upgrade() {
                refresher.handle_wake(wake);
            }
        });
        self.state.borrow_mut().events = Some(events);
        if self.rules.get().auto_start {
            self.tick();
        } else {
            self.change(|state| state.view.is_paused = true);
        }
    }

    /// Ends: what is under way comes to its end unheard.
    pub(crate) fn stop(&self) {
        let mut state = self.state.borrow_mut();
        state.view.is_paused = true;
        let held = (state.timer.take(), state.events.take());
        drop(state);
        drop(held);
    }

    pub(crate) fn view(&self) -> View<T, E> {
        self.state.borrow().view.clone()
    }

    pub(crate) fn realtime(&self) -> &Realtime {
        &self.realtime
    }

    /// Fetches now, whatever the rules say; joins a fetch that is under way. `None` when it was stopped before the end.
    pub(crate) fn refresh(&self) -> impl Future<Output = Option<End<T, E>>> + use<T, E> {
        let (sender, receiver) = oneshot::channel();
        self.state.borrow_mut().waiters.push(sender);
        self.run();
        async move { receiver.await.ok() }
    }

    /// Fetches nothing by itself until [`Self::resume`].
    pub(crate) fn pause(&self) {
        self.change(|state| {
            state.view.is_paused = true;
            state.view.due = None;
            state.timer = None;
        });
    }

    pub(crate) fn resume(&self) {
        if !self.state.borrow().view.is_paused {
            return;
        }
        self.change(|state| state.view.is_paused = false);
        let (now, interval) = (self.realtime.now().mono, self.interval());
        let waited = self.state.borrow().started.map(|started| now.saturating_sub(started));
        match waited {
            Some(waited) if waited < interval => self.schedule(interval - waited),
            _ => self.tick(),
        }
    }

    /// The time has come.
    fn tick(&self) {
        let rules = self.rules.get();
        if self.state.borrow().view.is_paused {
            return;
        }
        if rules.is_covered(&self.realtime) {
            // News come by themselves.
            self.schedule(self.interval());
        } else if rules.may_fetch() {
            self.run();
        } else {
            self.state.borrow_mut().is_owed = true;
        }
    }

    fn handle_wake(&self, wake: Wake) {
        let rules = self.rules.get();
        let now = self.realtime.now().mono;
        let (is_paused, is_owed, is_recent) = {
            let state = self.state.borrow();
            let is_recent = state.started.is_some_and(|started| now.saturating_sub(started) < rules.dedupe);
            (state.view.is_paused, state.is_owed, is_recent)
        };
        let is_wanted = match wake {
            Wake::Focus => rules.on_focus,
            Wake::Reconnect => rules.on_reconnect,
        };
        if !is_paused && (is_owed || (is_wanted && !is_recent)) {
            self.tick();
        }
    }

    fn run(&self) {
        if self.state.borrow().view.is_refreshing {
            return;
        }
        let rules = self.rules.get();
        let now = self.realtime.now().mono;
        self.change(|state| {
            state.view.is_refreshing = true;
            state.view.due = None;
            state.timer = None;
            state.started = Some(now);
            state.is_owed = false;
            if !rules.keep_previous {
                state.view.data = None;
            }
        });
        let (this, fetched) = (self.this.clone(), (self.fetch.get())());
        spawn_local(async move {
            let end = fetched.await.map(Rc::new).map_err(Rc::new);
            if let Some(refresher) = this.upgrade() {
                refresher.handle_end(end);
            }
        });
    }

    fn handle_end(&self, end: End<T, E>) {
        let waiters = self.change(|state| {
            state.view.is_refreshing = false;
            match &end {
                Ok(data) => {
                    state.view.data = Some(Rc::clone(data));
                    state.view.error = None;
                    state.view.updated = Some(UnixMs(js_sys::Date::now() as u64));
                    state.failures = 0;
                }
                Err(error) => {
                    state.view.error = Some(Rc::clone(error));
                    state.failures = state.failures.saturating_add(1);
                }
            }
            std::mem::take(&mut state.waiters)
        });
        let (is_stopped, is_paused, failures) = {
            let state = self.state.borrow();
            (state.events.is_none(), state.view.is_paused, state.failures)
        };
        if !is_stopped {
            if !is_paused {
                self.schedule(self.rules.get().delay(self.interval(), failures));
            }
            self.on_end.get().emit(end.clone());
        }
        for waiter in waiters {
            // Nobody may wait for it.
            let _ = waiter.send(end.clone());
        }
    }

    fn interval(&self) -> Duration {
        let data = self.state.borrow().view.data.clone();
        self.rules.get().interval(&self.realtime, data)
    }

    fn schedule(&self, delay: Duration) {
        let this = self.this.clone();
        let delay = self.rules.get().jittered(delay);
        // Longer than 24 days, a browser would fire at once.
        let millis = u32::try_from(delay.as_millis().min(i32::MAX as u128)).unwrap_or(u32::MAX);
        let timer = Timeout::new(millis, move || {
            if let Some(refresher) = this.upgrade() {
                refresher.tick();
            }
        });
        let mut state = self.state.borrow_mut();
        state.view.due = Some(self.realtime.now().mono + delay);
        state.timer = Some(timer);
    }

    /// Changes the state and tells the component.
    fn change<R>(&self, change: impl FnOnce(&mut State<T, E>) -> R) -> R {
        let result = change(&mut self.state.borrow_mut());
        (self.on_change)();
        result
    }
}
