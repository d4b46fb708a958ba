use std::f64::consts::TAU;

use tideboard_shared::{Point, UnixMs};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::{ChartSpec, Decor, Palette, Picture, pixel_ratio};
use crate::{
    format::{Precision, clock},
    plot::nearest,
};

/// Fits the canvas's pixels to its size and gives an empty one to draw on in CSS pixels.
pub(super) fn prepare(canvas: &HtmlCanvasElement, width: f64, height: f64) -> Option<CanvasRenderingContext2d> {
    let ratio = pixel_ratio();
    let (columns, rows) = ((width * ratio).round() as u32, (height * ratio).round() as u32);
    // Setting a size reallocates, even when it is the same.
    if (canvas.width(), canvas.height()) != (columns, rows) {
        canvas.set_width(columns);
        canvas.set_height(rows);
    }
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0).ok()?;
    context.clear_rect(0.0, 0.0, width, height);
    Some(context)
}

/// Draws axes, lines and crosshair, in this order.
pub(super) fn paint(
    context: &CanvasRenderingContext2d,
    picture: &Picture,
    palette: &Palette,
    spec: &ChartSpec,
    hover: Option<f64>,
) {
    if spec.decor == Decor::Full {
        paint_value_axis(context, picture, palette, spec);
        paint_time_axis(context, picture, palette);
    }
    context.set_line_join("round");
    for (index, line) in picture.lines.iter().enumerate() {
        let colour = palette.series(index);
        for run in line.chunk_by(|a, b| b.0.0 - a.0.0 <= picture.gap_ms) {
            paint_run(context, picture, run, colour);
        }
    }
    if let Some(at) = hover.and_then(|pixel| picture.time_at(pixel)) {
        paint_crosshair(context, picture, palette, at);
    }
}

fn paint_value_axis(context: &CanvasRenderingContext2d, picture: &Picture, palette: &Palette, spec: &ChartSpec) {
    context.set_font(&palette.font);
    context.set_text_align("right");
    context.set_text_baseline("middle");
    context.set_fill_style_str(&palette.label);
    context.set_stroke_style_str(&palette.grid);
    context.set_line_width(1.0);
    context.begin_path();
    for value in picture.value_ticks.values() {
        let y = crisp(picture.y.pixel(value));
        context.move_to(picture.x.start, y);
        context.line_to(picture.x.end, y);
        let _ = context.fill_text(&spec.unit.format(value), picture.x.start - 8.0, y);
    }
    context.stroke();
}

fn paint_time_axis(context: &CanvasRenderingContext2d, picture: &Picture, palette: &Palette) {
    if !picture.has_points() {
        return;
    }
    let precision = if picture.time_ticks.step_ms < 60_000 { Precision::Seconds } else { Precision::Minutes };
    context.set_fill_style_str(&palette.label);
    context.set_text_align("center");
    context.set_text_baseline("top");
    let half_label = 18.0;
    for time in picture.time_ticks.times() {
        let x = picture.x.pixel(time.0 as f64);
        if (picture.x.start + half_label..=picture.x.end - half_label).contains(&x) {
            let _ = context.fill_text(&clock(time, picture.offset_min, precision), x, picture.y.start + 10.0);
        }
    }
}

/// One unbroken stretch of a line and the tint below it.
fn paint_run(context: &CanvasRenderingContext2d, picture: &Picture, run: &[Point], colour: &str) {
    let position = |point: &Point| (picture.x.pixel(point.0.0 as f64), picture.y.pixel(point.1.min(picture.y.to)));
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return };
    context.begin_path();
    for point in run {
        let (x, y) = position(point);
        context.line_to(x, y);
    }
    context.set_line_width(1.5);
    context.set_stroke_style_str(colour);
    context.stroke();
    context.line_to(position(last).0, picture.y.start);
    context.line_to(position(first).0, picture.y.start);
    context.set_fill_style_str(colour);
    context.set_global_alpha(if picture.lines.len() == 1 { 0.14 } else { 0.08 });
    context.fill();
    context.set_global_alpha(1.0);
}

fn paint_crosshair(context: &CanvasRenderingContext2d, picture: &Picture, palette: &Palette, at: UnixMs) {
    let Some(x) = picture.lines.iter().find_map(|line| nearest(line, at)).map(|p| picture.x.pixel(p.0.0 as f64)) else {
        return;
    };
    context.set_stroke_style_str(&palette.crosshair);
    context.set_line_width(1.0);
    context.begin_path();
    context.move_to(crisp(x), picture.y.end);
    context.line_to(crisp(x), picture.y.start);
    context.stroke();
    for (index, line) in picture.lines.iter().enumerate() {
        let Some(point) = nearest(line, at) else { continue };
        context.begin_path();
        let (x, y) = (picture.x.pixel(point.0.0 as f64), picture.y.pixel(point.1.min(picture.y.to)));
        let _ = context.arc(x, y, 3.5, 0.0, TAU);
        context.set_fill_style_str(palette.series(index));
        context.fill();
        context.set_stroke_style_str(&palette.surface);
        context.stroke();
    }
}

/// The middle of a pixel, where a line of one pixel's width is sharp.
fn crisp(position: f64) -> f64 {
    position.floor() + 0.5
}
