//! The benchmarks in the browser, in the form in which the app is shipped. Built for wasm only.
#![cfg(target_arch = "wasm32")]

use tideboard_engine_bench::{Scale, run};
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn the_engine_in_the_browser() {
    let performance = web_sys::window().and_then(|window| window.performance()).expect("a page has a clock");
    run(&|| performance.now(), &Scale::default(), &mut |line| console_log!("{line}"));
}
