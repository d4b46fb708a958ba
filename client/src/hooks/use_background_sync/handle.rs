use std::future::Future;

use tideboard_engine::{RefreshError, Transport};
use tideboard_shared::{Channel, UnixMs};

use crate::{Realtime, hooks::UsePeriodicRefreshHandle};

/// What [`super::use_background_sync`] returns.
#[derive(Debug, Clone, PartialEq)]
pub struct UseBackgroundSyncHandle {
    pub(super) realtime: Realtime,
    pub(super) refresh: UsePeriodicRefreshHandle<(), RefreshError>,
    pub(super) transport: Transport,
    pub(super) left: usize,
}

impl UseBackgroundSyncHandle {
    /// Whether the server can be reached at all.
    #[must_use]
    pub fn is_online(&self) -> bool {
        self.transport != Transport::None
    }

    /// How it is reached: over REST while the socket is down.
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// Asks for everything now, or joins what is under way. The future need not be awaited.
    ///
    /// # Errors
    /// When there is no way to the server, it does not answer in time, or the component goes before.
    pub fn refresh(&self) -> impl Future<Output = Result<(), RefreshError>> + use<> {
        let end = self.refresh.refresh();
        async move {
            match end.await {
                Some(Ok(_)) => Ok(()),
                Some(Err(error)) => Err(*error),
                None => Err(RefreshError::Offline),
            }
        }
    }

    /// Asks for the channels of one widget now. The future need not be awaited.
    ///
    /// # Errors
    /// When there is no way to the server, or it does not answer in time.
    pub fn refresh_widget(&self, channels: &[Channel]) -> impl Future<Output = Result<(), RefreshError>> + use<> {
        // None named would be all.
        let refreshed = (!channels.is_empty()).then(|| self.realtime.refresh(channels));
        async move {
            match refreshed {
                Some(refreshed) => refreshed.await,
                None => Ok(()),
            }
        }
    }

    /// Whether it is under way.
    #[must_use]
    pub fn is_syncing(&self) -> bool {
        self.refresh.is_refreshing()
    }

    /// How many channels are still to come of all refreshes under way.
    #[must_use]
    pub fn progress(&self) -> usize {
        self.left
    }

    /// How the last one ended; `None` before the first.
    #[must_use]
    pub fn last_result(&self) -> Option<Result<(), RefreshError>> {
        match (self.refresh.error(), self.refresh.data()) {
            (Some(error), _) => Some(Err(*error)),
            (None, Some(())) => Some(Ok(())),
            (None, None) => None,
        }
    }

    /// When everything was last up to date, by the user's clock.
    #[must_use]
    pub fn last_synced_at(&self) -> Option<UnixMs> {
        self.refresh.last_updated()
    }

    /// When the next one is due, by the user's clock; none while one is under way or none is due. Read at the call.
    #[must_use]
    pub fn next_at(&self) -> Option<UnixMs> {
        let wait_ms = u64::try_from(self.refresh.next_in()?.as_millis()).unwrap_or(u64::MAX);
        Some(UnixMs(self.realtime.now().wall.0.saturating_add(wait_ms)))
    }

    /// Synchronises nothing by itself until [`Self::resume`].
    pub fn pause(&self) {
        self.refresh.pause();
    }

    /// Ends [`Self::pause`].
    pub fn resume(&self) {
        self.refresh.resume();
    }
}
