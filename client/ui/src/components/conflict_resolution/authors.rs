//! Authors of recent events, to name those whose change made a conflict.

use std::{cell::RefCell, collections::VecDeque, rc::Rc};

use tideboard_client::hooks::use_realtime;
use tideboard_shared::{BoardId, Seq, ServerMessage, ServerMessageType, UnixMs};
use yew::prelude::*;

/// Most events whose authors are kept; the oldest are forgotten first.
const KEPT: usize = 512;

/// Author of an event, and when the server accepted it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Author {
    pub(super) by: String,
    pub(super) at: UnixMs,
}

/// Authors of the latest events, as far as these came one by one. A board that came as a snapshot has none.
#[derive(Debug, Clone, Default)]
pub(super) struct Authors(Rc<RefCell<VecDeque<(BoardId, Seq, Author)>>>);

impl PartialEq for Authors {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Authors {
    pub(super) fn of(&self, board: &BoardId, seq: Seq) -> Option<Author> {
        let known = self.0.borrow();
        known.iter().find(|(other, event, _)| other == board && *event == seq).map(|(_, _, author)| author.clone())
    }

    fn note(&self, message: &ServerMessage) {
        let ServerMessage::Updates { board, events, .. } = message else { return };
        let mut known = self.0.borrow_mut();
        known.extend(
            events.iter().map(|event| (board.clone(), event.seq, Author { by: event.by.clone(), at: event.at })),
        );
        let surplus = known.len().saturating_sub(KEPT);
        known.drain(..surplus);
    }
}

/// Collects authors while the caller is mounted, without a render.
#[hook]
pub(super) fn use_authors() -> Authors {
    let realtime = use_realtime();
    let authors = use_memo((), |()| Authors::default());
    let authors = Authors::clone(&authors);
    use_effect_with(realtime, {
        let authors = authors.clone();
        move |realtime| {
            let on_message = Callback::from(move |message: Rc<ServerMessage>| authors.note(&message));
            let listener = realtime.listen(ServerMessageType::Updates, on_message);
            move || drop(listener)
        }
    });
    authors
}
