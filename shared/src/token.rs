//! Secrets on the wire: the token that proves who a user is, and the key that proves whose a client id is.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::InvalidName;

/// Fewest and most characters of a [`ClientKey`]. 22 of 64 kinds are 132 bits.
pub const CLIENT_KEY_CHARS: std::ops::RangeInclusive<usize> = 22..=64;

/// Proof of who a user is. Written as plain text on the wire; `Debug` does not show it, so that no log ever does.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccessToken(String);

impl AccessToken {
    /// The text, for a message or header that has to carry it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for AccessToken {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for AccessToken {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(…)")
    }
}

/// Secret of a client, by which its id stays its own. Random, 22 to 64 of `A-Za-z0-9_-`; kept beside the client id and
/// never sent by a server. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ClientKey(String);

impl ClientKey {
    /// The text, for a message that has to carry it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClientKey {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if !CLIENT_KEY_CHARS.contains(&text.len()) {
            return Err(InvalidName::KeyLength { len: text.chars().count() });
        }
        match text.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))) {
            Some(found) => Err(InvalidName::Character { what: "a client key", found, allowed: "A-Z a-z 0-9 _ -" }),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl<'de> Deserialize<'de> for ClientKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_travels_as_text_and_is_never_shown() {
        let token = AccessToken::from("secret");
        assert_eq!(serde_json::to_string(&token).unwrap(), "\"secret\"");
        assert!(!format!("{token:?}").contains("secret"));
    }

    #[test]
    fn a_key_is_long_enough_to_be_a_secret_and_is_never_shown() {
        let key: ClientKey = "k_3456789012345678901-".parse().unwrap();
        assert_eq!(serde_json::to_string(&key).unwrap(), "\"k_3456789012345678901-\"");
        assert!(!format!("{key:?}").contains("3456"));
        for bad in ["", "k_345678901234567890", &"x".repeat(65), "k_34567890123456789 01", "k_3456789012345678901ü"] {
            assert!(bad.parse::<ClientKey>().is_err(), "{bad}");
        }
        let error = serde_json::from_str::<ClientKey>("\"short\"").unwrap_err().to_string();
        assert_eq!(error, "a client key must have 22 to 64 characters, this has 5");
    }
}
