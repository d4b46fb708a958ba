//! How the tabs of one browser share its connection.

use super::{
    tree::settings,
    value::{Count, Span, count, secs},
};

settings! {
    /// How the tabs of one browser share its connection.
    TabsConfig {
        /// How often a tab that follows says that it is there, and asks the leader whether it still is.
        heartbeat: Span<100, 60_000> = secs(5),
        /// How long the leader may leave that unanswered before the lead is to be taken from it.
        leader_timeout: Span<500, 600_000> = secs(15),
        /// How long a tab may be silent before the others forget it; browsers let a hidden tab speak once a minute only.
        forget_after: Span<1_000, 3_600_000> = secs(150),
        /// Most other tabs that are known at once; the one that was silent for longest is forgotten.
        max_tabs: Count<1, 1_000> = count(64),
        /// Most recent events of a board, and most ends of edits, from which tabs that missed some are answered.
        max_recent: Count<16, 100_000> = count(1_000),
    }
}
