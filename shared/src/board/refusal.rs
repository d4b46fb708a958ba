use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::value;
use crate::{EntityId, Seq, limits};

/// Refusal of an operation. Data, not a failure: nothing changed.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// Others changed the same since the operation's `base`.
    Conflict(Conflict),
    /// Impossible as it stands.
    Rejected(Rejection),
}

/// Changes that others made under an edit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    /// The entity's version that stands.
    pub theirs_version: Seq,
    /// Each field that others changed and this operation would have.
    pub fields: Vec<FieldConflict>,
}

/// Field of a [`Conflict`]. A value that is `None` was absent, unless its side is among those that are not told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldConflict {
    /// The field.
    pub name: String,
    /// Value at the operation's base.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub base: Option<Value>,
    /// The value that stands.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub theirs: Option<Value>,
    /// The value that this operation would have set.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub yours: Option<Value>,
    /// Sides whose value is not told: it is larger than [`limits::CONFLICT_VALUE_BYTES`], there was no more room in
    /// [`limits::CONFLICT_BYTES`], or, of the base, it is no longer known.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub untold: BTreeSet<Side>,
}

/// Side of a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Value that the user saw.
    Base,
    /// Value that stands.
    Theirs,
    /// Value that the user wanted.
    Yours,
}

/// Reads `null` as a value, which only a missing field is not.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl FieldConflict {
    /// A conflict of this field that tells no base yet.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), base: None, theirs: None, yours: None, untold: [Side::Base].into() }
    }

    /// Tells the value of one side, `None` for an absent one, whatever its size.
    pub fn fill(&mut self, side: Side, value: Option<Value>) {
        self.untold.remove(&side);
        *self.side_mut(side) = value;
    }

    /// Tells the value of one side if it is small enough and fits into `room`, which shrinks by it.
    pub(super) fn tell(&mut self, side: Side, value: Option<&Value>, room: &mut usize) {
        let bytes = value.map_or(0, value::json_bytes);
        if bytes <= limits::CONFLICT_VALUE_BYTES && bytes <= *room {
            *room -= bytes;
            self.fill(side, value.cloned());
        } else {
            self.untold.insert(side);
        }
    }

    fn side_mut(&mut self, side: Side) -> &mut Option<Value> {
        match side {
            Side::Base => &mut self.base,
            Side::Theirs => &mut self.theirs,
            Side::Yours => &mut self.yours,
        }
    }

    fn bytes(&self) -> usize {
        [&self.base, &self.theirs, &self.yours].into_iter().flatten().map(value::json_bytes).sum()
    }
}

impl Conflict {
    /// Tells each field's value at the operation's base, within the limits of a conflict. `value_at_base` gives `None`
    /// where it does not know, and `Some(None)` for a field that was absent.
    pub fn tell_base(&mut self, mut value_at_base: impl FnMut(&str) -> Option<Option<Value>>) {
        let told: usize = self.fields.iter().map(FieldConflict::bytes).sum();
        let mut room = limits::CONFLICT_BYTES.saturating_sub(told);
        for field in &mut self.fields {
            if let Some(value) = value_at_base(&field.name) {
                field.tell(Side::Base, value.as_ref(), &mut room);
            }
        }
    }
}

/// A rejection and what to tell the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// For programs.
    pub reason: Reason,
    /// For people: what is wrong, with the names involved.
    #[serde(default)]
    pub message: String,
}

/// Reason why an operation cannot apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// There is no such entity.
    UnknownEntity,
    /// The entity to create is there already.
    Exists,
    /// The field to add to is no number.
    NotANumber,
    /// The field to add to or take from is no array.
    NotASet,
    /// The user may not write here, or the board does not exist.
    Forbidden,
    /// A limit on size would be passed; the message says which.
    TooLarge,
    /// A name breaks the rules of names.
    InvalidName,
    /// The board holds as many entities, or as many bytes, as it may.
    BoardFull,
    /// The client said that it knew this outcome, so the server forgot it. Nothing changed.
    AlreadySettled,
    /// A later operation of this client was decided first, so this one never will be. Nothing changed.
    OutOfOrder,
    /// The operation cannot be read; the message says what is wrong with it. It was not decided.
    BadOperation,
    /// Too many operations; send it again later, unchanged.
    RateLimited,
    /// The server could not store it; send it again later, unchanged.
    Unavailable,
    /// A reason of a newer protocol; final.
    #[serde(other)]
    Other,
}

impl Reason {
    /// Every reason of this protocol.
    pub const ALL: [Self; 13] = [
        Self::UnknownEntity,
        Self::Exists,
        Self::NotANumber,
        Self::NotASet,
        Self::Forbidden,
        Self::TooLarge,
        Self::InvalidName,
        Self::BoardFull,
        Self::AlreadySettled,
        Self::OutOfOrder,
        Self::BadOperation,
        Self::RateLimited,
        Self::Unavailable,
    ];

    /// Returns whether the same operation, sent again unchanged, may be accepted. The server has not recorded it then.
    #[must_use]
    pub fn is_retryable(self) -> bool {
        match self {
            Self::RateLimited | Self::Unavailable => true,
            Self::UnknownEntity
            | Self::Exists
            | Self::NotANumber
            | Self::NotASet
            | Self::Forbidden
            | Self::TooLarge
            | Self::InvalidName
            | Self::BoardFull
            | Self::AlreadySettled
            | Self::OutOfOrder
            | Self::BadOperation
            | Self::Other => false,
        }
    }
}

impl Rejection {
    /// A rejection with a message of its own.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into() }
    }

    pub(super) fn unknown_entity(id: &EntityId) -> Self {
        Self::new(Reason::UnknownEntity, format!("no entity {id} on this board"))
    }

    pub(super) fn board_full(what: &str) -> Self {
        Self::new(Reason::BoardFull, format!("the board holds {what}, which is the most; remove some first"))
    }
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}
