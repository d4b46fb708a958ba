//! Live boards for Yew: a provider, and a hook for each thing that a page needs.
//!
//! Deliberately absent: rules, and components. What an edit does is decided by `tideboard_shared::Board`, when to
//! connect or to send again by the engine; this crate gives both a browser. What a board is shown with is in
//! `tideboard-ui`.
//!
//! Read [`RealtimeProvider`] first (it makes the one [`Driver`], which runs the engine), then [`hooks::use_store`] (on
//! which every other hook stands).
//!
//! The feature `devtools`, off by default, adds the seam at which `tideboard-gallery` puts faults between the driver
//! and the browser.

mod clock;
mod console;
mod driver;
pub mod entities;
mod feed;
pub mod hooks;
mod link;
mod panic;
mod provider;
mod random;
mod subscription;
mod text_provider;

pub use driver::{Driver, DriverUsage, MessageFilter, OpenDelivery, OpenPlan, RealtimeError, SignOutError};
#[cfg(feature = "devtools")]
pub use driver::{Interceptor, LeadLoss, OnPosted, PostRequest, StorageRoom};
pub use feed::{Feed, PointSource};
pub use hooks::{ByAddress, Overflow, PlainMessage, PlainQueue, PlainState, Seen};
pub use panic::PANIC_EVENT;
pub use provider::{Realtime, RealtimeProvider, RealtimeProviderProps};
pub use subscription::Subscription;
pub use text_provider::TextProvider;
