use std::rc::Rc;

use tideboard_engine::{PendingView, Reader, RefusedView};
use tideboard_shared::BoardId;
use yew::prelude::*;

use crate::hooks::{use_realtime, use_store_with};

mod export;
mod handle;
mod item;

pub use export::ImportError;
pub use handle::UseOfflineQueueHandle;
pub use item::{QueueItem, QueueState};

/// Options of [`use_offline_queue`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UseOfflineQueueOptions {
    /// Only the edits of this board. Default those of all.
    pub board: Option<BoardId>,
    /// Called when an edit that was sent again was refused again, with its new name.
    pub on_refused: Callback<tideboard_engine::EditId>,
}

/// Edits that wait for the server, and those that it refused.
///
/// ```no_run
/// use tideboard_client::hooks::use_offline_queue;
/// use yew::prelude::*;
///
/// #[component]
/// fn Outbox() -> Html {
///     let queue = use_offline_queue();
///     html! { <ul>{ for queue.items().iter().map(|item| html! { <li>{ &item.what }</li> }) }</ul> }
/// }
/// ```
///
/// | option of [`use_offline_queue_with_options`] | default | |
/// |---|---|---|
/// | `board` | all | only the edits of one board |
/// | `on_refused` | none | an edit that was sent again was refused again |
///
/// Returns a [`UseOfflineQueueHandle`]; renders when an edit comes, goes or changes its state. What the server refuses stays
/// until it is sent again or discarded; it never blocks the others.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_offline_queue() -> UseOfflineQueueHandle {
    use_offline_queue_with_options(UseOfflineQueueOptions::default())
}

/// [`use_offline_queue`] with options.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_offline_queue_with_options(options: UseOfflineQueueOptions) -> UseOfflineQueueHandle {
    let realtime = use_realtime();
    let UseOfflineQueueOptions { board, on_refused } = options;
    let items = use_store_with(board, |reader, board| items(reader, board.as_ref()));
    UseOfflineQueueHandle { realtime, items: Rc::clone(&items), on_refused }
}

/// Those that wait, oldest first, then those that were refused.
fn items(reader: &Reader<'_>, board: Option<&BoardId>) -> Vec<QueueItem> {
    let is_wanted = |other: &BoardId| board.is_none_or(|board| board == other);
    let pending = reader.pending_edits().into_iter().filter(|edit: &PendingView| is_wanted(&edit.board));
    let refused = reader.refused().into_iter().filter(|(_, edit): &(_, RefusedView)| is_wanted(&edit.board));
    pending.map(QueueItem::pending).chain(refused.map(|(id, edit)| QueueItem::refused(id, edit))).collect()
}
