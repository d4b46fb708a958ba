//! Fetches something now and again, as long as somebody is there to see it.
//!
//! In: a fetcher, options, what the page and the connection do. Out: the latest result, and a call at every change.
//! Never: two fetches at once, a fetch after [`Refresher::stop`], or one that the options forbid unless it is asked
//! for.

use std::{
    cell::RefCell,
    future::Future,
    pin::Pin,
    rc::{Rc, Weak},
    time::Duration,
};

use fastrand::Rng;
use futures_channel::oneshot;
use gloo::{
    events::EventListener,
    utils::{document, window},
};
use tideboard_engine::connection::backoff;
use tideboard_shared::UnixMs;
use wasm_bindgen_futures::spawn_local;
use web_sys::VisibilityState;

use super::{RefreshInterval, UsePeriodicRefreshOptions};
use crate::{
    Realtime,
    clock::Timer,
    hooks::{cells::Latest, use_store::Selected},
    random::random,
};

/// Future that a fetcher gives.
type Fetched<T, E> = Pin<Box<dyn Future<Output = Result<T, E>>>>;
/// Fetches.
pub(super) type Fetch<T, E> = Rc<dyn Fn() -> Fetched<T, E>>;
/// End of a fetch.
type End<T, E> = Result<Rc<T>, Rc<E>>;

/// Reason to fetch without being asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wake {
    /// The user looks at the page.
    Focus,
    /// There is a network, or a connection, again.
    Reconnect,
}

/// Snapshot of what is known.
pub(super) struct View<T, E> {
    pub(super) data: Option<Rc<T>>,
    pub(super) error: Option<Rc<E>>,
    pub(super) is_refreshing: bool,
    pub(super) is_paused: bool,
    /// Time at which data last came, by the user's clock.
    pub(super) updated: Option<UnixMs>,
    /// Time of the next fetch, by the clock that does not jump.
    pub(super) due: Option<Duration>,
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
pub(super) struct Refresher<T, E> {
    realtime: Realtime,
    fetch: Latest<Fetch<T, E>>,
    options: Latest<Rc<UsePeriodicRefreshOptions<T, E>>>,
    state: RefCell<State<T, E>>,
    on_change: Box<dyn Fn()>,
    this: Weak<Self>,
}

struct State<T, E> {
    view: View<T, E>,
    timer: Option<Timer>,
    events: Option<Events>,
    /// Time at which the last fetch began.
    started: Option<Duration>,
    /// Fetches in a row that failed.
    failures: u32,
    /// A fetch was due while it was forbidden.
    is_owed: bool,
    waiters: Vec<oneshot::Sender<End<T, E>>>,
    rng: Rng,
}

impl<T: 'static, E: 'static> Refresher<T, E> {
    pub(super) fn new(realtime: Realtime, fetch: Fetch<T, E>, on_change: impl Fn() + 'static) -> Rc<Self> {
        let view = View { data: None, error: None, is_refreshing: false, is_paused: false, updated: None, due: None };
        let rng = Rng::with_seed(random());
        let state = State {
            view,
            timer: None,
            events: None,
            started: None,
            failures: 0,
            is_owed: false,
            waiters: Vec::new(),
            rng,
        };
        Rc::new_cyclic(|this| Self {
            realtime,
            fetch: Latest::new(fetch),
            options: Latest::new(Rc::default()),
            state: RefCell::new(state),
            on_change: Box::new(on_change),
            this: this.clone(),
        })
    }

    /// Takes what the component wants as of its latest render.
    pub(super) fn set_up(&self, fetch: Fetch<T, E>, options: UsePeriodicRefreshOptions<T, E>) {
        self.fetch.set(fetch);
        self.options.set(Rc::new(options));
    }

    /// Begins: fetches at once where the options allow it.
    pub(super) fn start(&self) {
        let this = self.this.clone();
        let events = Events::new(&self.realtime, move |wake| {
            if let Some(refresher) = this.upgrade() {
                refresher.handle_wake(wake);
            }
        });
        self.state.borrow_mut().events = Some(events);
        if self.options.get().auto_start {
            self.tick();
        } else {
            self.change(|state| state.view.is_paused = true);
        }
    }

