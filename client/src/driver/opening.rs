//! Opens sockets where the server is, which may have to be asked for first.
//!
//! In: the engine's wish for a socket. Out: an open one, or an event that says why there is none. Never: a socket that
//! the engine has given up by the time its address is known.

use tideboard_engine::{Input, SocketEpoch, SocketEvent};
use wasm_bindgen_futures::spawn_local;

use super::{Driver, RealtimeError, socket::Socket};

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
                Ok(url) => driver.open_at(&url, epoch),
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
