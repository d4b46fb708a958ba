use std::{rc::Rc, time::Duration};

use yew::Callback;

use crate::refresher::{RefreshInterval, Rules};

/// Options of [`super::use_periodic_refresh`].
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

impl<T, E> UsePeriodicRefreshOptions<T, E> {
    pub(super) fn rules(self) -> Rules<T> {
        Rules {
            auto_start: self.auto_start,
            interval: self.interval,
            when_hidden: self.when_hidden,
            when_offline: self.when_offline,
            only_when: self.only_when,
            on_focus: self.on_focus,
            on_reconnect: self.on_reconnect,
            dedupe: self.dedupe,
            jitter: self.jitter,
            skip_if_live: self.skip_if_live,
            error_retry: self.error_retry,
            keep_previous: self.keep_previous,
        }
    }
}
