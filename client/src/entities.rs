//! Entities of well-known kinds, a kind a file.
//!
//! In: an entity's fields. Out: a value of its own type, and back. Never: more than the fields say; those that are
//! missing have their defaults, those that are unknown are left alone.

use serde::Serialize;
use serde_json::Value;
use tideboard_shared::{EntityId, Fields};

use crate::random::random;

mod download;
mod favorite;
mod order;

pub use download::{Download, DownloadStatus};
pub use favorite::Favorite;
pub use order::{Order, OrderStatus};

/// A value's fields, for `create`. None when it is no JSON object.
#[must_use]
pub fn fields_of<T: Serialize>(value: &T) -> Fields {
    match serde_json::to_value(value) {
        Ok(Value::Object(fields)) => fields.into_iter().collect(),
        Ok(_) | Err(_) => Fields::new(),
    }
}

/// A name of its own that sorts behind those that were made before.
#[must_use]
pub fn fresh_id(kind: &str, now_ms: u64) -> EntityId {
    let random = random() as u32;
    EntityId::from(format!("{kind}-t{now_ms:011x}{random:08x}"))
}
