//! Checks of points that clients publish, over a socket and over REST alike.

use tideboard_shared::{Point, UnixMs, limits::POINTS_PER_PUBLISH};

/// Times that are evidently seconds: as milliseconds they are within 1970 to 1973, as seconds within 1973 to 5138.
const SECONDS: std::ops::Range<u64> = 100_000_000..100_000_000_000;

/// Reason why points are refused, all of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadPoints {
    /// No point.
    #[error("there is no point; publish one at least")]
    None,
    /// More than [`POINTS_PER_PUBLISH`].
    #[error("{0} points at once; {POINTS_PER_PUBLISH} is the most")]
    TooMany(usize),
    /// Time that is evidently not in milliseconds.
    #[error("the time {0} is evidently in seconds; times are Unix milliseconds")]
    Seconds(u64),
    /// Time ahead of the server's clock. It would hide every later point.
    #[error("the time {time} is {ahead_ms} ms ahead of the server's clock; {allowed_ms} is the most")]
    Future {
        /// Time of the point.
        time: u64,
        /// Milliseconds from the server's time to it.
        ahead_ms: u64,
        /// Most milliseconds.
        allowed_ms: u64,
    },
}

/// Checks points that come at `now`, and may be ahead of it by `allowed_ms`.
pub(crate) fn check(points: &[Point], now: UnixMs, allowed_ms: u64) -> Result<(), BadPoints> {
    match points.len() {
        0 => return Err(BadPoints::None),
        1..=POINTS_PER_PUBLISH => {}
        count => return Err(BadPoints::TooMany(count)),
    }
    for Point(UnixMs(time), _) in points {
        let ahead_ms = time.saturating_sub(now.0);
        if SECONDS.contains(time) {
            return Err(BadPoints::Seconds(*time));
        }
        if ahead_ms > allowed_ms {
            return Err(BadPoints::Future { time: *time, ahead_ms, allowed_ms });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_seconds_or_in_the_future_and_empty_lists_are_refused() {
        let now = 1_763_710_000_000;
        let check = |times: &[u64]| {
            let points: Vec<_> = times.iter().map(|time| Point(UnixMs(*time), 0.5)).collect();
            check(&points, UnixMs(now), 5_000)
        };
        assert_eq!(check(&[1, now - 1_000_000_000_000, now, now + 5_000]), Ok(()));
        assert_eq!(check(&[]), Err(BadPoints::None));
        assert_eq!(check(&[1; POINTS_PER_PUBLISH + 1]), Err(BadPoints::TooMany(POINTS_PER_PUBLISH + 1)));
        assert_eq!(check(&[now, now / 1_000]), Err(BadPoints::Seconds(now / 1_000)));
        let future = BadPoints::Future { time: now + 5_001, ahead_ms: 5_001, allowed_ms: 5_000 };
        assert_eq!(check(&[now, now + 5_001]), Err(future));
        assert!(matches!(check(&[u64::MAX]), Err(BadPoints::Future { .. })));
    }
}
