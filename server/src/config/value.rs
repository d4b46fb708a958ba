//! Values with a range of their own.

use std::{net::SocketAddr, str::FromStr};

use serde::Deserialize;

/// What keeps the boards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Store {
    /// A file, flushed before anything is acknowledged.
    Sqlite,
    /// Nothing: everything is lost when the server ends.
    Memory,
}

/// Where to listen: an IP address and a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Bind(pub SocketAddr);

impl TryFrom<String> for Bind {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl FromStr for Bind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A name would have to be looked up and may be several addresses; this one means the same everywhere.
        let text = text.strip_prefix("localhost:").map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
        let parsed = text.parse().map(Self);
        parsed.map_err(|_| "expected IP:PORT, such as 127.0.0.1:3000 or [::1]:3000".to_owned())
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u32")]
pub struct Count<const MIN: u32, const MAX: u32>(u32);

impl<const MIN: u32, const MAX: u32> Count<MIN, MAX> {
    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl<const MIN: u32, const MAX: u32> TryFrom<u32> for Count<MIN, MAX> {
    type Error = String;

    fn try_from(number: u32) -> Result<Self, String> {
        if (MIN..=MAX).contains(&number) {
            return Ok(Self(number));
        }
        Err(format!("{number} is out of range; allowed are {MIN} to {MAX}"))
    }
}

impl<const MIN: u32, const MAX: u32> FromStr for Count<MIN, MAX> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number: u32 = text.parse().map_err(|_| format!("not a whole number; allowed are {MIN} to {MAX}"))?;
        number.try_into()
    }
}

/// Events of a board that can be looked back on.
pub type HistoryEvents = Count<0, 10_000_000>;
/// Boards that people can create.
pub type MaxBoards = Count<1, 100_000>;

/// Measurements per second, 0 to 100; 0 is none.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "f64")]
pub struct Rate(f64);

impl Rate {
    /// 1 Hz.
    pub const ONCE_A_SECOND: Self = Self(1.0);
    /// No measurements.
    pub const OFF: Self = Self(0.0);

    /// The rate, unless measurements are off.
    #[must_use]
    pub fn hz(self) -> Option<f64> {
        (self.0 > 0.0).then_some(self.0)
    }
}

impl TryFrom<f64> for Rate {
    type Error = String;

    fn try_from(hz: f64) -> Result<Self, String> {
        // Less than one in a thousand seconds is a slip.
        if hz == 0.0 || (0.001..=100.0).contains(&hz) {
            return Ok(Self(hz));
        }
        Err(format!("{hz} is out of range; allowed are 0 (off) and 0.001 to 100 per second"))
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let hz: f64 = text.parse().map_err(|_| "not a number; allowed are 0 (off) and 0.001 to 100".to_owned())?;
        hz.try_into()
    }
}
