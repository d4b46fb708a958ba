//! A consumer, as the UI shows it.

use std::time::Duration;

use tideboard_shared::UnixMs;

use crate::subscriptions::Rate;

/// Relation between the items that a consumer shows and the server's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// No item has arrived yet.
    Loading,
    /// Shown items match the server's state.
    Live,
    /// Shown items are old; the missed ones are on their way.
    CatchingUp,
    /// Shown items are those of the last synchronisation over REST.
    Polled,
    /// Shown items are those of the moment of the pause.
    Paused,
    /// Shown items are old, and nothing has been heard since: see [`DeliveryView::age`].
    Stale,
    /// The server does not give it to this user.
    Error {
        /// Reason of the server.
        reason: String,
    },
}

/// A consumer, as the UI shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryView {
    /// Relation to the server's state.
    pub status: DeliveryStatus,
    /// Items that wait to be handed over.
    pub held: usize,
    /// While paused: how many more were left out; `None` when nobody can know.
    pub left_out: Option<u64>,
    /// Items that arrived.
    pub received: u64,
    /// Items that were handed over.
    pub delivered: u64,
    /// Arrivals that were not handed over one by one: folded into later ones, or left out while paused.
    pub coalesced: u64,
    /// Arrival of the last one.
    pub last_update: Option<UnixMs>,
    /// Frequency of arrivals.
    pub rate: Rate,
    pub(crate) fresh_at: Fresh,
}

/// Time at which the shown items were last known to match the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fresh {
    /// Never.
    Never,
    /// Then.
    At(Duration),
    /// Match at every moment: a board that is live would be told of a change.
    Now,
}

impl DeliveryView {
    /// Age of the shown items, at most; `None` before the first arrival. Zero for a board that is live, however quiet.
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
