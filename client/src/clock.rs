//! The browser's clocks and timers.

use std::time::Duration;

use gloo::{timers::callback::Timeout, utils::window};
use tideboard_engine::Now;
use tideboard_shared::UnixMs;

/// Time by both clocks of the browser: the one that does not jump, and the user's.
pub(crate) fn now() -> Now {
    let mono_ms = window().performance().map_or_else(js_sys::Date::now, |performance| performance.now());
    Now { mono: Duration::from_secs_f64(mono_ms.max(0.0) / 1_000.0), wall: UnixMs(js_sys::Date::now() as u64) }
}

/// Timer that calls once after `delay`, unless it is dropped before.
#[derive(Debug)]
pub(crate) struct Timer {
    _timeout: Timeout,
}

impl Timer {
    pub(crate) fn new(delay: Duration, call: impl FnOnce() + 'static) -> Self {
        // Rounded up, so that the moment has come when it fires. Longer than 24 days, a browser would fire at once.
        let millis = delay.as_micros().div_ceil(1_000).min(i32::MAX as u128);
        Self { _timeout: Timeout::new(u32::try_from(millis).unwrap_or(u32::MAX), call) }
    }
}
