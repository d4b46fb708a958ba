use gloo::{
    storage::{SessionStorage, Storage},
    utils::window,
};
use js_sys::Uint8Array;
use tideboard_engine::Identity;
use tideboard_shared::TabId;

/// Where the tab's name is kept.
const TAB_KEY: &str = "tideboard.tab";

/// Who this page is: the same tab as before a reload. The writer is whom a storage belongs to that is new, or only in memory.
pub(super) fn identity(token: Option<String>) -> Identity {
    let before = SessionStorage::get::<String>(TAB_KEY).ok().and_then(|tab| tab.parse().ok());
    let tab = before.unwrap_or_else(fresh_tab);
    let client = format!("c_{:016x}{:016x}", random(), random()).parse().expect("letters and digits are a client id");
    Identity { client, tab, schema: 1, token, seed: random() }
}

/// A name for this tab that none had before.
pub(super) fn fresh_tab() -> TabId {
    let fresh = format!("t_{:016x}", random());
    // Without storage the tab is a new one after a reload, which does no harm.
    let _ = SessionStorage::set(TAB_KEY, &fresh);
    fresh.parse().expect("letters and digits are a tab id")
}

/// Random bits from the browser's generator for keys; from the ordinary one where that is missing.
fn random() -> u64 {
    let bytes = Uint8Array::new_with_length(8);
    let is_filled = window().crypto().is_ok_and(|crypto| crypto.get_random_values_with_js_u8_array(&bytes).is_ok());
    if is_filled {
        let mut filled = [0; 8];
        bytes.copy_to(&mut filled);
        return u64::from_le_bytes(filled);
    }
    let half = || u64::from((js_sys::Math::random() * f64::from(u32::MAX)) as u32);
    half() << 32 | half()
}
