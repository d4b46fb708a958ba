//! How to get edits to the server.

use super::{
    tree::settings,
    value::{Bytes, Count, Span, bytes, count, secs},
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
        /// Most bytes that edits without an outcome may take.
        max_outbox_bytes: Bytes<1_024, 1_073_741_824> = bytes(1_048_576),
        /// Most refused edits set aside; the oldest are discarded.
        max_refused: Count<1, 10_000> = count(100),
        /// How often a board is checked against the server by itself.
        interval: Span<1_000, 86_400_000> = secs(30),
        /// How long a refresh that was asked for may take.
        refresh_timeout: Span<100, 600_000> = secs(15),
        /// How long the socket may be down before boards are synchronised over REST.
        rest_after: Span<0, 3_600_000> = secs(10),
        /// How often they are then, while edits wait; else every `interval`.
        rest_interval: Span<500, 3_600_000> = secs(5),
    }
}
