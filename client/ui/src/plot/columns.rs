use std::collections::VecDeque;

use tideboard_shared::{Point, UnixMs};

/// Larger values than this count as none: their sums and differences would be infinite.
const LARGEST: f64 = 1e300;

/// Points by pixel column, of which a picture needs four each: the first, the lowest, the highest and the last ("M4", Jugel
/// et al., VLDB 2014). So peaks survive, the line enters and leaves each column where it did, and a new point costs the same
/// however many there are.
///
/// Columns are fixed in time, not to the window, so a scrolling chart does not shimmer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Columns {
    column_ms: f64,
    /// From here on every point of the source is in it.
    start: UnixMs,
    columns: VecDeque<Column>,
    points: usize,
    last: UnixMs,
    /// Set while the last point was no number.
    is_broken: bool,
}

#[derive(Debug, Clone, PartialEq)]
struct Column {
    index: u64,
    from: UnixMs,
    /// With those that are no numbers.
    points: usize,
    kept: Option<Kept>,
    is_after_break: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Kept {
    first: Point,
    low: Point,
    high: Point,
    last: Point,
}

/// Drawing of one series: points, and the places where the line is broken.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    /// By ascending time.
    pub points: Vec<Point>,
    /// The places in `points` at which a new stretch starts, 0 not among them.
    pub breaks: Vec<usize>,
    /// The longest silence that does not break the line, ms.
    pub gap_ms: u64,
}

impl Columns {
    /// No points, for columns that are `column_ms` wide, from the one on that has `from` in it.
    #[must_use]
    pub fn new(column_ms: f64, from: UnixMs) -> Self {
        let mut this = Self { column_ms: column_ms.max(1.0), ..Self::default() };
        this.start = this.start_of(this.index(from));
        this
    }

    /// Width of a column, ms.
    #[must_use]
    pub fn column_ms(&self) -> f64 {
        self.column_ms
    }

    /// Adds a point, which is later than all before it.
    pub fn push(&mut self, point: Point) {
        let index = self.index(point.0);
        (self.points, self.last) = (self.points + 1, point.0);
        if self.columns.back().is_none_or(|column| column.index != index) {
            let column = Column { index, from: point.0, points: 0, kept: None, is_after_break: self.is_broken };
            self.columns.push_back(column);
        }
        let Some(column) = self.columns.back_mut() else { return };
        column.points += 1;
        self.is_broken = !is_drawable(point.1);
        if !self.is_broken {
            let kept = column.kept.get_or_insert(Kept { first: point, low: point, high: point, last: point });
            kept.add(point);
        }
    }

    /// Forgets columns that end before `from`, and those that began before `oldest`: the source has lost points of them.
    pub fn forget(&mut self, from: UnixMs, oldest: UnixMs) {
        let mut first = self.index(from);
        while let Some(column) = self.columns.front() {
            if column.index >= first && column.from < oldest {
                first = column.index + 1;
            }
            if column.index >= first {
                break;
            }
            self.points -= column.points;
            self.columns.pop_front();
        }
        self.start = self.start.max(self.start_of(first));
    }

    /// From when on points are looked at.
    #[must_use]
    pub fn start(&self) -> UnixMs {
        self.start
    }

    /// Time of the last point; `None` without points.
    #[must_use]
    pub fn last(&self) -> Option<UnixMs> {
        (!self.columns.is_empty()).then_some(self.last)
    }

    /// Number of points, with those that are no numbers.
    #[must_use]
    pub fn points(&self) -> usize {
        self.points
    }

    /// The lowest and the highest value from a time on.
    #[must_use]
    pub fn bounds(&self, from: UnixMs) -> Option<(f64, f64)> {
        let first = self.index(from);
        let kept = self.columns.iter().filter(|column| column.index >= first).filter_map(|column| column.kept);
        kept.map(|kept| (kept.low.1, kept.high.1)).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// Writes what there is to draw. The line breaks where there was no number, and after a silence longer than `gap_ms` and
    /// than four times the usual one.
    pub fn line(&self, gap_ms: u64, line: &mut Line) {
        line.points.clear();
        line.breaks.clear();
        let span = self.columns.front().map_or(0, |column| self.last.0 - column.from.0);
        let usual = span / self.points.saturating_sub(1).max(1) as u64;
        line.gap_ms = gap_ms.max(usual.saturating_mul(4));
        for column in &self.columns {
            let Some(kept) = column.kept else { continue };
            let is_late = line.points.last().is_some_and(|last| kept.first.0.0 - last.0.0 > line.gap_ms);
            if (is_late || column.is_after_break) && !line.points.is_empty() {
                line.breaks.push(line.points.len());
            }
            kept.write(&mut line.points);
        }
    }

    fn index(&self, at: UnixMs) -> u64 {
        (at.0 as f64 / self.column_ms) as u64
    }

    /// The first millisecond of a column.
    fn start_of(&self, index: u64) -> UnixMs {
        let near = UnixMs((index as f64 * self.column_ms) as u64);
        // The product may be rounded to either side.
        if self.index(near) < index { UnixMs(near.0 + 1) } else { near }
    }
}

impl Kept {
    fn add(&mut self, point: Point) {
        if point.1 < self.low.1 {
            self.low = point;
        }
        if point.1 > self.high.1 {
            self.high = point;
        }
        self.last = point;
    }

