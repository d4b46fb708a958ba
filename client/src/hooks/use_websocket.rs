use std::{rc::Rc, time::Duration};

use tideboard_engine::{ConnectionState, ConnectionView, SendResult, connection::LastClose};
use tideboard_shared::{ClientMessage, ServerMessage};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use yew_hooks::use_latest;

use super::{use_realtime, use_store, use_store::Selected};
use crate::{MessageFilter, Realtime, RealtimeError, Subscription, TextProvider};

/// Options of [`use_websocket`].
#[derive(Debug, Clone, PartialEq)]
pub struct UseWebsocketOptions {
    /// Connects when mounted, if nobody has yet. Default true.
    pub auto_connect: bool,
    /// Asked for a token before this hook connects, and whenever the server wants a fresh one. Default none.
    pub token: Option<TextProvider>,
    /// Called when messages begin to flow.
    pub on_connected: Callback<()>,
    /// Called when they no longer do, with where the connection stands then.
    pub on_disconnected: Callback<ConnectionState>,
    /// Called with every message, without a render; none is left out, however many come at once.
    pub on_message: Callback<Rc<ServerMessage>>,
    /// Called with the server's complaints.
    pub on_error: Callback<RealtimeError>,
    /// Called before every wait for another try, with that try's number.
    pub on_reconnecting: Callback<u32>,
    /// Called when there is no other try: as many failed as may, or the server refused for good.
    pub on_gave_up: Callback<ConnectionState>,
}

impl Default for UseWebsocketOptions {
    fn default() -> Self {
        Self {
            auto_connect: true,
            token: None,
            on_connected: Callback::noop(),
            on_disconnected: Callback::noop(),
            on_message: Callback::noop(),
            on_error: Callback::noop(),
            on_reconnecting: Callback::noop(),
            on_gave_up: Callback::noop(),
        }
    }
}

/// Handle of [`use_websocket`].
#[derive(Debug, Clone, PartialEq)]
pub struct UseWebsocketHandle {
    realtime: Realtime,
    view: Rc<ConnectionView>,
}

impl UseWebsocketHandle {
    /// State of the connection.
    #[must_use]
    pub fn state(&self) -> &ConnectionState {
        &self.view.state
    }

    /// Tells whether messages flow.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.view.state.is_live()
    }

    /// Sends a message of the application's own: `publish` or `presence`. Waits for the connection if need be;
    /// questions have [`super::use_websocket_request`].
    pub fn send(&self, message: ClientMessage) -> SendResult {
        self.realtime.send(message)
    }

    /// Calls `on_message` with every message of a type, or with all, until the subscription is dropped.
    pub fn subscribe(&self, wanted: impl Into<MessageFilter>, on_message: Callback<Rc<ServerMessage>>) -> Subscription {
        self.realtime.listen(wanted, on_message)
    }

    /// Connects, and stays connected until [`Self::disconnect`]. Does nothing while it already tries.
    pub fn connect(&self) {
        self.realtime.connect();
    }

    /// Closes the connection; it stays closed until [`Self::connect`] or [`Self::reconnect_now`].
    pub fn disconnect(&self) {
        self.realtime.disconnect();
    }

    /// Connects at once: skips a wait, or replaces a connection that is suspected.
    pub fn reconnect_now(&self) {
        self.realtime.reconnect_now();
    }

    /// Attempts in a row since the last stable connection.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.view.attempt
    }

    /// Time until the next try, while waiting for it. By the clock of the call: it does not render by itself.
    #[must_use]
    pub fn next_retry_in(&self) -> Option<Duration> {
        match self.view.state {
            ConnectionState::Backoff { until, .. } => Some(until.saturating_sub(self.realtime.now().mono)),
            _ => None,
        }
    }

    /// End of the last connection.
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

