use tideboard_shared::UnixMs;

use crate::format::Unit;

/// A hair beside a line counts as on it: the steps are sums of rounded numbers. In steps.
const EDGE: f64 = 1e-9;
/// More lines than any axis has.
const MOST_LINES: usize = 100;

/// A value axis: its ends and the distance between its lines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValueTicks {
    /// The value at the axis's start.
    pub bottom: f64,
    /// The value at the axis's end.
    pub top: f64,
    /// From one line to the next.
    pub step: f64,
}

impl ValueTicks {
    /// An axis around `low..=high` that ends at round numbers, with about `lines` lines.
    #[must_use]
    pub fn rounded(low: f64, high: f64, lines: usize, unit: Unit) -> Self {
        let step = Self::step_for(high - low, lines, unit);
        let first = (low / step + EDGE).floor();
        let last = (high / step - EDGE).ceil();
        if !(first.is_finite() && last.is_finite()) {
            return Self { bottom: 0.0, top: step, step };
        }
        Self { bottom: first * step, top: last.max(first + 1.0) * step, step }
    }

    /// An axis that ends exactly at `top`, such as the size of a memory, and begins at 0 or at a round number below `low`.
    #[must_use]
    pub fn fixed(low: f64, top: f64, lines: usize, unit: Unit) -> Self {
        let low = low.min(0.0);
        let step = Self::step_for(top - low, lines, unit);
        // Not `-0`, which reads badly.
        let bottom = if low < 0.0 { (low / step + EDGE).floor() * step } else { 0.0 };
        Self { bottom, top, step }
    }

    /// The values at which to draw a line, from the bottom up.
    pub fn values(self) -> impl Iterator<Item = f64> {
        let first = (self.bottom / self.step - EDGE).ceil();
        let last = (self.top / self.step + EDGE).floor();
        let count = if last >= first { (last - first) as usize + 1 } else { 0 };
        // Bounded, because an axis that ends at 1e300 has no lines that can be told apart around 1.
        (0..count.min(MOST_LINES)).map(move |index| (first + index as f64) * self.step)
    }

    fn step_for(max: f64, lines: usize, unit: Unit) -> f64 {
        let max = if max.is_finite() && max > 0.0 { max } else { 1.0 };
        let raw = max / lines.max(1) as f64;
        if unit.is_binary() {
            return raw.log2().ceil().exp2().max(1.0);
        }
        let magnitude = 10_f64.powf(raw.log10().floor());
        let digit = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|digit| digit * magnitude >= raw * (1.0 - 1e-9));
        digit.unwrap_or(10.0) * magnitude
    }
}

/// A time axis: when its first line is and how far apart they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeTicks {
    first: u64,
    to: u64,
    /// From one line to the next, ms.
    pub step_ms: u64,
}

impl TimeTicks {
    /// At most `lines` lines in `from..=to`, at round local times. `offset_min` is local time less UTC, in minutes.
    #[must_use]
    pub fn new(from: UnixMs, to: UnixMs, lines: usize, offset_min: i32) -> Self {
        const STEPS_S: [u64; 17] =
            [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400];
        let span = to.0.saturating_sub(from.0);
        let wanted = span / (lines.max(1) as u64);
        let step_ms = STEPS_S.into_iter().map(|s| s * 1000).find(|step| *step >= wanted).unwrap_or_else(|| {
            let day = 86_400_000;
            wanted.div_ceil(day) * day
        });
        let shift = i64::from(offset_min) * 60_000;
        let local = from.0.saturating_add_signed(shift);
        let first = local.div_ceil(step_ms).saturating_mul(step_ms).saturating_add_signed(-shift);
        Self { first, to: to.0, step_ms }
    }

    /// The times at which to draw a line.
    pub fn times(self) -> impl Iterator<Item = UnixMs> {
        (self.first..=self.to).step_by(usize::try_from(self.step_ms).unwrap_or(usize::MAX)).map(UnixMs)
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn labels(ticks: ValueTicks, unit: Unit) -> Vec<String> {
        ticks.values().map(|value| unit.format(value)).collect()
    }

    #[test]
    fn decimal_axes_step_by_round_decimals() {
        assert_eq!(
            labels(ValueTicks::fixed(0.0, 1.0, 4, Unit::Ratio), Unit::Ratio),
            ["0%", "25%", "50%", "75%", "100%"]
        );
        assert_eq!(labels(ValueTicks::rounded(0.0, 3.2, 4, Unit::Plain), Unit::Plain), ["0", "1", "2", "3", "4"]);
    }

    #[test]
    fn byte_axes_step_by_powers_of_two() {
        let gib = 1024.0_f64.powi(3);
        let memory = ValueTicks::fixed(0.0, 15.5 * gib, 4, Unit::Bytes);
        assert_eq!(labels(memory, Unit::Bytes), ["0 B", "4 GiB", "8 GiB", "12 GiB"]);
        let rate = ValueTicks::rounded(0.0, 1_300_000.0, 3, Unit::BytesPerSecond);
        assert_eq!(labels(rate, Unit::BytesPerSecond), ["0 B/s", "512 KiB/s", "1 MiB/s", "1.5 MiB/s"]);
    }

    #[test]
    fn an_axis_without_data_still_has_lines() {
        for max in [0.0, -3.0, f64::NAN, f64::INFINITY] {
            let ticks = ValueTicks::rounded(0.0, max, 4, Unit::Plain);
            assert!(ticks.top.is_finite() && ticks.values().count() >= 2, "{max}");
        }
        assert_eq!(ValueTicks::fixed(0.0, f64::NAN, 4, Unit::Plain).step, 0.25);
    }

    #[test]
    fn an_axis_covers_its_values_with_round_lines_however_large_they_are() {
        let cases =
            [(-5.0, 7.0), (-0.31, -0.02), (69.5, 73.0), (0.0, 3e-7), (-4e299, 8e299), (1e12, 1.000_1e12), (5.0, 5.0)];
        for (low, high) in cases {
            let ticks = ValueTicks::rounded(low, high, 4, Unit::Plain);
            assert!(ticks.bottom <= low + ticks.step * 1e-6 && ticks.top >= high - ticks.step * 1e-6, "{ticks:?}");
            let lines: Vec<_> = ticks.values().collect();
            assert!((2..=7).contains(&lines.len()), "{low} to {high}: {lines:?}");
            assert!(lines.iter().all(|line| (line / ticks.step).fract().abs() < 1e-3), "{lines:?}");
        }
        assert_eq!(labels(ValueTicks::rounded(-5.0, 7.0, 4, Unit::Plain), Unit::Plain), ["-5", "0", "5", "10"]);
        assert_eq!(labels(ValueTicks::fixed(-0.3, 1.0, 4, Unit::Ratio), Unit::Ratio), ["-50%", "0%", "50%", "100%"]);
    }

    #[test]
    fn time_lines_stand_at_round_local_times() {
        let from = UnixMs(1_763_710_007_000);
        let to = UnixMs(1_763_710_307_000);
        let ticks = TimeTicks::new(from, to, 5, 0);
        assert_eq!(ticks.step_ms, 60_000);
        assert_eq!(ticks.times().count(), 5);
        assert!(ticks.times().all(|t| t.0 % 60_000 == 0 && t >= from && t <= to));
        // Days in a zone of its own start at its midnight.
        let week = TimeTicks::new(from, UnixMs(from.0 + 7 * 86_400_000), 7, 330);
        assert!(week.times().all(|t| (t.0 + 330 * 60_000) % 86_400_000 == 0));
    }
}
