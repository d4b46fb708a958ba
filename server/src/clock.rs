//! The wall clock, read in one place.

use std::time::{SystemTime, UNIX_EPOCH};

use tideboard_shared::UnixMs;

/// The time of day. A clock before 1970 reads as 0.
pub(crate) fn now() -> UnixMs {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMs(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
}
