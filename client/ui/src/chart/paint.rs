use tideboard_shared::Point;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::{ChartSpec, Decor, Palette, Picture, mark, picture::LABEL_GAP, pixel_ratio};
use crate::{
    format::{Precision, clock},
    plot::{Line, Pick, nearest},
};

/// Distance of the marks on a line, CSS pixels.
const MARK_EVERY: f64 = 112.0;
/// From so many points a pixel on, a stretch of a line is drawn as a band: a stroke that goes up and down in every pixel column
/// is many times as much work, for the same pixels.
const DENSE: f64 = 2.5;
/// A line's width, CSS pixels.
const WIDTH: f64 = 1.5;
/// Share of a line's colour that is left while another line is pointed out.
const FADED: f64 = 0.2;

/// Fits the canvas's pixels to its size and gives an empty one to draw on in CSS pixels, with this font.
pub(super) fn prepare(
    canvas: &HtmlCanvasElement,
    (width, height): (f64, f64),
    font: &str,
) -> Option<CanvasRenderingContext2d> {
    let ratio = pixel_ratio();
    let columns = (width * ratio).round() as u32;
    let rows = (height * ratio).round() as u32;
    // Setting a size reallocates, even when it is the same.
    let is_resized = (canvas.width(), canvas.height()) != (columns, rows);
    if is_resized {
        canvas.set_width(columns);
        canvas.set_height(rows);
    }
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    // A new size forgets it. Only then: to set a font the browser settles all styles of the page.
    if is_resized {
        context.set_font(font);
    }
    context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0).ok()?;
    context.clear_rect(0.0, 0.0, width, height);
    Some(context)
}

/// Brush of one frame: a canvas and its colours.
pub(super) struct Painter<'a> {
    pub(super) context: CanvasRenderingContext2d,
    pub(super) picture: &'a Picture,
    pub(super) palette: &'a Palette,
    pub(super) spec: &'a ChartSpec,
}

