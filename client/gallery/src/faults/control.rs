use std::{
    fmt,
    rc::{Rc, Weak},
};

use tideboard_engine::{Config, Migrations, devtools::Recording};
use tideboard_shared::{Action, ClientMessage, decode_client, message::Submit};
use yew::Callback;

use super::{Driver, FaultSettings, Frame, FrameLog};
use crate::driver::DriverOptions;

/// Called with an edit that was caught.
pub(super) type OnCaught = Box<dyn FnOnce(Caught)>;

/// Makes things go wrong around one client. Dropping it heals everything and ends the log of frames.
pub(crate) struct FaultControl(Weak<Driver>);

/// How the leading tab lost its lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeadLoss {
    /// It was this one, and let go.
    LetGo,
    /// It was another, and this one took the lead.
    Robbed,
    /// There is no lead: the page is a client of its own.
    None,
}

/// An edit that waits at the page's border, with everything after it, until this is dropped.
pub(crate) struct Caught {
    pub(crate) submit: Submit,
    driver: Weak<Driver>,
}

impl FaultControl {
    /// What goes wrong from now on. The network comes back as on a machine that finds it again.
    pub(crate) fn set(&self, settings: FaultSettings) {
        if let Some(driver) = self.driver() {
            driver.set_faults(settings);
        }
    }

    /// Closes the connection with 4001, as a server does when a token has expired.
    pub(crate) fn expire_token(&self) {
        if let Some(driver) = self.driver() {
            driver.expire_token();
        }
    }

    /// Takes the lead from the tab that has it, without a word to its engine before.
    pub(crate) fn kill_leader(&self) -> LeadLoss {
        let Some(driver) = self.driver().filter(|driver| driver.core.borrow().tabs.is_some()) else {
            return LeadLoss::None;
        };
        if driver.read(|reader| reader.connection()).0.is_leader {
            driver.lose_lead();
            LeadLoss::LetGo
        } else {
            driver.take_lead();
            LeadLoss::Robbed
        }
    }

    /// Calls `on_caught` with the next submit that sets fields, which waits until what is given is dropped.
    pub(crate) fn catch_edit(&self, on_caught: impl FnOnce(Caught) + 'static) {
        if let Some(driver) = self.driver() {
            let replaced = driver.faults.state.borrow_mut().catch.replace(Box::new(on_caught));
            drop(replaced);
        }
    }

    /// Waits for no edit any more.
    pub(crate) fn let_pass(&self) {
        if let Some(driver) = self.driver() {
            let caught = driver.faults.state.borrow_mut().catch.take();
            drop(caught);
        }
    }

    /// Ends every fault.
    pub(crate) fn heal(&self) {
        if let Some(driver) = self.driver() {
            driver.heal();
        }
    }

    /// The same, and the end of the log.
    pub(crate) fn end(&self) {
        if let Some(driver) = self.driver() {
            driver.heal();
            driver.faults.state.borrow_mut().log = None;
        }
    }

    /// The number of the newest frame; another one when something has passed.
    pub(crate) fn last_frame(&self) -> u64 {
        self.with_log(|log| log.last_no()).unwrap_or_default()
    }

    /// The frames that passed lately, oldest first.
    pub(crate) fn frames(&self) -> Vec<Rc<Frame>> {
        self.with_log(|log| log.frames()).unwrap_or_default()
    }

    pub(crate) fn clear_frames(&self) {
        self.with_log(FrameLog::clear);
    }

    /// All that was told to the engine; `None` while `features.devtools` is off.
    pub(crate) fn recording(&self) -> Option<Recording> {
        self.driver()?.recording()
    }

    /// Another client of the same server, of whom this browser keeps nothing.
    pub(crate) fn stranger(&self, name: &str) -> Option<Rc<Driver>> {
        let driver = self.driver()?;
        Some(Driver::new(DriverOptions {
            url: renamed(&driver.url, name),
            socket_url: driver.socket_url.clone(),
            storage: None,
            config: Config::default(),
            migrations: Migrations::default(),
            on_error: Callback::noop(),
        }))
    }

    fn with_log<T>(&self, act: impl FnOnce(&mut FrameLog) -> T) -> Option<T> {
        self.driver()?.faults.state.borrow_mut().log.as_mut().map(act)
    }

    fn driver(&self) -> Option<Rc<Driver>> {
        self.0.upgrade()
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
    pub(super) fn new(submit: Submit, driver: Weak<Driver>) -> Self {
        Self { submit, driver }
    }
}

impl Drop for Caught {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.upgrade() {
            driver.faults.state.borrow_mut().outbound.is_held = false;
            driver.move_outbound();
        }
    }
}

impl Driver {
    /// Takes its surroundings in hand, and begins to log frames.
    pub(crate) fn control_faults(&self) -> FaultControl {
        self.faults.state.borrow_mut().log = Some(FrameLog::default());
        FaultControl(self.this.clone())
    }
}

/// The submit in a frame, if it sets fields of something.
pub(super) fn edit_of_fields(frame: &str) -> Option<Submit> {
    let sets = |submit: &Submit| {
        submit.ops.iter().any(|op| matches!(&op.action, Action::Patch { set, .. } if !set.is_empty()))
    };
    decode_client(frame).ok()?.into_iter().find_map(|message| match message {
        Ok(ClientMessage::Submit(submit)) if sets(&submit) => Some(submit),
        _ => None,
    })
}

/// The same address, with the name that a development server takes from it replaced, if there is one.
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

    use super::*;

    #[test]
    fn somebody_else_has_another_name_at_the_same_address() {
        assert_eq!(renamed("ws://a/api?userId=ann&x=1", "bob"), "ws://a/api?userId=bob&x=1");
        assert_eq!(renamed("ws://a/api", "bob"), "ws://a/api");
    }

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
