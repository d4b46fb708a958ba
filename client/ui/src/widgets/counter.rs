use yew::prelude::*;

use crate::{
    components::{Icon, IconButton},
    format::number,
};

/// Properties of [`Counter`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct CounterProps {
    /// Name of the count.
    pub label: AttrValue,
    /// The count; a placeholder while absent.
    pub count: Option<f64>,
    /// Called with what to add.
    pub on_add: Callback<i64>,
    /// Shows the count but does not let it be changed.
    #[prop_or_default]
    pub is_disabled: bool,
}

/// A number that everyone can raise and lower.
#[component]
pub fn Counter(props: &CounterProps) -> Html {
    let add = |by: i64| props.on_add.reform(move |_| by);
    let is_disabled = props.is_disabled || props.count.is_none();
    html! {
        <div class="counter" role="group" aria-label={props.label.clone()}>
            <IconButton class="button-large" icon={Icon::Minus} label="One less" onclick={add(-1)} {is_disabled} />
            <output class="counter-value" aria-live="off">
                if let Some(count) = props.count { { number(count) } } else { <span class="skeleton skeleton-number">{ "\u{a0}" }</span> }
            </output>
            <IconButton class="button-large" icon={Icon::Plus} label="One more" onclick={add(1)} {is_disabled} />
        </div>
    }
}
