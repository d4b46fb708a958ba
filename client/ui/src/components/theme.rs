//! Theme of the page: light, dark, high contrast, or as the system has it.

use gloo::utils::document_element;
use serde::{Deserialize, Serialize};
use yew::prelude::*;
use yew_hooks::{use_local_storage, use_media_query};

use super::{Icon, Menu, MenuEntry, MenuItem};

#[cfg(test)]
mod contrast;

/// Key in `localStorage` of the user's choice.
const STORAGE_KEY: &str = "tideboard.theme";

/// Theme that the user chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeChoice {
    /// Follows the system.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
    /// Text and borders that stand out most; light or dark as the system says.
    HighContrast,
}

impl ThemeChoice {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::System, Self::Light, Self::Dark, Self::HighContrast];

    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::System => "As the system",
            Self::Light => "Light",
            Self::Dark => "Dark",
            Self::HighContrast => "High contrast",
        }
    }

    /// The document's `data-theme`; none leaves it to the system.
    fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
            Self::HighContrast => Some("high-contrast"),
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::System => Icon::Monitor,
            Self::Light => Icon::Sun,
            Self::Dark => Icon::Moon,
            Self::HighContrast => Icon::Contrast,
        }
    }
}

/// The theme in force, as context for what is not styled by the style sheet.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Theme {
    /// Theme that the user chose.
    pub choice: ThemeChoice,
    /// Darkness in effect now, also where the choice leaves it to the system.
    pub is_dark: bool,
    /// Changes the choice, for this browser.
    pub choose: Callback<ThemeChoice>,
}

impl Theme {
    /// The choices for a menu, with the one in force marked.
    #[must_use]
    pub fn entries(&self) -> Vec<MenuEntry> {
        let entry = |choice: ThemeChoice| {
            let item = MenuItem::new(choice.label(), self.choose.reform(move |()| choice));
            item.chosen(self.choice == choice).into()
        };
        ThemeChoice::ALL.map(entry).to_vec()
    }
}

/// Properties of [`ThemeProvider`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ThemeProviderProps {
    /// Content that the theme applies to.
    #[prop_or_default]
    pub children: Html,
}

/// Keeps the user's choice of theme and puts it on the document as `data-theme`.
#[component]
pub fn ThemeProvider(props: &ThemeProviderProps) -> Html {
    let stored = use_local_storage::<ThemeChoice>(STORAGE_KEY.to_owned());
    let prefers_dark = use_media_query("(prefers-color-scheme: dark)");
    let choice = stored.unwrap_or_default();
    // Set during the render, before the effects of children, which read colours.
    let _cannot_fail = match choice.attribute() {
        None => document_element().remove_attribute("data-theme"),
        Some(name) => document_element().set_attribute("data-theme", name),
    };
    let choose = use_callback((), move |choice, ()| stored.set(choice));
    let is_dark = match choice {
        ThemeChoice::System | ThemeChoice::HighContrast => prefers_dark,
        ThemeChoice::Light => false,
        ThemeChoice::Dark => true,
    };
    html! {
        <ContextProvider<Theme> context={Theme { choice, is_dark, choose }}>
            { props.children.clone() }
        </ContextProvider<Theme>>
    }
}

/// A button with a menu of the themes. Shows nothing outside a [`ThemeProvider`].
#[component]
pub fn ThemeMenu() -> Html {
    let Some(theme) = use_context::<Theme>() else { return Html::default() };
    let label = format!("Theme: {}", theme.choice.label().to_lowercase());
    html! { <Menu {label} icon={theme.choice.icon()} entries={theme.entries()} /> }
}
