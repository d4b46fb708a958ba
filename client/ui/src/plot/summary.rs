use std::time::Duration;

use crate::format::{Unit, span};

/// Sentence about a series: `CPU now 42%, 5% to 87%`, with its latest value, its lowest and its highest.
#[must_use]
pub fn summary(label: &str, now: Option<f64>, bounds: Option<(f64, f64)>, unit: Unit) -> String {
    let (Some(now), Some((low, high))) = (now, bounds) else {
        return format!("{label}: no values yet");
    };
    format!("{label} now {}, {} to {}", unit.format(now), unit.format(low), unit.format(high))
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

    use super::*;

    #[test]
    fn a_chart_is_told_by_its_present_and_its_extremes() {
        let cpu = summary("CPU", Some(0.42), Some((0.05, 0.87)), Unit::Ratio);
        let series = [cpu, summary("Steal", None, None, Unit::Ratio)];
        let text = describe("Processor", Duration::from_secs(300), &series);
        assert_eq!(text, "Processor, last 5 min. CPU now 42%, 5.0% to 87%; Steal: no values yet.");
    }
}
