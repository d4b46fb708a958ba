/// Level of alarm of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Fine,
    /// To be looked at.
    Warning,
    /// To be acted upon.
    Critical,
}

impl Level {
    /// Of a value between its thresholds. A critical threshold below the warning means that low values are the bad ones, such
    /// as free space.
    #[must_use]
    pub fn of(value: f64, warning: Option<f64>, critical: Option<f64>) -> Self {
        let is_low_bad = matches!((warning, critical), (Some(warning), Some(critical)) if critical < warning);
        let is_past = |threshold: f64| if is_low_bad { value <= threshold } else { value >= threshold };
        if critical.is_some_and(is_past) {
            Self::Critical
        } else if warning.is_some_and(is_past) {
            Self::Warning
        } else {
            Self::Fine
        }
    }

    /// Of how full something is, 0 to 1.
    #[must_use]
    pub(super) fn of_share(fill: f64) -> Self {
        Self::of(fill, Some(0.85), Some(0.95))
    }

    /// Name in the style sheet.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// Name for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Fine => "Fine",
            Self::Warning => "Warning",
            Self::Critical => "Critical",
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn a_level_begins_at_its_threshold() {
        let of = |value| Level::of(value, Some(0.8), Some(0.9));
        assert_eq!([0.79, 0.8, 0.9].map(of), [Level::Fine, Level::Warning, Level::Critical]);
        assert_eq!(Level::of(5.0, None, None), Level::Fine);
        assert_eq!(Level::of(5.0, None, Some(5.0)), Level::Critical);
        assert_eq!(Level::of(f64::NAN, Some(0.8), Some(0.9)), Level::Fine);
    }

    #[test]
    fn low_values_are_bad_where_the_critical_threshold_is_below_the_warning() {
        let of = |value| Level::of(value, Some(20.0), Some(5.0));
        assert_eq!([21.0, 20.0, 5.0].map(of), [Level::Fine, Level::Warning, Level::Critical]);
    }
}
