use gloo::storage::{SessionStorage, Storage};
use tideboard_engine::Identity;
use tideboard_shared::{AccessToken, TabId};

use crate::random::random;

/// Where the tab's name is kept.
const TAB_KEY: &str = "tideboard.tab";

/// Who this page is: the same tab as before a reload. The writer is whom a storage belongs to that is new, or only in memory.
pub(super) fn identity(token: Option<AccessToken>) -> Identity {
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
