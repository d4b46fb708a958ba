use std::{rc::Rc, time::Duration};

use tideboard_engine::{ConnectionState, ConnectionView, Input, SendResult, connection::LastClose};
use tideboard_shared::{ClientMessage, ServerMessage};
use yew::Callback;

use crate::{MessageFilter, Realtime, Subscription};

/// What [`super::use_websocket`] returns.
#[derive(Debug, Clone, PartialEq)]
pub struct UseWebsocketHandle {
    pub(super) realtime: Realtime,
    pub(super) view: Rc<ConnectionView>,
}

impl UseWebsocketHandle {
    /// Where the connection stands.
    #[must_use]
    pub fn state(&self) -> &ConnectionState {
        &self.view.state
    }

    /// Whether messages flow.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.view.state.is_live()
    }

    /// Sends a message of the application's own: `publish` or `presence`. Waits for the connection if need be; questions
    /// have [`super::super::use_websocket_request`].
    pub fn send(&self, message: ClientMessage) -> SendResult {
        self.realtime.send(message)
    }

    /// Calls `on_message` with every message of a type, or with all, until the subscription is dropped.
    pub fn subscribe(&self, wanted: impl Into<MessageFilter>, on_message: Callback<Rc<ServerMessage>>) -> Subscription {
        self.realtime.listen(wanted, on_message)
    }

    /// Connects, and stays connected until [`Self::disconnect`]. Does nothing while it already tries.
    pub fn connect(&self) {
        self.realtime.input(Input::Connect);
    }

    /// Closes the connection; it stays closed until [`Self::connect`] or [`Self::reconnect_now`].
    pub fn disconnect(&self) {
        self.realtime.input(Input::Disconnect);
    }

    /// Connects at once: skips a wait, or replaces a connection that is suspected.
    pub fn reconnect_now(&self) {
        self.realtime.input(Input::ReconnectNow);
    }

    /// Attempts in a row since the last stable connection.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.view.attempt
    }

    /// How long until the next try, while waiting for it. By the clock of the call: it does not render by itself.
    #[must_use]
    pub fn next_retry_in(&self) -> Option<Duration> {
        match self.view.state {
            ConnectionState::Backoff { until, .. } => Some(until.saturating_sub(self.realtime.now().mono)),
            _ => None,
        }
    }

    /// How the last connection ended.
    #[must_use]
    pub fn last_close(&self) -> Option<&LastClose> {
        self.view.last_close.as_ref()
    }

    /// Bytes that were handed to the browser and have not left the machine. Read at the call.
    #[must_use]
    pub fn buffered_bytes(&self) -> usize {
        self.realtime.buffered_bytes()
    }

    /// Round-trip time of the last ping.
    #[must_use]
    pub fn rtt(&self) -> Option<Duration> {
        self.view.rtt
    }
}
