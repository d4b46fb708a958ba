//! The dashboard in the browser, the gallery of the hooks at `/gallery`, and many widgets at `/load`.

mod dashboard;
mod gallery;
mod load;

use dashboard::Dashboard;
use gallery::Gallery;
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
            <RealtimeProvider {on_error}>
                if gallery::is_here() { <Gallery /> } else if load::is_here() { <LoadPage /> } else { <Dashboard /> }
            </RealtimeProvider>
        </ThemeProvider>
    }
}

fn main() {
    let body = document().body().expect("a page has a body");
    // Takes the place of what the page shows while the app loads.
    yew::Renderer::<App>::with_root(body.into()).render();
}
