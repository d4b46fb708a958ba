use std::rc::Rc;

use tideboard_engine::{Reader, Stage, StorageStatus, SyncStatus, SyncView, Transport};
use tideboard_shared::UnixMs;
use yew::prelude::*;
use yew_hooks::use_before_unload;

use super::use_store;

/// Options of [`use_sync_status`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UseSyncStatusOptions {
    /// Lets the browser ask before the page is left while edits would be lost. Default `ui.warn_before_unload`.
    pub warn_before_unload: Option<bool>,
}

/// Handle of [`use_sync_status`].
#[derive(Debug, Clone, PartialEq)]
pub struct UseSyncStatusHandle {
    shown: Rc<Shown>,
}

/// Facts that are shown, as one read finds them.
#[derive(Debug, Clone, PartialEq)]
struct Shown {
    sync: SyncView,
    is_leader: bool,
    tabs: usize,
    /// Edits would be lost with the page.
    is_at_risk: bool,
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

    /// Edits among them that were submitted on this connection.
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

    /// Time at which the oldest pending edit was made.
    #[must_use]
    pub fn oldest(&self) -> Option<UnixMs> {
        self.shown.sync.oldest
    }

    /// Time at which an outcome last arrived.
    #[must_use]
    pub fn last_synced_at(&self) -> Option<UnixMs> {
        self.shown.sync.last_synced_at
    }

    /// Way to the server.
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.shown.sync.transport
    }

    /// Place where edits are kept until the server has them.
    #[must_use]
    pub fn storage(&self) -> &StorageStatus {
        &self.shown.sync.storage
    }

    /// Tells whether this tab has the connection, for all tabs of the browser.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.shown.is_leader
    }

    /// Number of tabs of the browser that share the connection.
    #[must_use]
    pub fn tabs(&self) -> usize {
        self.shown.tabs
    }

    /// Tells whether edits would be lost if the page were left now.
    #[must_use]
    pub fn is_at_risk(&self) -> bool {
        self.shown.is_at_risk
    }
}

/// Follows whether everything the user did has arrived, and what happens to what has not.
///
/// ```no_run
/// use tideboard_client::hooks::use_sync_status;
/// use yew::prelude::*;
///
/// #[component]
/// fn Unsaved() -> Html {
///     let sync = use_sync_status();
///     html! { <p>{ format!("{} edits are not saved yet", sync.pending()) }</p> }
/// }
/// ```
///
/// | option of [`use_sync_status_with_options`] | default | |
/// |---|---|---|
/// | `warn_before_unload` | `ui.warn_before_unload` | the browser asks before edits are lost with the page |
///
/// Returns a [`UseSyncStatusHandle`]; renders when any of it changes. Nothing fails: what goes wrong is the status.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_sync_status() -> UseSyncStatusHandle {
    use_sync_status_with_options(UseSyncStatusOptions::default())
}

/// [`use_sync_status`] with options.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_sync_status_with_options(options: UseSyncStatusOptions) -> UseSyncStatusHandle {
    let shown = use_store(|reader| {
        let sync = reader.sync();
        let connection = reader.connection();
        let is_at_risk = is_at_risk(reader, &sync);
        Shown { sync, is_leader: connection.is_leader, tabs: connection.tabs, is_at_risk }
    });
    let configured = use_store(|reader| reader.config().ui.warn_before_unload);
    let warns = options.warn_before_unload.unwrap_or(*configured);
    use_before_unload(warns && shown.is_at_risk, "Some edits are not saved yet.".to_owned());
    UseSyncStatusHandle { shown }
}

fn is_at_risk(reader: &Reader<'_>, sync: &SyncView) -> bool {
    let is_unwritten = |stage: Stage| match stage {
        Stage::Storing | Stage::Manual => true,
        Stage::Queued | Stage::InFlight => false,
    };
    sync.pending > 0
        && (sync.storage != StorageStatus::Persisted
            || reader.pending_edits().iter().any(|edit| is_unwritten(edit.stage)))
}
