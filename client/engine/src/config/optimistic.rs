//! How far edits may run ahead of the server.

use super::{
    tree::settings,
    value::{Count, count},
};

settings! {
    /// How far edits may run ahead of the server.
    OptimisticConfig {
        /// Most edits without an outcome; one more is refused as `OutboxFull`.
        max_pending: Count<1, 100_000> = count(100),
        /// Most notices kept for the user; the oldest go first.
        max_notices: Count<1, 10_000> = count(100),
    }
}
