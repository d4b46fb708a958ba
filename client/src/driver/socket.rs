//! Socket of the engine's connection, opened where the server is, which may have to be asked for first.
//!
//! In: the engine's outputs that open and close sockets. Out: an open one, or an event that says why there is none.
//! Never: a socket that the engine has given up by the time its address is known.

use tideboard_engine::{Input, SocketEpoch, SocketEvent};
use tideboard_shared::SUBPROTOCOL;
use wasm_bindgen_futures::spawn_local;

use super::{Driver, RealtimeError};
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

impl Driver {
    pub(super) fn open(&self, epoch: SocketEpoch) {
        let Some(provider) = &self.socket_url else { return self.open_at(&self.url, epoch) };
        self.core.borrow_mut().asking = Some(epoch);
        let asked = provider.ask();
        let driver = self.this.clone();
        spawn_local(async move {
            let answer = asked.await;
            let Some(driver) = driver.upgrade() else { return };
            let is_wanted = driver.core.borrow_mut().asking.take_if(|asking| *asking == epoch).is_some();
            match answer {
                _ if !is_wanted => return,
                Ok(url) => {
                    driver.open_at(&url, epoch);
                    driver.core.borrow_mut().last_socket_url = Some(url);
                }
                Err(problem) => driver.fail(epoch, RealtimeError::NoUrl(problem)),
            }
            driver.run();
        });
    }

    /// Closes a socket, or gives up what was to become one.
    pub(super) fn close(&self, epoch: SocketEpoch) {
        let socket = {
            let mut core = self.core.borrow_mut();
            core.asking.take_if(|asking| *asking == epoch);
            core.socket.take_if(|socket| socket.epoch == epoch)
        };
        drop(socket);
    }

    fn open_at(&self, url: &str, epoch: SocketEpoch) {
        if self.is_cut() {
            return self.report_unopened(epoch, "the network is cut".to_owned());
        }
        let driver = self.this.clone();
        let on_event = move |event: SocketEvent| {
            if let Some(driver) = driver.upgrade() {
                driver.arrive(epoch, event);
            }
        };
        match Socket::open(url, epoch, on_event) {
            Ok(socket) => {
                let replaced = self.core.borrow_mut().socket.replace(socket);
                drop(replaced);
            }
            Err(problem) => self.fail(epoch, RealtimeError::BadUrl { url: url.to_owned(), problem }),
        }
    }

    fn fail(&self, epoch: SocketEpoch, error: RealtimeError) {
        self.report_unopened(epoch, error.to_string());
        self.on_error.emit(error);
    }

    fn report_unopened(&self, epoch: SocketEpoch, reason: String) {
        let event = SocketEvent::Closed { code: 1006, reason };
        self.core.borrow_mut().waiting.push_back(Input::Socket { epoch, event });
    }
}
