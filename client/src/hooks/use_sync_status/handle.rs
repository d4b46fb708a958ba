use std::rc::Rc;

use tideboard_engine::{StorageStatus, SyncStatus, SyncView, Transport};
use tideboard_shared::UnixMs;

/// What [`super::use_sync_status`] returns.
#[derive(Debug, Clone, PartialEq)]
pub struct UseSyncStatusHandle {
    pub(super) shown: Rc<Shown>,
}

/// Everything that is shown, as one read finds it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shown {
    pub(super) sync: SyncView,
    pub(super) is_leader: bool,
    pub(super) tabs: usize,
    /// Whether edits would be lost with the page.
    pub(super) is_at_risk: bool,
}

impl UseSyncStatusHandle {
    /// All in one.
    #[must_use]
    pub fn status(&self) -> SyncStatus {
        self.shown.sync.status
    }

    /// Edits without an outcome.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.shown.sync.pending
    }

    /// Those among them that were submitted on this connection.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.shown.sync.in_flight
    }

    /// Refused edits that were set aside.
    #[must_use]
    pub fn refused(&self) -> usize {
        self.shown.sync.refused
    }

    /// Conflicts that wait for the user.
    #[must_use]
    pub fn conflicts(&self) -> usize {
        self.shown.sync.conflicts
    }

    /// When the oldest pending edit was made.
    #[must_use]
    pub fn oldest(&self) -> Option<UnixMs> {
        self.shown.sync.oldest
    }

    /// When an outcome last arrived.
    #[must_use]
    pub fn last_synced_at(&self) -> Option<UnixMs> {
        self.shown.sync.last_synced_at
    }

    /// How the server is reached.
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.shown.sync.transport
    }

    /// Where edits are kept until the server has them.
    #[must_use]
    pub fn storage(&self) -> &StorageStatus {
        &self.shown.sync.storage
    }

    /// Whether this tab has the connection, for all tabs of the browser.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.shown.is_leader
    }

    /// How many tabs of the browser share the connection.
    #[must_use]
    pub fn tabs(&self) -> usize {
        self.shown.tabs
    }

    /// Whether edits would be lost if the page were left now.
    #[must_use]
    pub fn is_at_risk(&self) -> bool {
        self.shown.is_at_risk
    }
}
