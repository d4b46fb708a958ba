//! The dashboard: a single-page app on `tideboard-client` and `tideboard-ui`.
//!
//! In: the page's address and hooks. Out: boards, each with its tabs, as it is or as it was. Never: a rule, or anything that
//! another page could not do.
//!
//! Start with `dashboard.rs`, then `dashboard/board_page.rs`. The feature `gallery`, which no release has, adds the pages of
//! `tideboard-gallery`.

mod activity;
mod board_file;
mod dashboard;
pub mod downloads;
mod widget;

use tideboard_client::{RealtimeError, RealtimeProvider};
use tideboard_ui::components::ThemeProvider;
use yew::prelude::*;

use dashboard::{Dashboard, socket_url};

/// The whole app.
#[component]
pub fn App() -> Html {
    let on_error = use_callback((), |error: RealtimeError, ()| {
        web_sys::console::warn_1(&format!("tideboard: {error}").into());
    });
    html! {
        <ThemeProvider>
            <RealtimeProvider {on_error} socket_url={Some(socket_url())}>{ page() }</RealtimeProvider>
        </ThemeProvider>
    }
}

/// The page that the address names.
fn page() -> Html {
    #[cfg(feature = "gallery")]
    if let Some(page) = tideboard_gallery::page() {
        return page;
    }
    html! { <Dashboard /> }
}
