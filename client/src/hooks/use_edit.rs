use tideboard_engine::{Carrier, ConflictStrategy};
use tideboard_shared::{Action, BoardId, EntityId, Kind};
use yew::prelude::*;

use super::{
    editor::{Applied, EditProblem, Editor},
    use_realtime,
};
use crate::Seen;

/// Options of [`use_edit`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UseEditOptions {
    /// Side that wins when others changed the same field first. Default theirs, and the user is told.
    pub on_conflict: ConflictStrategy,
    /// Called when an edit could not be made or was refused.
    pub on_reject: Callback<EditProblem>,
}

/// Handle of [`use_edit`].
#[derive(Debug, Clone, PartialEq)]
pub struct UseEditHandle {
    editor: Editor,
}

impl UseEditHandle {
    /// Does anything that can be done to an entity, `create` included.
    pub fn apply(&self, entity: EntityId, action: Action) -> Applied {
        self.editor.apply(entity, action, None)
    }

    /// Does what [`Self::apply`] does, based on what the user saw when it began.
    pub fn apply_since(&self, seen: Seen, entity: EntityId, action: Action) -> Applied {
        self.editor.apply(entity, action, Some(seen))
    }

    /// Creates an entity of `T`'s kind with a fresh id, which sorts behind those made before.
    pub fn create<T: Kind>(&self, value: &T) -> (EntityId, Applied) {
        self.editor.create(value)
    }
}

/// Changes the entities of a board without reading any: for buttons and dialogs that show nothing of it.
///
/// ```no_run
/// use tideboard_client::hooks::use_edit;
/// use tideboard_shared::Action;
/// use yew::prelude::*;
///
/// #[component]
/// fn Ship() -> Html {
///     let edit = use_edit("main".parse().expect("a name"));
///     let onclick = move |_| drop(edit.apply("order-1".into(), Action::set([("status", "shipped")])));
///     html! { <button {onclick}>{ "Ship it" }</button> }
/// }
/// ```
///
/// | option of [`use_edit_with_options`] | default | |
/// |---|---|---|
/// | `on_conflict` | `RemoteWins` | theirs stands and the user is told; `LocalWins`, `Ask` and `Merge` as for one entity |
/// | `on_reject` | none | called when an edit could not be made or was refused |
///
/// Returns a [`UseEditHandle`]; never renders. A board that nobody has subscribed to cannot be edited: `NotLoaded`.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_edit(board: BoardId) -> UseEditHandle {
    use_edit_with_options(board, UseEditOptions::default())
}

/// [`use_edit`] with options.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_edit_with_options(board: BoardId, options: UseEditOptions) -> UseEditHandle {
    let UseEditOptions { on_conflict: strategy, on_reject } = options;
    let realtime = use_realtime();
    UseEditHandle { editor: Editor { realtime, board, strategy, delivery: Carrier::Auto, on_reject } }
}
