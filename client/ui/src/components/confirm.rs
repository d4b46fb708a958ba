//! Confirmation before something is destroyed.

use yew::prelude::*;

use super::Dialog;

/// Properties of [`Confirm`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ConfirmProps {
    /// The question, such as "Remove “Processor”?".
    pub title: AttrValue,
    /// Verb on the button that confirms. Default: "Remove".
    #[prop_or(AttrValue::Static("Remove"))]
    pub action: AttrValue,
    /// Called when the user confirms. The owner then no longer renders the question.
    pub on_confirm: Callback<()>,
    /// Called when the user declines, by any way of closing. The owner then no longer renders the question.
    pub on_close: Callback<()>,
    /// Consequences: the things that will be gone, and whether that can be undone.
    #[prop_or_default]
    pub children: Html,
}

/// Question before something is destroyed. The focus is on "Cancel" at first.
#[component]
pub fn Confirm(props: &ConfirmProps) -> Html {
    let ConfirmProps { title, action, on_confirm, on_close, children } = props;
    let footer = html! {
        <>
            <button type="button" autofocus=true onclick={on_close.reform(|_: MouseEvent| ())}>{ "Cancel" }</button>
            <button type="button" class="button-danger" onclick={on_confirm.reform(|_: MouseEvent| ())}>
                { action }
            </button>
        </>
    };
    html! {
        <Dialog title={title.clone()} role="alertdialog" class="confirm" on_close={on_close.clone()} {footer}>
            { children.clone() }
        </Dialog>
    }
}
