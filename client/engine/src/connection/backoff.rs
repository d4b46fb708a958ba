//! Delay before the next attempt: AWS's "full jitter".

use std::time::Duration;

/// A random delay below `base · factor^(attempt − 1)`, capped at `max`. `attempt` counts from 1.
///
/// Full jitter keeps clients that lost the same server from coming back in lock-step.
#[must_use]
pub fn full_jitter(rng: &mut fastrand::Rng, base: Duration, max: Duration, factor: f64, attempt: u32) -> Duration {
    ceiling(base, max, factor, attempt).mul_f64(rng.f64())
}

/// Longest delay before an attempt, counted from 1: `base · factor^(attempt − 1)`, capped at `max`.
#[must_use]
pub fn ceiling(base: Duration, max: Duration, factor: f64, attempt: u32) -> Duration {
    let exponent = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
    let secs = base.as_secs_f64() * factor.powi(exponent);
    Duration::from_secs_f64(secs.clamp(0.0, max.as_secs_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_to_the_cap_and_are_spread_below_it() {
        let mut rng = fastrand::Rng::with_seed(7);
        let base = Duration::from_secs(1);
        let max = Duration::from_secs(30);
        let mut longest = |attempt| {
            (0..500)
                .map(|_| full_jitter(&mut rng, base, max, 2.0, attempt))
                .fold((max, Duration::ZERO), |(lo, hi), d| (lo.min(d), hi.max(d)))
        };
        for (attempt, cap) in [(1, 1), (2, 2), (5, 16), (6, 30), (4_000_000_000, 30)] {
            let (lo, hi) = longest(attempt);
            let cap = Duration::from_secs(cap);
            assert!(hi <= cap && hi > cap / 10 * 9 && lo < cap / 10, "attempt {attempt}: {lo:?}..{hi:?}");
        }
    }
}
