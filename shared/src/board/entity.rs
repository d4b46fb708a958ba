use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::value;
use crate::{ClientId, EntityId, Seq};

/// Field values by name.
pub type Fields = BTreeMap<String, Value>;

/// Thing on a board: a widget, an order, a note, or the developer's own kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    /// Name on the board.
    pub id: EntityId,
    /// Kind: `widget`, `order`, `favorite`, `download`, `note`, or the developer's own.
    pub kind: String,
    /// The position of its last change.
    pub version: Seq,
    /// Values of its fields.
    pub fields: Fields,
    /// Last change of each field. Unset fields keep their entry, so that a late edit of one still conflicts.
    pub changed: BTreeMap<String, Changed>,
}

/// The last change of one field, as `[seq, client]` on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed(pub Seq, pub ClientId);

impl Entity {
    /// Returns whether a client other than `me` changed `field` after `base`.
    #[must_use]
    pub fn changed_by_another(&self, field: &str, base: Seq, me: &ClientId) -> bool {
        self.changed.get(field).is_some_and(|Changed(seq, client)| *seq > base && client != me)
    }

    /// JSON bytes of all fields' names and values, for [`crate::limits::ENTITY_BYTES`].
    #[must_use]
    pub fn field_bytes(&self) -> usize {
        self.fields.iter().map(|(name, value)| name.len() + value::json_bytes(value)).sum()
    }
}
