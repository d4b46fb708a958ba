//! The arithmetic of charts: which points to draw, where, and what the axes say.
//!
//! In: points, ranges, sizes in pixels. Out: numbers. Never: a canvas, a clock, a web type.

mod columns;
mod pick;
mod range;
mod scale;
mod summary;
mod ticks;

pub use columns::{Columns, Line};
pub use pick::{Pick, end, pick, step};
pub use range::{Base, Headroom};
pub use scale::{Scale, nearest};
pub use summary::{describe, summary};
pub use ticks::{TimeTicks, ValueTicks};
