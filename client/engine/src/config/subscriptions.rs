//! What to hear about as the user goes from tab to tab.

use super::{
    tree::settings,
    value::{Count, Hertz, Span, count, hertz, millis, secs},
};

settings! {
    /// What to hear about as the user goes from tab to tab of a dashboard.
    SubscriptionsConfig {
        /// How long a tab has to be looked at before its channels are subscribed to; who only passes by costs nothing.
        debounce: Span<0, 10_000> = millis(100),
        /// How long the channels of a tab that was left stay, so that coming back costs nothing.
        linger: Span<0, 600_000> = secs(5),
        /// How many boards that nobody follows any more are kept in memory, so that coming back asks only for what was missed.
        /// Beyond that the one that was left first is forgotten. Boards with edits that wait are kept besides.
        keep_boards: Count<0, 1_000> = count(8),
        /// How many tabs on each side of the active one are subscribed to as well, at the lowest priority; 0: none.
        prefetch: Count<0, 10> = count(0),
        /// Most messages a second from a stream that is subscribed to ahead.
        prefetch_rate: Hertz<1, 60> = hertz(1),
    }
}