    /// Ends: what is under way comes to its end unheard.
    pub(super) fn stop(&self) {
        let mut state = self.state.borrow_mut();
        state.view.is_paused = true;
        let held = (state.timer.take(), state.events.take());
        drop(state);
        drop(held);
    }

    pub(super) fn view(&self) -> View<T, E> {
        self.state.borrow().view.clone()
    }

    pub(super) fn realtime(&self) -> &Realtime {
        &self.realtime
    }

    /// Fetches now, whatever the options say; joins a fetch that is under way. `None` when it was stopped before the
    /// end.
    pub(super) fn refresh(&self) -> impl Future<Output = Option<End<T, E>>> + use<T, E> {
        let (sender, receiver) = oneshot::channel();
        self.state.borrow_mut().waiters.push(sender);
        self.run();
        async move { receiver.await.ok() }
    }

    /// Fetches nothing by itself until [`Self::resume`].
    pub(super) fn pause(&self) {
        self.change(|state| {
            state.view.is_paused = true;
            state.view.due = None;
            state.timer = None;
        });
    }

    pub(super) fn resume(&self) {
        if !self.state.borrow().view.is_paused {
            return;
        }
        self.change(|state| state.view.is_paused = false);
        let now = self.realtime.now().mono;
        let interval = self.interval();
        let waited = self.state.borrow().started.map(|started| now.saturating_sub(started));
        match waited {
            Some(waited) if waited < interval => self.schedule(interval - waited),
            _ => self.tick(),
        }
    }

    /// The time has come.
    fn tick(&self) {
        let options = self.options.get();
        if self.state.borrow().view.is_paused {
            return;
        }
        if options.is_covered(&self.realtime) {
            // News come by themselves.
            self.schedule(self.interval());
        } else if options.may_fetch() {
            self.run();
        } else {
            self.state.borrow_mut().is_owed = true;
        }
    }

    fn handle_wake(&self, wake: Wake) {
        let options = self.options.get();
        let now = self.realtime.now().mono;
        let (is_paused, is_owed, is_recent) = {
            let state = self.state.borrow();
            let is_recent = state.started.is_some_and(|started| now.saturating_sub(started) < options.dedupe);
            (state.view.is_paused, state.is_owed, is_recent)
        };
        let is_wanted = match wake {
            Wake::Focus => options.on_focus,
            Wake::Reconnect => options.on_reconnect,
        };
        // A fetch that was due while it was forbidden comes now, whatever woke the page; any other only where the options want
        // it and the last one is not too fresh. While paused there is none.
        if !is_paused && (is_owed || (is_wanted && !is_recent)) {
            self.tick();
        }
    }

