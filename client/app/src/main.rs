//! The dashboard in the browser.

use gloo::utils::document;
use tideboard_app::App;

fn main() {
    let body = document().body().expect("a page has a body");
    // Takes the place of what the page shows while the app loads.
    yew::Renderer::<App>::with_root(body.into()).render();
}
