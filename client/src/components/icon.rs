use yew::prelude::*;

/// A small picture in the colour of the text around it. Never alone: a label or a tooltip says the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Icon {
    Chart,
    Close,
    Corner,
    Grip,
    Logo,
    Minus,
    Monitor,
    Moon,
    Pause,
    Play,
    Plus,
    Sun,
    Table,
    Trash,
}

impl Icon {
    /// Its lines, on a grid of 16 by 16.
    const fn path(self) -> &'static str {
        match self {
            Self::Chart => "M2.5 2.5v11h11M5 10l2.5-3 2 2L13 4.5",
            Self::Close => "M4 4l8 8M12 4l-8 8",
            Self::Corner => "M13 6v7H6M13 13L9.5 9.5",
            Self::Grip => "M6 3.5v.01M10 3.5v.01M6 8v.01M10 8v.01M6 12.5v.01M10 12.5v.01",
            Self::Logo => "M1.5 10.5c2.2 0 2.2-5 4.4-5s2.2 5 4.4 5 2.2-5 4.2-5",
            Self::Minus => "M3.5 8h9",
            Self::Monitor => "M2 3h12v8H2zM5.5 13.5h5M8 11v2.5",
            Self::Moon => "M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z",
            Self::Pause => "M5.5 3.5v9M10.5 3.5v9",
            Self::Play => "M5 3.5v9l7-4.5z",
            Self::Plus => "M8 3.5v9M3.5 8h9",
            Self::Sun => {
                "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M3.4 12.6l.7-.7M11.9 4.1l.7-.7"
            }
            Self::Table => "M2.5 3h11v10h-11zM2.5 6.5h11M2.5 9.8h11M6.5 3v10",
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
