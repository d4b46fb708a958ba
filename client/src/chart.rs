//! Line charts on a canvas: drawn at most once per animation frame, and never through the virtual DOM.
//!
//! In: feeds, sizes, pointers. Out: pixels, a tooltip, the text alternative. Never: a copy of the points that outlives a
//! frame, or a draw while the page is hidden.

use std::{cell::Cell, rc::Rc, time::Duration};

use gloo::{
    events::EventListener,
    render::{AnimationFrame, request_animation_frame},
    utils::window,
};
use tideboard_shared::UnixMs;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Element, HtmlCanvasElement, HtmlElement, PointerEvent, ResizeObserver};
use yew::{AttrValue, Callback};

use crate::{Feed, Subscription, format::Unit, plot::Headroom};

mod paint;
mod palette;
mod picture;
mod tip;

use palette::Palette;
use picture::Picture;

/// One line of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its name in the legend.
    pub label: AttrValue,
    /// Where its points are.
    pub feed: Feed,
}

impl Series {
    /// A line named `label`.
    pub fn new(label: impl Into<AttrValue>, feed: Feed) -> Self {
        Self { label: label.into(), feed }
    }
}

/// What a chart shows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ChartSpec {
    pub(crate) title: AttrValue,
    pub(crate) series: Vec<Series>,
    pub(crate) unit: Unit,
    /// Where the value axis ends; by the data when absent.
    pub(crate) top: Option<f64>,
    pub(crate) window: Duration,
    /// Shows the window up to this time and no later points.
    pub(crate) paused_at: Option<UnixMs>,
    pub(crate) decor: Decor,
}

/// How much there is around the lines.
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
    /// Holds the tooltip and the legend; their values are marked `data-tip` and `data-legend`, in the order of the series.
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
    palette: Palette,
    /// The canvas's width and height in CSS pixels, as last observed: asking for them at a draw would force a layout.
    size: Cell<(f64, f64)>,
    /// Where the pointer is, CSS pixels from the canvas's left.
    hover: Cell<Option<f64>>,
    headroom: Cell<Headroom>,
    /// The draw that is due.
    frame: Cell<Option<AnimationFrame>>,
    /// The time of the newest point when the text alternative was last written.
    described: Cell<Option<UnixMs>>,
    /// The last picture's buffers, to be filled again.
    picture: Cell<Picture>,
    /// Whether there were points already.
    is_begun: Cell<bool>,
}

/// The moment of a chart's first points, in the browser's own timeline: `cargo xtask bench start` measures up to here.
const FIRST_POINT: &str = "tideboard:first-point";

/// The text alternative is rewritten when the data has moved on by this much.
const DESCRIBE_EVERY_MS: u64 = 5_000;

impl ChartView {
    pub(crate) fn new(spec: ChartSpec, parts: ChartParts) -> Self {
        let inner = Rc::new(Inner {
            palette: Palette::of(&parts.canvas),
            spec,
            parts,
            size: Cell::default(),
            hover: Cell::default(),
            headroom: Cell::default(),
            frame: Cell::default(),
            described: Cell::default(),
            picture: Cell::default(),
            is_begun: Cell::default(),
        });
        let watches = inner.spec.series.iter().map(|series| {
            let inner = Rc::downgrade(&inner);
            series.feed.watch(Callback::from(move |()| {
                if let Some(inner) = inner.upgrade() {
                    inner.request_draw();
                }
            }))
        });
        Self {
            _watches: watches.collect(),
            _listeners: Inner::listen(&inner),
            _resize: ResizeGuard::new(&inner),
            inner,
        }
    }
}

impl Drop for ChartView {
    fn drop(&mut self) {
        self.inner.frame.take();
    }
}

impl Inner {
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

    fn draw(&self) {
        let canvas = &self.parts.canvas;
        let (width, height) = self.size.get();
        if width < 1.0 || height < 1.0 {
            return;
        }
        let mut headroom = self.headroom.get();
        let mut picture = self.picture.take();
        picture.compose(&self.spec, (width, height), &mut headroom);
        self.headroom.set(headroom);
        if let Some(context) = paint::prepare(canvas, width, height) {
            paint::paint(&context, &picture, &self.palette, &self.spec, self.hover.get());
        }
        if let Some(host) = &self.parts.host {
            tip::write(host, &picture, &self.spec, self.hover.get());
        }
        self.describe(&picture);
        if picture.has_points() && !self.is_begun.replace(true) {
            // A browser without a timeline draws all the same.
            let _marked = window().performance().map(|timeline| timeline.mark(FIRST_POINT));
        }
        self.picture.set(picture);
    }

    fn describe(&self, picture: &Picture) {
        let is_recent = self.described.get().is_some_and(|at| picture.to.0.abs_diff(at.0) < DESCRIBE_EVERY_MS);
        if self.spec.decor == Decor::Full && !is_recent {
            self.described.set(picture.has_points().then_some(picture.to));
            let _ = self.parts.canvas.set_attribute("aria-label", &picture.describe(&self.spec));
        }
    }

    fn listen(inner: &Rc<Self>) -> Vec<EventListener> {
        if inner.spec.decor == Decor::Bare {
            return Vec::new();
        }
        let on = |event: &'static str, hover: fn(&PointerEvent) -> Option<f64>| {
            let target = Rc::downgrade(inner);
            EventListener::new(&inner.parts.canvas, event, move |event| {
                if let (Some(inner), Some(event)) = (target.upgrade(), event.dyn_ref::<PointerEvent>()) {
                    inner.hover.set(hover(event));
                    inner.request_draw();
                }
            })
        };
        let at = |event: &PointerEvent| Some(f64::from(event.offset_x()));
        vec![on("pointermove", at), on("pointerdown", at), on("pointerleave", |_| None)]
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
                inner.request_draw();
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
