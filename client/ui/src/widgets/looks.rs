use yew::prelude::*;
use yew_hooks::use_media_query;

use crate::components::Theme;

/// Settings on which colours depend. A canvas reads them once, so it has to be told when they change.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Looks {
    theme: Theme,
    is_high_contrast: bool,
    has_forced_colours: bool,
}

/// The looks in force; renders when they change.
#[hook]
pub(super) fn use_looks() -> Looks {
    Looks {
        theme: use_context::<Theme>().unwrap_or_default(),
        is_high_contrast: use_media_query("(prefers-contrast: more)"),
        has_forced_colours: use_media_query("(forced-colors: active)"),
    }
}
