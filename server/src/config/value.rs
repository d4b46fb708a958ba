//! Kinds of settings that only a server has.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};
use tideboard_shared::settings::{OutOfRange, Setting, choices};

/// Keeper of the boards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Store {
    /// A file, flushed before anything is acknowledged.
    Sqlite,
    /// Memory alone: everything is lost when the server ends.
    Memory,
}

choices!(Store: Sqlite = "sqlite", Memory = "memory");

/// Address to listen on: an IP address and a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bind(pub SocketAddr);

impl Bind {
    /// A port that only programs of this machine reach.
    #[must_use]
    pub const fn localhost(port: u16) -> Self {
        Self(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port))
    }
}

impl TryFrom<String> for Bind {
    type Error = OutOfRange;

    fn try_from(text: String) -> Result<Self, OutOfRange> {
        // A name would have to be looked up and may be several addresses; this one means the same everywhere.
        let address = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
        let parsed = address.as_ref().unwrap_or(&text).parse().map(Self);
        parsed.map_err(|_| OutOfRange { value: text, allowed: Self::allowed() })
    }
}

impl From<Bind> for String {
    fn from(bind: Bind) -> Self {
        bind.0.to_string()
    }
}

impl Setting for Bind {
    const KIND: &'static str = "address:port";

    fn allowed() -> String {
        "IP:PORT, such as 127.0.0.1:3000 or [::1]:3000".into()
    }
}

/// Number of measurements per second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub enum Rate {
    /// No measurements; written as 0.
    Off,
    /// So many, from 0.001 to 100: less than one in a thousand seconds is a slip.
    Hz(f64),
}

impl Rate {
    /// Rate, unless measurements are off.
    #[must_use]
    pub fn hz(self) -> Option<f64> {
        match self {
            Self::Off => None,
            Self::Hz(hz) => Some(hz),
        }
    }
}

impl TryFrom<f64> for Rate {
    type Error = OutOfRange;

    fn try_from(hz: f64) -> Result<Self, OutOfRange> {
        match hz {
            0.0 => Ok(Self::Off),
            0.001..=100.0 => Ok(Self::Hz(hz)),
            _ => Err(OutOfRange { value: hz.to_string(), allowed: Self::allowed() }),
        }
    }
}

impl From<Rate> for f64 {
    fn from(rate: Rate) -> Self {
        rate.hz().unwrap_or(0.0)
    }
}

impl Setting for Rate {
    const KIND: &'static str = "Hz";

    fn allowed() -> String {
        "0.001 to 100, or 0".into()
    }
}
