use std::rc::Rc;

use tideboard_shared::UnixMs;

use super::inbox::Inbox;

/// What [`super::use_websocket_message`] returns. It reads what has been handed on by the time of the call.
pub struct UseWebsocketMessageHandle<T> {
    inbox: Rc<Inbox<T>>,
    /// What the component was rendered with.
    version: u64,
}

impl<T> UseWebsocketMessageHandle<T> {
    pub(super) fn new(inbox: Rc<Inbox<T>>) -> Self {
        let version = inbox.read(|contents| contents.version);
        Self { inbox, version }
    }

    /// The latest message.
    #[must_use]
    pub fn latest(&self) -> Option<Rc<T>> {
        self.inbox.read(|contents| contents.history.back().cloned())
    }

    /// All messages since the last call, oldest first: each once, in order.
    #[must_use = "what is drained is not given again"]
    pub fn drain(&self) -> Vec<Rc<T>> {
        self.inbox.change(|contents| std::mem::take(&mut contents.undrained)).into()
    }

    /// As many of the latest as are kept, oldest first.
    #[must_use]
    pub fn history(&self) -> Vec<Rc<T>> {
        self.inbox.read(|contents| contents.history.iter().cloned().collect())
    }

    /// Forgets all of them, those that wait for [`Self::drain`] included.
    pub fn clear(&self) {
        self.inbox.change(|contents| {
            contents.history.clear();
            contents.undrained.clear();
        });
    }

    /// How many are known to have been left out: beyond `max_undrained`, or not sent while there was no connection.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.inbox.read(|contents| contents.dropped)
    }

    /// Whether none was left out. After a lost connection nobody knows how many were.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.inbox.read(|contents| contents.is_complete)
    }

    /// When the latest one was handed on, by the user's clock.
    #[must_use]
    pub fn last_at(&self) -> Option<UnixMs> {
        self.inbox.read(|contents| contents.last_at)
    }
}

impl<T> Clone for UseWebsocketMessageHandle<T> {
    fn clone(&self) -> Self {
        Self { inbox: Rc::clone(&self.inbox), version: self.version }
    }
}

impl<T> PartialEq for UseWebsocketMessageHandle<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.inbox, &other.inbox) && self.version == other.version
    }
}

impl<T> std::fmt::Debug for UseWebsocketMessageHandle<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UseWebsocketMessageHandle").field("version", &self.version).finish_non_exhaustive()
    }
}
