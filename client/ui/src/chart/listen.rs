use std::rc::{Rc, Weak};

use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget, KeyboardEvent, PointerEvent};

use super::{Decor, Inner, cursor::Cursor};

/// Moves the crosshair by pointer and keys, and points out the line whose name in the legend is pointed at.
pub(super) fn listen(inner: &Rc<Inner>) -> Vec<EventListener> {
    if inner.spec.decor == Decor::Bare {
        return Vec::new();
    }
    let mut listeners = pointer(inner);
    if let Some(plot) = inner.readout.as_ref().and_then(|readout| readout.plot.clone()) {
        listeners.extend([keys(inner, &plot), blur(inner, &plot)]);
    }
    if let Some(host) = &inner.parts.host {
        listeners.extend(["pointerover", "focusin"].map(|event| legend(inner, host, event, legend_entry)));
        listeners.extend(["pointerleave", "focusout"].map(|event| legend(inner, host, event, |_| None)));
    }
    listeners
}

fn pointer(inner: &Rc<Inner>) -> Vec<EventListener> {
    let on = |event: &'static str, cursor: fn(&PointerEvent, Cursor) -> Cursor| {
        let target = Rc::downgrade(inner);
        EventListener::new(&inner.parts.canvas, event, move |event| {
            if let (Some(inner), Some(event)) = (target.upgrade(), event.dyn_ref::<PointerEvent>()) {
                inner.move_cursor(cursor(event, inner.cursor.get()));
            }
        })
    };
    let at = |event: &PointerEvent, _| Cursor::Pixel(f64::from(event.offset_x()));
    // A finger leaves as soon as it is lifted; what it tapped stays until it taps elsewhere.
    let leave = |event: &PointerEvent, cursor| if event.pointer_type() == "touch" { cursor } else { Cursor::None };
    vec![on("pointermove", at), on("pointerdown", at), on("pointerleave", leave)]
}

fn keys(inner: &Rc<Inner>, plot: &EventTarget) -> EventListener {
    let target = Rc::downgrade(inner);
    let options = EventListenerOptions::enable_prevent_default();
    EventListener::new_with_options(plot, "keydown", options, move |event| {
        let (Some(inner), Some(event)) = (target.upgrade(), event.dyn_ref::<KeyboardEvent>()) else { return };
        // Not those for the table, which lies in the plot, nor the browser's own.
        let is_own = event.target() == event.current_target();
        if is_own && !event.ctrl_key() && !event.alt_key() && !event.meta_key() && inner.handle_key(event) {
            event.prevent_default();
            event.stop_propagation();
        }
    })
}

fn blur(inner: &Rc<Inner>, plot: &EventTarget) -> EventListener {
    let target = Rc::downgrade(inner);
    EventListener::new(plot, "blur", move |_| {
        if let Some(inner) = target.upgrade() {
            inner.move_cursor(Cursor::None);
        }
    })
}

fn legend(
    inner: &Rc<Inner>,
    host: &Element,
    event: &'static str,
    pointed_at: fn(&Element) -> Option<usize>,
) -> EventListener {
    let target: Weak<Inner> = Rc::downgrade(inner);
    EventListener::new(host, event, move |event| {
        let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if let (Some(inner), Some(element)) = (target.upgrade(), element) {
            inner.point_out(pointed_at(&element));
        }
    })
}

/// The place of the series that an element in the legend stands for.
fn legend_entry(element: &Element) -> Option<usize> {
    element.closest("[data-legend-entry]").ok()??.get_attribute("data-legend-entry")?.parse().ok()
}
