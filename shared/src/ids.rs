//! Names and numbers that identify things, each its own type.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

mod channel;

pub use channel::Channel;

/// Longest board, entity, topic or field name, in characters.
pub const NAME_CHARS: usize = 128;
/// Longest client, tab or session id, in bytes.
pub const CLIENT_ID_BYTES: usize = 64;

/// Rule of names that a text breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// The text is empty or longer than allowed.
    #[error("{what} must have 1 to {max} characters, this has {len}")]
    Length {
        /// Kind of name that was expected.
        what: &'static str,
        /// The most characters it may have.
        max: usize,
        /// Characters that it has.
        len: usize,
    },
    /// A character that this kind of name may not contain.
    #[error("{what} may not contain {found:?}; allowed are {allowed}")]
    Character {
        /// Kind of name that was expected.
        what: &'static str,
        /// The first offending character.
        found: char,
        /// Characters that are allowed, in words.
        allowed: &'static str,
    },
    /// A client key is shorter or longer than allowed. The key itself is not told.
    #[error("a client key must have 22 to 64 characters, this has {len}")]
    KeyLength {
        /// Characters that it has.
        len: usize,
    },
    /// An operation id that is not `CLIENT/N`.
    #[error("operation id '{0}' is not CLIENT/N with N from 1")]
    OpId(String),
    /// A channel of no known kind.
    #[error("'{0}' is no channel; expected board:ID, stream:TOPIC, presence:ID or notifications")]
    Channel(String),
}

/// Checks a board, entity, topic or field name: 1–128 characters, no control characters, `/` or `*`.
///
/// # Errors
/// Says which rule of `docs/wire.md` the name breaks.
pub fn check_name(what: &'static str, name: &str) -> Result<(), InvalidName> {
    // A name cannot have more characters than bytes, so the common short name is not counted.
    let len = if name.len() <= NAME_CHARS { name.len() } else { name.chars().count() };
    if len == 0 || len > NAME_CHARS {
        return Err(InvalidName::Length { what, max: NAME_CHARS, len });
    }
    match name.chars().find(|c| c.is_control() || matches!(c, '/' | '*')) {
        Some(found) => Err(InvalidName::Character { what, found, allowed: "all but control characters, '/' and '*'" }),
        None => Ok(()),
    }
}

fn check_client_id(what: &'static str, id: &str) -> Result<(), InvalidName> {
    if id.is_empty() || id.len() > CLIENT_ID_BYTES {
        return Err(InvalidName::Length { what, max: CLIENT_ID_BYTES, len: id.chars().count() });
    }
    match id.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))) {
        Some(found) => Err(InvalidName::Character { what, found, allowed: "A-Z a-z 0-9 _ -" }),
        None => Ok(()),
    }
}

/// Defines a shared, immutable text id; cheap to clone.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

/// A text id whose every value satisfies a check, made by `parse()`.
macro_rules! checked_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $check:path) => {
        text_id!($(#[$doc])* $name);

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                $check($what, text)?;
                Ok(Self(text.into()))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    };
}

/// A text id that decodes whatever its text, because a bad one has to be answered by name.
macro_rules! open_id {
    ($(#[$doc:meta])* $name:ident) => {
        text_id!($(#[$doc])* $name);

        impl<T: AsRef<str>> From<T> for $name {
            fn from(text: T) -> Self {
                Self(text.as_ref().into())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <std::borrow::Cow<'de, str>>::deserialize(deserializer).map(Self::from)
            }
        }
    };
}

checked_id!(
    /// Names a board. 1–128 characters, no control characters, `/` or `*`.
    BoardId, "a board name", check_name
);
checked_id!(
    /// Names a stream of telemetry, such as `host.cpu`. The same rule as [`BoardId`].
    Topic, "a stream topic", check_name
);
checked_id!(
    /// Names one browser profile or other writer across reloads. 1–64 of `A-Za-z0-9_-`.
    ClientId, "a client id", check_client_id
);
checked_id!(
    /// Names one tab of a client. The same rule as [`ClientId`].
    TabId, "a tab id", check_client_id
);
open_id!(
    /// Names an entity of a board. The reducer answers a bad one by `invalid_name`, so that no operation is left without an outcome.
    EntityId
);
open_id!(
    /// Tells one life of a board's log from another: sequence numbers compare only within one epoch.
    Epoch
);
open_id!(
    /// Names one live connection; given by the server in `ready`.
    SessionId
);

/// Position of an event in a board's log, from 1; 0 is the empty board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl Seq {
    /// The position before the first event.
    pub const ZERO: Self = Self(0);

    /// The position after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Wall-clock time, Unix milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMs(pub u64);

/// Names one operation for ever: `CLIENT/N`, `N` rising per client. The key of exactly-once.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpId {
    /// Client that made the operation.
    pub client: ClientId,
    /// Number of the operation, from 1, rising by any step.
    pub n: u64,
}

impl fmt::Display for OpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.client, self.n)
    }
}

impl fmt::Debug for OpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for OpId {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let bad = || InvalidName::OpId(text.chars().take(NAME_CHARS).collect());
        let (client, n) = text.split_once('/').ok_or_else(bad)?;
        // Digits only: `parse` alone would also take "+1", and an id must have one spelling.
        if !n.bytes().all(|b| b.is_ascii_digit()) || n.starts_with('0') {
            return Err(bad());
        }
        let n = n.parse().map_err(|_| bad())?;
        Ok(Self { client: client.parse()?, n })
    }
}

impl Serialize for OpId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OpId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn op_id_has_one_spelling() {
        let id: OpId = "c_7f3a/17".parse().unwrap();
        assert_eq!((id.client.as_str(), id.n), ("c_7f3a", 17));
        assert_eq!(id.to_string(), "c_7f3a/17");
        for bad in ["", "c", "c/", "c/0", "c/01", "c/+1", "c/-1", "/1", "c d/1", "c/18446744073709551616"] {
            assert!(bad.parse::<OpId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn names_refuse_separators_and_say_which() {
        assert!("Büro 2".parse::<BoardId>().is_ok());
        assert!("x".repeat(128).parse::<BoardId>().is_ok());
        assert!("ü".repeat(128).parse::<BoardId>().is_ok());
        let error = "a/b".parse::<BoardId>().unwrap_err().to_string();
        assert_eq!(error, "a board name may not contain '/'; allowed are all but control characters, '/' and '*'");
        for bad in ["", "a*", "a\n", &"x".repeat(129)] {
            assert!(bad.parse::<BoardId>().is_err(), "{bad}");
        }
    }
}
