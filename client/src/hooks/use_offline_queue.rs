use std::{collections::BTreeSet, rc::Rc, sync::Arc};

use serde::{Deserialize, Serialize};
use tideboard_engine::{
    ApplyError, ConflictStrategy, Edit, EditEnd, EditId, PendingView, Reader, Refused, RefusedView, Stage,
};
use tideboard_shared::{Action, BoardId, OpId, Operation, UnixMs};
use yew::prelude::*;

use super::{use_realtime, use_store_with};
use crate::Realtime;

/// Options of [`use_offline_queue`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UseOfflineQueueOptions {
    /// Only the edits of this board. Default those of all.
    pub board: Option<BoardId>,
    /// Called when an edit that was sent again was refused again, with its new name.
    pub on_refused: Callback<tideboard_engine::EditId>,
}

/// Handle of [`use_offline_queue`].
#[derive(Debug, Clone, PartialEq)]
pub struct UseOfflineQueueHandle {
    realtime: Realtime,
    items: Rc<Vec<QueueItem>>,
    on_refused: Callback<EditId>,
}

impl UseOfflineQueueHandle {
    /// Edits that wait, oldest first, then those that were refused.
    #[must_use]
    pub fn items(&self) -> &[QueueItem] {
        &self.items
    }

    /// Edits that were refused.
    pub fn refused(&self) -> impl Iterator<Item = &QueueItem> {
        self.items.iter().filter(|item| item.is_refused())
    }

    /// Number of edits that wait; those that were refused do not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.iter().filter(|item| !item.is_refused()).count()
    }

    /// Tells whether no edit waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Time at which the oldest waiting edit was made.
    #[must_use]
    pub fn oldest(&self) -> Option<UnixMs> {
        self.items.iter().filter(|item| !item.is_refused()).map(|item| item.created).min()
    }

    /// Sends one again now, instead of when its repeat is due. `false` when it is not waiting.
    pub fn retry(&self, id: EditId) -> bool {
        self.realtime.retry(id)
    }

    /// Gives one up: a refused one is forgotten, one that waits is taken back, and reverted should it be applied all
    /// the same. `false` when there is none.
    pub fn discard(&self, id: EditId) -> bool {
        self.realtime.discard(id) || self.realtime.rollback(id).is_ok()
    }

    /// Makes a refused one again, of what stands now; its new name.
    ///
    /// # Errors
    /// When it cannot be made now; it stays where it is.
    pub fn requeue(&self, id: EditId) -> Result<EditId, ApplyError> {
        let on_refused = self.on_refused.clone();
        let named = Rc::new(std::cell::Cell::new(id));
        let made = self.realtime.requeue(id, {
            let named = Rc::clone(&named);
            move |end| {
                if let EditEnd::Refused(_) = end {
                    on_refused.emit(named.get());
                }
            }
        });
        if let Ok(id) = made {
            named.set(id);
        }
        made
    }

    /// Gives all of them up; how many.
    pub fn clear(&self) -> usize {
        self.items.iter().filter(|item| self.discard(item.id)).count()
    }

    /// All of them as JSON text, for another browser or for whoever helps the user.
    #[must_use]
    pub fn export(&self) -> String {
        write(&self.items)
    }

    /// Makes the edits of an exported queue, oldest first, but for those that are still in this one; how many. Where
    /// others changed the same the user is asked.
    ///
    /// # Errors
    /// When the text is no exported queue, or some of the edits cannot be made now.
    pub fn import(&self, text: &str) -> Result<usize, ImportError> {
        let edits = read(text)?;
        let known: BTreeSet<&OpId> = self.items.iter().map(|item| &item.op.id).collect();
        let mut made = 0;
        let mut problems = Vec::new();
        for exported in edits {
            if exported.id.as_ref().is_some_and(|id| known.contains(id)) {
                continue;
            }
            match self.realtime.apply(exported.edit, |_| {}) {
                Ok(_) => made += 1,
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() { Ok(made) } else { Err(ImportError::NotMade { made, problems }) }
    }
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
/// Returns a [`UseOfflineQueueHandle`]; renders when an edit comes, goes or changes its state. What the server refuses
/// stays until it is sent again or discarded; it never blocks the others.
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

/// Edits that wait, oldest first, then those that were refused.
fn items(reader: &Reader<'_>, board: Option<&BoardId>) -> Vec<QueueItem> {
    let is_wanted = |other: &BoardId| board.is_none_or(|board| board == other);
    let pending = reader.pending_edits().into_iter().filter(|edit: &PendingView| is_wanted(&edit.board));
    let refused = reader.refused().into_iter().filter(|(_, edit): &(_, RefusedView)| is_wanted(&edit.board));
    pending.map(QueueItem::pending).chain(refused.map(|(id, edit)| QueueItem::refused(id, edit))).collect()
}

/// Edit of the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueItem {
    /// Names it for the handle's methods.
    pub id: EditId,
    /// Description for people: `set title, text of welcome`.
    pub what: String,
    /// Board that the edit changes.
    pub board: BoardId,
    /// Operation of the edit; its `n` is 0 until it is stored.
    pub op: Arc<Operation>,
    /// Time at which it was made, by the user's clock.
    pub created: UnixMs,
    /// Number of times it was sent.
    pub attempts: u32,
    /// State of the edit.
    pub state: QueueState,
}

/// State of an edit of the queue.
#[derive(Debug, Clone, PartialEq)]
pub enum QueueState {
    /// Waits for its end.
    Waiting {
        /// Step at which it waits.
        stage: Stage,
        /// Waits for longer than `optimistic.operation_timeout`.
        is_overdue: bool,
    },
    /// Refused, and waits for the user.
    Refused(Refused),
}

impl QueueItem {
    fn pending(edit: PendingView) -> Self {
        let PendingView { id, board, op, created, attempts, stage, is_overdue } = edit;
        let state = QueueState::Waiting { stage, is_overdue };
        Self { id, what: describe(&op), board, op, created, attempts, state }
    }

    fn refused(id: EditId, edit: RefusedView) -> Self {
        let RefusedView { board, op, why, created, .. } = edit;
        Self { id, what: describe(&op), board, op, created, attempts: 1, state: QueueState::Refused(why) }
    }

    /// Tells whether the edit was refused.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(self.state, QueueState::Refused(_))
    }
}

