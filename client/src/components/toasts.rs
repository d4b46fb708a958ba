use yew::prelude::*;

use super::{Icon, IconButton};

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
    pub id: u64,
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
    pub on_dismiss: Callback<u64>,
}

/// Messages at the page's edge. They stay until dismissed: what was lost should not vanish by itself.
#[component]
pub fn Toasts(props: &ToastsProps) -> Html {
    html! {
        <div class="toasts" role="log" aria-live="polite" aria-label="Messages">
            { for props.toasts.iter().map(|toast| {
                let (id, level) = (toast.id, match toast.level {
                    ToastLevel::Info => "info",
                    ToastLevel::Warning => "warning",
                    ToastLevel::Error => "error",
                });
                html! {
                    <div class="toast" key={id} data-level={level}>
                        <div class="toast-text">
                            <strong>{ &toast.title }</strong>
                            <span>{ &toast.body }</span>
                        </div>
                        <IconButton icon={Icon::Close} label="Dismiss" onclick={props.on_dismiss.reform(move |_| id)} />
                    </div>
                }
            }) }
        </div>
    }
}
