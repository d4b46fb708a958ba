use serde::{Deserialize, Serialize};
use tideboard_shared::Kind;

/// The fields of an entity of kind `order`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Order {
    /// Customer who ordered.
    pub customer: String,
    /// Item that was ordered.
    pub item: String,
    /// For how much.
    pub total: f64,
    /// State of the order.
    pub status: OrderStatus,
}

impl Kind for Order {
    const NAME: &'static str = "order";
}

/// State of an order.
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

    /// Value in the entity's field.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Paid => "paid",
            Self::Shipped => "shipped",
        }
    }

    /// Name for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Paid => "Paid",
            Self::Shipped => "Shipped",
        }
    }
}
