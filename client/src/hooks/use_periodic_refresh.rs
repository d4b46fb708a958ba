use std::{future::Future, rc::Rc, time::Duration};

use tideboard_shared::UnixMs;
use yew::prelude::*;

use super::use_realtime;
use crate::ByAddress;

mod refresher;

use refresher::{Fetch, Refresher, View};

/// Options of [`use_periodic_refresh`].
#[derive(Debug, PartialEq)]
pub struct UsePeriodicRefreshOptions<T, E> {
    /// Fetches from the start. Default true; otherwise after `resume()`.
    pub auto_start: bool,
    /// Time from one fetch to the next. Default `ui.widget_refresh`.
    pub interval: RefreshInterval<T>,
    /// Fetches also while the page is hidden. Default false.
    pub when_hidden: bool,
    /// Fetches also while the machine says that it has no network. Default false.
    pub when_offline: bool,
    /// Fetches only while it says true; asked whenever a fetch is due. Default always.
    pub only_when: Option<Callback<(), bool>>,
    /// Fetches when the user looks at the page again. Default true.
    pub on_focus: bool,
    /// Fetches when there is a network, or a connection to the server, again. Default true.
    pub on_reconnect: bool,
    /// After a fetch began, so long nothing but the interval or a call begins another. Default 2 s.
    pub dedupe: Duration,
    /// By which share the interval is longer or shorter each time, at random. Default 0, at most 1.
    pub jitter: f64,
    /// Leaves fetches out while the connection to the server is live, because news come by themselves. Default false.
    pub skip_if_live: bool,
    /// Delay before it tries again after a failure; doubled with each in a row, up to the interval. Default 5 s;
    /// `None`: the interval.
    pub error_retry: Option<Duration>,
    /// Keeps data while others are fetched. Default true.
    pub keep_previous: bool,
    /// From which age on data are stale. Default never.
    pub stale_after: Option<Duration>,
    /// Called with what each fetch gave.
    pub on_end: Callback<Result<Rc<T>, Rc<E>>>,
}

impl<T, E> Default for UsePeriodicRefreshOptions<T, E> {
    fn default() -> Self {
        Self {
            auto_start: true,
            interval: RefreshInterval::Configured,
            when_hidden: false,
            when_offline: false,
            only_when: None,
            on_focus: true,
            on_reconnect: true,
            dedupe: Duration::from_secs(2),
            jitter: 0.0,
            skip_if_live: false,
            error_retry: Some(Duration::from_secs(5)),
            keep_previous: true,
            stale_after: None,
            on_end: Callback::noop(),
        }
    }
}

/// Time from one fetch to the next.
#[derive(Debug, PartialEq)]
pub enum RefreshInterval<T> {
    /// As long as `ui.widget_refresh` says, 1 min by default.
    Configured,
    /// Always the same.
    Every(Duration),
    /// As the latest data suggest; none before the first.
    ByData(Callback<Option<Rc<T>>, Duration>),
}

impl<T> Clone for RefreshInterval<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Configured => Self::Configured,
            Self::Every(interval) => Self::Every(*interval),
            Self::ByData(interval) => Self::ByData(interval.clone()),
        }
    }
}

/// Handle of [`use_periodic_refresh`].
pub struct UsePeriodicRefreshHandle<T, E> {
    refresher: Rc<Refresher<T, E>>,
    view: View<T, E>,
    stale_after: Option<Duration>,
}

impl<T: 'static, E: 'static> UsePeriodicRefreshHandle<T, E> {
    fn new(refresher: Rc<Refresher<T, E>>, stale_after: Option<Duration>) -> Self {
        let view = refresher.view();
        Self { refresher, view, stale_after }
    }

    /// The latest data.
    #[must_use]
    pub fn data(&self) -> Option<&T> {
        self.view.data.as_deref()
    }

    /// Reason why the latest fetch failed.
    #[must_use]
    pub fn error(&self) -> Option<&E> {
        self.view.error.as_deref()
    }

    /// Tells whether the first data are on their way.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.view.is_refreshing && self.view.data.is_none()
    }

    /// Tells whether data are on their way.
    #[must_use]
    pub fn is_refreshing(&self) -> bool {
        self.view.is_refreshing
    }

    /// Tells whether nothing is fetched by itself.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.view.is_paused
    }

    /// Time at which data last came, by the user's clock.
    #[must_use]
    pub fn last_updated(&self) -> Option<UnixMs> {
        self.view.updated
    }

    /// Tells whether the data are older than `stale_after`. By the clock of the call: it does not render by itself.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        let age = self.view.updated.map(|at| self.refresher.realtime().now().wall.0.saturating_sub(at.0));
        self.stale_after.zip(age).is_some_and(|(limit, age_ms)| Duration::from_millis(age_ms) >= limit)
    }

    /// Time until the next fetch; `None` while one is under way, or none is due. By the clock of the call.
    #[must_use]
    pub fn next_in(&self) -> Option<Duration> {
        let now = self.refresher.realtime().now().mono;
        self.refresher.view().due.map(|due| due.saturating_sub(now))
    }

    /// Fetches now, or joins what is under way. The future gives what comes of it, and `None` when the component goes
    /// before; it need not be awaited.
    pub fn refresh(&self) -> impl Future<Output = Option<Result<Rc<T>, Rc<E>>>> + use<T, E> {
        self.refresher.refresh()
    }

    /// Fetches nothing by itself until [`Self::resume`].
    pub fn pause(&self) {
        self.refresher.pause();
    }

    /// Ends [`Self::pause`]; what was due meanwhile is fetched at once.
    pub fn resume(&self) {
        self.refresher.resume();
    }
}

