use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use super::{
    Fields,
    value::{field_bytes, text_bytes},
};
use crate::{EntityId, OpId, Seq, tagged::tagged, tree};

/// Request to change one entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// Name for ever; repeating it changes nothing.
    pub id: OpId,
    /// The entity to change.
    pub entity: EntityId,
    /// The board position that the user saw when editing.
    pub base: Seq,
    /// Change to make.
    pub action: Action,
    /// Rule for when others changed the same since `base`.
    #[serde(default, skip_serializing_if = "OnConflict::is_reject")]
    pub on_conflict: OnConflict,
}

tagged! {
tag = "do";
/// Change that an operation makes to its entity.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// A new entity. Rejected as `exists` when the id is taken.
    Create {
        /// The new entity's kind.
        kind: String,
        /// First fields.
        #[serde(default)]
        fields: Fields,
    },
    /// Sets and removes top-level fields. Conflicts when another client changed one of them after `base`.
    Patch {
        /// Fields to set.
        #[serde(default, skip_serializing_if = "Fields::is_empty")]
        set: Fields,
        /// Fields to remove; one that is also in `set` is set.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        unset: BTreeSet<String>,
    },
    /// Adds to a number, an absent one being 0. Never conflicts.
    Increment {
        /// The field.
        field: String,
        /// Number to add; may be negative or a fraction.
        by: Number,
    },
    /// Puts a value into a set, an absent one being empty. Never conflicts. A set is an array that the reducer keeps sorted.
    SetAdd {
        /// The field.
        field: String,
        /// The value.
        value: Value,
    },
    /// Takes a value out of a set. Never conflicts.
    SetRemove {
        /// The field.
        field: String,
        /// The value.
        value: Value,
    },
    /// Deletes the entity. Conflicts when another client changed any field after `base`.
    Remove,
}
}

impl Operation {
    /// Bytes of the operation as JSON, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        /// Ids, the entity's name, and the names of the JSON's fields.
        const OVERHEAD_BYTES: usize = 128;
        let fields = |fields: &Fields| fields.iter().map(|(name, value)| field_bytes(name, value)).sum::<usize>();
        OVERHEAD_BYTES
            + match &self.action {
                Action::Create { kind, fields: first } => text_bytes(kind) + fields(first),
                Action::Patch { set, unset } => fields(set) + unset.iter().map(|name| text_bytes(name)).sum::<usize>(),
                Action::Increment { field, .. } => text_bytes(field),
                Action::SetAdd { field, value } | Action::SetRemove { field, value } => field_bytes(field, value),
                Action::Remove => 0,
            }
    }
}

impl Action {
    /// A patch that sets fields.
    pub fn set<K: Into<String>, V: Into<Value>>(fields: impl IntoIterator<Item = (K, V)>) -> Self {
        let set = tree(fields.into_iter().map(|(name, value)| (name.into(), value.into())));
        Self::Patch { set, unset: BTreeSet::new() }
    }

    /// The action's name on the wire.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Patch { .. } => "patch",
            Self::Increment { .. } => "increment",
            Self::SetAdd { .. } => "set_add",
            Self::SetRemove { .. } => "set_remove",
            Self::Remove => "remove",
        }
    }
}

/// Rule for an operation that conflicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnConflict {
    /// Refuse it and say what others changed.
    #[default]
    Reject,
    /// Apply it all the same.
    Overwrite,
}

impl OnConflict {
    fn is_reject(&self) -> bool {
        matches!(self, Self::Reject)
    }
}
