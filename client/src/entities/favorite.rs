use serde::{Deserialize, Serialize};
use tideboard_shared::Kind;

/// The fields of an entity of kind `favorite`: something that people want to find again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Favorite {
    /// Target that it leads to, such as an address or another entity's id. There is one favorite a target.
    pub target: String,
    /// Name for people.
    pub label: String,
}

impl Kind for Favorite {
    const NAME: &'static str = "favorite";
}
