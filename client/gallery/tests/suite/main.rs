//! Hooks and components in a browser, against the real server that `cargo xtask test browser` starts. One file each.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test ends there")]

use wasm_bindgen_test::wasm_bindgen_test_configure;

mod activity;
mod app_shell;
mod avatars;
mod board_grid;
mod client;
mod command_palette;
mod confirm;
mod conflict_resolution;
mod connection_banner;
mod connection_status;
mod downloads;
mod favorites;
mod gauge;
mod leaks;
mod menu;
mod note;
mod orders;
mod page;
mod pending_operations_badge;
mod probe;
mod realtime_demo;
mod shortcuts;
mod storage;
mod sync_indicator;
mod tab_bar;
mod table;
mod tabs;
mod text_field;
mod time_series;
mod toasts;
mod tour;
mod use_background_sync;
mod use_channel;
mod use_collection;
mod use_downloads;
mod use_edit;
mod use_entity;
mod use_favorites;
mod use_feed;
mod use_feeds;
mod use_notifications;
mod use_offline_queue;
mod use_optimistic_update;
mod use_orders;
mod use_periodic_refresh;
mod use_presence;
mod use_realtime_subscriptions;
mod use_realtime_updates;
mod use_store;
mod use_stream;
mod use_sync_status;
mod use_undo;
mod use_websocket;
mod use_websocket_message;
mod use_websocket_request;
mod use_websocket_state;
mod use_websocket_url;
mod use_widget_status;
mod widget_frame;
mod widget_realtime;

wasm_bindgen_test_configure!(run_in_browser);
