/// Lower end that an axis may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// At 0, or at what is below it: heights compare.
    Zero,
    /// Near the values as well, when they are far from 0 and close together, such as temperatures.
    NearValues,
}

/// Keeps the ends of an axis from jumping with every point: they move out at once, and in only when most of it is empty.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Headroom {
    held: Option<(f64, f64)>,
}

/// An axis near its values comes no closer than to this share of them.
const CLOSEST: f64 = 0.05;

impl Headroom {
    /// From where to where the axis should reach now that the values are in `low..=high`.
    pub fn hold(&mut self, low: f64, high: f64, base: Base) -> (f64, f64) {
        let (low, high) = self.with_base(low, high, base);
        let held = match self.held {
            Some((bottom, top)) if high - low >= 0.4 * (top - bottom) => (low.min(bottom), high.max(top)),
            _ => (low, high),
        };
        self.held = Some(held);
        held
    }

    fn with_base(self, low: f64, high: f64, base: Base) -> (f64, f64) {
        // Once near the values it takes more to go back to 0.
        let is_near = self.held.is_some_and(|(bottom, _)| bottom > 0.0);
        let farthest = if is_near { 0.5 } else { 0.2 };
        let extent = high - low;
        if base == Base::Zero || low <= 0.0 || extent == 0.0 || extent > farthest * high {
            return (low.min(0.0), high.max(0.0));
        }
        let room = (high * CLOSEST - extent).max(0.0) / 2.0;
        (low - room, high + room)
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn an_axis_grows_at_once_and_shrinks_late() {
        let mut axis = Headroom::default();
        let held = [10.0, 4.5, 12.0, 5.0, 4.7, 1.0].map(|max| axis.hold(0.5, max, Base::Zero));
        assert_eq!(held, [10.0, 10.0, 12.0, 12.0, 4.7, 1.0].map(|top| (0.0, top)));
    }

    #[test]
    fn an_axis_reaches_below_zero_where_values_do() {
        let mut axis = Headroom::default();
        assert_eq!(axis.hold(-3.0, 5.0, Base::Zero), (-3.0, 5.0));
        assert_eq!(axis.hold(-8.0, -2.0, Base::NearValues), (-8.0, 5.0));
        assert_eq!(axis.hold(-1.0, 1.0, Base::Zero), (-1.0, 1.0));
    }

    #[test]
    fn an_axis_begins_near_its_values_where_heights_need_not_compare() {
        let mut axis = Headroom::default();
        assert_eq!(axis.hold(90.0, 100.0, Base::NearValues), (90.0, 100.0));
        assert_eq!(axis.hold(70.0, 100.0, Base::NearValues), (70.0, 100.0), "it stays near for longer than it came");
        assert_eq!(axis.hold(20.0, 100.0, Base::NearValues), (0.0, 100.0));
        let mut axis = Headroom::default();
        assert_eq!(axis.hold(70.0, 100.0, Base::NearValues), (0.0, 100.0));
        assert_eq!(Headroom::default().hold(5.0, 5.0, Base::NearValues), (0.0, 5.0));
        assert_eq!(Headroom::default().hold(99.5, 100.5, Base::NearValues), (97.4875, 102.5125), "not too near");
    }
}
