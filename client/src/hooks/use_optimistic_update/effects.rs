use tideboard_engine::{EditId, MergeFn, MergeInput};
use tideboard_shared::{EntityId, Fields};
use yew::prelude::*;
use yew_hooks::use_latest;

use super::ConflictRule;
use crate::hooks::editor::Editor;

/// Registers the merge while there is one; the latest of its functions is called.
#[hook]
pub(super) fn use_merge(editor: Editor, entity: EntityId, rule: ConflictRule) {
    let is_merged = matches!(rule, ConflictRule::Merge(_));
    let rule = use_latest(rule);
    use_effect_with((editor.realtime, editor.board, entity, is_merged), move |(realtime, board, entity, is_merged)| {
        let (realtime, board, entity, is_merged) = (realtime.clone(), board.clone(), entity.clone(), *is_merged);
        if is_merged {
            let merge = MergeFn::new(move |input: &MergeInput| match rule.current().as_ref() {
                ConflictRule::Merge(merge) => merge.emit(input.clone()),
                ConflictRule::RemoteWins | ConflictRule::LocalWins | ConflictRule::Ask => None::<Fields>,
            });
            realtime.set_merge(board.clone(), entity.clone(), Some(merge));
        }
        move || {
            if is_merged {
                realtime.set_merge(board, entity, None);
            }
        }
    });
}

/// Passes on which edits of the entity are overdue.
#[hook]
pub(super) fn use_overdue(editor: Editor, entity: EntityId, on_overdue: Callback<EditId>) {
    let on_overdue = use_latest(on_overdue);
    use_effect_with((editor.realtime, editor.board, entity), move |(realtime, board, entity)| {
        let (driver, board, entity) = (realtime.clone(), board.clone(), entity.clone());
        let listener = realtime.listen_overdue(Callback::from(move |id| {
            let pending = driver.read(|reader| reader.pending_edits()).0;
            if pending.iter().any(|edit| edit.id == id && edit.board == board && edit.op.entity == entity) {
                on_overdue.current().emit(id);
            }
        }));
        move || drop(listener)
    });
}
