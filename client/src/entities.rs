//! What the entities of well-known kinds hold.
//!
//! In: an entity's fields. Out: a value of its own type, and back. Never: more than the fields say; those that are missing
//! have their defaults, those that are unknown are left alone.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tideboard_shared::{EntityId, Fields};

/// The fields of an entity of kind `order`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Order {
    /// Who ordered.
    pub customer: String,
    /// What.
    pub item: String,
    /// For how much.
    pub total: f64,
    /// How far it is.
    pub status: OrderStatus,
}

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Just placed.
    #[default]
    New,
    /// Paid for.
    Paid,
    /// On its way.
    Shipped,
}

impl OrderStatus {
    /// All, in the order of an order's life.
    pub const ALL: [Self; 3] = [Self::New, Self::Paid, Self::Shipped];

    /// Its value in the entity's field.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Paid => "paid",
            Self::Shipped => "shipped",
        }
    }

    /// Its value for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Paid => "Paid",
            Self::Shipped => "Shipped",
        }
    }
}

/// The fields of an entity of kind `favorite`: something that people want to find again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Favorite {
    /// What it leads to, such as an address or another entity's id. There is one favourite a target.
    pub target: String,
    /// What people see.
    pub label: String,
}

/// The fields of an entity of kind `download`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Download {
    /// What people see.
    pub name: String,
    /// Where it comes from.
    pub url: String,
    /// How large it is; 0 while that is not known.
    pub bytes: u64,
    /// How much of it is there.
    pub received_bytes: u64,
    /// How far it is.
    pub status: DownloadStatus,
}

/// How far a download is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DownloadStatus {
    /// It waits for its turn.
    #[default]
    Queued,
    /// It is coming in.
    Running,
    /// It was stopped and can go on.
    Paused,
    /// All of it is there.
    Done,
    /// It broke off.
    Failed,
}

impl DownloadStatus {
    /// All, in the order of a download's life.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Paused, Self::Done, Self::Failed];

    /// Its value in the entity's field.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// A value's fields, for `create`. None when it is no JSON object.
pub(crate) fn fields_of<T: Serialize>(value: &T) -> Fields {
    match serde_json::to_value(value) {
        Ok(Value::Object(fields)) => fields.into_iter().collect(),
        Ok(_) | Err(_) => Fields::new(),
    }
}

/// A name of its own that sorts behind those that were made before.
pub(crate) fn fresh_id(kind: &str, now_ms: u64) -> EntityId {
    let random = (js_sys::Math::random() * f64::from(u32::MAX)) as u32;
    EntityId::from(format!("{kind}-t{now_ms:011x}{random:08x}"))
}