/// The connection itself: its state, its messages, and how to open and close it.
///
/// ```no_run
/// use tideboard_client::hooks::use_websocket;
/// use yew::prelude::*;
///
/// #[component]
/// fn Connection() -> Html {
///     let socket = use_websocket();
///     let words = if socket.is_connected() { "connected" } else { "not connected" };
///     let onclick = move |_| socket.reconnect_now();
///     html! { <button {onclick}>{ words }</button> }
/// }
/// ```
///
/// | option of [`use_websocket_with_options`] | default | |
/// |---|---|---|
/// | `auto_connect` | true | connects when mounted |
/// | `token` | none | asked before it connects, and whenever the server wants a fresh one |
/// | `on_connected`, `on_disconnected` | none | messages begin, or cease, to flow |
/// | `on_message` | none | every message, without a render |
/// | `on_error` | none | the server's complaints |
/// | `on_reconnecting` | none | before every wait, with the number of the next try |
/// | `on_gave_up` | none | there is no other try |
///
/// Returns a [`UseWebsocketHandle`]; renders when the connection changes. Nothing fails: what goes wrong shows as the
/// state.
///
/// One connection serves the whole page, so its address and settings are the provider's: `url`, and of its `config`
/// `connection.connect_timeout`, `.reconnect` (base, max_delay, factor, max_attempts, stable_after), `.heartbeat`
/// (interval, timeout) and `.max_queued` (beyond, a message is refused). For a socket of its own there is
/// [`use_websocket_url`].
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_websocket() -> UseWebsocketHandle {
    use_websocket_with_options(UseWebsocketOptions::default())
}

/// [`use_websocket`] with options.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_websocket_with_options(options: UseWebsocketOptions) -> UseWebsocketHandle {
    let realtime = use_realtime();
    let view = use_store(|reader| reader.connection());
    let auto_connect = options.auto_connect;
    let latest = use_latest(options);
    use_effect_with(realtime.clone(), {
        move |realtime| {
            let messages = realtime.listen(MessageFilter::Any, {
                let latest = latest.clone();
                Callback::from(move |message| tell_message(&latest.current(), message))
            });
            // Also changes too short to be rendered.
            let transitions = Selected::follow(realtime, |reader| reader.connection().state, {
                let realtime = realtime.clone();
                let latest = latest.clone();
                move |before, after| {
                    let options = latest.current();
                    tell_transition(before, after, &options);
                    if **after == ConnectionState::NeedsAuth {
                        bring_token(&realtime, &options, |_| {});
                    }
                }
            });
            if auto_connect && realtime.read(|reader| reader.connection()).state == ConnectionState::Idle {
                bring_token(realtime, &latest.current(), |realtime| realtime.connect());
            }
            move || drop((messages, transitions))
        }
    });
    UseWebsocketHandle { realtime, view }
}

/// Asks for a token where there is somebody to ask, and goes on; also without one, for the server may take us all the
/// same.
fn bring_token(realtime: &Realtime, options: &UseWebsocketOptions, go_on: impl FnOnce(&Realtime) + 'static) {
    let Some(token) = &options.token else { return go_on(realtime) };
    let token = token.ask();
    let realtime = realtime.clone();
    let on_error = options.on_error.clone();
    spawn_local(async move {
        match token.await {
            Ok(token) => realtime.set_token(token),
            Err(problem) => on_error.emit(RealtimeError::NoToken(problem)),
        }
        go_on(&realtime);
    });
}

fn tell_message(options: &UseWebsocketOptions, message: Rc<ServerMessage>) {
    if let ServerMessage::Error { message, .. } = message.as_ref() {
        options.on_error.emit(RealtimeError::Server(message.clone()));
    }
    options.on_message.emit(message);
}

/// Calls those who are concerned by a change of state.
fn tell_transition(before: &ConnectionState, after: &ConnectionState, options: &UseWebsocketOptions) {
    match (before.is_live(), after.is_live()) {
        (false, true) => options.on_connected.emit(()),
        (true, false) => options.on_disconnected.emit(after.clone()),
        (true, true) | (false, false) => {}
    }
    if let ConnectionState::Backoff { attempt, .. } = after {
        options.on_reconnecting.emit(*attempt);
    }
    if let ConnectionState::GaveUp { .. } | ConnectionState::Failed { .. } = after {
        options.on_gave_up.emit(after.clone());
    }
}
