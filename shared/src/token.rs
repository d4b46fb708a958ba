//! The token that proves who a user is.

use std::fmt;

use serde::{Deserialize, Serialize};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_travels_as_text_and_is_never_shown() {
        let token = AccessToken::from("secret");
        assert_eq!(serde_json::to_string(&token).unwrap(), "\"secret\"");
        assert!(!format!("{token:?}").contains("secret"));
    }
}
