use tideboard_shared::{Point, UnixMs};

/// A straight mapping from values to pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// The value at the start.
    pub from: f64,
    /// The value at the end.
    pub to: f64,
    /// The pixel at the start.
    pub start: f64,
    /// The pixel at the end; may be before `start`.
    pub end: f64,
}

impl Scale {
    /// The pixel of a value. Everything is at the start when the values have no extent.
    #[must_use]
    pub fn pixel(&self, value: f64) -> f64 {
        let extent = self.to - self.from;
        if extent == 0.0 { self.start } else { self.start + (value - self.from) / extent * (self.end - self.start) }
    }

    /// The value at a pixel.
    #[must_use]
    pub fn value(&self, pixel: f64) -> f64 {
        let extent = self.end - self.start;
        if extent == 0.0 { self.from } else { self.from + (pixel - self.start) / extent * (self.to - self.from) }
    }
}

/// The point closest in time, of points sorted by time.
#[must_use]
pub fn nearest(points: &[Point], at: UnixMs) -> Option<Point> {
    let after = points.partition_point(|point| point.0 < at);
    let distance = |point: &Point| point.0.0.abs_diff(at.0);
    points[after.saturating_sub(1)..].iter().take(2).min_by_key(|point| distance(point)).copied()
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn pixels_and_values_are_each_others_inverse() {
        let scale = Scale { from: -10.0, to: 30.0, start: 200.0, end: 0.0 };
        assert_eq!(scale.pixel(-10.0), 200.0);
        assert_eq!(scale.pixel(30.0), 0.0);
        assert_eq!(scale.value(scale.pixel(17.5)), 17.5);
    }

    #[test]
    fn a_scale_without_extent_gives_no_nonsense() {
        let flat = Scale { from: 5.0, to: 5.0, start: 3.0, end: 3.0 };
        assert_eq!((flat.pixel(9.0), flat.value(9.0)), (3.0, 5.0));
    }

    #[test]
    fn the_nearest_point_is_found_on_either_side() {
        let points = [10, 20, 40].map(|t| Point(UnixMs(t), t as f64));
        let cases = [(0, 10.0), (14, 10.0), (16, 20.0), (29, 20.0), (31, 40.0), (99, 40.0)];
        for (at, value) in cases {
            assert_eq!(nearest(&points, UnixMs(at)).unwrap().1, value, "{at}");
        }
        assert_eq!(nearest(&[], UnixMs(5)), None);
    }
}
