//! Line charts on a canvas: drawn at most once per animation frame, and never through the virtual DOM.
//!
//! In: feeds, sizes, pointers, keys. Out: pixels, a tooltip, the text alternative. Never: a copy of the points, of which four
//! a pixel column are kept; work for points that were there at the last frame; a draw while the page is hidden.

use std::{cell::Cell, collections::BTreeSet, rc::Rc, time::Duration};

use gloo::{
    events::EventListener,
    render::{AnimationFrame, request_animation_frame},
    timers::callback::Timeout,
    utils::window,
};
use tideboard_client::{Feed, Subscription};
use tideboard_shared::UnixMs;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Element, HtmlCanvasElement, HtmlElement, KeyboardEvent, ResizeObserver};
use yew::{AttrValue, Callback};

use crate::format::Unit;

mod cursor;
mod listen;
mod mark;
mod paint;
mod palette;
mod picture;
mod readout;
mod track;

pub(crate) use mark::legend_path;
pub(crate) use palette::SERIES_COLOURS;

use cursor::Cursor;
use paint::Painter;
use palette::Palette;
use picture::Picture;
use readout::Readout;

/// Line of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Name in the legend.
    pub label: AttrValue,
    /// Source of its points.
    pub feed: Feed,
}

impl Series {
    /// A line named `label`.
    pub fn new(label: impl Into<AttrValue>, feed: Feed) -> Self {
        Self { label: label.into(), feed }
    }
}

/// Content of a chart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ChartSpec {
    pub(crate) title: AttrValue,
    pub(crate) series: Rc<[Series]>,
    /// The places of the series that are not drawn.
    pub(crate) hidden: BTreeSet<usize>,
    pub(crate) unit: Unit,
    /// End of the value axis; by the data when absent.
    pub(crate) top: Option<f64>,
    pub(crate) window: Duration,
    pub(crate) decor: Decor,
}

/// Parts of a chart around its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decor {
    /// Axes, crosshair and tooltip.
    Full,
    /// The line alone.
    Bare,
}

/// The elements that a chart writes to.
#[derive(Debug, Clone)]
pub(crate) struct ChartParts {
    pub(crate) canvas: HtmlCanvasElement,
    /// Holds what else there is of a chart; see [`Readout::of`].
    pub(crate) host: Option<Element>,
}

/// A chart on the page; gone from it when dropped.
pub(crate) struct ChartView {
    inner: Rc<Inner>,
    _watches: Vec<Subscription>,
    _listeners: Vec<EventListener>,
    _resize: ResizeGuard,
}

struct Inner {
    spec: ChartSpec,
    parts: ChartParts,
    readout: Option<Readout>,
    palette: Palette,
    /// The canvas's width and height in CSS pixels, as last observed: asking for them at a draw would force a layout.
    size: Cell<(f64, f64)>,
    cursor: Cell<Cursor>,
    /// Set while the crosshair is drawn.
    has_crosshair: Cell<bool>,
    /// The series whose name in the legend is pointed at.
    pointed_out: Cell<Option<usize>>,
    /// The draw that is due.
    frame: Cell<Option<AnimationFrame>>,
    /// The writing of the legend that is due.
    words: Cell<Option<AnimationFrame>>,
    /// Set when the next draw is of the lines as well, not of the crosshair alone.
    are_lines_due: Cell<bool>,
    /// Before this time new points draw nothing, ms of the page's clock.
    rests_until: Cell<f64>,
    /// Draws what came meanwhile.
    rest: Cell<Option<Timeout>>,
    /// The time of the newest point when the text alternative was last written.
    described: Cell<Option<UnixMs>>,
    /// The last picture, to go on from.
    picture: Cell<Picture>,
    /// Set once there were points.
    is_begun: Cell<bool>,
}

/// The moment of a chart's first points, in the browser's own timeline: `cargo xtask bench start` measures up to here.
const FIRST_POINT: &str = "tideboard:first-point";

