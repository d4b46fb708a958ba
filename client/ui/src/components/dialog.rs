//! Modal dialogs, with and without a head and a foot.

use wasm_bindgen::JsCast;
use web_sys::HtmlDialogElement;
use yew::prelude::*;

use super::{Icon, IconButton};

/// Properties of [`Dialog`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct DialogProps {
    /// Heading and accessible name.
    pub title: AttrValue,
    /// Called when the user closes the dialog by its button, Escape or a press beside it. The owner then no longer
    /// renders it.
    pub on_close: Callback<()>,
    /// Buttons at the foot. Default: no foot.
    #[prop_or_default]
    pub footer: Html,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
    /// ARIA role. Default: that of the element, `dialog`.
    #[prop_or_default]
    pub role: Option<AttrValue>,
    /// Content between heading and foot.
    #[prop_or_default]
    pub children: Html,
}

/// A modal dialog, open as long as it is mounted. The browser keeps the focus in it and gives it back at the end.
#[component]
pub fn Dialog(props: &DialogProps) -> Html {
    let DialogProps { title, on_close, footer, class, role, children } = props;
    html! {
        <Modal label={title.clone()} on_close={on_close.clone()} class={class.clone()} role={role.clone()}>
            <div class="dialog-head">
                <h2>{ title }</h2>
                <IconButton icon={Icon::Close} label="Close" onclick={on_close.reform(|_| ())} />
            </div>
            <div class="dialog-body">{ children.clone() }</div>
            if *footer != Html::default() {
                <div class="dialog-foot">{ footer.clone() }</div>
            }
        </Modal>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct ModalProps {
    /// Accessible name.
    pub(super) label: AttrValue,
    pub(super) on_close: Callback<()>,
    #[prop_or_default]
    pub(super) class: Classes,
    #[prop_or_default]
    pub(super) role: Option<AttrValue>,
    #[prop_or_default]
    pub(super) children: Html,
}

/// A [`Dialog`] without head and foot.
#[component]
pub(super) fn Modal(props: &ModalProps) -> Html {
    let ModalProps { label, on_close, class, role, children } = props;
    let node = use_node_ref();
    use_effect_with((), {
        let node = node.clone();
        move |()| {
            let dialog = node.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog {
                // Fails only where it is open already.
                let _is_open = dialog.show_modal();
            }
            move || {
                if let Some(dialog) = dialog {
                    dialog.close();
                }
            }
        }
    });
    let oncancel = on_close.reform(|event: Event| event.prevent_default());
    let onpointerdown = {
        let on_close = on_close.clone();
        let node = node.clone();
        Callback::from(move |event: PointerEvent| {
            // A press beside the dialog hits its backdrop, which counts as the dialog element itself.
            let is_beside = event.target().and_then(|target| target.dyn_into::<web_sys::Node>().ok()) == node.get();
            if is_beside {
                on_close.emit(());
            }
        })
    };
    html! {
        <dialog ref={node} class={classes!("dialog", class.clone())} role={role.clone()} aria-label={label.clone()}
            {oncancel} {onpointerdown}>
            <div class="dialog-box">{ children.clone() }</div>
        </dialog>
    }
}
