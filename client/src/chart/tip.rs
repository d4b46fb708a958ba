use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::{ChartSpec, Picture, set_hidden};
use crate::{
    format::{Precision, clock},
    plot::nearest,
};

/// Writes the legend's values and, under a pointer, the tooltip.
pub(super) fn write(host: &Element, picture: &Picture, spec: &ChartSpec, hover: Option<f64>) {
    for (index, line) in picture.lines.iter().enumerate() {
        let text = line.last().map_or_else(|| "–".to_owned(), |point| spec.unit.format(point.1));
        set_text(host, &format!("[data-legend='{index}']"), &text);
    }
    let Some(tip) = find(host, "[data-tip-box]") else { return };
    let at = hover.and_then(|pixel| picture.time_at(pixel));
    let first = at.and_then(|at| picture.lines.iter().find_map(|line| nearest(line, at)));
    set_hidden(&tip, first.is_none());
    let (Some(at), Some(first)) = (at, first) else { return };
    set_text(host, "[data-tip-time]", &clock(first.0, picture.offset_min, Precision::Seconds));
    for (index, line) in picture.lines.iter().enumerate() {
        let text = nearest(line, at).map_or_else(|| "–".to_owned(), |point| spec.unit.format(point.1));
        set_text(host, &format!("[data-tip='{index}']"), &text);
    }
    place(&tip, picture.x.pixel(first.0.0 as f64), picture);
}

/// Beside the crosshair, on the side where there is room.
fn place(tip: &HtmlElement, x: f64, picture: &Picture) {
    let width = f64::from(tip.offset_width());
    let right = x + 12.0;
    let left = if right + width <= picture.x.end { right } else { (x - 12.0 - width).max(0.0) };
    let _ = tip.style().set_property("transform", &format!("translate({left:.0}px, {:.0}px)", picture.y.end));
}

fn find(host: &Element, selector: &str) -> Option<HtmlElement> {
    host.query_selector(selector).ok().flatten()?.dyn_into().ok()
}

fn set_text(host: &Element, selector: &str, text: &str) {
    if let Some(element) = find(host, selector)
        && element.text_content().as_deref() != Some(text)
    {
        element.set_text_content(Some(text));
    }
}
