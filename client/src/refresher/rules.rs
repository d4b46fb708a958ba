use std::{rc::Rc, time::Duration};

use gloo::utils::{document, window};
use web_sys::VisibilityState;
use yew::Callback;

use crate::Realtime;

/// How long from one fetch to the next.
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

/// When to fetch.
pub(crate) struct Rules<T> {
    pub(crate) auto_start: bool,
    pub(crate) interval: RefreshInterval<T>,
    pub(crate) when_hidden: bool,
    pub(crate) when_offline: bool,
    pub(crate) only_when: Option<Callback<(), bool>>,
    pub(crate) on_focus: bool,
    pub(crate) on_reconnect: bool,
    pub(crate) dedupe: Duration,
    pub(crate) jitter: f64,
    pub(crate) skip_if_live: bool,
    pub(crate) error_retry: Option<Duration>,
    pub(crate) keep_previous: bool,
}

impl<T> Default for Rules<T> {
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
        }
    }
}

impl<T> Rules<T> {
    /// Whether nothing has to be fetched, because everything comes by itself.
    pub(super) fn is_covered(&self, realtime: &Realtime) -> bool {
        self.skip_if_live && realtime.read(|reader| reader.connection().state.is_live()).0
    }

    /// Whether somebody is there to see it, and a network to bring it.
    pub(super) fn may_fetch(&self) -> bool {
        (self.when_hidden || document().visibility_state() == VisibilityState::Visible)
            && (self.when_offline || window().navigator().on_line())
            && self.only_when.as_ref().is_none_or(|only_when| only_when.emit(()))
    }

    pub(super) fn interval(&self, realtime: &Realtime, data: Option<Rc<T>>) -> Duration {
        match &self.interval {
            RefreshInterval::Configured => realtime.read(|reader| reader.config().ui.widget_refresh.get()).0,
            RefreshInterval::Every(interval) => *interval,
            RefreshInterval::ByData(interval) => interval.emit(data),
        }
    }

    /// How long to wait after a fetch: less after one that failed, but longer with each in a row.
    pub(super) fn delay(&self, interval: Duration, failures: u32) -> Duration {
        match self.error_retry {
            Some(base) if failures > 0 => base.saturating_mul(1 << (failures - 1).min(16)).min(interval),
            _ => interval,
        }
    }

    /// Up to `jitter` of it more or less, so that many pages do not fetch as one.
    pub(super) fn jittered(&self, delay: Duration) -> Duration {
        let shift = self.jitter.clamp(0.0, 1.0) * (js_sys::Math::random() * 2.0 - 1.0);
        delay.mul_f64(1.0 + shift)
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn what_failed_is_tried_again_sooner_and_then_ever_later() {
        let rules = Rules::<()> { error_retry: Some(Duration::from_secs(5)), ..Rules::default() };
        let delays =
            [0, 1, 2, 3, 4, 5, u32::MAX].map(|failures| rules.delay(Duration::from_secs(60), failures).as_secs());
        assert_eq!(delays, [60, 5, 10, 20, 40, 60, 60]);
    }

    #[wasm_bindgen_test]
    fn jitter_stays_within_its_share() {
        let rules = Rules::<()> { jitter: 0.25, ..Rules::default() };
        let delays: Vec<_> = (0..200).map(|_| rules.jittered(Duration::from_secs(8)).as_secs_f64()).collect();
        assert!(delays.iter().all(|delay| (6.0..=10.0).contains(delay)));
        assert!(delays.iter().any(|delay| *delay < 7.0) && delays.iter().any(|delay| *delay > 9.0));
    }
}
