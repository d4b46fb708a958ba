//! Seam for faults on purpose; only in builds with the feature `devtools`.

use std::{
    cell::RefCell,
    rc::{Rc, Weak},
};

use futures_channel::oneshot;
use tideboard_engine::{Config, Input, Migrations, PostError, Reader, SocketEpoch, SocketEvent};
use yew::Callback;

use super::{Driver, Quota, rest, rest::Post};
use crate::{
    Subscription,
    driver::{DriverOptions, lifecycle},
};

/// Called with a post's answer, or with the reason why there is none.
pub type OnPosted = Box<dyn FnOnce(Result<String, PostError>)>;

/// Stands between a driver and the browser, and decides when what crosses goes on, if at all.
pub trait Interceptor {
    /// Tells whether new sockets fail to open.
    fn is_cut(&self) -> bool;

    /// Takes what a socket did. Goes on by [`Driver::deliver`].
    fn arrive(&self, epoch: SocketEpoch, event: SocketEvent);

    /// Takes a frame to the server. Goes on by [`Driver::transmit`].
    fn depart(&self, epoch: SocketEpoch, frame: String);

    /// Takes a post to the server. Goes on by [`PostRequest::send`]; `on_posted` is called exactly once.
    fn post(&self, request: PostRequest, on_posted: OnPosted);
}

/// A post that the engine wants sent.
#[derive(Debug)]
pub struct PostRequest(Post);

impl PostRequest {
    pub(super) fn new(post: Post) -> Self {
        Self(post)
    }

    /// JSON that it holds.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.0.body
    }

    /// Posts it.
    pub fn send(self, on_posted: OnPosted) {
        rest::post(self.0, on_posted);
    }
}

/// Room left in the browser's storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StorageRoom {
    /// All that the browser gives.
    #[default]
    Enough,
    /// None for edits and boards; numbers for edits are still given out.
    Numbers,
    /// None at all.
    None,
}

/// Way in which the leading tab lost its lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeadLoss {
    /// Lead of this tab, which let go.
    LetGo,
    /// Another tab led, and this one took the lead.
    Robbed,
    /// No tab leads: the page is a client of its own.
    None,
}

impl Quota {
    pub(in crate::driver) fn has_room_for_rows(&self) -> bool {
        self.room.get() == StorageRoom::Enough
    }

    pub(in crate::driver) fn has_room_for_numbers(&self) -> bool {
        self.room.get() != StorageRoom::None
    }
}

impl Driver {
    pub(super) fn interceptor(&self) -> Option<Rc<dyn Interceptor>> {
        self.border.interceptor.borrow().clone()
    }

    /// Reference that does not keep the driver alive.
    #[must_use]
    pub fn downgrade(&self) -> Weak<Self> {
        self.this.clone()
    }

    /// Puts an interceptor at the border, in place of the one that was there.
    pub fn intercept(&self, interceptor: Rc<dyn Interceptor>) {
        let replaced = self.border.interceptor.replace(Some(interceptor));
        drop(replaced);
    }

    /// Takes this interceptor away, if it is still there. Everything crosses at once again.
    pub fn stop_intercepting(&self, interceptor: &Rc<dyn Interceptor>) {
        let is_there = self.interceptor().is_some_and(|there| Rc::ptr_eq(&there, interceptor));
        if is_there {
            let removed = self.border.interceptor.take();
            drop(removed);
        }
    }

    /// Hands the engine what a socket did.
    pub fn deliver(&self, epoch: SocketEpoch, event: SocketEvent) {
        self.input(Input::Socket { epoch, event });
    }

    /// Hands a frame to the socket, if that is still there.
    pub fn transmit(&self, epoch: SocketEpoch, frame: &str) {
        self.send_frame(epoch, frame);
    }

    /// Closes the socket without a word to the engine, which [`Self::deliver`] tells it then. `None` without a socket.
    #[must_use]
    pub fn take_socket(&self) -> Option<SocketEpoch> {
        let socket = self.core.borrow_mut().socket.take()?;
        Some(socket.epoch)
    }

    /// Tells the engine whether the browser is online, as the browser does when it has found its network again.
    pub fn tell_online(&self) {
        self.input(Input::Online(lifecycle::is_online()));
    }

    /// Limits the room in storage.
    pub fn set_storage_room(&self, room: StorageRoom) {
        self.border.quota.room.set(room);
    }

    /// Takes the lead from the tab that has it, without a word to its engine before.
    pub fn kill_leader(&self) -> LeadLoss {
        if self.core.borrow().tabs.is_none() {
            return LeadLoss::None;
        }
        if self.read(|reader| reader.connection()).is_leader {
            self.lose_lead();
            LeadLoss::LetGo
        } else {
            self.take_lead();
            LeadLoss::Robbed
        }
    }

    /// Another client of the same server, of whom this browser keeps nothing. `name` is percent-encoded, and counts where
    /// a development server takes names from addresses.
    #[must_use]
    pub fn stranger(&self, name: &str) -> Rc<Self> {
        Self::new(DriverOptions {
            url: renamed(&self.url, name),
            socket_url: self.socket_url.clone(),
            storage: None,
            config: Config::default(),
            migrations: Migrations::default(),
            on_error: Callback::noop(),
        })
    }

    /// Ends when a condition on what the engine knows holds.
    pub fn until<F>(&self, is_met: F) -> impl Future<Output = ()> + use<F>
    where
        F: Fn(&Reader<'_>) -> bool + 'static,
    {
        let (is_met_now, keys) = self.read_tracked(&is_met);
        let (sender, met) = oneshot::channel();
        let sender = RefCell::new(Some(sender));
        if is_met_now && let Some(sender) = sender.take() {
            let _ = sender.send(());
        }
        let observer = self.observe(
            keys,
            Rc::new(move |driver: &Self, _: &[_]| {
                let (is_met, keys) = driver.read_tracked(&is_met);
                if is_met && let Some(sender) = sender.take() {
                    let _ = sender.send(());
                }
                keys
            }),
        );
        let driver = self.this.clone();
        let guard = Subscription::new(move || {
            if let Some(driver) = driver.upgrade() {
                driver.unobserve(observer);
            }
        });
        async move {
            let _ = met.await;
            drop(guard);
        }
    }
}

/// An address with the user's name in it replaced, if there is one.
fn renamed(url: &str, name: &str) -> String {
    let Some((address, query)) = url.split_once('?') else { return url.to_owned() };
    let name = format!("userId={name}");
    let parts = query.split('&').map(|part| if part.starts_with("userId=") { &name } else { part });
    format!("{address}?{}", parts.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::renamed;

    #[test]
    fn somebody_else_has_another_name_at_the_same_address() {
        assert_eq!(renamed("ws://a/api?userId=ann&x=1", "bob"), "ws://a/api?userId=bob&x=1");
        assert_eq!(renamed("ws://a/api", "bob"), "ws://a/api");
    }
}
