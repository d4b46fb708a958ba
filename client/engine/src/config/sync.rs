//! How to get edits to the server.

use super::{
    tree::settings,
    value::{Span, secs},
};

settings! {
    /// How to get edits to the server.
    SyncConfig {
        /// How long outcomes may take before the submit is repeated.
        outcome_timeout: Span<1_000, 600_000> = secs(30),
        /// Longest delay before the first repeat of an operation refused for now, before jitter.
        retry_base: Span<10, 60_000> = secs(1),
        /// Longest delay between repeats, before jitter.
        retry_max: Span<100, 3_600_000> = secs(30),
    }
}
