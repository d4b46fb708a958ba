//! How much of the streams to keep.

use super::{
    tree::settings,
    value::{Count, count},
};

settings! {
    /// How much of the streams to keep.
    StreamsConfig {
        /// Most points kept of one stream; the oldest go first.
        max_points: Count<1, 1_000_000> = count(3_600),
        /// Most streams kept; the one that was silent for longest goes first.
        max_topics: Count<1, 100_000> = count(1_000),
    }
}
