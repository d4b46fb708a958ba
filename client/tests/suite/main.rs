//! Hooks and components in a browser, against the real server that `cargo xtask test browser` starts. One file each.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test ends there")]

use wasm_bindgen_test::wasm_bindgen_test_configure;

mod client;
mod orders;
mod page;
mod storage;
mod sync_indicator;
mod tabs;
mod text_field;
mod time_series;
mod use_optimistic_update;
mod use_store;
mod use_stream;
mod use_websocket;

wasm_bindgen_test_configure!(run_in_browser);
