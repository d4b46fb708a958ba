//! What the page looks like and how long it waits.

use serde::{Deserialize, Serialize};

use super::{
    tree::settings,
    value::{Count, Span, choices, count, millis, secs},
};

settings! {
    /// What the page looks like and how long it waits. What the user chooses on the page wins over these.
    UiConfig {
        /// Colours.
        theme: Theme = Theme::System,
        /// How much room things take.
        density: Density = Density::Comfortable,
        /// Whether things move.
        motion: Motion = Motion::System,
        /// How long a transition takes, where things move.
        animation_time: Span<0, 2_000> = millis(120),
        /// How long a message stays that reports no loss; null: until dismissed. One that does always stays.
        toast_time: Option<Span<1_000, 600_000>> = Some(secs(6)),
        /// Most messages shown at once; the oldest go first.
        max_toasts: Count<1, 50> = count(5),
        /// How long a connection may be down before the banner says so.
        banner_after: Span<0, 60_000> = secs(2),
        /// Most pending edits listed; the others are counted.
        max_pending_shown: Count<1, 1_000> = count(10),
        /// How long typing has to pause before a text field's edit is made.
        typing_pause: Span<0, 10_000> = millis(400),
        /// How often a widget that fetches its data by itself does so, if it does not say otherwise.
        widget_refresh: Span<1_000, 86_400_000> = secs(60),
        /// Ask before the page is left while edits are kept in memory only.
        warn_before_unload: bool = true,
    }
}

/// Colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system says.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// How much room things take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Density {
    /// Easy to read and to touch.
    Comfortable,
    /// More on one page.
    Compact,
}

/// Whether things move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Motion {
    /// As the system says.
    System,
    /// They do.
    Full,
    /// They do not.
    Reduced,
}

choices!(Theme: System = "system", Light = "light", Dark = "dark");
choices!(Density: Comfortable = "comfortable", Compact = "compact");
choices!(Motion: System = "system", Full = "full", Reduced = "reduced");
