//! Scroll position and size of a table, as the browser last reported them.

use std::{
    cell::{Cell, RefCell},
    ops::Range,
    rc::Rc,
};

use gloo::{
    events::EventListener,
    render::{AnimationFrame, request_animation_frame},
    utils::{document, window},
};
use js_sys::Array;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Element, ResizeObserver, ResizeObserverEntry};
use yew::prelude::*;

use super::{TableRow, arrange::Arrangement, window::View};

/// Height of a row, in units of the page's font size.
const ROW_REM: f64 = 2.5;
/// Height of a row that is a card.
const CARD_REM: f64 = 4.5;
/// Height of the headings.
const HEAD_REM: f64 = 2.25;
/// Width of the table below which rows are cards.
const CARDS_BELOW_REM: f64 = 36.0;
/// Most columns that a card has room for. Tables with more stay lines.
const CARD_COLUMNS: usize = 4;

/// Layout of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Lines,
    Cards,
}

/// Part of the table that scrolls, as last observed: asking the browser for sizes during a render would force a layout.
pub(super) struct Viewport {
    pub(super) scroller: NodeRef,
    /// Scroll position, in CSS pixels.
    top: Cell<f64>,
    /// Width and height, in CSS pixels; 0 until they are known.
    size: Cell<(f64, f64)>,
    /// Font size of the page, in CSS pixels.
    rem: f64,
    columns: Cell<usize>,
    /// Number of rows, and the range of them that was drawn last.
    count: Cell<usize>,
    drawn: RefCell<Range<usize>>,
    /// Position to scroll to after the render.
    target: Cell<Option<f64>>,
    frame: Cell<Option<AnimationFrame>>,
    update: UseForceUpdateHandle,
}

/// Rows in view, and the place of the first of them.
pub(super) struct Anchor {
    place: usize,
    rows: Vec<Rc<TableRow>>,
}

impl Viewport {
    fn new(update: UseForceUpdateHandle) -> Self {
        Self {
            scroller: NodeRef::default(),
            top: Cell::new(0.0),
            size: Cell::default(),
            rem: font_size(),
            columns: Cell::new(0),
            count: Cell::new(0),
            drawn: RefCell::default(),
            target: Cell::new(None),
            frame: Cell::default(),
            update,
        }
    }

    pub(super) fn shape(&self) -> Shape {
        let (width, _) = self.size.get();
        let is_narrow = width > 0.0 && width < CARDS_BELOW_REM * self.rem;
        if is_narrow && self.columns.get() <= CARD_COLUMNS { Shape::Cards } else { Shape::Lines }
    }

    /// Height of a row, in CSS pixels.
    pub(super) fn row_height(&self) -> f64 {
        let rem = match self.shape() {
            Shape::Lines => ROW_REM,
            Shape::Cards => CARD_REM,
        };
        (rem * self.rem).max(1.0)
    }

    pub(super) fn view(&self) -> View {
        let (_, height) = self.size.get();
        // A usual height until the size is known.
        let height = if height > 0.0 { height } else { 24.0 * self.rem };
        View { top: self.top.get(), height: (height - HEAD_REM * self.rem).max(0.0), row: self.row_height() }
    }

    /// Rows in view, so that they can be kept where they are; `None` at the top, where new rows are to be seen.
    pub(super) fn anchor(&self, arrangement: &Arrangement) -> Option<Anchor> {
        let seen = self.view().seen(arrangement.len());
        let rows = seen.clone().filter_map(|place| arrangement.row(place).cloned()).collect();
        (self.top.get() > 0.0).then_some(Anchor { place: seen.start, rows })
    }

    /// Scrolls along with the first row of the anchor that has not changed.
    pub(super) fn follow(&self, anchor: &Anchor, arrangement: &Arrangement) {
        let moved = anchor.rows.iter().zip(anchor.place..).find_map(|(row, before)| {
            let place = arrangement.place(&row.id, before)?;
            let is_same = arrangement.row(place).is_some_and(|found| Rc::ptr_eq(found, row));
            is_same.then_some(place as f64 - before as f64)
        });
        match moved {
            Some(rows) if rows != 0.0 => self.scroll_to(self.top.get() + rows * self.row_height()),
            _ => {}
        }
    }

