//! Every setting, in one tree.
//!
//! In: defaults, a preset, overlays. Out: checked values; nothing re-checks them. A setting is one line of a `settings!`
//! group: its doc, name, type with range, and default; from it come the struct, its documentation and a row of
//! `docs/configuration.md`. Never: a value out of its range, an unknown name that is passed over.

mod connection;
mod delivery;
mod optimistic;
mod requests;
mod streams;
mod subscriptions;
mod sync;
mod tree;
mod updates;
mod value;

pub use connection::{ConnectionConfig, HeartbeatConfig, ReconnectConfig};
pub use delivery::{DeliveryConfig, Strategy};
pub use optimistic::OptimisticConfig;
pub use requests::RequestsConfig;
pub use streams::StreamsConfig;
pub use subscriptions::SubscriptionsConfig;
pub use sync::SyncConfig;
pub use tree::Row;
use tree::settings;
pub use updates::UpdatesConfig;
pub use value::{Bytes, Count, Factor, Hertz, OutOfRange, Span, bytes, count, hertz, millis, mins, percent, secs};

settings! {
    /// All settings, by topic. An unknown name is an error.
    Config {
        /// When to connect, reconnect and give up.
        connection: ConnectionConfig,
        /// How to put updates in order, and how to hand them on.
        updates: UpdatesConfig,
        /// How far edits may run ahead of the server.
        optimistic: OptimisticConfig,
        /// How to get edits to the server.
        sync: SyncConfig,
        /// How much of a stream to keep.
        streams: StreamsConfig,
        /// How to ask the server questions.
        requests: RequestsConfig,
        /// What to hear about as the user goes from tab to tab.
        subscriptions: SubscriptionsConfig,
        /// When to hand updates to the application.
        delivery: DeliveryConfig,
    }
}
