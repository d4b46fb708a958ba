use std::{cell::RefCell, collections::VecDeque, rc::Rc};

use yew::prelude::*;
use yew_hooks::use_latest;

use crate::{
    by_address::ByAddress,
    plain_socket::{PlainMessage, PlainSocket},
};

mod handle;
mod options;

pub use handle::UseWebsocketUrlHandle;
pub use options::UseWebsocketUrlOptions;

/// Most messages that wait to be drained; beyond, the oldest are dropped and counted.
const UNDRAINED: usize = 10_000;

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
/// Returns a [`UseWebsocketUrlHandle`]; renders when the state changes or a message comes. Nothing fails: what goes wrong is
/// the state. Ends with the component.
#[hook]
pub fn use_websocket_url(url: AttrValue) -> UseWebsocketUrlHandle {
    use_websocket_url_with_options(url, UseWebsocketUrlOptions::default())
}

/// [`use_websocket_url`] with options.
#[hook]
pub fn use_websocket_url_with_options(url: AttrValue, options: UseWebsocketUrlOptions) -> UseWebsocketUrlHandle {
    let update = use_force_update();
    let received = use_mut_ref(Received::default);
    let provider = options.url.clone();
    let socket: Rc<Rc<PlainSocket>> = use_memo((url, provider), {
        let update = update.clone();
        move |(url, provider)| {
            let url = provider.clone().unwrap_or_else(|| url.clone().into());
            PlainSocket::new(url, move || update.force_update())
        }
    });
    let socket = Rc::clone(&*socket);
    let (auto_connect, latest) = (options.auto_connect, use_latest(options.clone()));
    let on_message = use_callback((), {
        let received = Rc::clone(&received);
        move |message: PlainMessage, ()| {
            received.borrow_mut().add(message.clone());
            let options = latest.current();
            options.on_message.emit(message);
            if options.renders {
                update.force_update();
            }
        }
    });
    let (rules, callbacks) = options.parts(on_message);
    socket.set_up(rules, callbacks);
    use_effect_with(ByAddress::of(&socket), move |socket| {
        if auto_connect {
            socket.connect();
        }
        let socket = Rc::clone(&socket.0);
        move || socket.end()
    });
    UseWebsocketUrlHandle::new(socket, received)
}

/// What has come and was not drained.
#[derive(Default)]
struct Received {
    latest: Option<PlainMessage>,
    undrained: VecDeque<PlainMessage>,
    dropped: u64,
    /// Rises with every message.
    count: u64,
}

type Shared = Rc<RefCell<Received>>;

impl Received {
    fn add(&mut self, message: PlainMessage) {
        self.count += 1;
        self.latest = Some(message.clone());
        self.undrained.push_back(message);
        if self.undrained.len() > UNDRAINED {
            self.undrained.pop_front();
            self.dropped += 1;
        }
    }
}
