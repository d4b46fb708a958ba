use std::{cell::Cell, collections::BTreeSet, rc::Rc};

use gloo::{
    events::EventListener,
    utils::{document, window},
};
use tideboard_engine::Key;
use web_sys::VisibilityState;

use super::Wake;
use crate::{Realtime, Subscription, driver::Driver};

/// Says when the user looks at the page again and when there is a network or a connection again, until dropped.
pub(super) struct Events {
    _listeners: [EventListener; 3],
    _connection: Subscription,
}

impl Events {
    pub(super) fn new(realtime: &Realtime, on_wake: impl Fn(Wake) + Clone + 'static) -> Self {
        let focus = EventListener::new(&window(), "focus", {
            let on_wake = on_wake.clone();
            move |_| on_wake(Wake::Focus)
        });
        let visible = EventListener::new(&document(), "visibilitychange", {
            let on_wake = on_wake.clone();
            move |_| {
                if document().visibility_state() == VisibilityState::Visible {
                    on_wake(Wake::Focus);
                }
            }
        });
        let online = EventListener::new(&window(), "online", {
            let on_wake = on_wake.clone();
            move |_| on_wake(Wake::Reconnect)
        });
        let connection = follow(realtime, move || on_wake(Wake::Reconnect));
        Self { _listeners: [focus, visible, online], _connection: connection }
    }
}

/// Calls whenever the connection is live again.
fn follow(realtime: &Realtime, on_live: impl Fn() + 'static) -> Subscription {
    let keys = BTreeSet::from([Key::Connection]);
    let is_live = |driver: &Driver| driver.read(|reader| reader.connection().state.is_live()).0;
    let was_live = Cell::new(is_live(realtime));
    let observer = {
        let keys = keys.clone();
        move |driver: &Driver, _: &[Key]| {
            let is_live = is_live(driver);
            if is_live && !was_live.replace(is_live) {
                on_live();
            }
            was_live.set(is_live);
            keys.clone()
        }
    };
    let (realtime, id) = (realtime.clone(), realtime.observe(keys, Rc::new(observer)));
    Subscription::new(move || realtime.unobserve(id))
}