/// The text alternative is rewritten when the data has moved on by this much.
const DESCRIBE_EVERY_MS: u64 = 5_000;
/// New points are drawn when they have moved the lines by half a pixel, but no later than this.
const LONGEST_REST_MS: f64 = 250.0;

impl ChartView {
    pub(crate) fn new(spec: ChartSpec, parts: ChartParts) -> Self {
        let inner = Rc::new(Inner {
            palette: Palette::of(&parts.canvas),
            readout: parts.host.as_ref().map(Readout::of),
            spec,
            parts,
            size: Cell::default(),
            cursor: Cell::default(),
            has_crosshair: Cell::default(),
            pointed_out: Cell::default(),
            frame: Cell::default(),
            words: Cell::default(),
            are_lines_due: Cell::default(),
            rests_until: Cell::default(),
            rest: Cell::default(),
            described: Cell::default(),
            picture: Cell::default(),
            is_begun: Cell::default(),
        });
        let watches = inner.spec.series.iter().map(|series| {
            let inner = Rc::downgrade(&inner);
            series.feed.watch(Callback::from(move |()| {
                if let Some(inner) = inner.upgrade() {
                    inner.handle_points();
                }
            }))
        });
        Self {
            _watches: watches.collect(),
            _listeners: listen::listen(&inner),
            _resize: ResizeGuard::new(&inner),
            inner,
        }
    }
}

impl Drop for ChartView {
    fn drop(&mut self) {
        self.inner.frame.take();
        self.inner.rest.take();
        self.inner.words.take();
    }
}

impl Inner {
    /// Draws new points at once, or with those that come while it rests.
    fn handle_points(self: &Rc<Self>) {
        let rest_ms = self.rests_until.get() - now_ms();
        if rest_ms <= 0.0 {
            self.request_lines();
            return;
        }
        let rest = self.rest.take().unwrap_or_else(|| {
            let inner = Rc::downgrade(self);
            Timeout::new(rest_ms.ceil() as u32, move || {
                if let Some(inner) = inner.upgrade() {
                    inner.rest.take();
                    inner.request_lines();
                }
            })
        });
        self.rest.set(Some(rest));
    }

    fn request_lines(self: &Rc<Self>) {
        self.are_lines_due.set(true);
        self.request_draw();
    }

    fn request_draw(self: &Rc<Self>) {
        let due = self.frame.take().unwrap_or_else(|| {
            let inner = Rc::clone(self);
            request_animation_frame(move |_| {
                inner.frame.take();
                inner.draw();
            })
        });
        self.frame.set(Some(due));
    }

    /// Writes the legend in the next frame, before anything is drawn there. To draw text the browser settles all styles first; with
    /// words written between the charts of one frame it would do so for each of them.
    fn request_words(self: &Rc<Self>) {
        let due = self.words.take().unwrap_or_else(|| {
            let inner = Rc::downgrade(self);
            request_animation_frame(move |_| {
                let Some(inner) = inner.upgrade() else { return };
                inner.words.take();
                if let Some(readout) = &inner.readout {
                    readout.write_legend(&inner.spec);
                }
            })
        });
        self.words.set(Some(due));
    }

    fn draw(self: &Rc<Self>) {
        let size = self.size.get();
        if size.0 < 1.0 || size.1 < 1.0 {
            return;
        }
        let mut picture = self.picture.take();
        if self.are_lines_due.take() {
            picture.compose(&self.spec, size);
            self.rests_until.set(now_ms() + (picture.column_ms / 2.0).min(LONGEST_REST_MS));
            if let Some(painter) = self.painter(&self.parts.canvas, &picture) {
                painter.chart(self.pointed_out.get());
            }
            self.request_words();
            self.describe(&picture);
        }
        if picture.has_points() && !self.is_begun.replace(true) {
            // A browser without a timeline draws all the same.
            let _marked = window().performance().map(|timeline| timeline.mark(FIRST_POINT));
        }
        self.draw_cursor(&picture);
        self.picture.set(picture);
    }

