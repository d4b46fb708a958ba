use std::rc::Rc;

use serde::de::DeserializeOwned;
use tideboard_engine::{EntityView, Reader};
use tideboard_shared::{BoardId, Channel, EntityId, Fields};
use yew::prelude::*;

use super::{use_channel, use_store_with};
use crate::Seen;

/// Handle of [`use_entity`].
#[derive(Debug, PartialEq)]
pub struct UseEntityHandle<T> {
    read: Rc<Read<T>>,
}

impl<T> Clone for UseEntityHandle<T> {
    fn clone(&self) -> Self {
        Self { read: Rc::clone(&self.read) }
    }
}

/// Entity as one read finds it.
#[derive(Debug, PartialEq)]
struct Read<T> {
    value: Option<T>,
    error: Option<String>,
    pending: usize,
    seen: Seen,
}

impl<T> UseEntityHandle<T> {
    /// The entity's fields with the user's pending edits on top; none while it does not exist or is not loaded.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        self.read.value.as_ref()
    }

    /// Reason why the entity's fields are no `T`.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.read.error.as_deref()
    }

    /// Number of edits of the entity that wait for the server.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.read.pending
    }

    /// Position of the board at which the entity looked like this.
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.read.seen
    }
}

/// Reads one entity of a board as a `T`; renders only when it changes.
///
/// ```no_run
/// use serde::Deserialize;
/// use tideboard_client::hooks::use_entity;
/// use yew::prelude::*;
///
/// #[derive(PartialEq, Deserialize)]
/// struct Note {
///     title: String,
/// }
///
/// #[component]
/// fn Title() -> Html {
///     let note = use_entity::<Note>("main".parse().expect("a name"), "welcome".into());
///     html! { <h1>{ note.value().map_or("…", |note| note.title.as_str()) }</h1> }
/// }
/// ```
///
/// It has no options. Returns a [`UseEntityHandle`]; fields that are no `T` show as its `error()`.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_entity<T>(board: BoardId, entity: EntityId) -> UseEntityHandle<T>
where
    T: DeserializeOwned + PartialEq + 'static,
{
    use_drafted_entity(board, entity, Fields::new())
}

/// [`use_entity`] with fields on top that are no edit yet.
#[hook]
pub(super) fn use_drafted_entity<T>(board: BoardId, entity: EntityId, draft: Fields) -> UseEntityHandle<T>
where
    T: DeserializeOwned + PartialEq + 'static,
{
    use_channel(Channel::Board(board.clone()).into());
    let read = use_store_with((board, entity, draft), |reader, (board, entity, draft)| {
        let seen = position(reader, board);
        let Some(EntityView { entity, pending, .. }) = reader.entity(board, entity) else {
            return Read { value: None, error: None, pending: 0, seen };
        };
        let (value, error) = match entity.decode_with(draft) {
            Ok(value) => (Some(value), None),
            Err(error) => (None, Some(error.to_string())),
        };
        Read { value, error, pending, seen }
    });
    UseEntityHandle { read }
}

/// Position that the board has reached.
pub(super) fn position(reader: &Reader<'_>, board: &BoardId) -> Seen {
    reader.board(board).map(|view| Seen(view.seq)).unwrap_or_default()
}
