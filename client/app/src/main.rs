//! The dashboard in the browser; many widgets at `/load`; with the feature `gallery` a page for each hook at `/gallery`.

mod dashboard;
#[cfg(feature = "gallery")]
mod gallery;
mod load;

use dashboard::{Dashboard, socket_url};
use gloo::utils::document;
use load::LoadPage;
use tideboard_client::{RealtimeError, RealtimeProvider, components::ThemeProvider};
use yew::prelude::*;

/// The whole app.
#[component]
fn App() -> Html {
    let on_error = use_callback((), |error: RealtimeError, ()| {
        web_sys::console::warn_1(&format!("tideboard: {error}").into());
    });
    html! {
        <ThemeProvider>
            <RealtimeProvider {on_error} socket_url={Some(socket_url())}>{ page() }</RealtimeProvider>
        </ThemeProvider>
    }
}

/// What the address names.
fn page() -> Html {
    #[cfg(feature = "gallery")]
    if gallery::is_here() {
        return html! { <gallery::Gallery /> };
    }
    if load::is_here() {
        html! { <LoadPage /> }
    } else {
        html! { <Dashboard /> }
    }
}

fn main() {
    let body = document().body().expect("a page has a body");
    // Takes the place of what the page shows while the app loads.
    yew::Renderer::<App>::with_root(body.into()).render();
}