    pub(super) fn scroll_to(&self, top: f64) {
        self.top.set(top.max(0.0));
        self.target.set(Some(top.max(0.0)));
    }

    /// Range of rows to draw now, of `count` rows.
    pub(super) fn draw(&self, count: usize, columns: usize) -> Range<usize> {
        self.count.set(count);
        self.columns.set(columns);
        let view = self.view();
        let end = (count as f64 * view.row - view.height).max(0.0);
        if view.top > end {
            // As the browser will do by itself once the content is shorter, but only a frame later.
            self.scroll_to(end);
        }
        let drawn = self.view().drawn(count);
        self.drawn.replace(drawn.clone());
        drawn
    }

    /// Scrolls the element to the position asked for, if any.
    pub(super) fn settle(&self) {
        if let (Some(top), Some(scroller)) = (self.target.take(), self.scroller.cast::<Element>()) {
            scroller.set_scroll_top(top.round() as i32);
        }
    }

    fn scrolled(self: &Rc<Self>) {
        let due = self.frame.take().unwrap_or_else(|| {
            let this = Rc::clone(self);
            request_animation_frame(move |_| {
                this.frame.take();
                this.look();
            })
        });
        self.frame.set(Some(due));
    }

    fn look(&self) {
        let Some(scroller) = self.scroller.cast::<Element>() else { return };
        self.top.set(f64::from(scroller.scroll_top()));
        if self.view().drawn(self.count.get()) != *self.drawn.borrow() {
            self.update.force_update();
        }
    }

    fn resized(&self, width: f64, height: f64) {
        if self.size.replace((width, height)) != (width, height) {
            self.update.force_update();
        }
    }
}

/// Observes an element that scrolls; renders when other rows have to be drawn.
#[hook]
pub(super) fn use_viewport() -> Rc<Viewport> {
    let update = use_force_update();
    let viewport = use_memo((), |()| Viewport::new(update));
    use_effect_with((), {
        let viewport = Rc::clone(&viewport);
        move |()| {
            let scroller = viewport.scroller.cast::<Element>();
            let guards = scroller.map(|scroller| (listen(&viewport, &scroller), Resize::observe(&viewport, &scroller)));
            move || {
                viewport.frame.take();
                drop(guards);
            }
        }
    });
    viewport
}

/// Listens to scrolling. The listener is passive, so that the browser need not wait for it.
fn listen(viewport: &Rc<Viewport>, scroller: &Element) -> EventListener {
    let viewport = Rc::downgrade(viewport);
    EventListener::new(scroller, "scroll", move |_| {
        if let Some(viewport) = viewport.upgrade() {
            viewport.scrolled();
        }
    })
}

struct Resize {
    observer: Option<ResizeObserver>,
    _on_resize: Closure<dyn Fn(Array)>,
}

impl Resize {
    fn observe(viewport: &Rc<Viewport>, scroller: &Element) -> Self {
        let viewport = Rc::downgrade(viewport);
        let on_resize = Closure::<dyn Fn(Array)>::new(move |entries: Array| {
            let entry = entries.get(0).dyn_into::<ResizeObserverEntry>();
            if let (Some(viewport), Ok(entry)) = (viewport.upgrade(), entry) {
                let rect = entry.content_rect();
                viewport.resized(rect.width(), rect.height());
            }
        });
        let observer = ResizeObserver::new(on_resize.as_ref().unchecked_ref()).ok();
        if let Some(observer) = &observer {
            observer.observe(scroller);
        }
        Self { observer, _on_resize: on_resize }
    }
}

impl Drop for Resize {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
    }
}

fn font_size() -> f64 {
    let style = document().document_element().and_then(|root| window().get_computed_style(&root).ok().flatten());
    let size = style.and_then(|style| style.get_property_value("font-size").ok());
    size.and_then(|size| size.trim_end_matches("px").parse().ok()).filter(|size: &f64| *size > 0.0).unwrap_or(16.0)
}
