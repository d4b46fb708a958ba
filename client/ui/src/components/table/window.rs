//! Range of rows that is drawn, and their order in the document.
//!
//! In: sizes in CSS pixels. Out: ranges of rows, positions. Never: a web type.

use std::ops::Range;

/// Rows drawn beyond those in view, at each end, so that a fast scroll meets no blank.
const OVERSCAN: usize = 6;
/// Multiple at which the drawn range begins and ends, so that not every row scrolled by is a render.
const STEP: usize = 4;

/// Part of a table's rows that is in view. Sizes are CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct View {
    /// Scroll position of the rows.
    pub(super) top: f64,
    /// Height of the area in which rows are seen.
    pub(super) height: f64,
    /// Height of each row, above 0.
    pub(super) row: f64,
}

impl View {
    /// Range of rows in view, be it in part, of `count` rows.
    pub(super) fn seen(&self, count: usize) -> Range<usize> {
        let first = (self.top / self.row).floor().max(0.0) as usize;
        let end = ((self.top + self.height) / self.row).ceil().max(0.0) as usize;
        first.min(count)..end.min(count).max(first.min(count))
    }

    /// Range of rows to draw, of `count` rows.
    pub(super) fn drawn(&self, count: usize) -> Range<usize> {
        let seen = self.seen(count);
        let start = seen.start.saturating_sub(OVERSCAN) / STEP * STEP;
        let end = (seen.end + OVERSCAN).next_multiple_of(STEP);
        start..end.min(count)
    }

    /// Number of rows in a page: at least one, and one less than fit, so that the eye can follow.
    pub(super) fn page(&self) -> usize {
        ((self.height / self.row) as usize).saturating_sub(1).max(1)
    }
}

/// Order in which rows stand in the document. With `is_stable`, rows that were there keep their order whatever `wanted`
/// says, because moving an element takes the focus from it. New rows come behind the one that is before them in
/// `wanted`.
pub(super) fn document_order<T: Clone + PartialEq>(before: &[T], wanted: &[T], is_stable: bool) -> Vec<T> {
    if !is_stable {
        return wanted.to_vec();
    }
    let mut order: Vec<T> = before.iter().filter(|row| wanted.contains(row)).cloned().collect();
    for (at, row) in wanted.iter().enumerate() {
        if !order.contains(row) {
            let previous = at.checked_sub(1).map(|at| &wanted[at]);
            let place = previous.and_then(|previous| order.iter().position(|other| other == previous));
            order.insert(place.map_or(0, |place| place + 1), row.clone());
        }
    }
    order
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn view(top: f64) -> View {
        View { top, height: 400.0, row: 40.0 }
    }

    #[test]
    fn few_rows_are_drawn_and_all_that_are_seen_are_among_them() {
        for count in [0, 1, 7, 10, 11, 10_000] {
            for step in 0..4_000 {
                let view = view(f64::from(step) * 37.0);
                let seen = view.seen(count);
                let drawn = view.drawn(count);
                assert!(drawn.end <= count && drawn.len() <= 11 + 2 * (OVERSCAN + STEP), "{drawn:?} of {count}");
                assert!(seen.is_empty() || drawn.start <= seen.start && seen.end <= drawn.end, "{seen:?} {drawn:?}");
            }
        }
        assert_eq!(view(0.0).seen(10_000), 0..10);
        assert_eq!(view(60.0).seen(10_000), 1..12);
    }

    #[test]
    fn scrolling_by_one_row_mostly_draws_the_same() {
        let ranges: Vec<_> = (0..100).map(|row| view(f64::from(row) * 40.0).drawn(10_000)).collect();
        let changes = ranges.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!(changes <= 100 / STEP * 2, "{changes}");
    }

    #[test]
    fn a_page_leaves_one_row_to_be_seen_again() {
        assert_eq!(view(0.0).page(), 9);
        assert_eq!(View { height: 30.0, ..view(0.0) }.page(), 1);
    }

    #[test]
    fn a_stable_order_moves_no_row_that_stays() {
        let before = ["a", "b", "c", "d"];
        assert_eq!(document_order(&before, &["d", "c", "a"], false), ["d", "c", "a"]);
        assert_eq!(document_order(&before, &["d", "c", "a"], true), ["a", "c", "d"]);
        assert_eq!(document_order(&before, &["x", "b", "y", "a", "z"], true), ["x", "a", "z", "b", "y"]);
    }
}
