//! How much of a stream to keep.

use super::{
    tree::settings,
    value::{Count, count},
};

settings! {
    /// How much of a stream to keep.
    StreamsConfig {
        /// Most points kept of one stream; the oldest go first.
        max_points: Count<1, 1_000_000> = count(3_600),
    }
}
