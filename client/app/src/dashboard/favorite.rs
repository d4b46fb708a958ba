//! Targets of favourites, and the way there.

use gloo::utils::window;
use tideboard_shared::{BoardId, EntityId};

use super::address::{Address, Here, Tab};

/// The target of a favourite that is a widget of its board.
pub(crate) fn of_widget(id: &EntityId) -> String {
    format!("widget:{id}")
}

/// Goes where a favourite leads: `widget:ID`, `tab:NAME`, `board:NAME`, or an address.
pub(crate) fn open(here: &Here, target: &str) {
    match target.split_once(':') {
        Some(("widget", id)) => {
            here.go(&Address { widget: Some(id.to_owned()), ..here.address.tab(Tab::Overview) });
        }
        Some(("tab", name)) => {
            let tab = Tab::ALL.into_iter().find(|tab| tab.name() == name);
            here.go(&here.address.tab(tab.unwrap_or_default()));
        }
        Some(("board", name)) => {
            if let Ok(board) = name.parse::<BoardId>() {
                here.go(&Address::of(board));
            }
        }
        Some(("http" | "https", _)) | None => {
            // A browser that blocks it says so itself.
            let _blocked = window().open_with_url_and_target_and_features(target, "_blank", "noopener");
        }
        Some(_) => {}
    }
}
