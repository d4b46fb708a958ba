use std::time::Duration;

/// How fresh a widget's content is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WidgetStatus {
    /// Nothing has arrived yet.
    Loading,
    /// Up to date.
    Live,
    /// Shown as it was; what was missed is on its way.
    CatchingUp,
    /// Shown as it was at the last poll, while the socket is down.
    Polled,
    /// Shown as it was when the connection was lost; edits wait.
    Offline,
    /// The user stopped it.
    Paused,
    /// The last content is this old.
    Stale(Duration),
    /// Live, but with fewer points than there were, because the connection is slower than the stream.
    Thinned,
    /// There is nothing to show yet.
    Empty,
    /// The user may not see it.
    Denied,
    /// It cannot be shown.
    Error,
}

impl WidgetStatus {
    /// One of each, in the order of a widget's life.
    pub const ALL: [Self; 11] = [
        Self::Loading,
        Self::Live,
        Self::CatchingUp,
        Self::Polled,
        Self::Offline,
        Self::Paused,
        Self::Stale(Duration::from_secs(12)),
        Self::Thinned,
        Self::Empty,
        Self::Denied,
        Self::Error,
    ];

    /// Its name in `data-status`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Live => "live",
            Self::CatchingUp => "catching-up",
            Self::Polled => "polled",
            Self::Offline => "offline",
            Self::Paused => "paused",
            Self::Stale(_) => "stale",
            Self::Thinned => "thinned",
            Self::Empty => "empty",
            Self::Denied => "denied",
            Self::Error => "error",
        }
    }

    /// Its value for people. The age of what is stale is beside it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Loading => "Loading",
            Self::Live => "Live",
            Self::CatchingUp => "Catching up",
            Self::Polled => "Polling",
            Self::Offline => "Offline",
            Self::Paused => "Paused",
            Self::Stale(_) => "Stale",
            Self::Thinned => "Thinned",
            Self::Empty => "Empty",
            Self::Denied => "No access",
            Self::Error => "Error",
        }
    }
}