impl Painter<'_> {
    /// Draws axes and lines, in this order. The series that is pointed out comes last, the others step back.
    pub(super) fn chart(&self, pointed_out: Option<usize>) {
        if self.spec.decor == Decor::Full {
            self.value_axis();
            self.time_axis();
        }
        self.context.save();
        self.clip();
        self.context.set_line_join("round");
        self.context.set_line_cap("round");
        let is_front = |index: &usize| pointed_out.is_none_or(|front| front == *index);
        let (front, back): (Vec<_>, Vec<_>) = (0..self.picture.lines.len()).partition(is_front);
        for (indices, alpha) in [(back, FADED), (front, 1.0)] {
            for index in indices {
                self.line(index, alpha);
            }
        }
        self.context.restore();
        if !self.picture.has_points() {
            self.nothing();
        }
    }

    /// Draws the crosshair through the points that are picked.
    pub(super) fn crosshair(&self, pick: &Pick) {
        let context = &self.context;
        let picture = self.picture;
        let palette = self.palette;
        let x = crisp(picture.x.pixel(pick.at.0 as f64));
        context.set_stroke_style_str(&palette.crosshair);
        context.set_line_width(1.0);
        context.begin_path();
        context.move_to(x, picture.y.end);
        context.line_to(x, picture.y.start);
        context.stroke();
        context.set_stroke_style_str(&palette.surface);
        context.set_line_width(1.5);
        for (index, point) in pick.points.iter().enumerate() {
            let Some(point) = point else { continue };
            context.set_fill_style_str(palette.series(index));
            mark::path(context, self.shape(index), picture.position(*point), 4.5);
            context.fill();
            context.stroke();
        }
    }

    fn value_axis(&self) {
        let context = &self.context;
        let picture = self.picture;
        context.set_text_align("right");
        context.set_text_baseline("middle");
        context.set_fill_style_str(&self.palette.label);
        context.set_stroke_style_str(&self.palette.grid);
        context.set_line_width(1.0);
        context.begin_path();
        for (value, label) in &picture.value_lines {
            let y = crisp(picture.y.pixel(*value));
            context.move_to(picture.x.start, y);
            context.line_to(picture.x.end, y);
            let _ = context.fill_text(label, picture.x.start - LABEL_GAP, y);
        }
        context.stroke();
    }

    fn time_axis(&self) {
        let context = &self.context;
        let picture = self.picture;
        if picture.to.0 == 0 {
            return;
        }
        let precision = if picture.time_ticks.step_ms < 60_000 { Precision::Seconds } else { Precision::Minutes };
        context.set_fill_style_str(&self.palette.label);
        context.set_stroke_style_str(&self.palette.grid);
        context.set_text_align("center");
        context.set_text_baseline("top");
        let half_label = if precision == Precision::Seconds { 26.0 } else { 18.0 };
        context.begin_path();
        for time in picture.time_ticks.times() {
            let x = picture.x.pixel(time.0 as f64);
            if (picture.x.start + half_label..=picture.x.end - half_label).contains(&x) {
                context.move_to(crisp(x), picture.y.start);
                context.line_to(crisp(x), picture.y.start + 4.0);
                let _ = context.fill_text(&clock(time, picture.offset_min, precision), x, picture.y.start + 9.0);
            }
        }
        context.stroke();
    }

    /// Keeps lines inside of the axes; half a line's width may be outside.
    fn clip(&self) {
        let x = self.picture.x;
        let y = self.picture.y;
        self.context.begin_path();
        self.context.rect(x.start, y.end - 2.0, x.end - x.start + 2.0, y.start - y.end + 4.0);
        self.context.clip();
    }

    fn line(&self, index: usize, alpha: f64) {
        let line = &self.picture.lines[index];
        let colour = self.palette.series(index);
        // A tint below says "from 0"; of several lines it would say "stacked".
        let is_filled = self.spec.series.len() == 1 && self.picture.y.from <= 0.0;
        self.context.set_global_alpha(alpha);
        self.context.set_stroke_style_str(colour);
        self.context.set_fill_style_str(colour);
        for run in line.runs() {
            self.run(run, is_filled.then_some(alpha));
        }
        if self.spec.series.len() > 1 && self.spec.decor == Decor::Full {
            self.marks(index, line);
        }
        self.context.set_global_alpha(1.0);
    }

    /// Paints an unbroken stretch of a line and the tint below it.
    fn run(&self, run: &[Point], fill_alpha: Option<f64>) {
        let context = &self.context;
        let picture = self.picture;
        let (Some(first), Some(last)) = (run.first(), run.last()) else { return };
        if run.len() == 1 {
            mark::path(context, 0, picture.position(*first), 2.0);
            context.fill();
            return;
        }
        let pixels = picture.position(*last).0 - picture.position(*first).0;
        if run.len() as f64 > DENSE * pixels.max(8.0) {
            self.band(run);
        } else {
            self.trace(run);
            context.set_line_width(WIDTH);
            context.stroke();
        }
        let Some(alpha) = fill_alpha else { return };
        let ground = picture.y.pixel(0.0_f64.clamp(picture.y.from, picture.y.to));
        self.trace(run);
        context.line_to(picture.position(*last).0, ground);
        context.line_to(picture.position(*first).0, ground);
        context.set_global_alpha(alpha * 0.12);
        context.fill();
        context.set_global_alpha(alpha);
    }

    /// Begins a path through the points.
    fn trace(&self, run: &[Point]) {
        self.context.begin_path();
        for point in run {
            let (x, y) = self.picture.position(*point);
            self.context.line_to(x, y);
        }
    }

    /// A dense stretch: from the lowest to the highest point of each pixel column.
    fn band(&self, run: &[Point]) {
        let mut lower_edge = Vec::new();
        self.context.begin_path();
        for column in run.chunk_by(|a, b| self.picture.column(a.0) == self.picture.column(b.0)) {
            let (x, _) = self.picture.position(column[0]);
            let values = column.iter().map(|point| self.picture.position(*point).1);
            let (top, bottom) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), y| (a.min(y), b.max(y)));
            self.context.line_to(x, top - WIDTH / 2.0);
            lower_edge.push((x, bottom + WIDTH / 2.0));
        }
        for (x, y) in lower_edge.into_iter().rev() {
            self.context.line_to(x, y);
        }
        self.context.fill();
    }

    /// The series' own shape along its line, at places fixed in time, so that no colour has to be seen to tell lines apart.
    fn marks(&self, index: usize, line: &Line) {
        let picture = self.picture;
        let every_ms = picture.column_ms * MARK_EVERY;
        // Each series at places of its own: lines that lie on each other show both shapes.
        let offset = index as f64 / self.picture.lines.len() as f64;
        let first = (picture.from.0 as f64 / every_ms).floor() as u64;
        let last = (picture.to.0 as f64 / every_ms).ceil() as u64;
        for turn in first..=last {
            let at = tideboard_shared::UnixMs(((turn as f64 + offset) * every_ms) as u64);
            let close = (every_ms / 4.0).max(line.gap_ms as f64) as u64;
            if let Some(point) = nearest(&line.points, at).filter(|point| point.0.0.abs_diff(at.0) <= close) {
                mark::path(&self.context, self.shape(index), picture.position(point), 3.5);
                self.context.fill();
            }
        }
    }

    /// A single line needs no shape of its own.
    fn shape(&self, index: usize) -> usize {
        if self.spec.series.len() > 1 { index } else { 0 }
    }

    fn nothing(&self) {
        let context = &self.context;
        let picture = self.picture;
        if self.spec.decor == Decor::Bare {
            return;
        }
        let words = if self.spec.hidden.is_empty() { "No values yet" } else { "All series with values are hidden" };
        context.set_fill_style_str(&self.palette.label);
        context.set_text_align("center");
        context.set_text_baseline("middle");
        let middle = |scale: crate::plot::Scale| f64::midpoint(scale.start, scale.end);
        let _ = context.fill_text(words, middle(picture.x), middle(picture.y));
    }
}

/// The middle of a pixel, where a line of one pixel's width is sharp.
fn crisp(position: f64) -> f64 {
    position.floor() + 0.5
}
