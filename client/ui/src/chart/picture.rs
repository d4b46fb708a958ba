use tideboard_shared::{Point, UnixMs};

use super::{ChartSpec, Decor, track::Track, utc_offset_min};
use crate::{
    format::Unit,
    plot::{Base, Headroom, Line, Scale, TimeTicks, ValueTicks, describe, summary},
};

/// Room for the time labels, CSS pixels.
const BOTTOM: f64 = 20.0;
/// Half a label's height and half a line's width.
const EDGE: f64 = 6.0;
/// From a value label to the lines.
pub(super) const LABEL_GAP: f64 = 8.0;
/// A digit of a label, in CSS pixels: enough for the widest fonts.
const DIGIT: f64 = 6.4;

/// Content of one frame: lines and axes, in CSS pixels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picture {
    tracks: Vec<Track>,
    /// Line of each series; empty for hidden ones.
    pub(super) lines: Vec<Line>,
    /// New points; a buffer.
    new: Vec<Point>,
    pub(super) x: Scale,
    pub(super) y: Scale,
    /// The value axis's lines: value and label.
    pub(super) value_lines: Vec<(f64, String)>,
    pub(super) time_ticks: TimeTicks,
    pub(super) from: UnixMs,
    pub(super) to: UnixMs,
    pub(super) offset_min: i32,
    pub(super) column_ms: f64,
    headroom: Headroom,
}

impl Default for Picture {
    fn default() -> Self {
        let scale = Scale { from: 0.0, to: 1.0, start: 0.0, end: 1.0 };
        Self {
            tracks: Vec::new(),
            lines: Vec::new(),
            new: Vec::new(),
            x: scale,
            y: scale,
            value_lines: Vec::new(),
            time_ticks: TimeTicks::new(UnixMs(0), UnixMs(0), 1, 0),
            from: UnixMs(0),
            to: UnixMs(0),
            offset_min: 0,
            column_ms: 1.0,
            headroom: Headroom::default(),
        }
    }
}

impl Picture {
    /// Brings the lines up to date with their feeds and lays the chart out.
    pub(super) fn compose(&mut self, spec: &ChartSpec, (width, height): (f64, f64)) {
        let window_ms = u64::try_from(spec.window.as_millis()).unwrap_or(u64::MAX);
        let newest = spec.series.iter().filter_map(|series| series.feed.last()).map(|point| point.0).max();
        self.to = newest.unwrap_or_default();
        self.from = UnixMs(self.to.0.saturating_sub(window_ms));
        self.column_ms = (window_ms as f64 / width).max(1.0);
        self.read(spec, window_ms / 30);
        self.lay_out_values(spec, height);
        let left = match spec.decor {
            Decor::Full => self.left(),
            Decor::Bare => 0.0,
        };
        let edge = edge(spec.decor);
        self.x = Scale { from: self.from.0 as f64, to: self.to.0 as f64, start: left, end: width - edge };
        self.offset_min = utc_offset_min();
        let time_lines = ((width - left) / 90.0) as usize;
        self.time_ticks = TimeTicks::new(self.from, self.to, time_lines, self.offset_min);
    }

    /// `gap_ms` is how long a silence has to be at least to break a line.
    fn read(&mut self, spec: &ChartSpec, gap_ms: u64) {
        self.tracks.resize_with(spec.series.len(), Track::default);
        self.lines.resize_with(spec.series.len(), Line::default);
        // From before the window, so that lines enter it from its edge.
        let from = UnixMs(self.from.0.saturating_sub(gap_ms));
        for (index, series) in spec.series.iter().enumerate() {
            let track = &mut self.tracks[index];
            let line = &mut self.lines[index];
            track.follow(&series.feed, from, self.column_ms, &mut self.new);
            if spec.hidden.contains(&index) {
                *line = Line::default();
            } else {
                track.columns.line(gap_ms, line);
            }
        }
    }

    fn lay_out_values(&mut self, spec: &ChartSpec, height: f64) {
        let edge = edge(spec.decor);
        let bottom = if spec.decor == Decor::Full { BOTTOM } else { 0.0 };
        let shown = (0..self.tracks.len()).filter(|index| !spec.hidden.contains(index));
        let bounds = shown.filter_map(|index| self.tracks[index].columns.bounds(self.from));
        let bounds = bounds.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        let lines = ((height / 36.0) as usize).clamp(2, 6);
        let (low, high) = bounds.unwrap_or_default();
        let base = if spec.unit == Unit::Plain { Base::NearValues } else { Base::Zero };
        let ticks = match (spec.top, bounds) {
            (Some(top), _) if top > low.min(0.0) => ValueTicks::fixed(low, top, lines, spec.unit),
            (_, None) => ValueTicks::rounded(0.0, 1.0, lines, spec.unit),
            (_, Some(_)) => {
                let (low, high) = self.headroom.hold(low, high, base);
                ValueTicks::rounded(low, high, lines, spec.unit)
            }
        };
        self.y = Scale { from: ticks.bottom, to: ticks.top, start: height - bottom - edge, end: edge };
        self.value_lines.clear();
        self.value_lines.extend(ticks.values().map(|value| (value, spec.unit.format(value))));
        // Two lines with one label would say nothing.
        self.value_lines.dedup_by(|a, b| a.1 == b.1);
    }

    /// Room for the value labels. Grows at once and shrinks late, so that lines stay where they are while a label's length
    /// changes.
    fn left(&self) -> f64 {
        let longest = self.value_lines.iter().map(|(_, label)| label.chars().count()).max().unwrap_or_default();
        let needed = ((longest as f64 * DIGIT + LABEL_GAP) / 8.0).ceil() * 8.0;
        let held = self.x.start;
        if (needed..needed + 17.0).contains(&held) { held } else { needed }
    }

    pub(super) fn has_points(&self) -> bool {
        self.lines.iter().any(|line| !line.points.is_empty())
    }

    /// The chart in words.
    pub(super) fn describe(&self, spec: &ChartSpec) -> String {
        let summaries = spec.series.iter().zip(&self.tracks).map(|(series, track)| {
            let now = series.feed.last().map(|point| point.1);
            summary(&series.label, now, track.columns.bounds(self.from), spec.unit)
        });
        describe(&spec.title, spec.window, &summaries.collect::<Vec<_>>())
    }

    /// The time under a pointer, if it is over the lines.
    pub(super) fn time_at(&self, pixel: f64) -> Option<UnixMs> {
        (self.x.start..=self.x.end).contains(&pixel).then(|| UnixMs(self.x.value(pixel).max(0.0) as u64))
    }

    /// The pixel column that a time is in.
    pub(super) fn column(&self, at: UnixMs) -> u64 {
        (at.0 as f64 / self.column_ms) as u64
    }

    /// Place of a point, CSS pixels.
    pub(super) fn position(&self, point: Point) -> (f64, f64) {
        (self.x.pixel(point.0.0 as f64), self.y.pixel(point.1.clamp(self.y.from, self.y.to)))
    }
}

fn edge(decor: Decor) -> f64 {
    match decor {
        Decor::Full => EDGE,
        Decor::Bare => 2.0,
    }
}
