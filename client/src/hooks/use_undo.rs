use std::rc::Rc;

use tideboard_engine::{EditEnd, EditId, UndoError};
use tideboard_shared::{BoardId, Channel};
use yew::prelude::*;

use super::{editor::EditProblem, use_channel, use_realtime, use_store_with};
use crate::Realtime;

/// Options of [`use_undo`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UseUndoOptions {
    /// Called when an undo or redo that was shown was refused by the server after all.
    pub on_reject: Callback<EditProblem>,
}

/// Handle of [`use_undo`].
#[derive(Debug, Clone, PartialEq)]
pub struct UseUndoHandle {
    realtime: Realtime,
    board: BoardId,
    can: Rc<(bool, bool)>,
    on_reject: Callback<EditProblem>,
}

impl UseUndoHandle {
    /// Takes my last edit of the board back; shows at once.
    ///
    /// # Errors
    /// When there is none, or others changed the same since: nothing is changed then.
    pub fn undo(&self) -> Result<EditId, UndoError> {
        self.realtime.undo(&self.board, self.on_end())
    }

    /// Takes my last undo of the board back; shows at once.
    ///
    /// # Errors
    /// When there is none, or others changed the same since: nothing is changed then.
    pub fn redo(&self) -> Result<EditId, UndoError> {
        self.realtime.redo(&self.board, self.on_end())
    }

    /// Tells whether there is an edit of the user's to undo.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        self.can.0
    }

    /// Tells whether there is an undo of the user's to redo.
    #[must_use]
    pub fn can_redo(&self) -> bool {
        self.can.1
    }

    fn on_end(&self) -> impl FnOnce(EditEnd) + use<> {
        let on_reject = self.on_reject.clone();
        move |end| {
            if let EditEnd::Refused(why) = end {
                on_reject.emit(EditProblem::Refused(why));
            }
        }
    }
}

/// Takes back one's own edits of a board, and only those: what others did stays.
///
/// ```no_run
/// use tideboard_client::hooks::use_undo;
/// use yew::prelude::*;
///
/// #[component]
/// fn Undo() -> Html {
///     let undo = use_undo("main".parse().expect("a name"));
///     let disabled = !undo.can_undo();
///     let onclick = move |_| drop(undo.undo());
///     html! { <button {disabled} {onclick}>{ "Undo" }</button> }
/// }
/// ```
///
/// | option of [`use_undo_with_options`] | default | |
/// |---|---|---|
/// | `on_reject` | none | an undo that was shown was refused by the server after all |
///
/// Returns a [`UseUndoHandle`]; renders when it becomes possible or impossible to undo or redo. Where others changed
/// the same field since, `undo()` refuses with the conflict. The history is that of the page: a reload starts a new
/// one.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_undo(board: BoardId) -> UseUndoHandle {
    use_undo_with_options(board, UseUndoOptions::default())
}

/// [`use_undo`] with options.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_undo_with_options(board: BoardId, options: UseUndoOptions) -> UseUndoHandle {
    let realtime = use_realtime();
    use_channel(Channel::Board(board.clone()).into());
    let can = use_store_with(board.clone(), |reader, board| reader.can_undo_redo(board));
    UseUndoHandle { realtime, board, can, on_reject: options.on_reject }
}
