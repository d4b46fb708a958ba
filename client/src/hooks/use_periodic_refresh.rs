use std::{future::Future, rc::Rc, time::Duration};

use yew::prelude::*;

use crate::{
    by_address::ByAddress,
    hooks::use_realtime,
    refresher::{Fetch, RefreshInterval, Refresher, Rules},
};

mod handle;

pub use handle::UsePeriodicRefreshHandle;

/// Options of [`use_periodic_refresh`].
#[derive(Debug, PartialEq)]
pub struct UsePeriodicRefreshOptions<T, E> {
    /// Whether it fetches from the start. Default true; otherwise after `resume()`.
    pub auto_start: bool,
    /// How long from one fetch to the next. Default `ui.widget_refresh`.
    pub interval: RefreshInterval<T>,
    /// Whether it also fetches while the page is hidden. Default false.
    pub when_hidden: bool,
    /// Whether it also fetches while the machine says that it has no network. Default false.
    pub when_offline: bool,
    /// Fetches only while it says true; asked whenever a fetch is due. Default always.
    pub only_when: Option<Callback<(), bool>>,
    /// Whether it fetches when the user looks at the page again. Default true.
    pub on_focus: bool,
    /// Whether it fetches when there is a network, or a connection to the server, again. Default true.
    pub on_reconnect: bool,
    /// After a fetch began, so long nothing but the interval or a call begins another. Default 2 s.
    pub dedupe: Duration,
    /// By which share the interval is longer or shorter each time, at random. Default 0, at most 1.
    pub jitter: f64,
    /// Whether it does not fetch while the connection to the server is live, because news come by themselves. Default false.
    pub skip_if_live: bool,
    /// How long after a failure it tries again; doubled with each in a row, up to the interval. Default 5 s; `None`: the
    /// interval.
    pub error_retry: Option<Duration>,
    /// Whether data stay while others are fetched. Default true.
    pub keep_previous: bool,
    /// From which age on data are stale. Default never.
    pub stale_after: Option<Duration>,
    /// Called with what each fetch gave.
    pub on_end: Callback<Result<Rc<T>, Rc<E>>>,
}

impl<T, E> Default for UsePeriodicRefreshOptions<T, E> {
    fn default() -> Self {
        let Rules { auto_start, interval, when_hidden, when_offline, only_when, on_focus, on_reconnect, .. } =
            Rules::default();
        let Rules { dedupe, jitter, skip_if_live, error_retry, keep_previous, .. } = Rules::<T>::default();
        Self {
            auto_start,
            interval,
            when_hidden,
            when_offline,
            only_when,
            on_focus,
            on_reconnect,
            dedupe,
            jitter,
            skip_if_live,
            error_retry,
            keep_previous,
            stale_after: None,
            on_end: Callback::noop(),
        }
    }
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
/// Returns a [`UsePeriodicRefreshHandle`]; renders when a fetch begins or ends. The latest fetcher is used; when it would
/// fetch something else, call `refresh()`. A failure leaves the data as they are and shows as `error()`.
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
    let (stale_after, on_end) = (options.stale_after, options.on_end.clone());
    refresher.set_up(fetch, rules(options), on_end);
    use_effect_with(ByAddress::of(&refresher), |refresher| {
        refresher.start();
        let refresher = Rc::clone(&refresher.0);
        move || refresher.stop()
    });
    UsePeriodicRefreshHandle::new(refresher, stale_after)
}

fn rules<T, E>(options: UsePeriodicRefreshOptions<T, E>) -> Rules<T> {
    Rules {
        auto_start: options.auto_start,
        interval: options.interval,
        when_hidden: options.when_hidden,
        when_offline: options.when_offline,
        only_when: options.only_when,
        on_focus: options.on_focus,
        on_reconnect: options.on_reconnect,
        dedupe: options.dedupe,
        jitter: options.jitter,
        skip_if_live: options.skip_if_live,
        error_retry: options.error_retry,
        keep_previous: options.keep_previous,
    }
}
