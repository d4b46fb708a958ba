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

/// Last change of one field; on the wire `[seq, client]`, or `[seq, client, seq]` where another client changed it too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Mark", into = "Mark")]
pub struct Changed {
    /// Position of the change.
    pub seq: Seq,
    /// Client that made it.
    pub by: ClientId,
    /// Position of the last change by any other client, which is earlier; `None` where there was none.
    pub by_other: Option<Seq>,
}

/// [`Changed`] as it is written.
#[derive(Serialize, Deserialize)]
struct Mark(Seq, ClientId, #[serde(default, skip_serializing_if = "Option::is_none")] Option<Seq>);

impl From<Mark> for Changed {
    fn from(Mark(seq, by, by_other): Mark) -> Self {
        Self { seq, by, by_other }
    }
}

impl From<Changed> for Mark {
    fn from(Changed { seq, by, by_other }: Changed) -> Self {
        Self(seq, by, by_other)
    }
}

impl Changed {
    /// Mark of a change at `seq` by `client` to a field that had the mark `before`.
    pub(super) fn after(before: Option<Self>, seq: Seq, client: &ClientId) -> Self {
        let by_other = before.and_then(|before| if before.by == *client { before.by_other } else { Some(before.seq) });
        Self { seq, by: client.clone(), by_other }
    }

    /// Returns whether a client other than `me` changed the field after `base`.
    fn is_by_another(&self, base: Seq, me: &ClientId) -> bool {
        let last = if self.by == *me { self.by_other } else { Some(self.seq) };
        last.is_some_and(|seq| seq > base)
    }
}

impl Entity {
    /// Returns whether a client other than `me` changed `field` after `base`, be it that `me` has changed it since.
    #[must_use]
    pub fn changed_by_another(&self, field: &str, base: Seq, me: &ClientId) -> bool {
        self.changed.get(field).is_some_and(|changed| changed.is_by_another(base, me))
    }

    /// JSON bytes of all fields' names and values, for [`crate::limits::ENTITY_BYTES`].
    #[must_use]
    pub fn field_bytes(&self) -> usize {
        self.size().fields
    }

    /// Bytes that count against [`crate::limits::BOARD_BYTES`]: about those of the entity in a snapshot.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.size().total()
    }

    pub(super) fn size(&self) -> Size {
        let fields = self.fields.iter().map(|(name, value)| value::field_bytes(name, value)).sum();
        let marks = self.changed.keys().map(|name| mark_bytes(name)).sum();
        Size { fields, marks }
    }
}

/// Bytes of an entity. Depends on nothing but its fields and the names of their marks, so every machine counts the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Size {
    /// Names and values of fields.
    pub(super) fields: usize,
    /// Marks of who changed which field.
    pub(super) marks: usize,
}

/// About what an entity's id, kind and version take in a snapshot.
const OVERHEAD_BYTES: usize = 96;
/// About what a field's mark takes beside the field's name.
const MARK_BYTES: usize = 64;

pub(super) fn mark_bytes(field: &str) -> usize {
    value::text_bytes(field) + MARK_BYTES
}

impl Size {
    pub(super) fn total(self) -> usize {
        OVERHEAD_BYTES + self.fields + self.marks
    }
}
