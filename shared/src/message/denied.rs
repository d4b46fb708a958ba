use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Reason why a subscription does not stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeniedReason {
    /// The user may not read the channel, or nobody can in this way.
    Forbidden,
    /// There is no such board.
    UnknownBoard,
    /// The connection has as many subscriptions as it may; free again when one ends.
    TooManySubscriptions,
    /// The server cannot read the board at present; subscribing again later may help.
    Unavailable,
    /// A reason of a newer protocol, by its name there.
    Other(String),
}

impl DeniedReason {
    /// Every reason of this protocol.
    pub const ALL: [Self; 4] = [Self::Forbidden, Self::UnknownBoard, Self::TooManySubscriptions, Self::Unavailable];

    /// Name on the wire.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Forbidden => "forbidden",
            Self::UnknownBoard => "unknown_board",
            Self::TooManySubscriptions => "too_many_subscriptions",
            Self::Unavailable => "unavailable",
            Self::Other(name) => name,
        }
    }
}

impl fmt::Display for DeniedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<&str> for DeniedReason {
    fn from(name: &str) -> Self {
        let known = Self::ALL.into_iter().find(|reason| reason.name() == name);
        known.unwrap_or_else(|| Self::Other(name.to_owned()))
    }
}

impl Serialize for DeniedReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for DeniedReason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = <Cow<'de, str>>::deserialize(deserializer)?;
        Ok(Self::from(&*name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_of_a_newer_server_keeps_its_name() {
        for name in ["forbidden", "unknown_board", "too_many_subscriptions", "unavailable", "outside_office_hours"] {
            let json = format!("\"{name}\"");
            let reason: DeniedReason = serde_json::from_str(&json).unwrap();
            assert_eq!(matches!(reason, DeniedReason::Other(_)), name == "outside_office_hours");
            assert_eq!(serde_json::to_string(&reason).unwrap(), json);
        }
    }
}
