//! Orderly end of a page whose program has panicked.
//!
//! In: a panic. Out: the window's event [`PANIC_EVENT`], at which JavaScript alone lets go of sockets, channels and
//! locks, so that the other tabs take over at once; and, where JavaScript finds it then, the number of unsent edits.
//! Never: a call of the driver, which may be borrowed or half changed.

use std::{panic, sync::Once};

use gloo::utils::document;
use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, CustomEventInit, Element, Window, window};

/// Event that the window gets when the program panics; its `detail` is the panic's message.
pub const PANIC_EVENT: &str = "tideboard:panic";

/// Name of the element that says how many edits are unsent.
const UNSENT: &str = "tideboard:unsent";

/// Announces panics to the page from now on, after the hook that was set before has run.
pub(crate) fn announce_panics() {
    static FIRST: Once = Once::new();
    FIRST.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            before(panic);
            announce(&panic.to_string());
        }));
    });
}

fn announce(message: &str) {
    let options = CustomEventInit::new();
    options.set_detail(&message.into());
    // Fails where there is no window; then there is no page to show anything either.
    if let (Some(window), Ok(event)) = (window(), CustomEvent::new_with_event_init_dict(PANIC_EVENT, &options)) {
        let _ = window.dispatch_event(&event);
    }
}

/// Function of JavaScript's that lets go of something at [`PANIC_EVENT`]. Dropping it means that there is nothing to
/// let go of any more.
#[derive(Debug)]
pub(crate) struct LetGo {
    window: Window,
    function: Function,
}

impl LetGo {
    /// Calls `function` at a panic; `None` where there is no window.
    pub(crate) fn by(function: Function) -> Option<Self> {
        let window = window()?;
        window.add_event_listener_with_callback(PANIC_EVENT, &function).ok()?;
        Some(Self { window, function })
    }

    /// Calls a method of `target` at a panic, with an argument before the event, which the method would else take for its
    /// first.
    pub(crate) fn by_method(target: &JsValue, method: &str, argument: &JsValue) -> Option<Self> {
        let method: Function = Reflect::get(target, &method.into()).ok()?.dyn_into().ok()?;
        Self::by(method.bind1(target, argument).unchecked_into())
    }
}

impl Drop for LetGo {
    fn drop(&mut self) {
        let _ = self.window.remove_event_listener_with_callback(PANIC_EVENT, &self.function);
    }
}

/// Numbers of edits that the server has not got yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Unsent {
    /// Edits in the browser's storage, which outlive the page.
    pub(crate) kept: usize,
    /// Edits in memory alone.
    pub(crate) unkept: usize,
}

/// Place of [`Unsent`] in the page: `<meta name="tideboard:unsent" data-kept="2" data-unkept="0">` in its head, as long
/// as this lives.
#[derive(Debug)]
pub(crate) struct UnsentMark {
    element: Option<Element>,
    told: Unsent,
}

impl UnsentMark {
    pub(crate) fn new() -> Self {
        let element = document().create_element("meta").ok();
        if let (Some(element), Some(head)) = (&element, document().head()) {
            let _ = element.set_attribute("name", UNSENT).and_then(|()| head.append_child(element).map(drop));
        }
        let mark = Self { element, told: Unsent::default() };
        mark.write();
        mark
    }

    pub(crate) fn set(&mut self, unsent: Unsent) {
        if self.told != unsent {
            self.told = unsent;
            self.write();
        }
    }

    fn write(&self) {
        if let Some(element) = &self.element {
            let _ = element.set_attribute("data-kept", &self.told.kept.to_string());
            let _ = element.set_attribute("data-unkept", &self.told.unkept.to_string());
        }
    }
}

impl Drop for UnsentMark {
    fn drop(&mut self) {
        if let Some(element) = &self.element {
            element.remove();
        }
    }
}