fn describe(op: &Operation) -> String {
    let entity = &op.entity;
    match &op.action {
        Action::Create { kind, .. } => format!("create {kind} {entity}"),
        Action::Patch { set, unset } => {
            let part =
                |verb: &str, names: Vec<&str>| (!names.is_empty()).then(|| format!("{verb} {}", names.join(", ")));
            let set = part("set", set.keys().map(String::as_str).collect());
            let unset = part("unset", unset.iter().map(String::as_str).collect());
            let parts: Vec<_> = set.into_iter().chain(unset).collect();
            format!("{} of {entity}", parts.join(", "))
        }
        Action::Increment { field, by } => format!("add {by} to {field} of {entity}"),
        Action::SetAdd { field, .. } => format!("add to {field} of {entity}"),
        Action::SetRemove { field, .. } => format!("take from {field} of {entity}"),
        Action::Remove => format!("remove {entity}"),
    }
}

/// Mark of an exported queue.
const FORMAT: &str = "tideboard-queue";
/// The only version so far.
const VERSION: u32 = 1;

/// A queue as text.
#[derive(Debug, Serialize, Deserialize)]
struct Export {
    format: String,
    version: u32,
    edits: Vec<Exported>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Exported {
    /// Name on the wire, so that an edit that still waits here is not made twice; `None` before it is stored.
    id: Option<OpId>,
    edit: Edit,
}

/// Reason why a queue was not taken in, or not to its end.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ImportError {
    /// Text that is no exported queue. Nothing was done.
    #[error("this is no exported queue: {0}")]
    Unreadable(String),
    /// Queue of a newer version. Nothing was done.
    #[error("the queue has format version {version}; this version reads {VERSION}")]
    TooNew {
        /// Version of the queue.
        version: u32,
    },
    /// Some of its edits cannot be made now; the others were.
    #[error("{} of its edits could not be made; {made} were", problems.len())]
    NotMade {
        /// Number of edits that were made.
        made: usize,
        /// Reasons why the others were not, in their order.
        problems: Vec<ApplyError>,
    },
}

fn write(items: &[QueueItem]) -> String {
    let edits = items.iter().map(|item| {
        let edit = Edit::new(item.board.clone(), item.op.entity.clone(), item.op.action.clone());
        // What it is based on means nothing in another log; a conflict with what came since is the user's to settle.
        let edit = edit.strategy(ConflictStrategy::Ask);
        Exported { id: (item.op.id.n > 0).then(|| item.op.id.clone()), edit }
    });
    let export = Export { format: FORMAT.to_owned(), version: VERSION, edits: edits.collect() };
    serde_json::to_string_pretty(&export).unwrap_or_default()
}

fn read(text: &str) -> Result<Vec<Exported>, ImportError> {
    let unreadable = |problem: String| ImportError::Unreadable(problem);
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))?;
    if value["format"] != FORMAT {
        return Err(unreadable(format!("its format is {}", value["format"])));
    }
    let version = value["version"].as_u64().and_then(|version| u32::try_from(version).ok()).unwrap_or_default();
    if version > VERSION {
        return Err(ImportError::TooNew { version });
    }
    let export: Export = serde_json::from_value(value).map_err(|error| unreadable(error.to_string()))?;
    Ok(export.edits)
}
