use serde::{Deserialize, Serialize};

/// Kind of a widget's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WidgetKind {
    /// Number with its recent past.
    Stat,
    /// Lines over time.
    TimeSeries,
    /// Number on a scale.
    Gauge,
    /// The board's orders.
    #[serde(rename = "table")]
    Orders,
    /// The board's favourites.
    #[serde(rename = "list")]
    Favorites,
    /// The board's downloads.
    Downloads,
    /// A text in Markdown.
    #[default]
    Note,
    /// The board's changes and their authors.
    Activity,
    /// People on the board.
    #[serde(rename = "presence")]
    People,
    /// A number that everyone can raise and lower.
    Counter,
}

impl WidgetKind {
    /// All, in the order in which people are offered them.
    pub const ALL: [Self; 10] = [
        Self::Stat,
        Self::TimeSeries,
        Self::Gauge,
        Self::Orders,
        Self::Favorites,
        Self::Downloads,
        Self::Note,
        Self::Activity,
        Self::People,
        Self::Counter,
    ];

    /// Value for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Stat => "Number",
            Self::TimeSeries => "Chart over time",
            Self::Gauge => "Gauge",
            Self::Orders => "Orders",
            Self::Favorites => "Favourites",
            Self::Downloads => "Downloads",
            Self::Note => "Note",
            Self::Activity => "Activity",
            Self::People => "People",
            Self::Counter => "Counter",
        }
    }
}
