//! Focus in the grid's document: where it is, and ways to move it.

use gloo::utils::document;
use js_sys::{Function, Reflect};
use tideboard_shared::EntityId;
use wasm_bindgen::JsCast;
use web_sys::{
    Element, FocusOptions, HtmlElement, HtmlInputElement, HtmlSelectElement, ScrollIntoViewOptions,
    ScrollLogicalPosition,
};
use yew::NodeRef;

use super::state::Spot;

/// Cell that an element is in.
pub(super) fn spot_of(element: &Element) -> Option<Spot> {
    let of = |selector: &str, name: &str| element.closest(selector).ok().flatten()?.get_attribute(name);
    let column = of("[data-column]", "data-column")?.parse().ok()?;
    Some(Spot { row: of("[data-entity]", "data-entity").map(EntityId::from), column })
}

/// Tells whether an element is the field of a cell that is being edited.
pub(super) fn is_in_editor(element: &Element) -> bool {
    element.closest(".cell-editor").ok().flatten().is_some()
}

/// Tells whether the focus is within an element.
pub(super) fn is_within(element: &Element) -> bool {
    document().active_element().is_some_and(|active| element.contains(Some(&active)))
}

/// Tells whether no element has the focus.
pub(super) fn is_nowhere() -> bool {
    document().active_element().is_none_or(|active| active.tag_name() == "BODY")
}

/// Moves the focus to the search field, and selects its text.
pub(super) fn search(field: &NodeRef) {
    if let Some(input) = field.cast::<HtmlInputElement>() {
        let _ = input.focus();
        input.select();
    }
}

/// Moves the focus to the grid's active cell, or to the field in it. With `scrolls`, the cell is scrolled into view.
pub(super) fn put(grid: &HtmlElement, scrolls: bool) {
    let Ok(Some(cell)) = grid.query_selector("[data-active]") else { return };
    let quietly = FocusOptions::new();
    quietly.set_prevent_scroll(true);
    let field = cell.query_selector(".cell-editor").ok().flatten();
    if let Some(element) = field.as_ref().unwrap_or(&cell).dyn_ref::<HtmlElement>() {
        let _ = element.focus_with_options(&quietly);
    }
    if scrolls {
        let nearest = ScrollIntoViewOptions::new();
        nearest.set_block(ScrollLogicalPosition::Nearest);
        nearest.set_inline(ScrollLogicalPosition::Nearest);
        cell.closest("[data-column]")
            .ok()
            .flatten()
            .unwrap_or(cell)
            .scroll_into_view_with_scroll_into_view_options(&nearest);
    }
    if let Some(input) = field.as_ref().and_then(|field| field.dyn_ref::<HtmlInputElement>()) {
        input.select();
    }
    if let Some(select) = field.as_ref().and_then(|field| field.dyn_ref::<HtmlSelectElement>()) {
        show_picker(select);
    }
}

/// Opens the list of options. A browser without such a call, or one that refuses it because no press of the user's led
/// here, opens the list at the next press.
fn show_picker(select: &HtmlSelectElement) {
    let call = Reflect::get(select, &"showPicker".into()).ok().and_then(|call| call.dyn_into::<Function>().ok());
    let _ = call.map(|call| call.call0(select));
}
