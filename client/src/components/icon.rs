use yew::prelude::*;

/// A small picture in the colour of the text around it. Never alone: a label or a tooltip says the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Icon {
    Alert,
    Chart,
    Check,
    Close,
    Corner,
    Grip,
    Download,
    Edit,
    History,
    Inbox,
    Lock,
    Logo,
    Minus,
    Monitor,
    Moon,
    Pause,
    People,
    Play,
    Plus,
    Retry,
    Star,
    Sun,
    Table,
    Trash,
    Upload,
}

impl Icon {
    /// Its lines, on a grid of 16 by 16.
    const fn path(self) -> &'static str {
        match self {
            Self::Alert => "M8 2.5l6 10.5H2zM8 6.5v3M8 11.2v.1",
            Self::Chart => "M2.5 2.5v11h11M5 10l2.5-3 2 2L13 4.5",
            Self::Check => "M3 8.5l3.5 3.5L13 4.5",
            Self::Close => "M4 4l8 8M12 4l-8 8",
            Self::Corner => "M13 6v7H6M13 13L9.5 9.5",
            Self::Grip => "M6 3.5v.01M10 3.5v.01M6 8v.01M10 8v.01M6 12.5v.01M10 12.5v.01",
            Self::Download => "M8 2.5v7.5M4.5 7L8 10.5 11.5 7M3 13.5h10",
            Self::Edit => "M10.5 3l2.5 2.5-7.5 7.5H3v-2.5zM9 4.5L11.5 7",
            Self::History => "M2.5 8a5.5 5.5 0 1 0 1.8-4.1M2.5 2.5v2.8h2.8M8 5v3.3l2.2 1.3",
            Self::Inbox => "M2.5 9l2-6h7l2 6v4h-11zM2.5 9h3.2l.8 1.6h3l.8-1.6h3.2",
            Self::Lock => "M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5M8 10v1.5",
            Self::Logo => "M1.5 10.5c2.2 0 2.2-5 4.4-5s2.2 5 4.4 5 2.2-5 4.2-5",
            Self::Minus => "M3.5 8h9",
            Self::Monitor => "M2 3h12v8H2zM5.5 13.5h5M8 11v2.5",
            Self::Moon => "M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z",
            Self::Pause => "M5.5 3.5v9M10.5 3.5v9",
            Self::People => {
                "M6 8a2.3 2.3 0 1 0 0-4.6A2.3 2.3 0 0 0 6 8zM1.8 13.3c0-2.2 1.8-3.4 4.2-3.4s4.2 1.2 4.2 3.4M10.5 3.6a2.3 2.3 0 0 1 0 4.2M12 10.2c1.4.4 2.3 1.5 2.3 3.1"
            }
            Self::Play => "M5 3.5v9l7-4.5z",
            Self::Plus => "M8 3.5v9M3.5 8h9",
            Self::Retry => "M13.5 8a5.5 5.5 0 1 1-1.8-4.1M13.5 2.5v2.8h-2.8",
            Self::Star => "M8 2.2l1.8 3.7 4 .5-3 2.8.8 4L8 11.2l-3.6 2 .8-4-3-2.8 4-.5z",
            Self::Sun => {
                "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M3.4 12.6l.7-.7M11.9 4.1l.7-.7"
            }
            Self::Table => "M2.5 3h11v10h-11zM2.5 6.5h11M2.5 9.8h11M6.5 3v10",
            Self::Upload => "M8 10.5v-8M4.5 6L8 2.5 11.5 6M3 13.5h10",
            Self::Trash => "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9M7 7v4M9 7v4",
        }
    }
}

impl From<Icon> for Html {
    fn from(icon: Icon) -> Self {
        html! {
            <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d={icon.path()} /></svg>
        }
    }
}
