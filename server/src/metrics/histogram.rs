//! Durations in buckets of constant relative width, so that recording is two atomic additions and never waits.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Buckets from one power of two to the next; a value is known to an eighth.
const STEPS: u64 = 8;
/// Durations from here on, about 134 s, share the last bucket. In microseconds.
const CEILING_US: u64 = 1 << 27;
const BUCKETS: usize = 200;

/// Durations since the start, by bucket.
#[derive(Debug)]
pub(crate) struct Histogram([AtomicU64; BUCKETS]);

impl Default for Histogram {
    fn default() -> Self {
        Self([const { AtomicU64::new(0) }; BUCKETS])
    }
}

impl Histogram {
    pub(crate) fn record(&self, took: Duration) {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        if let Some(bucket) = self.0.get(bucket(us)) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts so far.
    pub(crate) fn counts(&self) -> Counts {
        Counts(self.0.iter().map(|bucket| bucket.load(Ordering::Relaxed)).collect())
    }
}

/// A histogram at one moment, or between two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counts(Vec<u64>);

impl Counts {
    /// Counts that came after `earlier`.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        Self(self.0.iter().zip(&earlier.0).map(|(now, then)| now.saturating_sub(*then)).collect())
    }

    /// The duration that `share` of all do not exceed, milliseconds, to an eighth; `None` when nothing was recorded.
    pub(crate) fn quantile_ms(&self, share: f64) -> Option<f64> {
        let total: u64 = self.0.iter().sum();
        let rank = ((total as f64 * share).ceil() as u64).max(1);
        let mut reached = 0;
        let index = self.0.iter().position(|count| {
            reached += count;
            reached >= rank
        });
        index.map(|index| middle_us(index as u64) / 1e3)
    }
}

/// Single microseconds first, then eight buckets to each doubling.
fn bucket(us: u64) -> usize {
    let us = us.min(CEILING_US - 1);
    if us < STEPS {
        return us as usize;
    }
    let doublings = us.ilog2() - STEPS.ilog2();
    (u64::from(doublings) * STEPS + (us >> doublings)) as usize
}

fn middle_us(index: u64) -> f64 {
    if index < STEPS {
        return index as f64;
    }
    let width = (1_u64 << (index / STEPS - 1)) as f64;
    ((index % STEPS + STEPS) as f64 + 0.5) * width
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duration_has_a_bucket_whose_middle_is_near() {
        let mut last = 0;
        for us in (0..2_000).chain([5_000, 123_456, 1_000_000, 60_000_000, CEILING_US - 1]) {
            let index = bucket(us);
            assert!(index >= last && index < BUCKETS, "{us}");
            last = index;
            let off = (middle_us(index as u64) - us as f64).abs();
            assert!(off <= us as f64 / 14.0 + 0.5, "{us} is shown as {}", middle_us(index as u64));
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn quantiles_are_of_what_was_recorded_between_two_moments() {
        let histogram = Histogram::default();
        histogram.record(Duration::from_secs(9));
        let before = histogram.counts();
        assert_eq!(before.since(&before).quantile_ms(0.5), None);
        for ms in 1..=100 {
            histogram.record(Duration::from_millis(ms));
        }
        let between = histogram.counts().since(&before);
        for (share, expected) in [(0.5, 50.0), (0.95, 95.0), (0.99, 99.0), (1.0, 100.0)] {
            let found = between.quantile_ms(share).unwrap();
            assert!((found - expected).abs() < expected / 8.0, "{share}: {found}");
        }
    }
}
