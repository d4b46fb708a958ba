//! Hooks, components and widgets for live boards, on Yew.
//!
//! Deliberately absent: rules. What an edit does is decided by `tideboard_shared::Board`, when to connect or to send
//! again by the engine; this crate gives both a browser and a face. Widgets and components are dumb: properties in,
//! callbacks out.

//! Read [`RealtimeProvider`] first (it makes the one [`Driver`], which runs the engine), then [`hooks::use_store`] (on
//! which every other hook stands).
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `widgets` | yes | components, widgets, charts and the formats of numbers; their styles are in `styles/` |
//! | `app` | no | the dashboard, as the program `tideboard-app` |
//! | `devtools` | no | `RealtimeDemo`: faults on purpose, a log of frames; for development |
//! | `gallery` | no | the dashboard with a page for each hook, at `/gallery`, and `devtools` |

#[cfg(feature = "widgets")]
pub mod activity;
#[cfg(feature = "widgets")]
pub mod board_file;
mod by_address;
#[cfg(feature = "widgets")]
pub mod caret;
#[cfg(feature = "widgets")]
mod chart;
mod clock;
#[cfg(feature = "widgets")]
pub mod components;
mod console;
#[cfg(feature = "widgets")]
pub mod downloads;
mod driver;
pub mod entities;
mod feed;
#[cfg(feature = "widgets")]
pub mod format;
pub mod hooks;
mod latest;
#[cfg(feature = "widgets")]
pub mod layout;
mod link;
#[cfg(feature = "widgets")]
pub mod plot;
mod provider;
mod random;
mod seen;
mod slot;
mod subscription;
mod text_provider;
#[cfg(feature = "widgets")]
pub mod widgets;

#[cfg(feature = "widgets")]
pub use chart::Series;
pub use driver::{Driver, DriverUsage, MessageFilter, OpenDelivery, OpenPlan, RealtimeError, SignOutError};
pub use feed::{Feed, PointSource};
pub use hooks::{Overflow, PlainMessage, PlainQueue, PlainState};
pub use provider::{Realtime, RealtimeProvider, RealtimeProviderProps};
pub use seen::Seen;
pub use subscription::Subscription;
pub use text_provider::TextProvider;
