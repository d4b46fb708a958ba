//! Button that shows an icon and nothing else.

use yew::prelude::*;

use super::Icon;

/// Properties of [`IconButton`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct IconButtonProps {
    /// Picture on the button.
    pub icon: Icon,
    /// Tooltip and accessible name, as words for the action.
    pub label: AttrValue,
    /// Called when the button is pressed.
    pub onclick: Callback<MouseEvent>,
    /// State of a toggle. Default: the button is not a toggle.
    #[prop_or_default]
    pub is_pressed: Option<bool>,
    /// Disabled: the button does nothing. Default false.
    #[prop_or_default]
    pub is_disabled: bool,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
}

/// Button that is only a picture, with its words as tooltip.
#[component]
pub fn IconButton(props: &IconButtonProps) -> Html {
    let IconButtonProps { icon, label, onclick, is_pressed, is_disabled, class } = props;
    html! {
        <button type="button" class={classes!("icon-button", class.clone())} title={label.clone()}
            aria-label={label.clone()}
            aria-pressed={is_pressed.map(|on| on.to_string())} onclick={onclick.clone()} disabled={*is_disabled}>
            { Html::from(*icon) }
        </button>
    }
}
