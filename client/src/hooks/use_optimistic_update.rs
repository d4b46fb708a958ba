use std::rc::Rc;

use serde::de::DeserializeOwned;
use tideboard_engine::Delivery;
use tideboard_shared::{BoardId, EntityId};
use yew::prelude::*;

use super::{editor::Editor, use_entity::use_drafted_entity};
use crate::{
    by_address::ByAddress,
    hooks::{use_realtime, use_store_with},
};

mod draft;
mod effects;
mod handle;
mod options;

use draft::Draft;
use effects::{use_merge, use_overdue};
pub use handle::UseOptimisticUpdateHandle;
pub use options::{ConflictRule, Pacing, UseOptimisticUpdateOptions};

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
/// | `on_conflict` | `RemoteWins` | theirs stands and the user is told; `LocalWins` sends mine again to overwrite; `Merge` makes one value of both; `Ask` lets the user choose |
/// | `pacing` | `None` | when a draft becomes an edit: at once, when the user pauses, at most so often |
/// | `on_reject` | none | called when an edit could not be made or was refused |
/// | `on_overdue` | none | called when an outcome takes longer than `optimistic.operation_timeout` |
///
/// Returns a [`UseOptimisticUpdateHandle`]; renders when the value, its confirmed state, the number of pending edits, a
/// conflict or the last refusal changes. Edits never fail silently: they end as applied, in `on_reject` and `refusal()`,
/// or wait. A draft that has not become an edit does so when the component goes.
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
    let UseOptimisticUpdateOptions { on_conflict, pacing, on_reject, on_overdue } = options;
    let strategy = on_conflict.strategy();
    let editor = Editor { realtime, board: board.clone(), strategy, delivery: Delivery::Auto, on_reject };
    use_merge(editor.clone(), entity.clone(), on_conflict);
    use_overdue(editor.clone(), entity.clone(), on_overdue);
    let draft = use_draft(editor.clone(), entity.clone(), pacing);
    let shown = use_drafted_entity::<T>(board.clone(), entity.clone(), draft.fields());
    let deps = (board, entity.clone());
    let confirmed = use_store_with(deps.clone(), |reader, (board, entity)| {
        reader.confirmed(board, entity).and_then(|entity| entity.decode().ok())
    });
    let refusal = use_store_with(deps.clone(), |reader, (board, entity)| {
        reader.notices().into_iter().rfind(|notice| notice.board == *board && notice.entity == *entity)
    });
    let waiting = use_store_with(deps, |reader, (board, entity)| {
        reader.conflicts().into_iter().find(|view| view.case.board == *board && view.case.op.entity == *entity)
    });
    let drafted = draft.fields();
    UseOptimisticUpdateHandle { shown, confirmed, refusal, waiting, entity, editor, draft, drafted }
}

/// Fields that wait for their time; made an edit at the latest when the component or the entity goes.
#[hook]
fn use_draft(editor: Editor, entity: EntityId, pacing: Pacing) -> Rc<Draft> {
    let update = use_force_update();
    let deps = (editor.realtime.clone(), editor.board.clone(), entity);
    let draft = {
        let editor = editor.clone();
        use_memo(deps, move |(_, _, entity)| Draft::new(entity.clone(), editor, move || update.force_update()))
    };
    let draft: Rc<Draft> = Rc::clone(&*draft);
    draft.set_up(editor, pacing);
    use_effect_with(ByAddress::of(&draft), |draft| {
        let draft = Rc::clone(&draft.0);
        move || drop(draft.flush())
    });
    draft
}
