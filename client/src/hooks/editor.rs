//! Edits of one board, as all hooks make them, and their ends.
//!
//! In: an entity, an action, the position that the user saw. Out: the edit's id at once, its end by a future. Never: a
//! decision about a conflict.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use futures_channel::oneshot;
use tideboard_engine::{ApplyError, Carrier, ConflictStrategy, Edit, EditEnd, EditId, Refused};
use tideboard_shared::{Action, BoardId, Conflict, EntityId, Kind, Refusal, Seq};
use yew::Callback;

use crate::{
    Realtime,
    entities::{fields_of, fresh_id},
};

/// Board position at which something looked as it is shown; what an edit of it is based on.
///
/// Equal to every other: while the thing itself does not change, an older position says the same of it, and a newer one
/// is no reason to render.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seen(pub Seq);

impl PartialEq for Seen {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Seen {}

/// Result of making an edit, here and on the server.
#[derive(Debug)]
pub struct Applied {
    /// Shown at once under this name, or not made at all.
    pub local: Result<EditId, ApplyError>,
    /// End of the edit. Need not be awaited.
    pub server: EndFuture,
}

/// End of an edit, to be awaited; `None` when the edit was not made, or the provider is gone before its end is known.
#[derive(Debug)]
pub struct EndFuture(oneshot::Receiver<EditEnd>);

impl Future for EndFuture {
    type Output = Option<EditEnd>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(Result::ok)
    }
}

/// Reason why an edit did not come about.
#[derive(Debug, Clone, PartialEq)]
pub enum EditProblem {
    /// Refused here, before it was shown.
    NotMade(ApplyError),
    /// The server refused it after it had been shown.
    Refused(Refused),
}

impl EditProblem {
    /// Conflict with what others changed, where that is the reason.
    #[must_use]
    pub fn conflict(&self) -> Option<&Conflict> {
        match self {
            Self::NotMade(ApplyError::Refused(Refusal::Conflict(conflict)))
            | Self::Refused(Refused::Conflict(conflict)) => Some(conflict),
            Self::NotMade(_) | Self::Refused(_) => None,
        }
    }
}

/// Action that creates an entity of `T`'s kind.
pub(super) fn creation<T: Kind>(value: &T) -> Action {
    Action::Create { kind: T::NAME.to_owned(), fields: fields_of(value) }
}

/// Makes edits of one board.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Editor {
    pub(super) realtime: Realtime,
    pub(super) board: BoardId,
    pub(super) strategy: ConflictStrategy,
    pub(super) delivery: Carrier,
    pub(super) on_reject: Callback<EditProblem>,
}

impl Editor {
    /// Creates an entity of `T`'s kind with a fresh id, which sorts behind those made before.
    pub(super) fn create<T: Kind>(&self, value: &T) -> (EntityId, Applied) {
        let id = fresh_id(T::NAME, self.realtime.now().wall.0);
        let applied = self.apply(id.clone(), creation(value), None);
        (id, applied)
    }

    pub(super) fn apply(&self, entity: EntityId, action: Action, seen: Option<Seen>) -> Applied {
        let (sender, receiver) = oneshot::channel();
        let base = seen.map(|seen| seen.0);
        let edit = Edit::new(self.board.clone(), entity, action).strategy(self.strategy);
        let edit = Edit { base, delivery: self.delivery, ..edit };
        let on_reject = self.on_reject.clone();
        let local = self.realtime.apply(edit, move |end| {
            if let EditEnd::Refused(why) = &end {
                on_reject.emit(EditProblem::Refused(why.clone()));
            }
            // Nobody may wait for it.
            let _ = sender.send(end);
        });
        if let Err(error) = &local {
            self.on_reject.emit(EditProblem::NotMade(error.clone()));
        }
        Applied { local, server: EndFuture(receiver) }
    }
}
