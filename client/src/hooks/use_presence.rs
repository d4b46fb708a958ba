use std::rc::Rc;

use serde_json::Value;
use tideboard_engine::{PresenceView, SendResult};
use tideboard_shared::{BoardId, Channel, ClientMessage, message::Member};
use yew::prelude::*;

use super::{use_channel, use_realtime, use_store_with};
use crate::Realtime;

/// Options of [`use_presence`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UsePresenceOptions {
    /// State that the others see while the component is mounted, such as what the user has selected; at most 4 KiB of
    /// JSON. Default none: the user watches without being seen.
    pub state: Option<Value>,
}

/// Handle of [`use_presence`].
#[derive(Debug, Clone, PartialEq)]
pub struct UsePresenceHandle {
    realtime: Realtime,
    board: BoardId,
    view: Rc<PresenceView>,
}

impl UsePresenceHandle {
    /// Members of the board, in an order that stays; the user too while others can see them.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.view.members
    }

    /// Members without this browser's own connection.
    pub fn others(&self) -> impl Iterator<Item = &Member> {
        self.view.members.iter().filter(|member| Some(&member.session) != self.view.me.as_ref())
    }

    /// Myself, as the others see me.
    #[must_use]
    pub fn me(&self) -> Option<&Member> {
        self.view.members.iter().find(|member| Some(&member.session) == self.view.me.as_ref())
    }

    /// State that this client shows of itself, told to every new connection.
    #[must_use]
    pub fn state(&self) -> Option<&Value> {
        self.view.mine.as_ref()
    }

    /// Shows another state of mine, until the option changes or the component goes.
    pub fn set_state(&self, state: impl Into<Value>) -> SendResult {
        show(&self.realtime, &self.board, state.into())
    }

    /// Takes me off the board; I still see the others.
    pub fn leave(&self) -> SendResult {
        show(&self.realtime, &self.board, Value::Null)
    }
}

/// Follows who is on a board, and what they do there.
///
/// ```no_run
/// use serde_json::json;
/// use tideboard_client::hooks::{UsePresenceOptions, use_presence_with_options};
/// use yew::prelude::*;
///
/// #[component]
/// fn People() -> Html {
///     let options = UsePresenceOptions { state: Some(json!({"looks_at": "orders"})) };
///     let people = use_presence_with_options("main".parse().expect("a name"), options);
///     html! { <ul>{ for people.others().map(|member| html! { <li>{ &member.user }</li> }) }</ul> }
/// }
/// ```
///
/// | option of [`use_presence_with_options`] | default | |
/// |---|---|---|
/// | `state` | none | what the others see of me while the component is mounted |
///
/// Returns a [`UsePresenceHandle`]; renders when somebody comes, goes or changes. Without a connection nobody is there.
/// A browser shows one state a board: of several components that show one, the last counts.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_presence(board: BoardId) -> UsePresenceHandle {
    use_presence_with_options(board, UsePresenceOptions::default())
}

/// [`use_presence`] with options.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_presence_with_options(board: BoardId, options: UsePresenceOptions) -> UsePresenceHandle {
    let realtime = use_realtime();
    use_channel(Channel::Presence(board.clone()).into());
    let is_seen = options.state.is_some();
    // Ends before a new state begins, but for a change of state alone: the others see no coming and going.
    use_effect_with((realtime.clone(), board.clone(), is_seen), |(realtime, board, is_seen)| {
        let realtime = realtime.clone();
        let board = board.clone();
        let is_seen = *is_seen;
        move || {
            if is_seen {
                show(&realtime, &board, Value::Null);
            }
        }
    });
    use_effect_with((realtime.clone(), board.clone(), options.state), |(realtime, board, state)| {
        if let Some(state) = state {
            show(realtime, board, state.clone());
        }
    });
    let view = use_store_with(board.clone(), |reader, board| reader.presence(board));
    UsePresenceHandle { realtime, board, view }
}

fn show(realtime: &Realtime, board: &BoardId, state: Value) -> SendResult {
    realtime.send(ClientMessage::Presence { board: board.clone(), state })
}
