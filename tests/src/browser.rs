//! Headless Chromium with the built app, by what a person sees and uses.
//!
//! In: the built app, Chromium and its driver, named by `TIDEBOARD_TEST_DIST`, `TIDEBOARD_CHROMIUM` and `TIDEBOARD_CHROMEDRIVER`;
//! `cargo xtask` provides all three. Out: a [`Stage`] with a server, and [`Page`]s on it. Never: a process that outlives its test.
//! Every call fails when the browser does not answer, or when what it waits for does not come within [`DEADLINE`](crate::DEADLINE).

mod axe;
mod board;
mod chrome;
mod hands;
mod look;
mod page;
mod window;

pub use axe::{Axe, Violation};
pub use chrome::{Stage, app, gallery};
pub use look::{Look, Theme};
pub use page::{Page, part};
pub use window::Window;
