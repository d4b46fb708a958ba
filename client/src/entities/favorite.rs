use serde::{Deserialize, Serialize};
use tideboard_shared::Kind;

/// The fields of an entity of kind `favorite`: something that people want to find again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Favorite {
    /// What it leads to, such as an address or another entity's id. There is one favourite a target.
    pub target: String,
    /// What people see.
    pub label: String,
}

impl Kind for Favorite {
    const NAME: &'static str = "favorite";
}
