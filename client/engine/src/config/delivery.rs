//! When to hand updates to the application.

use serde::{Deserialize, Serialize};

use super::{
    tree::settings,
    value::{Count, Span, choices, count, millis, secs},
};

/// When what has arrived is handed on, for consumers that do not say so themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Before the next frame is painted.
    Raf,
    /// When there are many, or the oldest has waited for long enough.
    Batch,
    /// When nothing has arrived for a while.
    Debounce,
    /// At once, but not too often.
    Throttle,
}

choices!(Strategy: Raf = "raf", Batch = "batch", Debounce = "debounce", Throttle = "throttle");

settings! {
    /// When to hand updates to the application.
    DeliveryConfig {
        /// The policy of consumers that name none.
        strategy: Strategy = Strategy::Batch,
        /// `batch`: as soon as so many have arrived.
        batch_size: Count<1, 10_000> = count(50),
        /// `batch`: as soon as the oldest has waited for so long.
        batch_delay: Span<1, 60_000> = millis(200),
        /// `debounce`: when nothing has arrived for so long.
        debounce: Span<1, 60_000> = millis(100),
        /// `debounce`: when the oldest has waited for so long, whatever arrives.
        debounce_max: Span<1, 600_000> = secs(1),
        /// `throttle`: at most once in so long.
        throttle: Span<1, 60_000> = millis(100),
        /// `raf`: when no frame was painted for so long, as on a hidden page.
        frame_timeout: Span<16, 60_000> = secs(1),
        /// Most that waits for one consumer; then it is handed on, whatever the policy.
        max_held: Count<1, 100_000> = count(1_000),
        /// Most that waits for one consumer that is paused. More is left out and counted.
        max_missed: Count<1, 100_000> = count(1_000),
        /// Without news for so long a consumer that does not say so itself is stale; null: only when cut off.
        stale_after: Option<Span<100, 86_400_000>> = None,
        /// Most consumers; one more is refused.
        max_open: Count<1, 100_000> = count(1_000),
    }
}
