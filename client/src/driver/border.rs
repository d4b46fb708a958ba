//! Border between the driver and the browser: frames, posts, and the room in storage cross it.
//!
//! In: events of the socket, frames and posts of the engine. Out: the same, at once. With the feature `devtools` an
//! [`Interceptor`] may stand here and decide otherwise. Never: a fault; those are the interceptor's.

use tideboard_engine::{Input, PostError, SocketEpoch, SocketEvent};

use super::{Driver, rest, rest::Post};

#[cfg(feature = "devtools")]
mod interceptor;

#[cfg(feature = "devtools")]
pub use interceptor::{Interceptor, LeadLoss, OnPosted, PostRequest, StorageRoom};

/// State of the border: without the feature `devtools`, none.
#[derive(Default)]
pub(super) struct Border {
    #[cfg(feature = "devtools")]
    interceptor: std::cell::RefCell<Option<std::rc::Rc<dyn Interceptor>>>,
    quota: Quota,
}

/// Share of the browser's storage that may be used. A clone follows the original.
#[derive(Debug, Clone, Default)]
pub(super) struct Quota {
    #[cfg(feature = "devtools")]
    room: std::rc::Rc<std::cell::Cell<StorageRoom>>,
}

#[cfg(not(feature = "devtools"))]
impl Quota {
    pub(super) const fn has_room_for_rows(&self) -> bool {
        true
    }

    pub(super) const fn has_room_for_numbers(&self) -> bool {
        true
    }
}

impl Border {
    pub(super) fn quota(&self) -> Quota {
        self.quota.clone()
    }
}

impl Driver {
    /// Reports what a socket did.
    pub(super) fn arrive(&self, epoch: SocketEpoch, event: SocketEvent) {
        #[cfg(feature = "devtools")]
        if let Some(interceptor) = self.interceptor() {
            return interceptor.arrive(epoch, event);
        }
        self.input(Input::Socket { epoch, event });
    }

    /// Sends a frame of the engine.
    pub(super) fn depart(&self, epoch: SocketEpoch, frame: String) {
        #[cfg(feature = "devtools")]
        if let Some(interceptor) = self.interceptor() {
            return interceptor.depart(epoch, frame);
        }
        self.send_frame(epoch, &frame);
    }

    /// Posts for the engine.
    pub(super) fn post(&self, post: Post, on_end: impl FnOnce(Result<String, PostError>) + 'static) {
        #[cfg(feature = "devtools")]
        if let Some(interceptor) = self.interceptor() {
            return interceptor.post(PostRequest::new(post), Box::new(on_end));
        }
        rest::post(post, on_end);
    }

    /// Tells whether sockets cannot be opened, because an interceptor says so.
    pub(super) fn is_cut(&self) -> bool {
        #[cfg(feature = "devtools")]
        if let Some(interceptor) = self.interceptor() {
            return interceptor.is_cut();
        }
        false
    }
}
