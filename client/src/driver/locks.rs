//! Web Locks: what only one page of the browser may hold. The browser takes it back when the page ends, however it
//! ends.
//!
//! Reached by name through `Reflect`: web-sys has `LockManager` only behind `--cfg=web_sys_unstable_apis`, a flag that
//! every application which uses this crate would have to set for its whole build.

use std::{cell::Cell, rc::Rc};

use futures_channel::oneshot;
use gloo::utils::window;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortController;

use crate::panic::LetGo;

/// A lock that is held or waited for. Dropping it gives it up.
#[derive(Debug)]
pub(super) struct Lock {
    shared: Rc<Shared>,
    /// Ends the wait; does nothing to a lock that is held.
    wait: Option<AbortController>,
    /// Let go of a lock that is held, and end the wait for one.
    _let_go: [Option<LetGo>; 2],
}

#[derive(Debug)]
struct Shared {
    is_given_up: Cell<bool>,
    /// Lets go of a lock that is held.
    release: Function,
}

/// Urgency with which a lock is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Want {
    /// Now or not at all.
    IfFree,
    /// As soon as it becomes free.
    Later,
    /// Now, whoever has it.
    ByForce,
}

/// Tells whether this browser has locks.
pub(super) fn are_there() -> bool {
    manager().is_some()
}

impl Lock {
    /// A lock, if nobody holds it. `on_lost` hears when it is taken by force.
    pub(super) async fn if_free(name: &str, on_lost: impl FnOnce() + 'static) -> Option<Self> {
        let (sender, answer) = oneshot::channel();
        let on_answer = |is_granted| {
            let _ = sender.send(is_granted);
        };
        let lock = request(name, Want::IfFree, on_answer, on_lost)?;
        answer.await.is_ok_and(|is_granted| is_granted).then_some(lock)
    }

    /// Waits for a lock. `on_lost` hears when it is taken by force after it was granted.
    pub(super) fn wait(
        name: &str,
        on_granted: impl FnOnce() + 'static,
        on_lost: impl FnOnce() + 'static,
    ) -> Option<Self> {
        request(name, Want::Later, |_| on_granted(), on_lost)
    }

    /// Takes a lock from whoever holds it.
    pub(super) fn steal(
        name: &str,
        on_granted: impl FnOnce() + 'static,
        on_lost: impl FnOnce() + 'static,
    ) -> Option<Self> {
        request(name, Want::ByForce, |_| on_granted(), on_lost)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.shared.is_given_up.set(true);
        if let Some(wait) = &self.wait {
            wait.abort();
        }
        let _ = self.shared.release.call0(&JsValue::UNDEFINED);
    }
}

fn request(
    name: &str,
    want: Want,
    on_answer: impl FnOnce(bool) + 'static,
    on_lost: impl FnOnce() + 'static,
) -> Option<Lock> {
    let (manager, request) = manager()?;
    // The lock is held until this promise is kept.
    let mut release = None;
    let held = Promise::new(&mut |resolve, _| release = Some(resolve));
    let shared = Rc::new(Shared { is_given_up: Cell::new(false), release: release? });
    let options = Object::new();
    let wait = match want {
        Want::IfFree => set(&options, "ifAvailable", &JsValue::TRUE).map(|()| None),
        Want::ByForce => set(&options, "steal", &JsValue::TRUE).map(|()| None),
        Want::Later => {
            let wait = AbortController::new().ok()?;
            set(&options, "signal", &wait.signal()).map(|()| Some(wait))
        }
    }?;
    let callback = {
        let shared = Rc::clone(&shared);
        Closure::once(move |lock: JsValue| {
            if shared.is_given_up.get() {
                return JsValue::UNDEFINED;
            }
            on_answer(!lock.is_null());
            if lock.is_null() { JsValue::UNDEFINED } else { held.into() }
        })
    };
    let requested = request.call3(&manager, &name.into(), &options, callback.as_ref()).ok()?;
    let requested: Promise = requested.dyn_into().ok()?;
    let ended = Rc::clone(&shared);
    spawn_local(async move {
        let end = JsFuture::from(requested).await;
        drop(callback);
        if end.is_err() && !ended.is_given_up.get() {
            on_lost();
        }
    });
    let let_go = [
        LetGo::by(shared.release.clone()),
        wait.as_ref().and_then(|wait| LetGo::by_method(wait, "abort", &JsValue::UNDEFINED)),
    ];
    Some(Lock { shared, wait, _let_go: let_go })
}

/// `navigator.locks` and its `request`. Absent on pages that did not come over TLS, and in old browsers.
fn manager() -> Option<(JsValue, Function)> {
    let manager = Reflect::get(&window().navigator(), &"locks".into()).ok().filter(JsValue::is_object)?;
    let request = Reflect::get(&manager, &"request".into()).ok()?.dyn_into().ok()?;
    Some((manager, request))
}

fn set(options: &Object, key: &str, value: &JsValue) -> Option<()> {
    Reflect::set(options, &key.into(), value).is_ok_and(|is_set| is_set).then_some(())
}
