//! A consumer, as the UI shows it.

use std::time::Duration;

use tideboard_shared::UnixMs;

use crate::subscriptions::Rate;

/// Whether a consumer shows what is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// Nothing has arrived yet.
    Loading,
    /// It shows what is.
    Live,
    /// It shows what was; what was missed is on its way.
    CatchingUp,
    /// It shows what was at the last synchronisation over REST.
    Polled,
    /// It shows what was when it was paused.
    Paused,
    /// It shows what was, and nothing has been heard since: see [`DeliveryView::age`].
    Stale,
    /// The server does not give it to this user.
    Error {
        /// Why.
        reason: String,
    },
}

/// A consumer, as the UI shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryView {
    /// Whether it shows what is.
    pub status: DeliveryStatus,
    /// How many wait to be handed over.
    pub held: usize,
    /// While paused: how many more were left out; `None` when nobody can know.
    pub left_out: Option<u64>,
    /// How many arrived.
    pub received: u64,
    /// How many items were handed over.
    pub delivered: u64,
    /// How many that arrived were not handed over one by one: folded into later ones, or left out while paused.
    pub coalesced: u64,
    /// When the last one arrived.
    pub last_update: Option<UnixMs>,
    /// How often one arrives.
    pub rate: Rate,
    pub(crate) fresh_at: Fresh,
}

/// When what a consumer shows was last known to be what is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fresh {
    /// Never.
    Never,
    /// Then.
    At(Duration),
    /// It is now: a board that is live would be told of a change.
    Now,
}

impl DeliveryView {
    /// How old what it shows may be; `None` before the first arrival. Zero for a board that is live, however quiet.
    ///
    /// `now` is the time that the engine is given as [`crate::Now::mono`].
    #[must_use]
    pub fn age(&self, now: Duration) -> Option<Duration> {
        match self.fresh_at {
            Fresh::Never => None,
            Fresh::At(at) => Some(now.saturating_sub(at)),
            Fresh::Now => Some(Duration::ZERO),
        }
    }
}
