use std::cell::RefCell;

use tideboard_shared::UnixMs;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlCanvasElement, HtmlElement};

use super::{ChartSpec, Picture, set_hidden};
use crate::{
    format::{Precision, clock},
    plot::Pick,
};

/// Elements that the chart writes beside its canvas, found once: legend, tooltip, the text that is read out, the canvas
/// of the crosshair.
pub(super) struct Readout {
    legend: Vec<Cell>,
    tip: Option<Tip>,
    says: Option<Element>,
    /// Takes the keys and the pointer.
    pub(super) plot: Option<HtmlElement>,
    pub(super) crosshair: Option<HtmlCanvasElement>,
}

struct Tip {
    area: HtmlElement,
    time: Cell,
    values: Vec<Cell>,
}

/// An element with one text, which is touched only when that changes.
struct Cell {
    element: Element,
    shown: RefCell<String>,
}

impl Readout {
    /// Of the elements in `host`: values are marked `data-legend` and `data-tip`, in the order of the series.
    pub(super) fn of(host: &Element) -> Self {
        let tip = find::<HtmlElement>(host, "[data-tip-box]").map(|area| Tip {
            time: Cell::new(find(host, "[data-tip-time]").unwrap_or_else(|| area.clone()).into()),
            values: all(host, "[data-tip]"),
            area,
        });
        Self {
            legend: all(host, "[data-legend]"),
            tip,
            says: find(host, "[data-chart-says]"),
            plot: find(host, "[data-chart-plot]"),
            crosshair: find(host, "[data-chart-crosshair]"),
        }
    }

    /// Writes each series' latest value.
    pub(super) fn write_legend(&self, spec: &ChartSpec) {
        for (series, cell) in spec.series.iter().zip(&self.legend) {
            cell.write(series.feed.last().map_or_else(|| "–".to_owned(), |point| spec.unit.format(point.1)));
        }
    }

    /// Shows and places the tooltip, or hides it.
    pub(super) fn write_tip(&self, picture: &Picture, spec: &ChartSpec, pick: Option<&Pick>) {
        let Some(tip) = &self.tip else { return };
        set_hidden(&tip.area, pick.is_none());
        let Some(pick) = pick else { return };
        tip.time.write(clock(pick.at, picture.offset_min, Precision::Seconds));
        for (point, cell) in pick.points.iter().zip(&tip.values) {
            cell.write(point.map_or_else(|| "–".to_owned(), |point| spec.unit.format(point.1)));
        }
        tip.place(picture, pick.at);
    }

    /// Has the values at the crosshair read out.
    pub(super) fn say(&self, picture: &Picture, spec: &ChartSpec, pick: &Pick) {
        let Some(says) = &self.says else { return };
        let values = spec.series.iter().zip(&pick.points).filter_map(|(series, point)| {
            let value = spec.unit.format(point.as_ref()?.1);
            Some(format!("{} {value}", series.label))
        });
        let values: Vec<_> = values.collect();
        let text = format!("{}: {}", clock(pick.at, picture.offset_min, Precision::Seconds), values.join(", "));
        says.set_text_content(Some(&text));
    }
}

impl Tip {
    /// Beside the crosshair, on the side with more room, and inside of the chart. Its own width is the style sheet's affair: to
    /// ask for it would force a layout.
    fn place(&self, picture: &Picture, at: UnixMs) {
        let x = picture.x.pixel(at.0 as f64);
        let is_left = x > f64::midpoint(picture.x.start, picture.x.end);
        let beside = if is_left { format!("calc({:.0}px - 100%)", x - 12.0) } else { format!("{:.0}px", x + 12.0) };
        let place = format!("translate(clamp(0px, {beside}, 100cqi - 100%), {:.0}px)", picture.y.end);
        let _ = self.area.style().set_property("transform", &place);
    }
}

impl Cell {
    fn new(element: Element) -> Self {
        Self { element, shown: RefCell::default() }
    }

    fn write(&self, text: String) {
        if *self.shown.borrow() != text {
            self.element.set_text_content(Some(&text));
            self.shown.replace(text);
        }
    }
}

fn find<T: JsCast>(host: &Element, selector: &str) -> Option<T> {
    host.query_selector(selector).ok().flatten()?.dyn_into().ok()
}

fn all(host: &Element, selector: &str) -> Vec<Cell> {
    let Ok(found) = host.query_selector_all(selector) else { return Vec::new() };
    let elements = (0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok());
    elements.map(Cell::new).collect()
}
