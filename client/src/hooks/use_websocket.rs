use std::rc::Rc;

use tideboard_engine::{ConnectionState, Input};
use tideboard_shared::ServerMessage;
use yew::prelude::*;
use yew_hooks::use_latest;

use crate::{
    MessageType, RealtimeError,
    hooks::{use_realtime, use_store},
};

mod handle;
mod transitions;

pub use handle::UseWebsocketHandle;

/// Options of [`use_websocket`].
#[derive(Debug, Clone, PartialEq)]
pub struct UseWebsocketOptions {
    /// Whether to connect when mounted, if nobody has yet. Default true.
    pub auto_connect: bool,
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
}

impl Default for UseWebsocketOptions {
    fn default() -> Self {
        Self {
            auto_connect: true,
            on_connected: Callback::noop(),
            on_disconnected: Callback::noop(),
            on_message: Callback::noop(),
            on_error: Callback::noop(),
            on_reconnecting: Callback::noop(),
        }
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
/// | `on_connected`, `on_disconnected` | none | messages begin, or cease, to flow |
/// | `on_message` | none | every message, without a render |
/// | `on_error` | none | the server's complaints |
/// | `on_reconnecting` | none | before every wait, with the number of the next try |
///
/// Returns a [`UseWebsocketHandle`]; renders when the connection changes. When and how often to try again is set by
/// `config` of the provider. Nothing fails: what goes wrong shows as the state.
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
            let messages = realtime.listen(MessageType::Any, {
                let latest = latest.clone();
                Callback::from(move |message| tell_message(&latest.current(), message))
            });
            let transitions = transitions::follow(realtime, move |before, after| {
                transitions::tell(before, after, &latest.current());
            });
            if auto_connect && realtime.read(|reader| reader.connection()).0.state == ConnectionState::Idle {
                realtime.input(Input::Connect);
            }
            move || drop((messages, transitions))
        }
    });
    UseWebsocketHandle { realtime, view }
}

fn tell_message(options: &UseWebsocketOptions, message: Rc<ServerMessage>) {
    if let ServerMessage::Error { message, .. } = message.as_ref() {
        options.on_error.emit(RealtimeError::Server(message.clone()));
    }
    options.on_message.emit(message);
}
