use std::time::Duration;

use tideboard_shared::UnixMs;

/// Where the connection stands.
#[derive(Debug, Clone, PartialEq)]
pub enum ConnectionState {
    /// Never asked to connect.
    Idle,
    /// A socket is being opened.
    Connecting {
        /// Which try in a row, from 1.
        attempt: u32,
    },
    /// The socket is open, `hello` is sent, `ready` is awaited.
    Greeting {
        /// Which try in a row, from 1.
        attempt: u32,
    },
    /// Everything flows.
    Live {
        /// Since when, by the user's clock.
        since: UnixMs,
        /// Since when, by the clock that does not jump.
        since_mono: Duration,
    },
    /// Waiting before the next try.
    Backoff {
        /// Which try that will be, from 1.
        attempt: u32,
        /// When, by the clock that does not jump.
        until: Duration,
        /// What ended the last one.
        reason: LostReason,
    },
    /// The server wants a fresh token; edits are kept.
    NeedsAuth,
    /// The machine says that it has no network. Ends by itself.
    Offline,
    /// The server refused for good, with this close code.
    Failed {
        /// 4002 (protocol) or 4003 (forbidden).
        code: u16,
    },
    /// As many attempts failed as the configuration allows.
    GaveUp {
        /// How many.
        attempts: u32,
    },
    /// Closed on purpose.
    Closed,
}

impl ConnectionState {
    /// Whether messages flow.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self, Self::Live { .. })
    }

    /// Whether there is a current socket.
    #[must_use]
    pub fn has_socket(&self) -> bool {
        matches!(self, Self::Connecting { .. } | Self::Greeting { .. } | Self::Live { .. })
    }
}

/// What ended a connection that nobody meant to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LostReason {
    /// The socket was closed or could not be opened.
    Closed {
        /// WebSocket close code; 1006 when there was none.
        code: u16,
    },
    /// No `ready` in time.
    ConnectTimeout,
    /// No sign of life in time.
    HeartbeatTimeout,
}

/// How the last socket ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastClose {
    /// WebSocket close code.
    pub code: u16,
    /// The server's words.
    pub reason: String,
    /// When.
    pub at: UnixMs,
}
