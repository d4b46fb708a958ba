use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Point, Position};
use crate::{AccessToken, BoardId, Channel, ClientId, Epoch, Operation, TabId, Topic, UnixMs, tagged::tagged};

tagged! {
tag = "type";
/// Message that a client sends.
#[derive(Debug, Clone, PartialEq)]
pub enum ClientMessage {
    /// The first message, within 5 s of connecting.
    Hello(Hello),
    /// A fresh token, without reconnecting. Answered by `ready`.
    Auth {
        /// The new token.
        token: AccessToken,
    },
    /// Starts a subscription, or moves its settings. Answered by `subscribed` or `denied`.
    Subscribe(Subscribe),
    /// Ends a subscription. Not answered.
    Unsubscribe {
        /// The channel to leave.
        channel: Channel,
    },
    /// Operations on one board. Answered by `outcomes`, one for each operation.
    Submit(Submit),
    /// Points for a stream. Answered only when refused.
    Publish {
        /// The stream.
        stream: Topic,
        /// The points, oldest first.
        points: Vec<Point>,
    },
    /// My state on a board, for the others there.
    Presence {
        /// The board.
        board: BoardId,
        /// Small and short-lived; `null` takes me off the board.
        state: Value,
    },
    /// A question with an answer. Answered by `response`.
    Request {
        /// Comes back in the answer.
        id: String,
        /// Name of the method.
        method: String,
        /// Arguments.
        #[serde(default)]
        params: Value,
    },
    /// A sign of life. Answered by `pong`.
    Ping {
        /// Comes back in the answer.
        t: UnixMs,
    },
}
}

/// Introduction of a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Protocol version; another than [`crate::PROTOCOL`] is refused with 4002.
    pub protocol: u32,
    /// The client, the same across reloads.
    pub client: ClientId,
    /// The tab.
    pub tab: TabId,
    /// Proof of who the user is, where the server asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<AccessToken>,
    /// Version of the application's own data.
    #[serde(default)]
    pub schema: u32,
}

/// A subscription and its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subscribe {
    /// Channel to hear.
    pub channel: Channel,
    /// A board: the position to resume from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Position>,
    /// A board: further positions that the client knows of, by outcomes or by its other tabs. Where one of them is not in
    /// the server's history, the answer says `reset`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<Position>,
    /// Weight among other subscriptions. Default `medium`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// A stream: at most so many messages a second; the latest points win.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_rate_hz: Option<f64>,
    /// A stream: so many of the latest points at once. Default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<u32>,
}

impl From<Channel> for Subscribe {
    fn from(channel: Channel) -> Self {
        Self { channel, since: None, seen: Vec::new(), priority: None, max_rate_hz: None, history: None }
    }
}

/// Weight of a subscription when not everything gets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// First to be thinned.
    Low,
    /// The usual.
    #[default]
    Medium,
    /// Before most.
    High,
    /// At once.
    Critical,
}

/// Operations on one board, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Submit {
    /// The board.
    pub board: BoardId,
    /// Log in which each `base` was seen. Where it is not the server's, every `base` counts as 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<Epoch>,
    /// Positions at which the operations were made, or later ones of the same history. Where one of them is not in the
    /// server's history, every `base` counts as 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<Position>,
    /// Outcomes of this client's operations up to here may be forgotten.
    #[serde(default)]
    pub settled_through: u64,
    /// The operations, by rising `n`.
    pub ops: Vec<Operation>,
}
