use tideboard_engine::{Reader, Stage, StorageStatus, SyncView};
use yew::prelude::*;
use yew_hooks::use_before_unload;

use crate::hooks::use_store;

mod handle;

use handle::Shown;
pub use handle::UseSyncStatusHandle;

/// Options of [`use_sync_status`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UseSyncStatusOptions {
    /// Whether the browser asks before the page is left while edits would be lost. Default `ui.warn_before_unload`.
    pub warn_before_unload: Option<bool>,
}

/// Whether everything the user did has arrived, and what happens to what has not.
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
        let (sync, connection) = (reader.sync(), reader.connection());
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
