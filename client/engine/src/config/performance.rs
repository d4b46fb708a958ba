//! From when on something counts as slow, and how often the page is drawn.

use super::{
    tree::settings,
    value::{Hertz, Span, hertz, millis},
};

settings! {
    /// From when on something counts as slow, and how often the page is drawn.
    PerformanceConfig {
        /// Most often that the page is drawn because of new data.
        max_render_hz: Hertz<1, 240> = hertz(60),
        /// A drawn frame that took longer counts as slow.
        slow_frame: Span<1, 10_000> = millis(50),
        /// A task on the main thread that took longer counts as long; 50 ms is the Long Tasks API's own threshold.
        long_task: Span<50, 10_000> = millis(50),
        /// A call of the engine that took longer is reported.
        slow_call: Span<1, 10_000> = millis(16),
        /// A round trip that takes longer is shown as a slow connection.
        slow_rtt: Span<10, 60_000> = millis(500),
    }
}
