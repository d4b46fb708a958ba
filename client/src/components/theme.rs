use gloo::utils::document_element;
use serde::{Deserialize, Serialize};
use yew::prelude::*;
use yew_hooks::{use_local_storage, use_media_query};

use super::{Icon, IconButton};

/// Where the choice is kept in `localStorage`.
const STORAGE_KEY: &str = "tideboard.theme";

/// What the user wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeChoice {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl ThemeChoice {
    fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }
}

/// The theme in force, as context for what is not styled by the style sheet.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Theme {
    /// What the user wants.
    pub choice: ThemeChoice,
    /// Whether that is dark now.
    pub is_dark: bool,
    /// Called with what the user wants from now on.
    pub choose: Callback<ThemeChoice>,
}

/// Properties of [`ThemeProvider`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ThemeProviderProps {
    /// What is themed.
    #[prop_or_default]
    pub children: Html,
}

/// Keeps the user's choice of theme and puts it on the document as `data-theme`.
#[component]
pub fn ThemeProvider(props: &ThemeProviderProps) -> Html {
    let stored = use_local_storage::<ThemeChoice>(STORAGE_KEY.to_owned());
    let prefers_dark = use_media_query("(prefers-color-scheme: dark)");
    let choice = stored.unwrap_or_default();
    // Before the children's effects, which read colours.
    match choice {
        ThemeChoice::System => drop(document_element().remove_attribute("data-theme")),
        ThemeChoice::Light => drop(document_element().set_attribute("data-theme", "light")),
        ThemeChoice::Dark => drop(document_element().set_attribute("data-theme", "dark")),
    }
    let choose = use_callback((), move |choice, ()| stored.set(choice));
    let is_dark = choice == ThemeChoice::Dark || choice == ThemeChoice::System && prefers_dark;
    html! {
        <ContextProvider<Theme> context={Theme { choice, is_dark, choose }}>{ props.children.clone() }</ContextProvider<Theme>>
    }
}

/// A button that goes through the themes. Shows nothing outside a [`ThemeProvider`].
#[component]
pub fn ThemeToggle() -> Html {
    let Some(theme) = use_context::<Theme>() else { return Html::default() };
    let (icon, label) = match theme.choice {
        ThemeChoice::System => (Icon::Monitor, "Theme: as the system. Switch to light"),
        ThemeChoice::Light => (Icon::Sun, "Theme: light. Switch to dark"),
        ThemeChoice::Dark => (Icon::Moon, "Theme: dark. Switch to the system's"),
    };
    html! { <IconButton {icon} {label} onclick={theme.choose.reform(move |_| theme.choice.next())} /> }
}
