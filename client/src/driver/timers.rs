use std::time::Duration;

use gloo::timers::callback::Timeout;

/// Calls once after `delay`, unless it is dropped before.
#[derive(Debug)]
pub(super) struct Timer {
    _timeout: Timeout,
}

impl Timer {
    pub(super) fn new(delay: Duration, call: impl FnOnce() + 'static) -> Self {
        // Rounded up, so that the moment has come when it fires. Longer than 24 days, a browser would fire at once.
        let millis = delay.as_micros().div_ceil(1_000).min(i32::MAX as u128);
        Self { _timeout: Timeout::new(u32::try_from(millis).unwrap_or(u32::MAX), call) }
    }
}
