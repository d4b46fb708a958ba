//! Context of a board's page: which board, as it is or as it was, and whether it may be edited.

use std::rc::Rc;

use tideboard_client::hooks::{
    CollectionEntry, CollectionItems, EditProblem, UseCollectionHandle, UseCollectionOptions, UseEditHandle,
    UseEditOptions, use_collection_with_options, use_edit_with_options,
};
use tideboard_engine::ConflictStrategy;
use tideboard_shared::{Board, BoardId, EntityId, Kind, Seq, UnixMs};
use yew::prelude::*;

use super::address::Here;

/// A board as it was after one of its events.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Past {
    pub(crate) seq: Seq,
    /// Time and author of the event; none where the event itself is gone.
    pub(crate) made: Option<(UnixMs, String)>,
    pub(crate) board: Board,
}

/// The page, as context.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PageContext {
    pub(crate) here: Here,
    pub(crate) board: BoardId,
    /// Shown instead of the board as it is.
    pub(crate) past: Option<Rc<Past>>,
    /// Set while the user may change the board here and now.
    pub(crate) is_editable: bool,
    /// Takes the user's last edit back.
    pub(crate) undo: Callback<()>,
    /// Told of edits that could not be made or were refused.
    pub(crate) on_reject: Callback<EditProblem>,
    /// Told what to show for a while.
    pub(crate) say: Callback<Said>,
    /// Told which widget the user edits, and when no longer.
    pub(crate) on_editing: Callback<Option<EntityId>>,
}

impl PageContext {
    /// Says what was done and can be undone.
    pub(crate) fn say_done(&self, title: impl Into<AttrValue>) {
        self.say.emit(Said { action: Some(("Undo".into(), self.undo.clone())), ..Said::done(title) });
    }
}

/// A short message of the page itself.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Said {
    pub(crate) title: AttrValue,
    pub(crate) body: AttrValue,
    pub(crate) is_problem: bool,
    /// Button that does something about it.
    pub(crate) action: Option<(AttrValue, Callback<()>)>,
}

impl Said {
    /// Message of something done.
    pub(crate) fn done(title: impl Into<AttrValue>) -> Self {
        Self { title: title.into(), body: AttrValue::default(), is_problem: false, action: None }
    }

    /// Message of something not done, with the reason.
    pub(crate) fn problem(title: impl Into<AttrValue>, body: impl Into<AttrValue>) -> Self {
        Self { title: title.into(), body: body.into(), is_problem: true, action: None }
    }
}

/// Context of the page around the caller.
#[hook]
pub(crate) fn use_page() -> PageContext {
    use_context().expect("panels are inside a board's page")
}

/// The board's entities of one kind, as they are or as they were, and the way to change them.
#[hook]
pub(crate) fn use_items<T>(on_conflict: ConflictStrategy) -> Items<T>
where
    T: Kind + PartialEq + 'static,
{
    let page = use_page();
    let options = UseCollectionOptions { on_conflict, on_reject: page.on_reject.clone() };
    let live = use_collection_with_options::<T>(page.board.clone(), T::NAME, options);
    let past = use_memo(page.past, |past| past.as_ref().map(|past| items_of(&past.board)));
    Items { live, past }
}

/// Handle that [`use_items`] returns.
#[derive(Debug, Clone)]
pub(crate) struct Items<T> {
    /// Changes the board as it is.
    pub(crate) live: UseCollectionHandle<T>,
    past: Rc<Option<CollectionItems<T>>>,
}

impl<T: PartialEq> PartialEq for Items<T> {
    fn eq(&self, other: &Self) -> bool {
        self.live == other.live && self.past == other.past
    }
}

impl<T> Items<T> {
    /// The entities by ascending id; none while the board is not loaded.
    pub(crate) fn list(&self) -> Option<&CollectionItems<T>> {
        self.past.as_ref().as_ref().or_else(|| self.live.shared())
    }
}

fn items_of<T: Kind>(board: &Board) -> CollectionItems<T> {
    let entities = board.entities().filter(|entity| entity.is::<T>());
    entities
        .filter_map(|entity| {
            let value = entity.decode().ok()?;
            Some(CollectionEntry { id: entity.id.clone(), value, pending: 0, seen: Default::default() })
        })
        .collect()
}

/// Edits what several people move and count: whoever comes last decides.
#[hook]
pub(crate) fn use_loose_edit() -> UseEditHandle {
    use_edit_of(ConflictStrategy::LocalWins)
}

/// Edits what people write: where others wrote the same meanwhile, the user is asked.
#[hook]
pub(crate) fn use_careful_edit() -> UseEditHandle {
    use_edit_of(ConflictStrategy::Ask)
}

#[hook]
fn use_edit_of(on_conflict: ConflictStrategy) -> UseEditHandle {
    let page = use_page();
    use_edit_with_options(page.board, UseEditOptions { on_conflict, on_reject: page.on_reject })
}
