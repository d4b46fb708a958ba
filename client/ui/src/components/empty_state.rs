//! Placeholder where there is nothing to show.

use yew::prelude::*;

use super::Icon;

/// Properties of [`EmptyState`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct EmptyStateProps {
    /// Picture of what is missing.
    pub icon: Icon,
    /// Reason for the emptiness, in a few words.
    pub title: AttrValue,
    /// Advice on what to do next. Default: none.
    #[prop_or_default]
    pub text: Option<AttrValue>,
    /// Buttons or links that follow the advice. Default: none.
    #[prop_or_default]
    pub action: Html,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
}

/// Placeholder where there is nothing to show: why, and what to do next. Fills its container.
#[component]
pub fn EmptyState(props: &EmptyStateProps) -> Html {
    let EmptyStateProps { icon, title, text, action, class } = props;
    html! {
        <div class={classes!("empty-state", class.clone())}>
            <span class="empty-icon">{ Html::from(*icon) }</span>
            <p class="empty-title">{ title }</p>
            if let Some(text) = text {
                <p class="empty-text">{ text }</p>
            }
            if *action != Html::default() {
                <div class="empty-action">{ action.clone() }</div>
            }
        </div>
    }
}
