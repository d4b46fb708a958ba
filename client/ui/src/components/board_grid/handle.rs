//! Handles of a widget: from pointer and key events to gestures.

use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent};
use yew::prelude::*;

use super::drag::DragKind;
use crate::{
    components::Icon,
    layout::{Size, Step},
};

/// Gesture on a handle, by pointer or keyboard. Points are CSS pixels of the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum HandleEvent {
    Grab(DragKind, (f64, f64)),
    Drag((f64, f64)),
    Drop((f64, f64)),
    Cancel,
    Step(DragKind, Step),
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct CellToolsProps {
    pub(super) label: AttrValue,
    pub(super) tools: Html,
    pub(super) size: Size,
    pub(super) on_handle: Callback<HandleEvent>,
}

/// Bar over a widget with its handles and tools.
#[component]
pub(super) fn CellTools(props: &CellToolsProps) -> Html {
    let CellToolsProps { label, tools, size, on_handle } = props;
    html! {
        <>
            <div class="cell-tools">
                <Handle kind={DragKind::Move} label={label.clone()} on_handle={on_handle.clone()} />
                <span class="cell-size" aria-hidden="true">{ format!("{} × {}", size.w, size.h) }</span>
                { tools.clone() }
            </div>
            <Handle kind={DragKind::Resize} label={label.clone()} on_handle={on_handle.clone()} />
        </>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct HandleProps {
    kind: DragKind,
    label: AttrValue,
    on_handle: Callback<HandleEvent>,
}

/// Handle to move or resize a widget with, by pointer or keyboard.
#[component]
fn Handle(props: &HandleProps) -> Html {
    let HandleProps { kind, label, on_handle } = props;
    let kind = *kind;
    let onpointerdown = some_of(on_handle, move |event: PointerEvent| {
        let is_first = event.is_primary() && event.button() == 0;
        let target = button_of(&event).filter(|_| is_first)?;
        // Without the capture the drag ends where the pointer leaves the handle.
        let _uncaptured = target.set_pointer_capture(event.pointer_id());
        Some(HandleEvent::Grab(kind, at(&event)))
    });
    let onpointermove = some_of(on_handle, |event: PointerEvent| {
        button_of(&event)?.has_pointer_capture(event.pointer_id()).then(|| HandleEvent::Drag(at(&event)))
    });
    let onpointerup = on_handle.reform(|event: PointerEvent| HandleEvent::Drop(at(&event)));
    let onpointercancel = on_handle.reform(|_: PointerEvent| HandleEvent::Cancel);
    let onkeydown = some_of(on_handle, move |event: KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowLeft" => Step::Left,
            "ArrowRight" => Step::Right,
            "ArrowUp" => Step::Up,
            "ArrowDown" => Step::Down,
            "Escape" => return Some(HandleEvent::Cancel),
            _ => return None,
        };
        event.prevent_default();
        let kind = if event.shift_key() { DragKind::Resize } else { kind };
        Some(HandleEvent::Step(kind, step))
    });
    let (class, icon, verb, help) = match kind {
        DragKind::Move => ("cell-handle", Icon::DragHandle, "Move", "Drag, or arrow keys; with Shift to resize"),
        DragKind::Resize => ("cell-corner", Icon::Corner, "Resize", "Drag, or arrow keys"),
    };
    html! {
        <button type="button" {class} aria-label={format!("{verb} {label}")} title={help} {onpointerdown}
            {onpointermove} {onpointerup}
            {onpointercancel} {onkeydown}>
            { Html::from(icon) }
            if kind == DragKind::Move { <span class="cell-label">{ label.clone() }</span> }
        </button>
    }
}

/// Listener that hands on the gesture that an event means, if it means one.
fn some_of<E: 'static>(
    on_handle: &Callback<HandleEvent>,
    meant: impl Fn(E) -> Option<HandleEvent> + 'static,
) -> Callback<E> {
    let on_handle = on_handle.clone();
    Callback::from(move |event| meant(event).into_iter().for_each(|event| on_handle.emit(event)))
}

/// Handle that a pointer event is about. The event's current target is of no use: Yew listens on the page.
fn button_of(event: &PointerEvent) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest("button").ok().flatten()
}

fn at(event: &PointerEvent) -> (f64, f64) {
    (f64::from(event.client_x()), f64::from(event.client_y()))
}
