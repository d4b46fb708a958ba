use std::{rc::Rc, time::Duration};

use tideboard_shared::ServerMessage;
use yew::Callback;

/// Options of [`super::use_websocket_message`].
#[derive(Debug, Clone, PartialEq)]
pub struct UseWebsocketMessageOptions<T> {
    /// Takes only those messages for which it says true. Default all of them.
    pub filter: Option<Callback<Rc<ServerMessage>, bool>>,
    /// How many [`super::UseWebsocketMessageHandle::history`] keeps. Default the latest alone.
    pub keep: Keep,
    /// When those that have arrived are handed on, together. Default before the next frame.
    pub batch: MessageBatch,
    /// Whether the component renders when some were handed on. Default true.
    pub renders: bool,
    /// Most that wait for [`super::UseWebsocketMessageHandle::drain`]; beyond, the oldest are dropped and counted. Default 10,000.
    pub max_undrained: usize,
    /// Called with each one as it is handed on.
    pub on_message: Callback<Rc<T>>,
    /// Called with why a message is no `T`; it is left out.
    pub on_decode_error: Callback<String>,
}

impl<T> Default for UseWebsocketMessageOptions<T> {
    fn default() -> Self {
        Self {
            filter: None,
            keep: Keep::Latest,
            batch: MessageBatch::Frame,
            renders: true,
            max_undrained: 10_000,
            on_message: Callback::noop(),
            on_decode_error: Callback::noop(),
        }
    }
}

/// How many messages are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// The latest alone.
    #[default]
    Latest,
    /// So many of the latest.
    Last(usize),
}

/// When messages that have arrived are handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MessageBatch {
    /// Before the next frame is painted.
    #[default]
    Frame,
    /// When the oldest has waited for so long.
    Every(Duration),
}
