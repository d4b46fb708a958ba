//! State of a panel that opens below its button and closes by Escape or a click elsewhere.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;
use yew_hooks::{use_click_away, use_event_with_window};

/// Panel that opens below its button.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Popover {
    /// Element around button and panel; a click outside of it closes the panel.
    pub(super) node: NodeRef,
    pub(super) is_open: bool,
    /// Opens the panel with true, closes it with false.
    pub(super) set_open: Callback<bool>,
}

impl Popover {
    /// Click handler of the button: opens the panel, or closes it if it is open.
    pub(super) fn toggle(&self) -> Callback<MouseEvent> {
        let is_open = self.is_open;
        self.set_open.reform(move |_| !is_open)
    }
}

/// Creates a popover, closed at first. Escape closes it and gives the focus back to the first button in it.
#[hook]
pub(super) fn use_popover(on_toggle: Callback<bool>) -> Popover {
    let node = use_node_ref();
    let is_open = use_state_eq(|| false);
    let set_open = use_callback(on_toggle, {
        let is_open = is_open.setter();
        move |wanted: bool, on_toggle| {
            is_open.set(wanted);
            on_toggle.emit(wanted);
        }
    });
    let is_open = *is_open;
    use_click_away(node.clone(), {
        let set_open = set_open.clone();
        move |_| {
            if is_open {
                set_open.emit(false);
            }
        }
    });
    use_event_with_window("keydown", {
        let set_open = set_open.clone();
        let node = node.clone();
        move |event: KeyboardEvent| {
            if is_open && event.key() == "Escape" {
                set_open.emit(false);
                focus_button(&node);
            }
        }
    });
    Popover { node, is_open, set_open }
}

fn focus_button(node: &NodeRef) {
    let button = node.cast::<HtmlElement>().and_then(|root| root.query_selector("button").ok().flatten());
    if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
        // Fails only for what cannot be focused.
        let _result = button.focus();
    }
}
