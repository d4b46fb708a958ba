use tideboard_engine::{SocketEpoch, SocketEvent};
use tideboard_shared::SUBPROTOCOL;

use crate::link::{Link, LinkEvent, PlainMessage};

/// WebSocket of the engine's connection. Dropping it closes it, and nothing that it says afterwards is heard.
pub(super) struct Socket {
    pub(super) epoch: SocketEpoch,
    link: Link,
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
        let protocols: &[String] = if cfg!(debug_assertions) { &[] } else { &[SUBPROTOCOL.to_owned()] };
        let link = Link::open(url, protocols, move |event| match event {
            LinkEvent::Opened => on_event(SocketEvent::Opened),
            LinkEvent::Message(PlainMessage::Text(frame)) => on_event(SocketEvent::Frame(frame)),
            // The protocol has text alone.
            LinkEvent::Message(PlainMessage::Binary(_)) => {}
            LinkEvent::Closed { code, reason } => on_event(SocketEvent::Closed { code, reason }),
        })?;
        Ok(Self { epoch, link })
    }

    /// Hands a frame to the browser. One that cannot be sent any more is lost with the socket, whose end is reported.
    pub(super) fn send(&self, frame: &str) {
        self.link.send_text(frame);
    }

    /// Bytes that have not left the machine.
    pub(super) fn buffered_bytes(&self) -> usize {
        self.link.buffered_bytes()
    }
}
