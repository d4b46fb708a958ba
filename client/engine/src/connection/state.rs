use std::time::Duration;

use serde::{Deserialize, Serialize};
use tideboard_shared::{Rights, SessionId, UnixMs, message::Welcome};

/// Where the connection stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// Another tab of the browser is to connect for this one, and has not said how it stands.
    Following,
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

/// How the last socket ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastClose {
    /// WebSocket close code.
    pub code: u16,
    /// The server's words.
    pub reason: String,
    /// When.
    pub at: UnixMs,
}

/// What is known of the server and the way to it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Facts {
    /// The server's greeting.
    pub welcome: Option<Welcome>,
    /// This connection's name.
    pub session: Option<SessionId>,
    /// Who the server takes the user to be.
    pub user: Option<String>,
    /// What the user may do.
    pub rights: Rights,
    /// Round-trip time of the last ping.
    pub rtt: Option<Duration>,
    /// The server's clock less ours, ms.
    pub clock_skew_ms: Option<i64>,
    /// How the last connection ended.
    pub last_close: Option<LastClose>,
}
