use std::ops::Deref;

use serde_json::Value;
use tideboard_shared::{Action, BoardId, EntityId};
use yew::prelude::*;

use super::{
    UseCollectionOptions,
    editor::Applied,
    typed::{TypedHandle, use_typed},
};
use crate::entities::{Download, DownloadStatus};

/// Handle of [`use_downloads`]: all that a [`TypedHandle`] can do, and what only downloads can.
#[derive(Debug, Clone, PartialEq)]
pub struct UseDownloadsHandle(TypedHandle<Download>);

impl Deref for UseDownloadsHandle {
    type Target = TypedHandle<Download>;

    fn deref(&self) -> &TypedHandle<Download> {
        &self.0
    }
}

impl UseDownloadsHandle {
    /// Says how far a download is.
    pub fn set_status(&self, id: EntityId, status: DownloadStatus) -> Applied {
        self.apply(id, Action::set([("status", status.name())]))
    }

    /// Says how much of a download is there: it runs, or is done once all of its bytes are there.
    pub fn set_received(&self, id: EntityId, received_bytes: u64) -> Applied {
        let size = self.get(&id).map_or(0, |item| item.value.bytes);
        let is_done = size > 0 && received_bytes >= size;
        let status = if is_done { DownloadStatus::Done } else { DownloadStatus::Running };
        let fields = [("received_bytes", Value::from(received_bytes)), ("status", status.name().into())];
        self.apply(id, Action::set(fields))
    }
}

/// The downloads of a board: entities of kind `download`. Edits show at once.
///
/// ```no_run
/// use tideboard_client::{entities::Download, hooks::use_downloads};
/// use yew::prelude::*;
///
/// #[component]
/// fn Fetch() -> Html {
///     let downloads = use_downloads("main".parse().expect("a name"));
///     let onclick = move |_| {
///         downloads.add(&Download { name: "Report".into(), url: "/report.pdf".into(), ..Default::default() });
///     };
///     html! { <button {onclick}>{ "Download the report" }</button> }
/// }
/// ```
///
/// | option of [`use_downloads_with_options`] | default | |
/// |---|---|---|
/// | `on_conflict` | `RemoteWins` | theirs stands and the user is told; `LocalWins` sends mine again to overwrite |
/// | `on_reject` | none | called when an edit could not be made or was refused |
///
/// Returns a [`UseDownloadsHandle`]; renders when a download changes, comes or goes. It keeps the list; what is on it
/// is fetched by `downloads::DownloadRunner`, or by the application. A refused edit ends in `on_reject` and
/// `refusals()`, with the reason.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_downloads(board: BoardId) -> UseDownloadsHandle {
    use_downloads_with_options(board, UseCollectionOptions::default())
}

/// [`use_downloads`] with options.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_downloads_with_options(board: BoardId, options: UseCollectionOptions) -> UseDownloadsHandle {
    UseDownloadsHandle(use_typed(board, options))
}
