//! The whole app in headless Chromium, against the real server: what two people see and what survives.
//!
//! Needs Chromium, its driver and the built app; `cargo xtask test app` provides all three.

mod axe;
mod edits;
mod gallery;
mod live;
mod load;
mod outage;
mod storage;
mod tabs;
mod versions;
mod widget_states;
