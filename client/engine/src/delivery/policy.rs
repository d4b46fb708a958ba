//! Policies for the time of a hand-over.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::{DeliveryConfig, Strategy};

/// Time at which waiting items are handed over, all at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Policy {
    /// Before the next frame is painted, or after `delivery.frame_timeout` where none is.
    Raf,
    /// As soon as there are many, or the oldest has waited for long enough.
    Batch {
        /// Number of items that are many.
        size: usize,
        /// Longest wait of the oldest item.
        #[serde(with = "humantime_serde")]
        delay: Duration,
    },
    /// As soon as nothing has arrived for a while.
    Debounce {
        /// For how long.
        #[serde(with = "humantime_serde")]
        quiet: Duration,
        /// The oldest does not wait for longer than this.
        #[serde(with = "humantime_serde")]
        max: Duration,
    },
    /// At once, but not too often.
    Throttle {
        /// At most once in so long.
        #[serde(with = "humantime_serde")]
        interval: Duration,
    },
}

/// Facts that a policy decides by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiting {
    pub(super) len: usize,
    /// Arrival of the oldest item.
    pub(super) since: Duration,
    /// Arrival of the latest item.
    pub(super) until: Duration,
    /// Time of the last hand-over.
    pub(super) last: Option<Duration>,
}

impl Policy {
    /// The policy of this name as it is configured.
    #[must_use]
    pub fn configured(strategy: Strategy, config: &DeliveryConfig) -> Self {
        match strategy {
            Strategy::Raf => Self::Raf,
            Strategy::Batch => Self::Batch { size: config.batch_size.get(), delay: config.batch_delay.get() },
            Strategy::Debounce => Self::Debounce { quiet: config.debounce.get(), max: config.debounce_max.get() },
            Strategy::Throttle => Self::Throttle { interval: config.throttle.get() },
        }
    }

    /// Time at which the waiting items are due.
    pub(super) fn due(&self, waiting: Waiting, frame_timeout: Duration) -> Duration {
        let Waiting { len, since, until, last } = waiting;
        match *self {
            Self::Raf => since.saturating_add(frame_timeout),
            Self::Batch { size, .. } if len >= size => since,
            Self::Batch { delay, .. } => since.saturating_add(delay),
            Self::Debounce { quiet, max } => until.saturating_add(quiet).min(since.saturating_add(max)),
            Self::Throttle { interval } => last.map_or(since, |last| last.saturating_add(interval).max(since)),
        }
    }
}
