//! How much the developer's tools keep, while `features.devtools` is on.

use super::{
    tree::settings,
    value::{Bytes, Count, bytes, count},
};

settings! {
    /// How much the developer's tools keep, while `features.devtools` is on.
    DevtoolsConfig {
        /// Most edits whose timelines are kept; the oldest go first.
        max_timelines: Count<1, 100_000> = count(200),
        /// Most steps of one timeline; further ones are only counted.
        max_steps: Count<4, 10_000> = count(50),
        /// Most calls in a recording; it ends there and says so.
        max_recorded_calls: Count<0, 10_000_000> = count(100_000),
        /// Most bytes of frames and edits in a recording, about; it ends there and says so.
        max_recorded_bytes: Bytes<0, 1_073_741_824> = bytes(16_777_216),
    }
}
