use std::{collections::BTreeSet, rc::Rc};

use tideboard_engine::{ConnectionState, Key};

use super::UseWebsocketOptions;
use crate::{Realtime, Subscription, driver::Driver, latest::Latest};

/// Calls `on_change` with the state before and after every change, also of changes too short to be rendered.
pub(super) fn follow(
    realtime: &Realtime,
    on_change: impl Fn(&ConnectionState, &ConnectionState) + 'static,
) -> Subscription {
    let keys = BTreeSet::from([Key::Connection]);
    let known = Latest::new(realtime.read(|reader| reader.connection()).0.state);
    let observer = {
        let keys = keys.clone();
        move |driver: &Driver, _: &[Key]| {
            let (before, after) = (known.get(), driver.read(|reader| reader.connection()).0.state);
            if before != after {
                known.set(after.clone());
                on_change(&before, &after);
            }
            keys.clone()
        }
    };
    let (realtime, id) = (realtime.clone(), realtime.observe(keys, Rc::new(observer)));
    Subscription::new(move || realtime.unobserve(id))
}

/// Calls those who are concerned by a change of state.
pub(super) fn tell(before: &ConnectionState, after: &ConnectionState, options: &UseWebsocketOptions) {
    match (before.is_live(), after.is_live()) {
        (false, true) => options.on_connected.emit(()),
        (true, false) => options.on_disconnected.emit(after.clone()),
        (true, true) | (false, false) => {}
    }
    if let ConnectionState::Backoff { attempt, .. } = after {
        options.on_reconnecting.emit(*attempt);
    }
    if let ConnectionState::GaveUp { .. } | ConnectionState::Failed { .. } = after {
        options.on_gave_up.emit(after.clone());
    }
}
