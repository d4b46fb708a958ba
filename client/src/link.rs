//! The browser's WebSocket, for the engine's connection and for [`crate::hooks::use_websocket_url`].
//!
//! In: an address, messages. Out: events in their order. Never: an event after it is dropped, or a second attempt.
//! Plain web-sys: gloo-net's socket is a stream and a sink, which hide the moment of opening and what is still
//! buffered.

use gloo::events::EventListener;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};

use crate::panic::LetGo;

/// Message of a WebSocket, in either direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlainMessage {
    /// A text frame.
    Text(String),
    /// A binary frame.
    Binary(Vec<u8>),
}

impl PlainMessage {
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }
}

/// Event of a WebSocket.
pub(crate) enum LinkEvent {
    Opened,
    Message(PlainMessage),
    Closed { code: u16, reason: String },
}

/// Close code of a socket that nobody needs any more.
const NORMAL: u16 = 1000;

/// WebSocket of the browser. Dropping it closes it, and nothing that it says afterwards is heard.
pub(crate) struct Link {
    socket: WebSocket,
    _let_go: Option<LetGo>,
    _listeners: [EventListener; 3],
}

impl Link {
    /// Starts to connect.
    ///
    /// # Errors
    /// When the browser does not accept the address or the protocols, in its words.
    pub(crate) fn open(
        url: &str,
        protocols: &[String],
        on_event: impl Fn(LinkEvent) + Clone + 'static,
    ) -> Result<Self, String> {
        let protocols: Array = protocols.iter().map(JsValue::from).collect();
        let socket = match protocols.length() {
            0 => WebSocket::new(url),
            _ => WebSocket::new_with_str_sequence(url, &protocols),
        };
        let socket = socket.map_err(|error| {
            error.dyn_ref::<js_sys::Error>().map_or_else(|| "unknown".to_owned(), |error| String::from(error.message()))
        })?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let listen = |name: &'static str, read: fn(&Event) -> Option<LinkEvent>| {
            let on_event = on_event.clone();
            EventListener::new(&socket, name, move |event| {
                if let Some(event) = read(event) {
                    on_event(event);
                }
            })
        };
        let listeners =
            [listen("open", |_| Some(LinkEvent::Opened)), listen("message", message), listen("close", closed)];
        Ok(Self { _let_go: LetGo::by_method(&socket, "close", &NORMAL.into()), _listeners: listeners, socket })
    }

    /// Hands a message to the browser; `false` when it cannot be sent any more.
    pub(crate) fn send(&self, message: &PlainMessage) -> bool {
        match message {
            PlainMessage::Text(text) => self.send_text(text),
            PlainMessage::Binary(bytes) => self.socket.send_with_u8_array(bytes).is_ok(),
        }
    }

    /// Hands text to the browser; `false` when it cannot be sent any more.
    pub(crate) fn send_text(&self, text: &str) -> bool {
        self.socket.send_with_str(text).is_ok()
    }

    pub(crate) fn buffered_bytes(&self) -> usize {
        self.socket.buffered_amount() as usize
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let _ = self.socket.close();
    }
}

fn message(event: &Event) -> Option<LinkEvent> {
    let data = event.dyn_ref::<MessageEvent>()?.data();
    let message = match data.as_string() {
        Some(text) => PlainMessage::Text(text),
        None => PlainMessage::Binary(Uint8Array::new(data.dyn_ref::<ArrayBuffer>()?).to_vec()),
    };
    Some(LinkEvent::Message(message))
}

fn closed(event: &Event) -> Option<LinkEvent> {
    let event = event.dyn_ref::<CloseEvent>()?;
    Some(LinkEvent::Closed { code: event.code(), reason: event.reason() })
}
