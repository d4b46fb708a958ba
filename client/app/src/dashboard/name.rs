//! Name under which others see the user, as long as nobody has to sign in.

use gloo::{
    storage::{LocalStorage, Storage},
    utils::window,
};
use tideboard_client::TextProvider;

/// Key in `localStorage` of the name.
const KEY: &str = "tideboard.name";

/// The user's name: the address' `userId`, else the one they chose, else a guest's, which stays.
pub(crate) fn name() -> String {
    let query = window().location().search().unwrap_or_default();
    let asked = query.trim_start_matches('?').split('&').find_map(|part| part.strip_prefix("userId="));
    let asked = asked.and_then(|name| js_sys::decode_uri_component(name).ok()).map(String::from);
    asked.or_else(|| LocalStorage::get(KEY).ok()).unwrap_or_else(|| {
        let guest = format!("Guest {}", (js_sys::Math::random() * 900.0) as u32 + 100);
        set_name(&guest);
        guest
    })
}

/// Keeps another name; the next connection bears it.
pub(crate) fn set_name(name: &str) {
    // A browser that keeps nothing asks for a guest's name each time.
    let _not_kept = LocalStorage::set(KEY, name);
}

/// The socket's address, with the name that the user has then.
pub(crate) fn socket_url() -> TextProvider {
    TextProvider::new(|| {
        let location = window().location();
        let scheme = if location.protocol().is_ok_and(|protocol| protocol == "https:") { "wss" } else { "ws" };
        let host = location.host().unwrap_or_default();
        let name = String::from(js_sys::encode_uri_component(&name()));
        std::future::ready(Ok(format!("{scheme}://{host}/api/realtime?userId={name}")))
    })
}
