use tideboard_client::Feed;
use tideboard_shared::{Point, UnixMs};

use crate::plot::Columns;

/// A series' points by pixel column, kept up with their source at the cost of what is new.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Track {
    pub(super) columns: Columns,
}

impl Track {
    /// Brings it up to date from `from` on. Reads all points again only where they are not those of before with more after
    /// them: at another width, or when history has come in between.
    pub(super) fn follow(&mut self, feed: &Feed, from: UnixMs, column_ms: f64, buffer: &mut Vec<Point>) {
        buffer.clear();
        self.columns.forget(from, feed.oldest().unwrap_or_default());
        match self.columns.last().filter(|last| self.is_current(feed, column_ms, *last)) {
            Some(last) => feed.read(UnixMs(last.0 + 1), buffer),
            None => {
                self.columns = Columns::new(column_ms, from);
                feed.read(self.columns.start(), buffer);
            }
        }
        buffer.iter().for_each(|point| self.columns.push(*point));
    }

    fn is_current(&self, feed: &Feed, column_ms: f64, last: UnixMs) -> bool {
        self.columns.column_ms() == column_ms && feed.count(self.columns.start(), last) == self.columns.points()
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, rc::Rc};

    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;
    use yew::Callback;

    use super::*;
    use tideboard_client::{PointSource, Subscription};

    /// Points, and how many of them were read.
    #[derive(Clone, Default)]
    struct Source(Rc<RefCell<(Vec<Point>, usize)>>);

    impl Source {
        fn set(&self, times: impl Iterator<Item = u64>) -> &Self {
            self.0.borrow_mut().0 = times.map(|t| Point(UnixMs(t), t as f64)).collect();
            self
        }

        fn follow(&self, track: &mut Track, from: u64) -> (usize, usize) {
            let before = self.0.borrow().1;
            track.follow(&Feed::new(self.clone()), UnixMs(from), 100.0, &mut Vec::new());
            (track.columns.points(), self.0.borrow().1 - before)
        }
    }

    impl PointSource for Source {
        fn read(&self, from: UnixMs, out: &mut Vec<Point>) {
            let (points, reads) = &mut *self.0.borrow_mut();
            let before = out.len();
            out.extend(points.iter().filter(|point| point.0 >= from));
            *reads += out.len() - before;
        }

        fn last(&self) -> Option<Point> {
            self.0.borrow().0.last().copied()
        }

        fn oldest(&self) -> Option<UnixMs> {
            Some(self.0.borrow().0.first()?.0)
        }

        fn count(&self, from: UnixMs, to: UnixMs) -> usize {
            self.0.borrow().0.iter().filter(|point| (from..=to).contains(&point.0)).count()
        }

        fn watch(&self, _changed: Callback<()>) -> Subscription {
            Subscription::none()
        }
    }

    #[test]
    fn only_new_points_are_read() {
        let source = Source::default();
        let mut track = Track::default();
        assert_eq!(source.set(0..1_000).follow(&mut track, 0), (1_000, 1_000));
        assert_eq!(source.set(0..1_010).follow(&mut track, 0), (1_010, 10));
        assert_eq!(source.set(0..1_020).follow(&mut track, 250), (820, 10), "a window that moves on");
        assert_eq!(source.set(445..1_030).follow(&mut track, 250), (530, 10), "a full source that lost the oldest");
        assert_eq!(source.follow(&mut track, 250), (530, 0));
    }

    #[test]
    fn history_that_comes_late_is_not_missed() {
        let source = Source::default();
        let mut track = Track::default();
        source.set([5_000, 5_001].into_iter()).follow(&mut track, 0);
        assert_eq!(source.set((4_000..4_500).chain([5_000, 5_001])).follow(&mut track, 0), (502, 502));
        let filled = (4_000..4_500).chain([4_800, 5_000, 5_001, 5_002]);
        assert_eq!(source.set(filled).follow(&mut track, 0), (504, 504));
        assert_eq!(source.set(0..0).follow(&mut track, 0), (0, 0));
        assert_eq!(source.set(9_000..9_005).follow(&mut track, 8_000), (5, 5));
    }
}
