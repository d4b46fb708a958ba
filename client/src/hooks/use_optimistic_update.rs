use serde::de::DeserializeOwned;
use tideboard_engine::ConflictStrategy;
use tideboard_shared::{BoardId, EntityId};
use yew::prelude::*;

use super::{
    editor::{EditProblem, Editor},
    use_entity::decode,
};
use crate::hooks::{use_entity, use_realtime, use_store_with};

mod handle;

pub use handle::UseOptimisticUpdateHandle;

/// Options of [`use_optimistic_update`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UseOptimisticUpdateOptions {
    /// Whose edit stands when others changed the same field first. Default: theirs, and the user is told.
    pub on_conflict: ConflictStrategy,
    /// Called when an edit could not be made or was refused.
    pub on_reject: Callback<EditProblem>,
}

/// One entity that shows the user's edits at once and follows what becomes of them.
///
/// ```no_run
/// use serde::Deserialize;
/// use tideboard_client::hooks::use_optimistic_update;
/// use yew::prelude::*;
///
/// #[derive(Clone, PartialEq, Deserialize)]
/// struct Count {
///     count: i64,
/// }
///
/// #[component]
/// fn Counter() -> Html {
///     let counter = use_optimistic_update::<Count>("main".parse().expect("a name"), "counter".into());
///     let count = counter.value().map_or(0, |value| value.count);
///     let mark = if counter.is_pending() { "…" } else { "" };
///     let onclick = move |_| drop(counter.increment("count", 1));
///     html! { <button {onclick}>{ format!("{count}{mark}") }</button> }
/// }
/// ```
///
/// | option of [`use_optimistic_update_with_options`] | default | |
/// |---|---|---|
/// | `on_conflict` | `RemoteWins` | theirs stands and the user is told; `LocalWins` sends mine again to overwrite |
/// | `on_reject` | none | called when an edit could not be made or was refused |
///
/// Returns a [`UseOptimisticUpdateHandle`]; renders when the value, its confirmed state, the number of pending edits or
/// the last refusal changes. Edits never fail silently: they end as applied, in `on_reject` and `refusal()`, or wait.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_optimistic_update<T>(board: BoardId, entity: EntityId) -> UseOptimisticUpdateHandle<T>
where
    T: DeserializeOwned + PartialEq + 'static,
{
    use_optimistic_update_with_options(board, entity, UseOptimisticUpdateOptions::default())
}

/// [`use_optimistic_update`] with options.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_optimistic_update_with_options<T>(
    board: BoardId,
    entity: EntityId,
    options: UseOptimisticUpdateOptions,
) -> UseOptimisticUpdateHandle<T>
where
    T: DeserializeOwned + PartialEq + 'static,
{
    let realtime = use_realtime();
    let shown = use_entity::<T>(board.clone(), entity.clone());
    let deps = (board.clone(), entity.clone());
    let confirmed = use_store_with(deps.clone(), |reader, (board, entity)| {
        reader.confirmed(board, entity).and_then(|entity| decode(&entity).ok())
    });
    let refusal = use_store_with(deps, |reader, (board, entity)| {
        reader.notices().into_iter().rfind(|notice| notice.board == *board && notice.entity == *entity)
    });
    let UseOptimisticUpdateOptions { on_conflict: strategy, on_reject } = options;
    let editor = Editor { realtime, board, strategy, on_reject };
    UseOptimisticUpdateHandle { shown, confirmed, refusal, entity, editor }
}
