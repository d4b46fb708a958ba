//! Messages at the page's edge that do not interrupt the user.

use std::time::Duration;

use yew::prelude::*;
use yew_hooks::use_timeout;

use super::{Icon, IconButton};
use crate::format::count_of;

/// Severity of a toast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToastLevel {
    /// Good to know. Vanishes by itself.
    Info,
    /// Warning that something was not done.
    Warning,
    /// Error: an action or a component failed.
    Error,
}

/// Message for the user.
#[derive(Debug, Clone, PartialEq)]
pub struct Toast {
    /// Identifier, unique among the toasts.
    pub id: AttrValue,
    /// Severity.
    pub level: ToastLevel,
    /// Event, in a few words.
    pub title: AttrValue,
    /// Consequence of the event; empty for none.
    pub body: AttrValue,
    /// Button that does something about it.
    pub action: Option<ToastAction>,
}

/// Button on a toast.
#[derive(Debug, Clone, PartialEq)]
pub struct ToastAction {
    /// Word or two on the button, such as "Undo".
    pub label: AttrValue,
    /// Called when the button is pressed, after which the toast is dismissed.
    pub on_choose: Callback<()>,
}

impl Toast {
    /// Creates a toast without a button.
    #[must_use]
    pub fn new(
        id: impl Into<AttrValue>,
        level: ToastLevel,
        title: impl Into<AttrValue>,
        body: impl Into<AttrValue>,
    ) -> Self {
        Self { id: id.into(), level, title: title.into(), body: body.into(), action: None }
    }

    /// Adds a button.
    #[must_use]
    pub fn action(self, label: impl Into<AttrValue>, on_choose: Callback<()>) -> Self {
        Self { action: Some(ToastAction { label: label.into(), on_choose }), ..self }
    }
}

/// Properties of [`Toasts`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ToastsProps {
    /// Toasts, newest last.
    pub toasts: Vec<Toast>,
    /// Called with the id of a toast that the user has dismissed, or that has been there long enough.
    pub on_dismiss: Callback<AttrValue>,
    /// Time after which a toast of level `Info` vanishes. Default 6 s; begins anew after the pointer or the focus was
    /// on any of them.
    #[prop_or(Duration::from_secs(6))]
    pub vanish_after: Duration,
}

/// Most toasts shown at once; the others are counted.
const SHOWN: usize = 3;

/// Messages at the page's edge. Warnings and errors stay until dismissed: what was lost should not vanish by itself.
#[component]
pub fn Toasts(props: &ToastsProps) -> Html {
    let ToastsProps { toasts, on_dismiss, vanish_after } = props;
    let is_under_pointer = use_state_eq(|| false);
    let has_focus = use_state_eq(|| false);
    let dismiss_all = {
        let ids: Vec<_> = toasts.iter().map(|toast| toast.id.clone()).collect();
        let on_dismiss = on_dismiss.clone();
        Callback::from(move |_: MouseEvent| ids.iter().for_each(|id| on_dismiss.emit(id.clone())))
    };
    let is_held = *is_under_pointer || *has_focus;
    let on = |state: &UseStateHandle<bool>, value: bool| {
        let setter = state.setter();
        move || setter.set(value)
    };
    let enter = on(&is_under_pointer, true);
    let leave = on(&is_under_pointer, false);
    let focus = on(&has_focus, true);
    let blur = on(&has_focus, false);
    // An element that vanishes under the pointer or with the focus sends no event, so the state is reset here.
    use_effect_with(toasts.is_empty(), {
        let leave = leave.clone();
        let blur = blur.clone();
        move |is_empty| {
            if *is_empty {
                leave();
                blur();
            }
        }
    });
    html! {
        <div class="toasts" role="log" aria-live="polite" aria-label="Messages"
            onpointerover={move |_: PointerEvent| enter()} onpointerleave={move |_: PointerEvent| leave()}
            onfocusin={move |_: FocusEvent| focus()} onfocusout={move |_: FocusEvent| blur()}>
            if let Some(earlier) = toasts.len().checked_sub(SHOWN + 1) {
                <div class="toast toast-rest">
                    <span class="toast-text">
                        { format!("and {} before", count_of(earlier + 1, "message", "messages")) }
                    </span>
                    <button type="button" onclick={dismiss_all}>{ "Dismiss all" }</button>
                </div>
            }
            { for toasts.iter().skip(toasts.len().saturating_sub(SHOWN)).map(|toast| {
                let vanish_after = (toast.level == ToastLevel::Info && !is_held).then_some(*vanish_after);
                html! {
                    <Card key={toast.id.to_string()} toast={toast.clone()} on_dismiss={on_dismiss.clone()}
                        {vanish_after} />
                }
            }) }
        </div>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct CardProps {
    toast: Toast,
    on_dismiss: Callback<AttrValue>,
    /// Time left until the toast vanishes; `None` for one that stays.
    vanish_after: Option<Duration>,
}

#[component]
fn Card(props: &CardProps) -> Html {
    let CardProps { toast, on_dismiss, vanish_after } = props;
    let Toast { id, level, title, body, action } = toast;
    let dismiss = {
        let on_dismiss = on_dismiss.clone();
        let id = id.clone();
        move || on_dismiss.emit(id.clone())
    };
    let after_ms = vanish_after.map_or(0, |after| u32::try_from(after.as_millis()).unwrap_or(u32::MAX));
    use_timeout(dismiss.clone(), after_ms);
    let (name, icon, role) = match level {
        ToastLevel::Info => ("info", Icon::Info, None),
        ToastLevel::Warning => ("warning", Icon::Warning, None),
        // Errors interrupt a screen reader; other toasts wait for a pause.
        ToastLevel::Error => ("error", Icon::Warning, Some("alert")),
    };
    let on_action = action.as_ref().map(|action| {
        let on_choose = action.on_choose.clone();
        let dismiss = dismiss.clone();
        Callback::from(move |_: MouseEvent| {
            on_choose.emit(());
            dismiss();
        })
    });
    html! {
        <div class="toast" data-level={name} {role}>
            <span class="toast-icon">{ Html::from(icon) }</span>
            <div class="toast-text">
                <strong>{ title }</strong>
                if !body.is_empty() { <span>{ body }</span> }
            </div>
            if let Some(action) = action {
                <button type="button" class="toast-action" onclick={on_action}>{ &action.label }</button>
            }
            <IconButton icon={Icon::Close} label="Dismiss" onclick={move |_: MouseEvent| dismiss()} />
        </div>
    }
}