    fn run(&self) {
        if self.state.borrow().view.is_refreshing {
            return;
        }
        let options = self.options.get();
        let now = self.realtime.now().mono;
        self.change(|state| {
            state.view.is_refreshing = true;
            state.view.due = None;
            state.timer = None;
            state.started = Some(now);
            state.is_owed = false;
            if !options.keep_previous {
                state.view.data = None;
            }
        });
        let this = self.this.clone();
        let fetched = (self.fetch.get())();
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
                    state.view.updated = Some(self.realtime.now().wall);
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
                self.schedule(self.options.get().delay(self.interval(), failures));
            }
            self.options.get().on_end.emit(end.clone());
        }
        for waiter in waiters {
            // Nobody may wait for it.
            let _ = waiter.send(end.clone());
        }
    }

    fn interval(&self) -> Duration {
        let data = self.state.borrow().view.data.clone();
        self.options.get().interval(&self.realtime, data)
    }

    fn schedule(&self, delay: Duration) {
        let this = self.this.clone();
        let delay = self.options.get().jittered(delay, &mut self.state.borrow_mut().rng);
        let timer = Timer::new(delay, move || {
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

impl<T, E> UsePeriodicRefreshOptions<T, E> {
    /// Tells whether nothing has to be fetched, because everything comes by itself.
    fn is_covered(&self, realtime: &Realtime) -> bool {
        self.skip_if_live && realtime.read(|reader| reader.connection().state.is_live())
    }

    /// Tells whether somebody is there to see it, and a network to bring it.
    fn may_fetch(&self) -> bool {
        (self.when_hidden || document().visibility_state() == VisibilityState::Visible)
            && (self.when_offline || window().navigator().on_line())
            && self.only_when.as_ref().is_none_or(|only_when| only_when.emit(()))
    }

    fn interval(&self, realtime: &Realtime, data: Option<Rc<T>>) -> Duration {
        match &self.interval {
            RefreshInterval::Configured => realtime.read(|reader| reader.config().ui.widget_refresh.get()),
            RefreshInterval::Every(interval) => *interval,
            RefreshInterval::ByData(interval) => interval.emit(data),
        }
    }

    /// Delay after a fetch: less after one that failed, but longer with each in a row.
    fn delay(&self, interval: Duration, failures: u32) -> Duration {
        match self.error_retry {
            Some(base) if failures > 0 => backoff::ceiling(base, interval, 2.0, failures),
            _ => interval,
        }
    }

    /// Up to `jitter` of it more or less, so that many pages do not fetch as one.
    fn jittered(&self, delay: Duration, rng: &mut Rng) -> Duration {
        let shift = self.jitter.clamp(0.0, 1.0) * (rng.f64() * 2.0 - 1.0);
        delay.mul_f64(1.0 + shift)
    }
}

/// Says when the user looks at the page again and when there is a network or a connection again, until dropped.
struct Events {
    _listeners: [EventListener; 3],
    _connection: Selected<bool>,
}

impl Events {
    fn new(realtime: &Realtime, on_wake: impl Fn(Wake) + Clone + 'static) -> Self {
        let focus = EventListener::new(&window(), "focus", {
            let on_wake = on_wake.clone();
            move |_| on_wake(Wake::Focus)
        });
        let visible = EventListener::new(&document(), "visibilitychange", {
            let on_wake = on_wake.clone();
            move |_| {
                if document().visibility_state() == VisibilityState::Visible {
                    on_wake(Wake::Focus);
                }
            }
        });
        let online = EventListener::new(&window(), "online", {
            let on_wake = on_wake.clone();
            move |_| on_wake(Wake::Reconnect)
        });
        let connection = Selected::follow(
            realtime,
            |reader| reader.connection().state.is_live(),
            move |_, is_live| {
                if **is_live {
                    on_wake(Wake::Reconnect);
                }
            },
        );
        Self { _listeners: [focus, visible, online], _connection: connection }
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    type Options = UsePeriodicRefreshOptions<(), ()>;

    #[wasm_bindgen_test]
    fn what_failed_is_tried_again_sooner_and_then_ever_later() {
        let options = Options { error_retry: Some(Duration::from_secs(5)), ..Options::default() };
        let delays =
            [0, 1, 2, 3, 4, 5, u32::MAX].map(|failures| options.delay(Duration::from_secs(60), failures).as_secs());
        assert_eq!(delays, [60, 5, 10, 20, 40, 60, 60]);
    }

    #[wasm_bindgen_test]
    fn jitter_stays_within_its_share() {
        let options = Options { jitter: 0.25, ..Options::default() };
        let mut rng = Rng::with_seed(7);
        let mut jittered = || options.jittered(Duration::from_secs(8), &mut rng).as_secs_f64();
        let delays: Vec<_> = (0..200).map(|_| jittered()).collect();
        assert!(delays.iter().all(|delay| (6.0..=10.0).contains(delay)));
        assert!(delays.iter().any(|delay| *delay < 7.0) && delays.iter().any(|delay| *delay > 9.0));
    }
}
