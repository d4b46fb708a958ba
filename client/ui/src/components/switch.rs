//! Switch for a setting that is on or off.

use yew::prelude::*;

/// Properties of [`Switch`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct SwitchProps {
    /// Name of the setting.
    pub label: AttrValue,
    /// Current state.
    pub is_on: bool,
    /// Called with the state that the user wants.
    pub on_change: Callback<bool>,
    /// Explanation below the name. Default: none.
    #[prop_or_default]
    pub hint: Option<AttrValue>,
}

/// Setting that is on or off and takes effect at once.
#[component]
pub fn Switch(props: &SwitchProps) -> Html {
    let SwitchProps { label, is_on, on_change, hint } = props;
    let wanted = !is_on;
    html! {
        <button type="button" class="switch" role="switch" aria-checked={is_on.to_string()} aria-label={label.clone()}
            onclick={on_change.reform(move |_: MouseEvent| wanted)}>
            <span class="switch-words">
                <span>{ label }</span>
                if let Some(hint) = hint { <small>{ hint }</small> }
            </span>
            <span class="switch-track" aria-hidden="true" />
        </button>
    }
}
