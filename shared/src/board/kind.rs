//! Entities as values of a Rust type.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Entity, Fields};
use crate::EntityId;

/// Rust type of the entities of one kind.
pub trait Kind: Serialize + DeserializeOwned {
    /// Name of the kind, as [`Entity::kind`] has it.
    const NAME: &'static str;
}

/// Fields of an entity that are no value of the type asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entity {entity}: {problem}")]
pub struct BadEntity {
    /// Entity whose fields were read.
    pub entity: EntityId,
    /// First field that does not fit, and why.
    pub problem: String,
}

impl Entity {
    /// Returns whether the entity is of `T`'s kind.
    #[must_use]
    pub fn is<T: Kind>(&self) -> bool {
        self.kind == T::NAME
    }

    /// Fields as a `T`, whatever the entity's kind.
    ///
    /// # Errors
    /// When a field is missing or of another type.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, BadEntity> {
        self.decode_with(&Fields::new())
    }

    /// Fields as a `T`, those of `draft` in place of the entity's own.
    ///
    /// # Errors
    /// When a field is missing or of another type.
    pub fn decode_with<T: DeserializeOwned>(&self, draft: &Fields) -> Result<T, BadEntity> {
        // Of two of the same name the later counts.
        let fields = crate::tree(self.fields.iter().chain(draft).map(|(name, value)| (name.clone(), value.clone())));
        serde_json::from_value(Value::Object(fields))
            .map_err(|error| BadEntity { entity: self.id.clone(), problem: error.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::Seq;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Order {
        total: f64,
    }

    impl Kind for Order {
        const NAME: &'static str = "order";
    }

    fn entity(kind: &str, fields: Value) -> Entity {
        let fields = serde_json::from_value(fields).unwrap();
        Entity { id: "o1".into(), kind: kind.to_owned(), version: Seq(1), fields, changed: BTreeMap::new() }
    }

    #[test]
    fn an_entity_is_read_as_its_type_with_a_draft_on_top() {
        let order = entity("order", json!({"total": 3, "more": true}));
        assert!(order.is::<Order>() && !entity("note", json!({})).is::<Order>());
        assert_eq!(order.decode(), Ok(Order { total: 3.0 }));
        assert_eq!(order.decode_with(&[("total".to_owned(), json!(4))].into()), Ok(Order { total: 4.0 }));
    }

    #[test]
    fn fields_that_do_not_fit_are_named_with_their_entity() {
        let error = entity("order", json!({})).decode::<Order>().unwrap_err();
        assert_eq!(error.to_string(), "entity o1: missing field `total`");
    }
}
