use yew::prelude::*;

use super::Icon;

/// Properties of [`EmptyState`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct EmptyStateProps {
    /// A picture of what is missing.
    pub icon: Icon,
    /// What is the matter, in a few words.
    pub title: AttrValue,
    /// What to do next.
    #[prop_or_default]
    pub text: AttrValue,
    /// Buttons or links that do it.
    #[prop_or_default]
    pub action: Html,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
}

/// What stands where there is nothing to show: why, and what to do next. Fills the room it has.
#[component]
pub fn EmptyState(props: &EmptyStateProps) -> Html {
    let EmptyStateProps { icon, title, text, action, class } = props;
    html! {
        <div class={classes!("empty-state", class.clone())}>
            <span class="empty-icon">{ Html::from(*icon) }</span>
            <p class="empty-title">{ title }</p>
            if !text.is_empty() {
                <p class="empty-text">{ text }</p>
            }
            if *action != Html::default() {
                <div class="empty-action">{ action.clone() }</div>
            }
        </div>
    }
}
