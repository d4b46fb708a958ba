use std::time::Duration;

use gloo::utils::window;
use tideboard_engine::Now;
use tideboard_shared::UnixMs;

/// The browser's two clocks.
pub(super) fn now() -> Now {
    let mono_ms = window().performance().map_or_else(js_sys::Date::now, |performance| performance.now());
    Now { mono: Duration::from_secs_f64(mono_ms.max(0.0) / 1_000.0), wall: UnixMs(js_sys::Date::now() as u64) }
}
