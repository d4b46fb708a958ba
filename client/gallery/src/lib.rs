//! Development pages: faults on purpose, a page for each hook and component, and pages under load.
//!
//! In: the page's address. Out: pages at `/gallery` and `/load`, and [`RealtimeDemo`]. Never: a part of a release
//! build; the app takes this crate by its feature `gallery` alone.

use gloo::utils::window;
use tideboard_client::Realtime;
use tideboard_ui::components::{Command, Icon};
use yew::prelude::*;

mod faults;
mod load;
mod pages;
mod realtime_demo;

pub use realtime_demo::RealtimeDemo;

/// Styles of the parts that only developers see.
const STYLES: &str = include_str!("../styles/gallery.css");

/// Page of this crate that the address names; `None` for an address of the app.
#[must_use]
pub fn page() -> Option<Html> {
    let path = path();
    let page = if path == "/load" {
        html! { <load::LoadPage /> }
    } else if path == "/gallery" || path.starts_with("/gallery/") {
        html! { <pages::Gallery /> }
    } else {
        return None;
    };
    Some(html! { <><style>{ STYLES }</style>{ page }</> })
}

/// Commands of this crate for the dashboard's palette.
///
/// "Panic" ends the program as its worst fault would: in the middle of a call of the engine, which stays borrowed.
#[must_use]
pub fn commands(realtime: &Realtime) -> Vec<Command> {
    let realtime = realtime.clone();
    let run = Callback::from(move |()| realtime.read(|_| panic!("the command \"Panic\" was given")));
    vec![Command::new("panic", "Panic", "Development").icon(Icon::Alert).run(run)]
}

/// Path of the address, without a slash at its end.
fn path() -> String {
    window().location().pathname().unwrap_or_default().trim_end_matches('/').to_owned()
}
