//! The arithmetic of charts: which points to draw, where, and what the axes say.
//!
//! In: points, ranges, sizes in pixels. Out: numbers. Never: a canvas, a clock, a web type.

mod decimate;
mod scale;
mod summary;
mod ticks;

pub use decimate::decimate;
pub use scale::{Scale, nearest};
pub use summary::{describe, summary};
pub use ticks::{Headroom, TimeTicks, ValueTicks};
