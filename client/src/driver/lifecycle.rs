//! Life of the page: its network, whether it is seen, whether it sleeps, and its end by a panic.
//!
//! A page that goes to sleep, or into the browser's back/forward cache, lets go of everything that would keep it out of
//! there or hold the other tabs up: socket, locks, channel. It takes them up again when it comes back.
//! <https://web.dev/articles/bfcache#apis_that_prevent_bfcache>

use std::rc::Weak;

use gloo::{
    events::EventListener,
    utils::{document, window},
};
use tideboard_engine::{Input, Role};
use wasm_bindgen::JsCast;
use web_sys::{Event, PageTransitionEvent, VisibilityState};

use super::Driver;
use crate::panic::PANIC_EVENT;

/// Reports what becomes of the page, until dropped.
#[derive(Debug)]
pub(super) struct Lifecycle {
    _listeners: [EventListener; 8],
}

impl Lifecycle {
    pub(super) fn watch(driver: &Weak<Driver>) -> Self {
        let on = |target: &web_sys::EventTarget, name: &'static str, act: fn(&Driver, &Event)| {
            let driver = driver.clone();
            EventListener::new(target, name, move |event| {
                if let Some(driver) = driver.upgrade() {
                    act(&driver, event);
                }
            })
        };
        let window = window();
        let document = document();
        Self {
            _listeners: [
                on(&window, PANIC_EVENT, |driver, _| driver.has_panicked.set(true)),
                on(&window, "online", |driver, _| driver.input(Input::Online(true))),
                on(&window, "offline", |driver, _| driver.input(Input::Online(false))),
                on(&document, "visibilitychange", |driver, _| driver.handle_visibility()),
                on(&window, "pagehide", |driver, _| driver.sleep()),
                on(&document, "freeze", |driver, _| driver.sleep()),
                on(&document, "resume", |driver, _| driver.wake()),
                on(&window, "pageshow", |driver, event| {
                    // At the first one the page was not away.
                    if event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted) {
                        driver.wake();
                    }
                }),
            ],
        }
    }
}

/// Tells whether the machine says that it has a network now.
pub(super) fn is_online() -> bool {
    window().navigator().on_line()
}

impl Driver {
    fn handle_visibility(&self) {
        if document().visibility_state() == VisibilityState::Visible {
            self.input(Input::Visible);
        } else {
            // A hidden page may end without another word.
            self.keep_boards();
            self.input(Input::Hidden);
        }
    }

    /// The page goes to sleep, or for good.
    fn sleep(&self) {
        {
            let mut core = self.core.borrow_mut();
            if !core.is_open || std::mem::replace(&mut core.is_asleep, true) {
                return;
            }
        }
        self.leave_tabs();
        // One that is alone has told nobody, and still has its socket.
        self.input(Input::Role(Role::Follower));
    }

    /// The page is back.
    fn wake(&self) {
        let has_returned = {
            let mut core = self.core.borrow_mut();
            if !std::mem::take(&mut core.is_asleep) || core.is_retired {
                return;
            }
            self.return_to_tabs(&mut core)
        };
        if !has_returned {
            self.input(Input::Role(Role::Leader));
        }
    }
}
