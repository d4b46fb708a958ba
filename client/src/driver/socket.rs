use gloo::events::EventListener;
use tideboard_engine::{SocketEpoch, SocketEvent};
use tideboard_shared::SUBPROTOCOL;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CloseEvent, Event, MessageEvent, WebSocket};

/// One WebSocket. Dropping it closes it, and nothing that it says afterwards is heard.
pub(super) struct Socket {
    pub(super) epoch: SocketEpoch,
    socket: WebSocket,
    _listeners: [EventListener; 3],
}

impl Socket {
    /// Starts to connect and reports to `on_event`.
    ///
    /// # Errors
    /// When the browser does not accept the address, in its words.
    pub(super) fn open(
        url: &str,
        epoch: SocketEpoch,
        on_event: impl Fn(SocketEvent) + Clone + 'static,
    ) -> Result<Self, String> {
        // Trunk's development proxy does not answer a subprotocol, and a browser then refuses the connection.
        let socket =
            if cfg!(debug_assertions) { WebSocket::new(url) } else { WebSocket::new_with_str(url, SUBPROTOCOL) };
        let socket = socket.map_err(|error| describe(&error))?;
        let listen = |name: &'static str, read: fn(&Event) -> Option<SocketEvent>| {
            let on_event = on_event.clone();
            EventListener::new(&socket, name, move |event| {
                if let Some(event) = read(event) {
                    on_event(event);
                }
            })
        };
        let listeners =
            [listen("open", |_| Some(SocketEvent::Opened)), listen("message", frame), listen("close", closed)];
        Ok(Self { epoch, _listeners: listeners, socket })
    }

    /// Hands a frame to the browser. One that cannot be sent any more is lost with the socket, whose end is reported.
    pub(super) fn send(&self, frame: &str) {
        let _ = self.socket.send_with_str(frame);
    }

    /// Bytes that have not left the machine.
    pub(super) fn buffered_bytes(&self) -> usize {
        self.socket.buffered_amount() as usize
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = self.socket.close();
    }
}

/// A text frame; the protocol has no others.
fn frame(event: &Event) -> Option<SocketEvent> {
    event.dyn_ref::<MessageEvent>()?.data().as_string().map(SocketEvent::Frame)
}

fn closed(event: &Event) -> Option<SocketEvent> {
    let event = event.dyn_ref::<CloseEvent>()?;
    Some(SocketEvent::Closed { code: event.code(), reason: event.reason() })
}

fn describe(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map_or_else(|| "unknown".to_owned(), |error| String::from(error.message()))
}
