use yew::prelude::*;

use super::{Icon, IconButton};
use crate::format::count_of;

/// How serious a toast is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToastLevel {
    /// Good to know.
    Info,
    /// Something was not done.
    Warning,
    /// Something went wrong.
    Error,
}

/// Something to tell the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// Tells it from the others.
    pub id: AttrValue,
    /// How serious it is.
    pub level: ToastLevel,
    /// What happened.
    pub title: AttrValue,
    /// What that means.
    pub body: AttrValue,
}

/// Properties of [`Toasts`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ToastsProps {
    /// The toasts, newest last.
    pub toasts: Vec<Toast>,
    /// Called with the id of one that the user has read.
    pub on_dismiss: Callback<AttrValue>,
}

/// How many are shown at once; the rest is counted.
const SHOWN: usize = 3;

/// Messages at the page's edge. They stay until dismissed: what was lost should not vanish by itself.
#[component]
pub fn Toasts(props: &ToastsProps) -> Html {
    let dismiss_all = {
        let (on_dismiss, ids) = (props.on_dismiss.clone(), props.toasts.iter().map(|toast| toast.id.clone()));
        let ids: Vec<_> = ids.collect();
        Callback::from(move |_: MouseEvent| ids.iter().for_each(|id| on_dismiss.emit(id.clone())))
    };
    html! {
        <div class="toasts" role="log" aria-live="polite" aria-label="Messages">
            if let Some(earlier) = props.toasts.len().checked_sub(SHOWN + 1) {
                <div class="toast">
                    <span class="toast-text">{ format!("and {} before", count_of(earlier + 1, "message", "messages")) }</span>
                    <button type="button" onclick={dismiss_all}>{ "Dismiss all" }</button>
                </div>
            }
            { for props.toasts.iter().skip(props.toasts.len().saturating_sub(SHOWN)).map(|toast| {
                let (id, level) = (toast.id.clone(), match toast.level {
                    ToastLevel::Info => "info",
                    ToastLevel::Warning => "warning",
                    ToastLevel::Error => "error",
                });
                html! {
                    <div class="toast" key={id.to_string()} data-level={level}>
                        <div class="toast-text">
                            <strong>{ &toast.title }</strong>
                            <span>{ &toast.body }</span>
                        </div>
                        <IconButton icon={Icon::Close} label="Dismiss" onclick={props.on_dismiss.reform(move |_| id.clone())} />
                    </div>
                }
            }) }
        </div>
    }
}
