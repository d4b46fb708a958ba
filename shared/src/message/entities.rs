//! Entities of a snapshot's part.

use std::{
    fmt,
    ops::Deref,
    sync::{Arc, OnceLock},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use crate::Entity;

/// Entities of a snapshot's part, by ascending id. Clones share them and their JSON, so that a part is encoded once, when the
/// first of its readers takes it.
#[derive(Clone)]
pub struct Entities(Arc<Part>);

struct Part {
    entities: Vec<Arc<Entity>>,
    json: OnceLock<Box<RawValue>>,
}

impl Entities {
    /// JSON of the entities one after the other, without the brackets around them.
    #[must_use]
    pub fn items(&self) -> &str {
        let list = self.json().get();
        list.strip_prefix('[').and_then(|items| items.strip_suffix(']')).unwrap_or_default()
    }

    fn json(&self) -> &RawValue {
        self.0.json.get_or_init(|| to_raw_value(&self.0.entities).expect("entities have string keys"))
    }

    /// Returns whether the JSON is there already.
    #[must_use]
    pub fn is_encoded(&self) -> bool {
        self.0.json.get().is_some()
    }
}

impl From<Vec<Arc<Entity>>> for Entities {
    fn from(entities: Vec<Arc<Entity>>) -> Self {
        Self(Arc::new(Part { entities, json: OnceLock::new() }))
    }
}

impl FromIterator<Arc<Entity>> for Entities {
    fn from_iter<I: IntoIterator<Item = Arc<Entity>>>(entities: I) -> Self {
        entities.into_iter().collect::<Vec<_>>().into()
    }
}

impl Deref for Entities {
    type Target = [Arc<Entity>];

    fn deref(&self) -> &Self::Target {
        &self.0.entities
    }
}

impl fmt::Debug for Entities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl PartialEq for Entities {
    fn eq(&self, other: &Self) -> bool {
        self.0.entities == other.0.entities
    }
}

impl Serialize for Entities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Entities {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Board, Seq, encode};

    use super::*;

    #[test]
    fn a_part_is_encoded_once_for_all_who_share_it() {
        let mut board = Board::default();
        let create = r#"{"id":"a/1","entity":"e","base":0,"action":{"do":"create","kind":"note","fields":{"n":1}}}"#;
        board.apply(&serde_json::from_str(create).unwrap(), Seq(1)).unwrap();
        let part: Entities = board.entities().cloned().collect();
        let (one, other) = (part.clone(), part);
        let plain: Vec<_> = board.entities().cloned().collect();
        assert_eq!(encode(&one), encode(&plain));
        assert!(other.is_encoded());
        assert_eq!(encode(&other), encode(&plain));
        assert_eq!(format!("[{}]", other.items()), encode(&plain));
        assert_eq!(serde_json::from_str::<Entities>(&encode(&other)).unwrap(), other);
    }
}
