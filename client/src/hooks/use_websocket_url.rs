use std::{rc::Rc, time::Duration};

use tideboard_engine::{SendResult, config::ReconnectConfig, connection::LastClose};
use tideboard_shared::UnixMs;
use yew::prelude::*;

use crate::{ByAddress, TextProvider, clock};

mod plain_socket;

pub use crate::link::PlainMessage;
use plain_socket::PlainSocket;

/// Options of [`use_websocket_url`].
#[derive(Debug, Clone, PartialEq)]
pub struct UseWebsocketUrlOptions {
    /// Connects when mounted. Default true.
    pub auto_connect: bool,
    /// Asked for the address at every attempt, instead of the one that was given, so that it can carry a fresh token.
    pub url: Option<TextProvider>,
    /// Subprotocols, the preferred first. Default none.
    pub protocols: Vec<String>,
    /// Time that connecting may take. Default 15 s.
    pub connect_timeout: Duration,
    /// Spaces attempts. Default 1 s to 30 s, doubled, with full jitter, for ever.
    pub reconnect: ReconnectConfig,
    /// Decides whether a connection that ended so is tried again. Default always.
    pub should_retry: Option<Callback<LastClose, bool>>,
    /// Limits of what waits for a connection.
    pub queue: PlainQueue,
    /// Renders the component for every message. Default true.
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
            reconnect: ReconnectConfig::default(),
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

/// Limits of what waits for a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlainQueue {
    /// Most messages; 0 refuses all while there is no connection. Default 100.
    pub max_len: usize,
    /// Most bytes. Default 1 MiB.
    pub max_bytes: usize,
    /// Answer to one message more. Default refuse it.
    pub overflow: Overflow,
}

impl Default for PlainQueue {
    fn default() -> Self {
        Self { max_len: 100, max_bytes: 1024 * 1024, overflow: Overflow::Refuse }
    }
}

/// Answer to a message for which there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overflow {
    /// Refuse it.
    #[default]
    Refuse,
    /// Drop the oldest of those that wait.
    DropOldest,
}

/// State of the socket.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum PlainState {
    /// Never asked to connect.
    #[default]
    Idle,
    /// Being opened.
    Connecting {
        /// Number of this try in a row, from 1.
        attempt: u32,
    },
    /// Messages flow.
    Open {
        /// Since when, by the user's clock.
        since: UnixMs,
    },
    /// Waiting before the next try.
    Backoff {
        /// Number of that try in a row, from 1.
        attempt: u32,
        /// Time of that try, by the user's clock.
        until: UnixMs,
    },
    /// As many tries failed as may, or the rules want no other.
    GaveUp {
        /// Number of tries.
        attempts: u32,
    },
    /// Closed on purpose.
    Closed,
}

/// Handle of [`use_websocket_url`].
#[derive(Clone)]
pub struct UseWebsocketUrlHandle {
    socket: Rc<PlainSocket>,
    /// State that the component was rendered with.
    state: PlainState,
    /// Number of messages that had come by then.
    count: u64,
}

impl UseWebsocketUrlHandle {
    fn new(socket: Rc<PlainSocket>) -> Self {
        let state = socket.state();
        let count = socket.received(|received| received.count);
        Self { socket, state, count }
    }

    /// State of the socket.
    #[must_use]
    pub fn state(&self) -> &PlainState {
        &self.state
    }

    /// Tells whether messages flow.
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
        self.socket.received(|received| received.latest.clone())
    }

    /// All messages since the last call, oldest first: each once, in order. At most 10,000 wait for it.
    #[must_use = "what is drained is not given again"]
    pub fn drain(&self) -> Vec<PlainMessage> {
        self.socket.received(|received| std::mem::take(&mut received.undrained)).into()
    }

    /// Number of messages that were dropped because nobody drained them.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.socket.received(|received| received.dropped)
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

    /// Time until the next try, while waiting for it. By the clock of the call: it does not render by itself.
    #[must_use]
    pub fn next_retry_in(&self) -> Option<Duration> {
        match self.socket.state() {
            PlainState::Backoff { until, .. } => {
                Some(Duration::from_millis(until.0.saturating_sub(clock::now().wall.0)))
            }
            _ => None,
        }
    }

    /// End of the last connection.
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

/// A WebSocket of any server, kept open, without our protocol. It needs no provider.
///
/// ```no_run
/// use tideboard_client::hooks::use_websocket_url;
/// use yew::prelude::*;
///
/// #[component]
/// fn Echo() -> Html {
///     let socket = use_websocket_url("wss://echo.example.org/".into());
///     let last = socket.latest();
///     let onclick = move |_| drop(socket.send("hello"));
///     html! { <button {onclick}>{ format!("{last:?}") }</button> }
/// }
/// ```
///
/// | option of [`use_websocket_url_with_options`] | default | |
/// |---|---|---|
/// | `auto_connect` | true | connects when mounted |
/// | `url` | the one that is given | asked at every attempt, for a fresh token in it |
/// | `protocols` | none | subprotocols |
/// | `connect_timeout` | 15 s | how long connecting may take |
/// | `reconnect` | 1 s to 30 s, doubled, for ever | how to space attempts |
/// | `should_retry` | always | whether a connection that ended so is tried again |
/// | `queue` | 100 messages, 1 MiB, refuse | how much waits for a connection |
/// | `renders` | true | for every message |
/// | `on_connected`, `on_disconnected`, `on_message`, `on_error`, `on_reconnecting`, `on_gave_up` | none | |
///
/// Returns a [`UseWebsocketUrlHandle`]; renders when the state changes or a message comes. Nothing fails: what goes
/// wrong is the state. Ends with the component.
#[hook]
pub fn use_websocket_url(url: AttrValue) -> UseWebsocketUrlHandle {
    use_websocket_url_with_options(url, UseWebsocketUrlOptions::default())
}

/// [`use_websocket_url`] with options.
#[hook]
pub fn use_websocket_url_with_options(url: AttrValue, options: UseWebsocketUrlOptions) -> UseWebsocketUrlHandle {
    let update = use_force_update();
    let provider = options.url.clone();
    let socket: Rc<Rc<PlainSocket>> = use_memo((url, provider), move |(url, provider)| {
        let url = provider.clone().unwrap_or_else(|| url.clone().into());
        PlainSocket::new(url, move || update.force_update())
    });
    let socket = Rc::clone(&*socket);
    let auto_connect = options.auto_connect;
    socket.set_up(options);
    use_effect_with(ByAddress::of(&socket), move |socket| {
        if auto_connect {
            socket.connect();
        }
        let socket = Rc::clone(&socket.0);
        move || socket.end()
    });
    UseWebsocketUrlHandle::new(socket)
}
