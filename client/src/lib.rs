//! Hooks, components and widgets for live boards, on Yew.
//!
//! Deliberately absent: rules. What an edit does is decided by `tideboard_shared::Board`, when to connect or to send again
//! by the engine; this crate gives both a browser and a face. Widgets and components are dumb: properties in, callbacks out.

pub mod caret;
mod chart;
pub mod components;
mod feed;
pub mod format;
pub mod plot;
mod subscription;
pub mod widgets;

pub use chart::Series;
pub use feed::{Feed, PointSource};
pub use subscription::Subscription;
