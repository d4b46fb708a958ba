//! Control of the faults around one client, for the panel.

use std::{
    fmt,
    rc::{Rc, Weak},
};

use tideboard_client::{Interceptor, Realtime};
use tideboard_shared::{Action, ClientMessage, decode_client, message::Submit};

use super::{FaultSettings, Faults, Frame};

/// Called with an edit that was caught.
pub(super) type OnCaught = Box<dyn FnOnce(Caught)>;

/// Control of the faults around one client, with a log of its frames. Dropping it heals everything.
pub(crate) struct FaultControl {
    realtime: Realtime,
    faults: Rc<Faults>,
}

/// Edit that is held back on its way out, with everything after it, until this is dropped.
pub(crate) struct Caught {
    pub(crate) submit: Submit,
    faults: Weak<Faults>,
}

impl FaultControl {
    /// Puts faults between a client and its surroundings, none at first.
    pub(crate) fn take(realtime: Realtime) -> Self {
        let faults = Faults::new(realtime.downgrade());
        realtime.intercept(Rc::clone(&faults) as Rc<dyn Interceptor>);
        Self { realtime, faults }
    }

    /// Client that the faults are around.
    pub(crate) fn realtime(&self) -> &Realtime {
        &self.realtime
    }

    /// Sets the faults from now on. After a cut, the engine is told that the device is online again.
    pub(crate) fn set(&self, settings: FaultSettings) {
        self.faults.set(settings);
    }

    /// Closes the connection with 4001, as a server does when a token has expired.
    pub(crate) fn expire_token(&self) {
        self.faults.expire_token();
    }

    /// Calls `on_caught` with the next submit that sets fields. The submit is held back until the argument is dropped.
    pub(crate) fn catch_edit(&self, on_caught: impl FnOnce(Caught) + 'static) {
        let replaced = self.faults.state.borrow_mut().catch.replace(Box::new(on_caught));
        drop(replaced);
    }

    /// Stops waiting for an edit.
    pub(crate) fn let_pass(&self) {
        let caught = self.faults.state.borrow_mut().catch.take();
        drop(caught);
    }

    /// Ends every fault.
    pub(crate) fn heal(&self) {
        self.faults.heal();
    }

    /// Ends every fault and the log of frames. Called apart from `drop`, because others may hold the control, such as
    /// an edit that was caught.
    pub(crate) fn end(&self) {
        self.faults.heal();
        let interceptor: Rc<dyn Interceptor> = Rc::clone(&self.faults) as _;
        self.realtime.stop_intercepting(&interceptor);
    }

    /// Number of the newest frame; another one when something has passed.
    pub(crate) fn last_frame(&self) -> u64 {
        self.faults.state.borrow().log.last_no()
    }

    /// Frames that passed lately, oldest first.
    pub(crate) fn frames(&self) -> Vec<Rc<Frame>> {
        self.faults.state.borrow().log.frames()
    }

    pub(crate) fn clear_frames(&self) {
        self.faults.state.borrow_mut().log.clear();
    }
}

impl Drop for FaultControl {
    fn drop(&mut self) {
        self.end();
    }
}

impl fmt::Debug for FaultControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FaultControl")
    }
}

impl Caught {
    pub(super) fn new(submit: Submit, faults: Weak<Faults>) -> Self {
        Self { submit, faults }
    }
}

impl Drop for Caught {
    fn drop(&mut self) {
        if let Some(faults) = self.faults.upgrade() {
            faults.state.borrow_mut().outbound.is_held = false;
            faults.move_outbound();
        }
    }
}

/// Finds the submit in a frame, if it sets fields.
pub(super) fn edit_of_fields(frame: &str) -> Option<Submit> {
    let sets = |submit: &Submit| {
        submit.ops.iter().any(|op| matches!(&op.action, Action::Patch { set, .. } if !set.is_empty()))
    };
    decode_client(frame).ok()?.into_iter().find_map(|message| match message {
        Ok(ClientMessage::Submit(submit)) if sets(&submit) => Some(submit),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn only_an_edit_that_sets_fields_can_meet_a_conflict() {
        let submit = |action| {
            format!(
                r#"{{"type":"submit","board":"main","ops":[{{"id":"c/1","entity":"n","action":{action},"base":1}}]}}"#
            )
        };
        assert!(edit_of_fields(&submit(r#"{"do":"patch","set":{"a":1}}"#)).is_some());
        assert!(edit_of_fields(&submit(r#"{"do":"increment","field":"a","by":1}"#)).is_none());
        assert!(edit_of_fields(r#"{"type":"ping","t":1}"#).is_none());
    }
}
