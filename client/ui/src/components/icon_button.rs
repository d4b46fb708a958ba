use yew::prelude::*;

use super::Icon;

/// Properties of [`IconButton`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct IconButtonProps {
    /// The picture.
    pub icon: Icon,
    /// What it does, in words: the tooltip and the accessible name.
    pub label: AttrValue,
    /// Called when it is pressed.
    pub onclick: Callback<MouseEvent>,
    /// For a toggle, whether it is on.
    #[prop_or_default]
    pub is_pressed: Option<bool>,
    /// Whether it does nothing now.
    #[prop_or_default]
    pub is_disabled: bool,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
}

/// A button that is only a picture, with its words as tooltip.
#[component]
pub fn IconButton(props: &IconButtonProps) -> Html {
    let IconButtonProps { icon, label, onclick, is_pressed, is_disabled, class } = props;
    html! {
        <button type="button" class={classes!("icon-button", class.clone())} title={label.clone()} aria-label={label.clone()}
            aria-pressed={is_pressed.map(|on| on.to_string())} onclick={onclick.clone()} disabled={*is_disabled}>
            { Html::from(*icon) }
        </button>
    }
}
