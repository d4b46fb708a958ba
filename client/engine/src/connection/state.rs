use std::time::Duration;

use serde::{Deserialize, Serialize};
use tideboard_shared::{Rights, SessionId, UnixMs, message::Welcome};

/// State of a connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ConnectionState {
    /// Never asked to connect.
    Idle,
    /// A socket is being opened.
    Connecting {
        /// Number of the attempt in a row, from 1.
        attempt: u32,
    },
    /// The socket is open, `hello` is sent, `ready` is awaited.
    Greeting {
        /// Number of the attempt in a row, from 1.
        attempt: u32,
    },
    /// Messages flow.
    Live {
        /// Since when, by the user's clock.
        since: UnixMs,
        /// Since when, by the clock that does not jump.
        since_mono: Duration,
    },
    /// Waiting before the next try.
    Backoff {
        /// Number of the next attempt in a row, from 1.
        attempt: u32,
        /// Time of the next attempt, by the clock that does not jump.
        until: Duration,
        /// End of the last attempt.
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
        /// Attempts that failed.
        attempts: u32,
    },
    /// Closed on purpose.
    Closed,
    /// Another tab of the browser is to connect for this one, and has not said how it stands.
    Following,
}

impl ConnectionState {
    /// Says whether messages flow.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self, Self::Live { .. })
    }

    /// Says whether there is a current socket.
    #[must_use]
    pub fn has_socket(&self) -> bool {
        matches!(self, Self::Connecting { .. } | Self::Greeting { .. } | Self::Live { .. })
    }
}

/// Cause of an end that nobody meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

/// End of the last socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastClose {
    /// WebSocket close code.
    pub code: u16,
    /// The server's words.
    pub reason: String,
    /// Time of the end.
    pub at: UnixMs,
}

/// Facts about the server and the way to it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Facts {
    /// The server's greeting.
    pub welcome: Option<Welcome>,
    /// Name of this connection.
    pub session: Option<SessionId>,
    /// Name under which the server knows the user.
    pub user: Option<String>,
    /// Rights of the user.
    pub rights: Rights,
    /// Round-trip time of the last ping.
    pub rtt: Option<Duration>,
    /// The server's clock less ours, ms.
    pub clock_skew_ms: Option<i64>,
    /// End of the last connection.
    pub last_close: Option<LastClose>,
}