    /// In their order, none twice.
    fn write(self, out: &mut Vec<Point>) {
        let (a, b) = if self.low.0 <= self.high.0 { (self.low, self.high) } else { (self.high, self.low) };
        let mut latest = None;
        for point in [self.first, a, b, self.last] {
            if latest != Some(point.0) {
                latest = Some(point.0);
                out.push(point);
            }
        }
    }
}

impl Line {
    /// The unbroken stretches, oldest first.
    pub fn runs(&self) -> impl Iterator<Item = &[Point]> {
        let starts = std::iter::once(0).chain(self.breaks.iter().copied());
        let ends = self.breaks.iter().copied().chain([self.points.len()]);
        starts.zip(ends).map(|(start, end)| &self.points[start..end])
    }
}

fn is_drawable(value: f64) -> bool {
    value.abs() <= LARGEST
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    /// A fixed congruential sequence: the same picture every run.
    fn random(seed: u64) -> impl FnMut() -> u64 {
        let mut state = seed;
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 40
        }
    }

    fn noise(len: u64) -> Vec<Point> {
        let mut next = random(12_345);
        (0..len).map(|t| Point(UnixMs(1_000_000 + t * 10), next() as f64)).collect()
    }

    fn columns(points: &[Point], column_ms: f64) -> Columns {
        let mut columns = Columns::new(column_ms, points.first().map_or(UnixMs(0), |point| point.0));
        points.iter().for_each(|point| columns.push(*point));
        columns
    }

    fn drawn(columns: &Columns) -> Line {
        let mut line = Line::default();
        columns.line(60_000, &mut line);
        line
    }

    #[test]
    fn sparse_points_all_stay() {
        let points = noise(100);
        assert_eq!(drawn(&columns(&points, 10.0)).points, points);
    }

    #[test]
    fn dense_points_become_at_most_four_a_column_and_keep_their_order() {
        let points = noise(100_000);
        let kept = drawn(&columns(&points, 1_250.0)).points;
        assert!(kept.len() <= (1_000_000 / 1_250 + 1) * 4, "{}", kept.len());
        assert!(kept.len() > 800);
        assert!(kept.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(kept.iter().all(|point| points.binary_search_by_key(&point.0, |p| p.0).is_ok()));
    }

    #[test]
    fn every_columns_extremes_and_ends_survive() {
        let points = noise(5_000);
        let kept = drawn(&columns(&points, 700.0)).points;
        for column in points.chunk_by(|a, b| a.0.0 / 700 == b.0.0 / 700) {
            let of = |pick: fn(f64, f64) -> f64| column.iter().map(|p| p.1).reduce(pick).unwrap();
            for value in [of(f64::min), of(f64::max), column[0].1, column[column.len() - 1].1] {
                assert!(kept.iter().any(|p| p.1 == value), "{value} was lost");
            }
        }
    }

    #[test]
    fn a_window_that_moves_on_shows_what_one_drawn_anew_would() {
        for seed in 0..50 {
            let mut next = random(seed);
            let mut at = 1_000_000;
            let mut points = Vec::new();
            let mut moving = Columns::new(250.0, UnixMs(0));
            for _ in 0..400 {
                at += 1 + next() % 180;
                let value = if next().is_multiple_of(9) { f64::NAN } else { next() as f64 };
                points.push(Point(UnixMs(at), value));
                moving.push(Point(UnixMs(at), value));
                let from = UnixMs((at - 8_000) / 250 * 250);
                moving.forget(from, UnixMs(0));
                let anew = columns(&points[points.partition_point(|point| point.0 < from)..], 250.0);
                assert_eq!((moving.points(), moving.last()), (anew.points(), anew.last()), "seed {seed}");
                assert_eq!(moving.bounds(from), anew.bounds(from), "seed {seed}");
                // Whether a break comes before the first point is nothing to see.
                assert_eq!(drawn(&moving), drawn(&anew), "seed {seed}");
            }
        }
    }

    #[test]
    fn a_column_of_which_the_source_lost_points_goes() {
        let mut columns = columns(&noise(100), 100.0);
        columns.forget(UnixMs(0), UnixMs(1_000_050));
        assert_eq!((columns.points(), columns.start()), (90, UnixMs(1_000_100)));
        columns.forget(UnixMs(1_000_250), UnixMs(1_000_050));
        assert_eq!((columns.points(), columns.start()), (80, UnixMs(1_000_200)), "the window's first column is whole");
    }

    #[test]
    fn a_column_starts_at_the_first_time_that_is_in_it() {
        let mut next = random(7);
        for _ in 0..2_000 {
            let columns = Columns::new(1.0 + next() as f64 / 1e3, UnixMs(1_763_710_000_000 + next()));
            let start = columns.start();
            assert_eq!(columns.index(start), columns.index(UnixMs(start.0 - 1)) + 1, "{columns:?}");
        }
    }

    #[test]
    fn a_line_breaks_at_a_silence_and_where_there_is_no_number() {
        let at = |seconds: &[u64]| seconds.iter().map(|s| Point(UnixMs(s * 1_000), 1.0)).collect::<Vec<_>>();
        let lengths = |points: &[Point], gap_ms| {
            let mut line = Line::default();
            columns(points, 100.0).line(gap_ms, &mut line);
            line.runs().map(<[_]>::len).collect::<Vec<_>>()
        };
        assert_eq!(lengths(&at(&[1, 2, 3, 30, 31, 32, 33, 34, 35, 36, 37, 38]), 10_000), [3, 9]);
        assert_eq!(lengths(&at(&[0, 60, 120, 180]), 10_000), [4], "its usual silence is none");
        let mut points = at(&[1, 2, 3, 4]);
        points[2].1 = f64::NAN;
        assert_eq!(lengths(&points, 10_000), [2, 1]);
        points[2].1 = f64::INFINITY;
        assert_eq!(lengths(&points, 10_000), [2, 1]);
        assert_eq!(lengths(&[], 10_000), [0]);
    }
}
