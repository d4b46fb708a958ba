//! The seam of `faults.rs` in a build without the feature `devtools`: everything goes its way, at no cost.

use tideboard_engine::{Input, PostError, SocketEpoch, SocketEvent};

use super::{Driver, rest, rest::Post};

/// Nothing goes wrong on purpose.
#[derive(Debug, Default)]
pub(super) struct Faults;

/// The browser's own.
#[derive(Debug, Clone, Default)]
pub(super) struct Quota;

impl Faults {
    pub(super) const fn is_cut(&self) -> bool {
        false
    }

    pub(super) const fn quota(&self) -> Quota {
        Quota
    }
}

impl Quota {
    pub(super) const fn has_room_for_rows(&self) -> bool {
        true
    }

    pub(super) const fn has_room_for_numbers(&self) -> bool {
        true
    }
}

impl Driver {
    pub(super) fn arrive(&self, epoch: SocketEpoch, event: SocketEvent) {
        self.input(Input::Socket { epoch, event });
    }

    pub(super) fn depart(&self, epoch: SocketEpoch, frame: String) {
        self.send_frame(epoch, &frame);
    }

    pub(super) fn post(&self, post: Post, on_end: impl FnOnce(Result<String, PostError>) + 'static) {
        rest::post(post, on_end);
    }
}
