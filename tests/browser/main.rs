//! The whole app in headless Chromium, against the real server: what two people see and what survives.
//!
//! Needs Chromium, its driver and the built app; `cargo xtask test app` provides all three.

mod arranging;
mod axe;
mod boards;
mod channels;
mod conflicts;
mod edits;
mod frames;
mod gallery;
mod help;
mod keyboard;
mod live;
mod load;
mod outage;
mod panic;
mod past;
mod people;
mod release;
mod storage;
mod tabs;
mod transfer;
mod versions;
mod widget_states;
mod widgets;