impl<T, E> Clone for UsePeriodicRefreshHandle<T, E> {
    fn clone(&self) -> Self {
        Self { refresher: Rc::clone(&self.refresher), view: self.view.clone(), stale_after: self.stale_after }
    }
}

impl<T, E> PartialEq for UsePeriodicRefreshHandle<T, E> {
    fn eq(&self, other: &Self) -> bool {
        let a = &self.view;
        let b = &other.view;
        Rc::ptr_eq(&self.refresher, &other.refresher)
            && self.stale_after == other.stale_after
            && same(a.data.as_ref(), b.data.as_ref())
            && same(a.error.as_ref(), b.error.as_ref())
            && (a.is_refreshing, a.is_paused, a.updated) == (b.is_refreshing, b.is_paused, b.updated)
    }
}

impl<T, E> std::fmt::Debug for UsePeriodicRefreshHandle<T, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let is_refreshing = self.view.is_refreshing;
        f.debug_struct("UsePeriodicRefreshHandle").field("is_refreshing", &is_refreshing).finish_non_exhaustive()
    }
}

fn same<T>(a: Option<&Rc<T>>, b: Option<&Rc<T>>) -> bool {
    a.map(Rc::as_ptr) == b.map(Rc::as_ptr)
}

/// Fetches something now and again, as long as somebody is there to see it.
///
/// ```no_run
/// use tideboard_client::hooks::use_periodic_refresh;
/// use yew::prelude::*;
///
/// async fn weather() -> Result<String, String> {
///     Ok("sunny".to_owned())
/// }
///
/// #[component]
/// fn Weather() -> Html {
///     let weather = use_periodic_refresh(weather);
///     let onclick = {
///         let weather = weather.clone();
///         move |_| drop(weather.refresh())
///     };
///     html! { <button {onclick}>{ weather.data().map_or("…", String::as_str) }</button> }
/// }
/// ```
///
/// | option of [`use_periodic_refresh_with_options`] | default | |
/// |---|---|---|
/// | `auto_start` | true | fetches from the start |
/// | `interval` | `ui.widget_refresh` | fixed, or a function of the data |
/// | `when_hidden`, `when_offline` | false | what is due meanwhile is fetched afterwards |
/// | `only_when` | always | the application's own condition |
/// | `on_focus`, `on_reconnect` | true | fetches then as well |
/// | `dedupe` | 2 s | not so soon after another |
/// | `jitter` | 0 | share of the interval |
/// | `skip_if_live` | false | news come by themselves |
/// | `error_retry` | 5 s | sooner after a failure, doubled each time |
/// | `keep_previous` | true | data stay while others are fetched |
/// | `stale_after` | never | from which age on data are stale |
/// | `on_end` | none | called with what each fetch gave |
///
/// Returns a [`UsePeriodicRefreshHandle`]; renders when a fetch begins or ends. The latest fetcher is used; when it
/// would fetch something else, call `refresh()`. A failure leaves the data as they are and shows as `error()`.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_periodic_refresh<T, E, F, Fut>(fetcher: F) -> UsePeriodicRefreshHandle<T, E>
where
    T: 'static,
    E: 'static,
    F: Fn() -> Fut + 'static,
    Fut: Future<Output = Result<T, E>> + 'static,
{
    use_periodic_refresh_with_options(fetcher, UsePeriodicRefreshOptions::default())
}

/// [`use_periodic_refresh`] with options.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_periodic_refresh_with_options<T, E, F, Fut>(
    fetcher: F,
    options: UsePeriodicRefreshOptions<T, E>,
) -> UsePeriodicRefreshHandle<T, E>
where
    T: 'static,
    E: 'static,
    F: Fn() -> Fut + 'static,
    Fut: Future<Output = Result<T, E>> + 'static,
{
    let realtime = use_realtime();
    let update = use_force_update();
    let fetch: Fetch<T, E> = Rc::new(move || Box::pin(fetcher()));
    let refresher: Rc<Rc<Refresher<T, E>>> = {
        let fetch = Rc::clone(&fetch);
        use_memo(realtime, move |realtime| Refresher::new(realtime.clone(), fetch, move || update.force_update()))
    };
    let refresher = Rc::clone(&*refresher);
    let stale_after = options.stale_after;
    refresher.set_up(fetch, options);
    use_effect_with(ByAddress::of(&refresher), |refresher| {
        refresher.start();
        let refresher = Rc::clone(&refresher.0);
        move || refresher.stop()
    });
    UsePeriodicRefreshHandle::new(refresher, stale_after)
}
