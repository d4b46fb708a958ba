//! The dashboard in the browser.

mod dashboard;
mod load;

use dashboard::Dashboard;
use gloo::utils::{document, window};
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
                if window().location().pathname().is_ok_and(|path| path == load::PATH) { <LoadPage /> } else { <Dashboard /> }
            </RealtimeProvider>
        </ThemeProvider>
    }
}

fn main() {
    let body = document().body().expect("a page has a body");
    // Takes the place of what the page shows while the app loads.
    yew::Renderer::<App>::with_root(body.into()).render();
}
