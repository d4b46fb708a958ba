//! Parts that the browser tests share: mounting, waiting, and the server that the test runner started.

use std::{cell::RefCell, rc::Rc};

use gloo::utils::{document, window};
use js_sys::Promise;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, KeyboardEvent, KeyboardEventInit};
use yew::{AppHandle, BaseComponent, Renderer};

/// The real server; the runner maps the name to wherever it listens.
pub(crate) const SERVER: &str = "ws://api.test/api/realtime";

/// Time that a condition may take.
const DEADLINE_MS: f64 = 15_000.0;

/// An app on the page; gone when dropped.
pub(crate) struct Mounted<C: BaseComponent> {
    handle: Option<AppHandle<C>>,
    pub(crate) root: Element,
}

impl<C: BaseComponent> Drop for Mounted<C> {
    fn drop(&mut self) {
        if let Some(handle) = self.handle.take() {
            handle.destroy();
        }
        self.root.remove();
    }
}

pub(crate) fn mount<C: BaseComponent>(props: C::Properties) -> Mounted<C> {
    let root = document().create_element("div").unwrap();
    document().body().unwrap().append_child(&root).unwrap();
    let handle = Renderer::<C>::with_root_and_props(root.clone(), props).render();
    Mounted { handle: Some(handle), root }
}

/// Log of what was noted, oldest first; shared between a test and its components.
#[derive(Debug)]
pub(crate) struct Log<T>(Rc<RefCell<Vec<T>>>);

impl<T> Clone for Log<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T> PartialEq for Log<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self(Rc::default())
    }
}

impl<T: Clone> Log<T> {
    pub(crate) fn note(&self, entry: T) {
        self.0.borrow_mut().push(entry);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.borrow().len()
    }

    pub(crate) fn all(&self) -> Vec<T> {
        self.0.borrow().clone()
    }

    /// The newest entry.
    pub(crate) fn last(&self) -> T {
        self.0.borrow().last().cloned().expect("something was noted")
    }
}

/// Looks at every animation frame until the condition holds.
pub(crate) async fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let start = js_sys::Date::now();
    while !condition() {
        assert!(js_sys::Date::now() - start < DEADLINE_MS, "waited in vain: {what}");
        frame().await;
    }
}

/// Lets some frames pass, in which something must not happen.
pub(crate) async fn frames(count: usize) {
    for _ in 0..count {
        frame().await;
    }
}

/// A key pressed on an element, as the user would.
pub(crate) fn press(element: &Element, key: &str) {
    let press = KeyboardEventInit::new();
    press.set_key(key);
    press.set_bubbles(true);
    press.set_cancelable(true);
    element.dispatch_event(&KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &press).unwrap()).unwrap();
}

async fn frame() {
    let next = Promise::new(&mut |resolve, _| {
        window().request_animation_frame(&resolve).unwrap();
    });
    JsFuture::from(next).await.unwrap();
}
