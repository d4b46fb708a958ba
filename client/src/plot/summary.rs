use std::time::Duration;

use tideboard_shared::Point;

use crate::format::{Unit, span};

/// One series in words: `CPU now 42%, 5% to 87%`.
#[must_use]
pub fn summary(label: &str, points: &[Point], unit: Unit) -> String {
    let Some(Point(_, now)) = points.last() else {
        return format!("{label}: no values yet");
    };
    let bound = |pick: fn(f64, f64) -> f64| points.iter().map(|point| point.1).reduce(pick).unwrap_or(*now);
    let (low, high) = (bound(f64::min), bound(f64::max));
    format!("{label} now {}, {} to {}", unit.format(*now), unit.format(low), unit.format(high))
}

/// A whole chart in words, of its title and its series' summaries.
#[must_use]
pub fn describe(title: &str, window: Duration, summaries: &[String]) -> String {
    format!("{title}, last {}. {}.", span(window), summaries.join("; "))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use tideboard_shared::UnixMs;

    use super::*;

    #[test]
    fn a_chart_is_told_by_its_present_and_its_extremes() {
        let points = [0.05, 0.87, 0.42].map(|v| Point(UnixMs(1), v));
        let series = [summary("CPU", &points, Unit::Ratio), summary("Steal", &[], Unit::Ratio)];
        let text = describe("Processor", Duration::from_secs(300), &series);
        assert_eq!(text, "Processor, last 5 min. CPU now 42%, 5.0% to 87%; Steal: no values yet.");
    }
}
