use tideboard_shared::{Point, UnixMs};

use super::{ChartSpec, Decor, utc_offset_min};
use crate::plot::{Headroom, Scale, TimeTicks, ValueTicks, decimate, describe, summary};

/// Room for the value labels, CSS pixels.
const LEFT: f64 = 64.0;
/// Room for the time labels, CSS pixels.
const BOTTOM: f64 = 20.0;
/// Half a label's height and half a line's width.
const EDGE: f64 = 6.0;

/// What one frame shows: lines and axes, in CSS pixels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picture {
    /// The points to draw, one list for each series.
    pub(super) lines: Vec<Vec<Point>>,
    /// All points of the window; a buffer.
    raw: Vec<Point>,
    summaries: Vec<String>,
    pub(super) x: Scale,
    pub(super) y: Scale,
    pub(super) value_ticks: ValueTicks,
    pub(super) time_ticks: TimeTicks,
    pub(super) to: UnixMs,
    pub(super) offset_min: i32,
    /// A longer silence than this breaks the line.
    pub(super) gap_ms: u64,
}

impl Default for Picture {
    fn default() -> Self {
        let scale = Scale { from: 0.0, to: 1.0, start: 0.0, end: 1.0 };
        Self {
            lines: Vec::new(),
            raw: Vec::new(),
            summaries: Vec::new(),
            x: scale,
            y: scale,
            value_ticks: ValueTicks { top: 1.0, step: 1.0 },
            time_ticks: TimeTicks::new(UnixMs(0), UnixMs(0), 1, 0),
            to: UnixMs(0),
            offset_min: 0,
            gap_ms: 0,
        }
    }
}

impl Picture {
    /// Reads the feeds and lays the chart out, reusing this picture's buffers.
    pub(super) fn compose(&mut self, spec: &ChartSpec, (width, height): (f64, f64), headroom: &mut Headroom) {
        let window_ms = u64::try_from(spec.window.as_millis()).unwrap_or(u64::MAX);
        let newest = spec.series.iter().filter_map(|series| series.feed.last()).map(|point| point.0).max();
        self.to = spec.paused_at.or(newest).unwrap_or_default();
        let from = UnixMs(self.to.0.saturating_sub(window_ms));
        let (left, bottom, edge) = match spec.decor {
            Decor::Full => (LEFT, BOTTOM, EDGE),
            Decor::Bare => (0.0, 0.0, 2.0),
        };
        self.x = Scale { from: from.0 as f64, to: self.to.0 as f64, start: left, end: width - edge };
        self.gap_ms = window_ms / 30;
        let highest = self.read(spec, from);
        self.value_ticks = value_ticks(spec, height, headroom.hold(highest));
        self.y = Scale { from: 0.0, to: self.value_ticks.top, start: height - bottom - edge, end: edge };
        self.offset_min = utc_offset_min();
        let time_lines = ((width - left) / 90.0) as usize;
        self.time_ticks = TimeTicks::new(from, self.to, time_lines, self.offset_min);
    }

    /// Reads every series' window and gives the highest value in it.
    fn read(&mut self, spec: &ChartSpec, from: UnixMs) -> f64 {
        self.lines.resize_with(spec.series.len(), Vec::new);
        self.summaries.clear();
        let column_ms = self.x.per_pixel().max(1.0);
        let mut highest = 0.0_f64;
        for (series, line) in spec.series.iter().zip(&mut self.lines) {
            self.raw.clear();
            line.clear();
            series.feed.read(from, &mut self.raw);
            self.raw.truncate(self.raw.partition_point(|point| point.0 <= self.to));
            decimate(&self.raw, column_ms, line);
            highest = line.iter().map(|point| point.1).fold(highest, f64::max);
            if spec.decor == Decor::Full {
                self.summaries.push(summary(&series.label, &self.raw, spec.unit));
            }
        }
        highest
    }

    pub(super) fn has_points(&self) -> bool {
        self.lines.iter().any(|line| !line.is_empty())
    }

    /// The chart in words.
    pub(super) fn describe(&self, spec: &ChartSpec) -> String {
        describe(&spec.title, spec.window, &self.summaries)
    }

    /// The time under a pointer, if it is over the lines.
    pub(super) fn time_at(&self, pixel: f64) -> Option<UnixMs> {
        (self.has_points() && (self.x.start..=self.x.end).contains(&pixel))
            .then(|| UnixMs(self.x.value(pixel).max(0.0) as u64))
    }
}

fn value_ticks(spec: &ChartSpec, height: f64, highest: f64) -> ValueTicks {
    let lines = ((height / 36.0) as usize).clamp(2, 6);
    match spec.top {
        Some(top) => ValueTicks::fixed(top, lines, spec.unit),
        None => ValueTicks::rounded(highest, lines, spec.unit),
    }
}
