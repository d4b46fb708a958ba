//! Marks by which operations are told apart: whose they are, and whether one is the same as before.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use tideboard_shared::{Action, EntityId, OnConflict, Operation};

/// Owner of a client id: who first made an operation under it. A text that whoever drives the room makes of the user's
/// name, or of a hash of the client's key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Owner(Arc<str>);

impl Owner {
    /// The owner as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<T: AsRef<str>> From<T> for Owner {
    fn from(text: T) -> Self {
        Self(text.as_ref().into())
    }
}

/// Hash of an operation's content, 64 bits, by which a repeat is told from another operation under the same id. Written
/// as 16 hex digits. No protection against malice, which it does not need: an id belongs to one owner.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// Fingerprint of what an operation does to which entity. Without `base`, which means nothing on another log.
    #[must_use]
    pub fn of(op: &Operation) -> Self {
        /// Part of an operation that never changes while it is sent again.
        #[derive(Serialize)]
        struct Content<'a>(&'a EntityId, &'a Action, OnConflict);
        let content = serde_json::to_vec(&Content(&op.entity, &op.action, op.on_conflict));
        Self(fnv_1a(&content.expect("an operation has string keys only")))
    }
}

/// FNV-1a, 64 bits: the same for every build and machine, which the standard library's hashers do not promise.
fn fnv_1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{self:?}"))
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        u64::from_str_radix(&text, 16).map(Self).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use tideboard_shared::Seq;

    use super::*;

    fn op(json: &str) -> Operation {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_fingerprint_is_of_the_content_and_stays_what_it_is() {
        let first = op(r#"{"id":"c/1","entity":"a","base":3,"action":{"do":"patch","set":{"x":1,"b":2}}}"#);
        let print = Fingerprint::of(&first);
        // Stored in logs, so another value is another format.
        assert_eq!(serde_json::to_string(&print).unwrap(), "\"26a45d2ecf131e47\"");
        assert_eq!(serde_json::from_str::<Fingerprint>("\"26a45d2ecf131e47\"").unwrap(), print);
        let repeat = Operation { base: Seq::ZERO, again: true, ..first.clone() };
        assert_eq!(Fingerprint::of(&repeat), print);
        let reordered = op(r#"{"id":"c/2","entity":"a","base":3,"action":{"set":{"b":2,"x":1},"do":"patch"}}"#);
        assert_eq!(Fingerprint::of(&reordered), print);
        for other in [
            Operation { entity: "b".into(), ..first.clone() },
            Operation { action: Action::Remove, ..first.clone() },
            Operation { on_conflict: OnConflict::Overwrite, ..first.clone() },
        ] {
            assert_ne!(Fingerprint::of(&other), print);
        }
    }
}
