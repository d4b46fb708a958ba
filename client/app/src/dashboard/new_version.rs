//! The app's files without a network, and its next version: downloaded beside this one, offered, never forced.

use std::rc::Rc;

use gloo::{events::EventListener, utils::window};
use tideboard_client::hooks::use_store;
use tideboard_engine::ConnectionState;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{ServiceWorkerContainer, ServiceWorkerRegistration, ServiceWorkerState};
use yew::prelude::*;

/// Address at which the build puts the service worker.
const WORKER: &str = "/sw.js";

/// A line that offers the next version, while there is one.
#[component]
pub(crate) fn NewVersion() -> Html {
    let is_ready = use_state(|| false);
    let registration = use_mut_ref(|| None::<ServiceWorkerRegistration>);
    use_effect_with((), {
        let is_ready = is_ready.setter();
        let registration = Rc::clone(&registration);
        move |()| {
            let on_ready = move || is_ready.set(true);
            let listening = Rc::new(std::cell::RefCell::new(Vec::new()));
            if let Some(workers) = workers() {
                let listening = Rc::clone(&listening);
                spawn_local(async move {
                    // Without a worker the app runs all the same, only not without a network.
                    if let Ok(found) = register(&workers).await {
                        listening.borrow_mut().push(watch(&found, on_ready));
                        *registration.borrow_mut() = Some(found);
                    }
                });
            }
            move || listening.borrow_mut().clear()
        }
    });
    // A server that was restarted may bring a new version; an open page would not ask for it by itself.
    let is_live = use_store(|reader| matches!(reader.connection().state, ConnectionState::Live { .. }));
    use_effect_with(*is_live, {
        let registration = Rc::clone(&registration);
        move |is_live| {
            if *is_live && let Some(registration) = registration.borrow().as_ref() {
                // Fails without a network; then the next connection asks.
                let asking = registration.update().map(JsFuture::from);
                spawn_local(async move {
                    if let Ok(asking) = asking {
                        let _offline = asking.await;
                    }
                });
            }
        }
    });
    let on_reload = move |_: MouseEvent| switch(registration.borrow().as_ref());
    let on_later = {
        let is_ready = is_ready.setter();
        move |_: MouseEvent| is_ready.set(false)
    };
    html! {
        if *is_ready {
            <aside class="new-version" role="status">
                <span>{ "A new version is ready." }</span>
                <button type="button" onclick={on_reload}>{ "Reload" }</button>
                <button type="button" onclick={on_later}>{ "Later" }</button>
            </aside>
        }
    }
}

/// The browser's service workers; `None` in a debug build, whose files change under its feet.
fn workers() -> Option<ServiceWorkerContainer> {
    let navigator = window().navigator();
    let has_workers = js_sys::Reflect::has(&navigator, &JsValue::from("serviceWorker")).unwrap_or(false);
    (has_workers && !cfg!(debug_assertions)).then(|| navigator.service_worker())
}

async fn register(workers: &ServiceWorkerContainer) -> Result<ServiceWorkerRegistration, JsValue> {
    JsFuture::from(workers.register(WORKER)).await?.dyn_into()
}

/// Says when a version is complete that waits for another to make room.
fn watch(registration: &ServiceWorkerRegistration, on_ready: impl Fn() + Clone + 'static) -> EventListener {
    if registration.waiting().is_some() {
        on_ready();
    }
    let found = registration.clone();
    EventListener::new(registration, "updatefound", move |_| {
        // The first version of all replaces none.
        let Some(installing) = found.installing().filter(|_| found.active().is_some()) else { return };
        let on_ready = on_ready.clone();
        let worker = installing.clone();
        let changed = EventListener::new(&installing, "statechange", move |_| {
            if worker.state() == ServiceWorkerState::Installed {
                on_ready();
            }
        });
        // As long as the worker lives.
        changed.forget();
    })
}

/// Lets the new version take over, then loads it. Edits that wait are in the outbox, where the new version finds them.
fn switch(registration: Option<&ServiceWorkerRegistration>) {
    let reload = || {
        // Where the browser refuses to, the user's own reload does it.
        let _refused = window().location().reload();
    };
    let Some(waiting) = registration.and_then(ServiceWorkerRegistration::waiting) else { return reload() };
    let Some(workers) = workers() else { return reload() };
    EventListener::once(&workers, "controllerchange", move |_| reload()).forget();
    if waiting.post_message(&"activate".into()).is_err() {
        reload();
    }
}
