//! Rolling check of a board's log: tells two histories apart whose positions have the same epoch and number.
//!
//! In: events, in order. Out: 64 bits for all of them so far, the same on every machine. Never: a guard against somebody
//! who wants two histories to look alike; it finds logs that were put back or have forked.

use std::{fmt, io, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::message::Event;

/// Digits of a check on the wire.
const DIGITS: usize = 16;
/// Start and prime of 64-bit FNV-1a.
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// Hash of all events of a board up to a position, 16 hex digits on the wire.
///
/// It is the 64-bit FNV-1a hash of the events' JSON, one after another and without anything between them, each as
/// `updates` carries it. Of two histories that differ somewhere and then go on in the same way, all later checks differ.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Check(u64);

impl Check {
    /// Check of a log without events.
    pub const EMPTY: Self = Self(BASIS);

    /// Check of the log with one more event.
    ///
    /// # Panics
    /// Never: the keys of an event are strings.
    #[must_use]
    pub fn after(self, event: &Event) -> Self {
        let mut hasher = Hasher(self.0);
        serde_json::to_writer(&mut hasher, event).expect("events have string keys");
        Self(hasher.0)
    }
}

/// Hash of what is written to it.
struct Hasher(u64);

impl io::Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Default for Check {
    /// [`Self::EMPTY`].
    fn default() -> Self {
        Self::EMPTY
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0DIGITS$x}", self.0)
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no check.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no check of 16 hex digits")]
pub struct InvalidCheck(String);

impl FromStr for Check {
    type Err = InvalidCheck;

    fn from_str(text: &str) -> Result<Self, InvalidCheck> {
        let bad = || InvalidCheck(text.chars().take(2 * DIGITS).collect());
        // Digits only: the parser alone would also take "+1", and a check has one spelling.
        if text.len() != DIGITS || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(bad());
        }
        u64::from_str_radix(text, 16).map(Self).map_err(|_| bad())
    }
}

impl Serialize for Check {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Check {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(seq: u64, text: &str) -> Event {
        let json = format!(
            r#"{{"seq":{seq},"by":"ann","at":1763710000000,"op":{{"id":"c/{seq}","entity":"n","base":0,"action":
            {{"do":"patch","set":{{"title":"{text}","n":0.1}}}}}}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn a_check_is_the_hash_of_the_events_as_they_are_written() {
        let events = [event(1, "a"), event(2, "ü")];
        let text: String = events.iter().map(|event| serde_json::to_string(event).unwrap()).collect();
        let whole = text
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let rolled = events.iter().fold(Check::EMPTY, |check, event| check.after(event));
        assert_eq!(rolled.to_string(), format!("{whole:016x}"));
    }

    #[test]
    fn what_was_once_different_stays_different() {
        let one = Check::EMPTY.after(&event(1, "a"));
        let other = Check::EMPTY.after(&event(1, "b"));
        assert_ne!(one, other);
        assert_ne!(one.after(&event(2, "c")), other.after(&event(2, "c")));
    }

    #[test]
    fn a_check_has_one_spelling() {
        assert_eq!("00000000000000ff".parse::<Check>().unwrap().to_string(), "00000000000000ff");
        for bad in ["", "ff", "00000000000000FF", "+0000000000000ff", "000000000000000ff", "ü0000000000000f"] {
            assert!(bad.parse::<Check>().is_err(), "{bad}");
        }
    }
}
