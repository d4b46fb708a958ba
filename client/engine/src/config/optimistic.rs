//! How far edits may run ahead of the server.

use super::{
    tree::settings,
    value::{Count, Span, count, secs},
};

settings! {
    /// How far edits may run ahead of the server.
    OptimisticConfig {
        /// Most edits without an outcome; one more is refused as `OutboxFull`.
        max_pending: Count<1, 100_000> = count(100),
        /// Most notices kept for the user; the oldest go first.
        max_notices: Count<1, 10_000> = count(100),
        /// After how long an edit without an outcome is shown as overdue. It stays queued.
        operation_timeout: Span<1_000, 3_600_000> = secs(30),
        /// Most of one's own edits on a board that can be undone; the oldest go first.
        max_undo: Count<0, 10_000> = count(100),
    }
}
