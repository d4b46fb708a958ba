use std::{rc::Rc, time::Duration};

use tideboard_engine::{SendResult, connection::LastClose};

use super::Shared;
use crate::plain_socket::{PlainMessage, PlainSocket, PlainState};

/// What [`super::use_websocket_url`] returns.
#[derive(Clone)]
pub struct UseWebsocketUrlHandle {
    socket: Rc<PlainSocket>,
    received: Shared,
    /// What the component was rendered with.
    state: PlainState,
    count: u64,
}

impl UseWebsocketUrlHandle {
    pub(super) fn new(socket: Rc<PlainSocket>, received: Shared) -> Self {
        let (state, count) = (socket.state(), received.borrow().count);
        Self { socket, received, state, count }
    }

    /// Where the socket stands.
    #[must_use]
    pub fn state(&self) -> &PlainState {
        &self.state
    }

    /// Whether messages flow.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        matches!(self.state, PlainState::Open { .. })
    }

    /// Sends text. Waits for the connection if need be, as the options' `queue` allows.
    pub fn send(&self, text: impl Into<String>) -> SendResult {
        self.socket.send(PlainMessage::Text(text.into()))
    }

    /// Sends bytes. Waits for the connection if need be, as the options' `queue` allows.
    pub fn send_bytes(&self, bytes: impl Into<Vec<u8>>) -> SendResult {
        self.socket.send(PlainMessage::Binary(bytes.into()))
    }

    /// The latest message.
    #[must_use]
    pub fn latest(&self) -> Option<PlainMessage> {
        self.received.borrow().latest.clone()
    }

    /// All messages since the last call, oldest first: each once, in order. At most 10,000 wait for it.
    #[must_use = "what is drained is not given again"]
    pub fn drain(&self) -> Vec<PlainMessage> {
        std::mem::take(&mut self.received.borrow_mut().undrained).into()
    }

    /// How many were dropped because nobody drained them.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.received.borrow().dropped
    }

    /// Connects, and stays connected until [`Self::disconnect`]. Does nothing while it already tries.
    pub fn connect(&self) {
        self.socket.connect();
    }

    /// Closes the connection; it stays closed until [`Self::connect`] or [`Self::reconnect_now`].
    pub fn disconnect(&self) {
        self.socket.disconnect();
    }

    /// Connects at once: skips a wait, or replaces a connection that is suspected.
    pub fn reconnect_now(&self) {
        self.socket.reconnect_now();
    }

    /// Attempts in a row since the last stable connection.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.socket.attempt()
    }

    /// How long until the next try, while waiting for it. By the clock of the call: it does not render by itself.
    #[must_use]
    pub fn next_retry_in(&self) -> Option<Duration> {
        match self.socket.state() {
            PlainState::Backoff { until, .. } => {
                Some(Duration::from_millis(until.0.saturating_sub(js_sys::Date::now() as u64)))
            }
            _ => None,
        }
    }

    /// How the last connection ended.
    #[must_use]
    pub fn last_close(&self) -> Option<LastClose> {
        self.socket.last_close()
    }

    /// Bytes that were taken and have not left the machine. Read at the call.
    #[must_use]
    pub fn buffered_bytes(&self) -> usize {
        self.socket.buffered_bytes()
    }
}

impl PartialEq for UseWebsocketUrlHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.socket, &other.socket) && self.state == other.state && self.count == other.count
    }
}

impl std::fmt::Debug for UseWebsocketUrlHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UseWebsocketUrlHandle").field("state", &self.state).finish_non_exhaustive()
    }
}
