//! Names of this page: its client, its tab, the engine's seed.

use gloo::storage::{SessionStorage, Storage};
use tideboard_engine::Identity;
use tideboard_shared::{AccessToken, TabId};

use crate::random::random;

/// Key of the tab's name in the session's storage.
const TAB_KEY: &str = "tideboard.tab";

/// Identity of this page: the same tab as before a reload. Its client id and its key count for a storage that is new or only in
/// memory; one that exists has an owner.
pub(super) fn identity(token: Option<AccessToken>) -> Identity {
    let before = SessionStorage::get::<String>(TAB_KEY).ok().and_then(|tab| tab.parse().ok());
    let tab = before.unwrap_or_else(fresh_tab);
    let client = format!("c_{:016x}{:016x}", random(), random()).parse().expect("letters and digits are a client id");
    let key = format!("{:016x}{:016x}{:016x}", random(), random(), random()).parse().expect("hex digits are a key");
    Identity { client, key, tab, schema: 1, token, seed: random() }
}

/// A name for this tab that none had before.
pub(super) fn fresh_tab() -> TabId {
    let fresh = format!("t_{:016x}", random());
    // Without storage the tab is a new one after a reload, which does no harm.
    let _ = SessionStorage::set(TAB_KEY, &fresh);
    fresh.parse().expect("letters and digits are a tab id")
}