    /// On a canvas of its own, so that a moving pointer does not draw the lines.
    fn draw_cursor(&self, picture: &Picture) {
        let Some(readout) = &self.readout else { return };
        let pick = self.cursor.get().pick(picture);
        readout.write_tip(picture, &self.spec, pick.as_ref());
        // An empty canvas that is emptied again is painted again.
        if !self.has_crosshair.replace(pick.is_some()) && pick.is_none() {
            return;
        }
        let painter = readout.crosshair.as_ref().and_then(|canvas| self.painter(canvas, picture));
        if let (Some(painter), Some(pick)) = (painter, pick) {
            painter.crosshair(&pick);
        }
    }

    fn painter<'a>(&'a self, canvas: &HtmlCanvasElement, picture: &'a Picture) -> Option<Painter<'a>> {
        let context = paint::prepare(canvas, self.size.get(), &self.palette.font)?;
        Some(Painter { context, picture, palette: &self.palette, spec: &self.spec })
    }

    fn describe(&self, picture: &Picture) {
        let is_recent = self.described.get().is_some_and(|at| picture.to.0.abs_diff(at.0) < DESCRIBE_EVERY_MS);
        if self.spec.decor == Decor::Full && !is_recent {
            self.described.set(picture.has_points().then_some(picture.to));
            let _ = self.parts.canvas.set_attribute("aria-label", &picture.describe(&self.spec));
        }
    }

    fn move_cursor(self: &Rc<Self>, cursor: Cursor) {
        if self.cursor.replace(cursor) != cursor {
            self.request_draw();
        }
    }

    /// Handles a key, and tells whether it was one of the chart's.
    fn handle_key(self: &Rc<Self>, event: &KeyboardEvent) -> bool {
        let picture = self.picture.take();
        let moved = self.cursor.get().after(&event.key(), event.shift_key(), &picture);
        if let (Some(cursor), Some(readout)) = (moved, &self.readout)
            && let Some(pick) = cursor.pick(&picture)
        {
            readout.say(&picture, &self.spec, &pick);
        }
        self.picture.set(picture);
        if let Some(cursor) = moved {
            self.move_cursor(cursor);
        }
        moved.is_some()
    }

    fn point_out(self: &Rc<Self>, series: Option<usize>) {
        let series = series.filter(|series| !self.spec.hidden.contains(series) && self.spec.series.len() > 1);
        if self.pointed_out.replace(series) != series {
            self.request_lines();
        }
    }
}

/// Draws when the canvas has got a size, or another one. The browser says so once at the start.
struct ResizeGuard {
    observer: Option<ResizeObserver>,
    _on_resize: Closure<dyn Fn()>,
}

impl ResizeGuard {
    fn new(inner: &Rc<Inner>) -> Self {
        let target = Rc::downgrade(inner);
        let on_resize = Closure::<dyn Fn()>::new(move || {
            if let Some(inner) = target.upgrade() {
                let canvas = &inner.parts.canvas;
                inner.size.set((f64::from(canvas.client_width()), f64::from(canvas.client_height())));
                inner.request_lines();
            }
        });
        let observer = ResizeObserver::new(on_resize.as_ref().unchecked_ref()).ok();
        if let Some(observer) = &observer {
            observer.observe(&inner.parts.canvas);
        }
        Self { observer, _on_resize: on_resize }
    }
}

impl Drop for ResizeGuard {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
    }
}

/// Local time less UTC, in minutes.
pub(crate) fn utc_offset_min() -> i32 {
    // The DOM counts the other way round.
    -(js_sys::Date::new_0().get_timezone_offset() as i32)
}

/// Ms since the page was opened.
fn now_ms() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// Device pixels per CSS pixel.
fn pixel_ratio() -> f64 {
    window().device_pixel_ratio().max(1.0)
}

/// Shows or hides an element.
fn set_hidden(element: &HtmlElement, is_hidden: bool) {
    if element.hidden() != is_hidden {
        element.set_hidden(is_hidden);
    }
}
