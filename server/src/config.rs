//! Every setting: its name, unit, range and default, and where its value comes from.
//!
//! One precedence: flag, then environment (`TIDEBOARD_*`), then file, then default. A bad value is refused with the
//! setting's name, the place it came from and what is allowed; nothing re-checks later.

use std::{
    net::SocketAddr,
    num::{NonZeroU16, NonZeroU64},
    path::PathBuf,
};

use tideboard_shared::BoardId;

mod layer;
mod value;

pub use layer::{ConfigError, Settings};
pub use value::{Bind, Count, HistoryEvents, MaxBoards, Rate, Store};

/// A complete configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Where to listen. Default `127.0.0.1:3000`; port 0 takes any free one.
    pub bind: SocketAddr,
    /// Folder of the log. Default `tideboard-data`.
    pub data_dir: PathBuf,
    /// Folder of the built SPA. Default `dist`.
    pub assets: PathBuf,
    /// What keeps the boards. Default `sqlite`.
    pub store: Store,
    /// Boards that are created when they do not exist. Default `main`, which gets demo content then.
    pub boards: Vec<BoardId>,
    /// Measurements of this machine per second. Default 1; 0 turns them off.
    pub host_rate_hz: Rate,
    /// Measurements of the server itself per second. Default 1; 0 turns them off.
    pub server_rate_hz: Rate,
    /// Nobody can create a board once there are so many. Default 1,000, range 1 to 100,000.
    pub max_boards: MaxBoards,
    /// Origins that may connect besides this host and localhost; `*` is any. Default none.
    pub allow_origins: Vec<String>,
    /// Whether to listen where other machines can reach it although there is no authentication. Default false.
    pub insecure: bool,
    /// A snapshot of a board after so many events. Default 1,000.
    pub snapshot_every: NonZeroU64,
    /// Events of a board kept for resuming. Default 10,000; an older position gets a snapshot.
    pub retain_events: u32,
    /// Events of a board that can be looked back on: the board is shown as it was at each of them. Default 100,000, range 0
    /// to 10,000,000; never less than `retain_events`. An event takes about 0.5 kB of disk, or 1 kB of memory without one;
    /// at most 23 snapshots come to that, each as large as the board was.
    pub history_events: HistoryEvents,
    /// Milliseconds after which a board that nobody reads or asks leaves memory; asked for again, it is read from the log.
    /// Default 300,000.
    pub board_idle_ms: NonZeroU64,
    /// A connection that is silent for twice this is closed. Default 30,000 ms.
    pub heartbeat_ms: NonZeroU64,
    /// A member of a board whose connection broke is shown for so long. Default 10,000 ms.
    pub presence_ttl_ms: u64,
    /// Threads that serve connections. Default: one for each processor.
    pub workers: Option<NonZeroU16>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([127, 0, 0, 1], 3000)),
            data_dir: "tideboard-data".into(),
            assets: "dist".into(),
            store: Store::Sqlite,
            boards: vec!["main".parse().expect("a plain word is a name")],
            host_rate_hz: Rate::ONCE_A_SECOND,
            server_rate_hz: Rate::ONCE_A_SECOND,
            max_boards: MaxBoards::try_from(1_000).expect("in range"),
            allow_origins: Vec::new(),
            insecure: false,
            snapshot_every: NonZeroU64::new(1_000).expect("not zero"),
            retain_events: 10_000,
            history_events: HistoryEvents::try_from(100_000).expect("in range"),
            board_idle_ms: NonZeroU64::new(300_000).expect("not zero"),
            heartbeat_ms: NonZeroU64::new(30_000).expect("not zero"),
            presence_ttl_ms: 10_000,
            workers: None,
        }
    }
}

#[cfg(test)]
mod tests;
