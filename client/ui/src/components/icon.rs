//! Icons of the components, drawn as lines in the text's colour.

use yew::prelude::*;

/// The enum, the list of its values and each value's lines, which are said once.
macro_rules! icons {
    ($($name:ident $path:literal,)*) => {
        /// Small picture in the colour of the text around it. Hidden from screen readers, so a label or a tooltip has to say
        /// the same.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the names are the documentation")]
        pub enum Icon {
            $($name,)*
        }

        impl Icon {
            /// Every icon, by name.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Path data of the icon's lines, on a grid of 16 by 16.
            const fn path(self) -> &'static str {
                match self {
                    $(Self::$name => $path,)*
                }
            }
        }
    };
}

icons! {
    Activity "M1.5 8h3l2-5 3 10 2-5h3",
    Alert "M8 2.5l6 10.5H2zM8 6.5v3M8 11.2v.1",
    Bolt "M9 1.5L3.5 9H8l-1 5.5L12.5 7H8z",
    Chart "M2.5 2.5v11h11M5 10l2.5-3 2 2L13 4.5",
    Check "M3 8.5L6.5 12 13 4.5",
    ChevronDown "M4 6l4 4 4-4",
    Clock "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.8V8l2.4 1.6",
    Close "M4 4l8 8M12 4l-8 8",
    Cloud "M4.6 12.5a3 3 0 0 1-.4-6A4 4 0 0 1 12 7.1a2.7 2.7 0 0 1-.6 5.4z",
    Contrast "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 2.5v11M10.5 3.5v9M12.5 5.5v5",
    Copy "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
    Corner "M13 6v7H6M13 13L9.5 9.5",
    Download "M8 2.5V10M4.8 7L8 10.2 11.2 7M2.5 13.5h11",
    DragHandle
        "M5.8 3.1a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4zM10.2 3.1a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4z\
         M5.8 7.3a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4zM10.2 7.3a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4z\
         M5.8 11.5a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4zM10.2 11.5a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4z",
    Edit "M11 2.5L13.5 5l-8 8H3v-2.5z",
    Eye "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
    Fullscreen "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
    Gauge "M2.2 11.5a6.1 6.1 0 1 1 11.6 0M8 9.5l2.6-3.2",
    Gear
        "M6.8 3.5L7.1 1.9L8.9 1.9L9.2 3.5L10.4 3.9L11.7 3L13 4.3L12.1 5.6L12.5 6.8L14.1 7.1L14.1 8.9L12.5 9.2\
         L12.1 10.4L13 11.7L11.7 13L10.4 12.1L9.2 12.5L8.9 14.1L7.1 14.1L6.8 12.5L5.6 12.1L4.3 13L3 11.7\
         L3.9 10.4L3.5 9.2L1.9 8.9L1.9 7.1L3.5 6.8L3.9 5.6L3 4.3L4.3 3L5.6 3.9z\
         M8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
    Grid "M2.5 2.5H7V7H2.5zM9 2.5h4.5V7H9zM2.5 9H7v4.5H2.5zM9 9h4.5v4.5H9z",
    Help "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM6.3 6.4a1.8 1.8 0 1 1 2.5 1.6c-.5.2-.8.5-.8 1.1M8 11.4v.01",
    History "M2.5 8a5.5 5.5 0 1 0 1.8-4.1L2.5 5.5M2.5 2.5v3h3M8 5v3l2 1.5",
    Inbox "M2.5 9l2-6h7l2 6v4h-11zM2.5 9h3.2l.8 1.6h3l.8-1.6h3.2",
    Info "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 7.3v3.9M8 4.8v.01",
    Keyboard "M1.5 4h13v8h-13zM4 6.6v.01M6.7 6.6v.01M9.3 6.6v.01M12 6.6v.01M5 9.5h6",
    Link
        "M6.3 9.7l3.4-3.4M7.3 4.5l1.4-1.4a2.9 2.9 0 0 1 4.2 4.2l-1.4 1.4\
         M8.7 11.5l-1.4 1.4a2.9 2.9 0 0 1-4.2-4.2l1.4-1.4",
    Lock "M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5M8 10v1.5",
    Logo "M1.5 10.5c2.2 0 2.2-5 4.4-5s2.2 5 4.4 5 2.2-5 4.2-5",
    Minus "M3.5 8h9",
    Monitor "M2 3h12v8H2zM5.5 13.5h5M8 11v2.5",
    Moon "M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z",
    More
        "M3.5 7.5a.5.5 0 1 0 0 1 .5.5 0 0 0 0-1zM8 7.5a.5.5 0 1 0 0 1 .5.5 0 0 0 0-1z\
         M12.5 7.5a.5.5 0 1 0 0 1 .5.5 0 0 0 0-1z",
    Note "M3 2.5h10V10l-3.5 3.5H3zM9.5 13.5V10H13M5.5 5.5h5M5.5 8h3",
    Pause "M5.5 3.5v9M10.5 3.5v9",
    People
        "M6 8a2.3 2.3 0 1 0 0-4.6A2.3 2.3 0 0 0 6 8zM1.8 13.3c0-2.2 1.8-3.4 4.2-3.4s4.2 1.2 4.2 3.4\
         M10.5 3.6a2.3 2.3 0 0 1 0 4.2M12 10.2c1.4.4 2.3 1.5 2.3 3.1",
    Play "M5 3.5v9l7-4.5z",
    Plus "M8 3.5v9M3.5 8h9",
    Redo "M13 6H6a3.5 3.5 0 0 0 0 7h4M10 3l3 3-3 3",
    Retry "M13.5 8a5.5 5.5 0 1 1-1.8-4.1M13.5 2.5v2.8h-2.8",
    Search "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3l3.2 3.2",
    Share "M8 9.5V2M5 4.8l3-3 3 3M4.5 7H3v6.5h10V7h-1.5",
    Star "M8 2.2l1.8 3.7 4 .5-3 2.8.8 4L8 11.2l-3.6 2 .8-4-3-2.8 4-.5z",
    Sun
        "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7\
         M3.4 12.6l.7-.7M11.9 4.1l.7-.7",
    Table "M2.5 3h11v10h-11zM2.5 6.5h11M2.5 9.8h11M6.5 3v10",
    Trash "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9M7 7v4M9 7v4",
    Undo "M3 6h7a3.5 3.5 0 0 1 0 7H6M6 3L3 6l3 3",
    Upload "M8 10.5v-8M4.5 6L8 2.5 11.5 6M3 13.5h10",
    Warning "M8 2.5l6 11H2zM8 6.5V10M8 11.8v.01",
}

impl From<Icon> for Html {
    fn from(icon: Icon) -> Self {
        html! {
            <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d={icon.path()} /></svg>
        }
    }
}
