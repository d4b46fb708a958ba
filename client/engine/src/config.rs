//! Every setting of the engine: its default, unit and range.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// All settings, by topic. An unknown name is an error.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// When to connect, reconnect and give up.
    pub connection: ConnectionConfig,
    /// How to put updates in order.
    pub updates: UpdatesConfig,
    /// How far edits may run ahead of the server.
    pub optimistic: OptimisticConfig,
    /// How to get edits to the server.
    pub sync: SyncConfig,
    /// How much of a stream to keep.
    pub streams: StreamsConfig,
}

/// When to connect, reconnect and give up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConnectionConfig {
    /// From opening a socket to the server's `ready`. Default 15 s.
    #[serde(with = "humantime_serde")]
    pub connect_timeout: Duration,
    /// How to space attempts.
    pub reconnect: ReconnectConfig,
    /// How to find a dead connection.
    pub heartbeat: HeartbeatConfig,
    /// Most messages of the application that wait for a connection. Default 100.
    pub max_queued: usize,
}

/// How to space attempts: exponential backoff with AWS's "full jitter".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReconnectConfig {
    /// Longest delay before the first retry, before jitter. Default 1 s.
    #[serde(with = "humantime_serde")]
    pub base: Duration,
    /// Longest delay before jitter. Default 30 s.
    #[serde(with = "humantime_serde")]
    pub max_delay: Duration,
    /// How much each attempt lengthens the delay. Default 2.
    pub factor: f64,
    /// Attempts in a row before giving up. Default none: for ever.
    pub max_attempts: Option<u32>,
    /// A connection that lived this long makes the count start over. Default 1 min.
    #[serde(with = "humantime_serde")]
    pub stable_after: Duration,
    /// Window over which clients spread when a restarting server named none. Default 5 s.
    #[serde(with = "humantime_serde")]
    pub restart_spread: Duration,
}

/// How to find a dead connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HeartbeatConfig {
    /// A connection silent for this long is asked for a sign of life. Default 30 s.
    #[serde(with = "humantime_serde")]
    pub interval: Duration,
    /// How long the answer may take before the socket is replaced. Default 10 s.
    #[serde(with = "humantime_serde")]
    pub timeout: Duration,
    /// The same after a wake-up or a change of network, when the socket is suspected. Default 3 s.
    #[serde(with = "humantime_serde")]
    pub probe_timeout: Duration,
}

/// How to put updates in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UpdatesConfig {
    /// How long a hole may stay open before the board is asked for again. Default 2 s.
    #[serde(with = "humantime_serde")]
    pub gap_timeout: Duration,
    /// Most events held back behind a hole or a snapshot under way; beyond, the board is asked for again. Default 1,000.
    pub max_held: usize,
}

/// How far edits may run ahead of the server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OptimisticConfig {
    /// Most edits without an outcome. One more is refused as [`crate::ApplyError::OutboxFull`]. Default 100.
    pub max_pending: usize,
    /// Most notices kept for the user; the oldest go first. Default 100.
    pub max_notices: usize,
    /// After how long an edit without an outcome is shown as overdue. It stays queued. Default 30 s.
    #[serde(with = "humantime_serde")]
    pub operation_timeout: Duration,
    /// Most of one's own edits on a board that can be undone; the oldest go first. Default 100.
    pub max_undo: usize,
}

/// How to get edits to the server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SyncConfig {
    /// How long outcomes may take before the submit is repeated. Default 30 s.
    #[serde(with = "humantime_serde")]
    pub outcome_timeout: Duration,
    /// Longest delay before the first repeat of an operation refused for now, before jitter. Default 1 s.
    #[serde(with = "humantime_serde")]
    pub retry_base: Duration,
    /// Longest delay between repeats, before jitter. Default 30 s.
    #[serde(with = "humantime_serde")]
    pub retry_max: Duration,
    /// Most bytes that edits without an outcome may take. Default 1 MiB.
    pub max_outbox_bytes: usize,
    /// Most refused edits set aside; the oldest are discarded. Default 100.
    pub max_refused: usize,
    /// How often a board is checked against the server by itself. Default 30 s.
    #[serde(with = "humantime_serde")]
    pub interval: Duration,
    /// How long a refresh that was asked for may take. Default 15 s.
    #[serde(with = "humantime_serde")]
    pub refresh_timeout: Duration,
    /// How long the socket may be down before boards are synchronised over REST. Default 10 s.
    #[serde(with = "humantime_serde")]
    pub rest_after: Duration,
    /// How often they are then, while edits wait; else every `interval`. Default 5 s.
    #[serde(with = "humantime_serde")]
    pub rest_interval: Duration,
}

/// How much of a stream to keep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StreamsConfig {
    /// Most points kept of one stream; the oldest go first. Default 3,600.
    pub max_points: usize,
}

impl Default for ConnectionConfig {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(15),
            reconnect: ReconnectConfig::default(),
            heartbeat: HeartbeatConfig::default(),
            max_queued: 100,
        }
    }
}

impl Default for ReconnectConfig {
    fn default() -> Self {
        Self {
            base: Duration::from_secs(1),
            max_delay: Duration::from_secs(30),
            factor: 2.0,
            max_attempts: None,
            stable_after: Duration::from_secs(60),
            restart_spread: Duration::from_secs(5),
        }
    }
}

impl Default for HeartbeatConfig {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(30),
            timeout: Duration::from_secs(10),
            probe_timeout: Duration::from_secs(3),
        }
    }
}

impl Default for UpdatesConfig {
    fn default() -> Self {
        Self { gap_timeout: Duration::from_secs(2), max_held: 1_000 }
    }
}

impl Default for OptimisticConfig {
    fn default() -> Self {
        Self { max_pending: 100, max_notices: 100, operation_timeout: Duration::from_secs(30), max_undo: 100 }
    }
}

impl Default for SyncConfig {
    fn default() -> Self {
        Self {
            outcome_timeout: Duration::from_secs(30),
            retry_base: Duration::from_secs(1),
            retry_max: Duration::from_secs(30),
            max_outbox_bytes: 1024 * 1024,
            max_refused: 100,
            interval: Duration::from_secs(30),
            refresh_timeout: Duration::from_secs(15),
            rest_after: Duration::from_secs(10),
            rest_interval: Duration::from_secs(5),
        }
    }
}

impl Default for StreamsConfig {
    fn default() -> Self {
        Self { max_points: 3_600 }
    }
}
