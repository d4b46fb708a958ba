//! Every setting, in one tree.
//!
//! In: defaults, a preset, overlays. Out: checked values; nothing re-checks them. A setting is one line of a `settings!`
//! group: its doc, name, type with range, and default; from it come the struct, its documentation and a row of
//! `docs/configuration.md`. Never: a value out of its range, an unknown name that is passed over.

mod connection;
mod delivery;
mod devtools;
#[cfg(test)]
mod docs;
mod features;
mod layer;
mod logging;
mod optimistic;
mod performance;
mod preset;
mod requests;
mod streams;
mod subscriptions;
mod sync;
mod tabs;
#[cfg(test)]
mod tests;
mod tree;
mod ui;
mod updates;
mod value;

pub use connection::{ConnectionConfig, HeartbeatConfig, ReconnectConfig};
pub use delivery::{DeliveryConfig, Strategy};
pub use devtools::DevtoolsConfig;
pub use features::FeaturesConfig;
pub use layer::{ConfigError, ConfigErrors, Layer};
pub use logging::{LogFilter, LoggingConfig};
pub use optimistic::OptimisticConfig;
pub use performance::PerformanceConfig;
pub use preset::Preset;
pub use requests::RequestsConfig;
pub use streams::StreamsConfig;
pub use subscriptions::SubscriptionsConfig;
pub use sync::SyncConfig;
pub use tabs::TabsConfig;
pub use tree::Row;
use tree::{Node, settings};
pub use ui::{Density, Motion, Theme, UiConfig};
pub use updates::UpdatesConfig;
pub use value::{Bytes, Count, Factor, Hertz, OutOfRange, Span, bytes, count, hertz, millis, mins, percent, secs};

settings! {
    /// All settings, by topic. An unknown name is an error.
    Config {
        /// When to connect, reconnect and give up.
        connection: ConnectionConfig,
        /// How to put updates in order.
        updates: UpdatesConfig,
        /// How far edits may run ahead of the server.
        optimistic: OptimisticConfig,
        /// How to get edits to the server.
        sync: SyncConfig,
        /// How the tabs of one browser share its connection.
        tabs: TabsConfig,
        /// How much of the streams to keep.
        streams: StreamsConfig,
        /// How to ask the server questions.
        requests: RequestsConfig,
        /// What to hear about as the user goes from tab to tab.
        subscriptions: SubscriptionsConfig,
        /// When to hand updates to the application.
        delivery: DeliveryConfig,
        /// Which features there are at all.
        features: FeaturesConfig,
        /// Trace lines that are shown in the browser's console.
        logging: LoggingConfig,
        /// How much the developer's tools keep.
        devtools: DevtoolsConfig,
        /// From when on something counts as slow.
        performance: PerformanceConfig,
        /// What the page looks like and how long it waits.
        ui: UiConfig,
    }
}

impl Config {
    /// Every setting with its value here, in the order of the tree.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        self.describe("", "", &mut rows);
        rows
    }
}
