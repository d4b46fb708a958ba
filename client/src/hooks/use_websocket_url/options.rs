use std::time::Duration;

use tideboard_engine::connection::LastClose;
use yew::Callback;

use crate::{
    TextProvider,
    plain_socket::{Callbacks, PlainMessage, PlainQueue, PlainReconnect, Rules},
};

/// Options of [`super::use_websocket_url`].
#[derive(Debug, Clone, PartialEq)]
pub struct UseWebsocketUrlOptions {
    /// Whether to connect when mounted. Default true.
    pub auto_connect: bool,
    /// Asked for the address at every attempt, instead of the one that was given, so that it can carry a fresh token.
    pub url: Option<TextProvider>,
    /// Subprotocols, the preferred first. Default none.
    pub protocols: Vec<String>,
    /// How long connecting may take. Default 15 s.
    pub connect_timeout: Duration,
    /// How to space attempts.
    pub reconnect: PlainReconnect,
    /// Whether a connection that ended so is tried again. Default always.
    pub should_retry: Option<Callback<LastClose, bool>>,
    /// How much waits for a connection.
    pub queue: PlainQueue,
    /// Whether the component renders for every message. Default true.
    pub renders: bool,
    /// Called when messages begin to flow.
    pub on_connected: Callback<()>,
    /// Called when they no longer do, with how the connection ended; `None` when it was closed here.
    pub on_disconnected: Callback<Option<LastClose>>,
    /// Called with every message; none is left out, however many come at once.
    pub on_message: Callback<PlainMessage>,
    /// Called with what the browser does not accept.
    pub on_error: Callback<String>,
    /// Called before every wait for another try, with that try's number.
    pub on_reconnecting: Callback<u32>,
    /// Called when there is no other try, with how many there were.
    pub on_gave_up: Callback<u32>,
}

impl Default for UseWebsocketUrlOptions {
    fn default() -> Self {
        Self {
            auto_connect: true,
            url: None,
            protocols: Vec::new(),
            connect_timeout: Duration::from_secs(15),
            reconnect: PlainReconnect::default(),
            should_retry: None,
            queue: PlainQueue::default(),
            renders: true,
            on_connected: Callback::noop(),
            on_disconnected: Callback::noop(),
            on_message: Callback::noop(),
            on_error: Callback::noop(),
            on_reconnecting: Callback::noop(),
            on_gave_up: Callback::noop(),
        }
    }
}

impl UseWebsocketUrlOptions {
    /// The rules, and who is told; messages go to `on_message`.
    pub(super) fn parts(self, on_message: Callback<PlainMessage>) -> (Rules, Callbacks) {
        let Self { protocols, connect_timeout, reconnect, should_retry, queue, .. } = self;
        let callbacks = Callbacks {
            on_open: self.on_connected,
            on_close: self.on_disconnected,
            on_message,
            on_error: self.on_error,
            on_reconnecting: self.on_reconnecting,
            on_gave_up: self.on_gave_up,
        };
        (Rules { protocols, connect_timeout, reconnect, should_retry, queue }, callbacks)
    }
}
