use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{BoardId, InvalidName, Topic};

/// Source of messages that a client can subscribe to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// `board:ID`, the events of a board.
    Board(BoardId),
    /// `stream:TOPIC`, the points of one stream.
    Stream(Topic),
    /// `stream:PREFIX*`, every stream whose topic starts with the prefix; `stream:*` is all of them.
    StreamPrefix(String),
    /// `presence:ID`, who is on a board.
    Presence(BoardId),
    /// `notifications`, what is sent to this user or to everyone.
    Notifications,
}

impl FromStr for Channel {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        match text.split_once(':') {
            None if text == "notifications" => Ok(Self::Notifications),
            Some(("board", id)) => id.parse().map(Self::Board),
            Some(("presence", id)) => id.parse().map(Self::Presence),
            Some(("stream", topic)) => match topic.strip_suffix('*') {
                None => topic.parse().map(Self::Stream),
                Some("") => Ok(Self::StreamPrefix(String::new())),
                Some(prefix) => {
                    super::check_name("a stream prefix", prefix)?;
                    Ok(Self::StreamPrefix(prefix.to_owned()))
                }
            },
            _ => Err(InvalidName::Channel(text.chars().take(super::NAME_CHARS).collect())),
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Board(id) => write!(f, "board:{id}"),
            Self::Stream(topic) => write!(f, "stream:{topic}"),
            Self::StreamPrefix(prefix) => write!(f, "stream:{prefix}*"),
            Self::Presence(id) => write!(f, "presence:{id}"),
            Self::Notifications => f.write_str("notifications"),
        }
    }
}

impl Serialize for Channel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Channel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_parsed_and_printed_alike() {
        for text in ["board:main", "stream:host.cpu", "stream:host.*", "stream:*", "presence:main", "notifications"] {
            assert_eq!(text.parse::<Channel>().unwrap().to_string(), text);
        }
        for bad in ["", "board", "board:", "board:a/b", "stream:", "stream:a*b", "notifications:x", "x:y"] {
            assert!(bad.parse::<Channel>().is_err(), "{bad}");
        }
    }
}
