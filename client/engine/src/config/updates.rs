//! How to put updates in order.

use super::{
    tree::settings,
    value::{Count, Span, count, secs},
};

settings! {
    /// How to put updates in order.
    UpdatesConfig {
        /// How long a hole in a board's events may stay open before the board is asked for again.
        gap_timeout: Span<50, 60_000> = secs(2),
        /// Most events held back behind a hole or a snapshot under way; beyond, the board is asked for again.
        max_held: Count<1, 100_000> = count(1_000),
    }
}
