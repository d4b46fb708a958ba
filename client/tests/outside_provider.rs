//! A hook outside `<RealtimeProvider>` says so. Alone in its program: a panic leaves nothing usable behind.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test ends there")]

use std::sync::Mutex;

use gloo::utils::{document, window};
use js_sys::Promise;
use tideboard_client::hooks::use_websocket;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use yew::prelude::*;

wasm_bindgen_test_configure!(run_in_browser);

static SAID: Mutex<Option<String>> = Mutex::new(None);

#[component]
fn Lost() -> Html {
    use_websocket();
    Html::default()
}

#[wasm_bindgen_test]
async fn a_hook_outside_the_provider_panics_with_a_sentence_that_says_so() {
    yew::set_custom_panic_hook(Box::new(|panic| *SAID.lock().unwrap() = Some(panic.to_string())));
    yew::Renderer::<Lost>::with_root(document().create_element("div").unwrap()).render();
    // The render is the next microtask; two frames are more than enough.
    for _ in 0..2 {
        let frame = Promise::new(&mut |resolve, _| {
            window().request_animation_frame(&resolve).unwrap();
        });
        JsFuture::from(frame).await.unwrap();
    }
    let said = SAID.lock().unwrap().clone().unwrap_or_default();
    assert!(said.contains("inside <RealtimeProvider>"), "{said}");
}
