use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{DeniedReason, Point, Position};
use crate::{
    BoardId, Check, Conflict, Entity, Epoch, OpId, Operation, Rejection, Rights, Seq, SessionId, Topic, UnixMs,
    WireLimits, tagged::tagged,
};

tagged! {
tag = "type";
/// Message that the server sends.
#[derive(Debug, Clone, PartialEq)]
pub enum ServerMessage {
    /// The greeting, at once, to whoever connects.
    Welcome(Welcome),
    /// The answer to `hello` and `auth`.
    Ready {
        /// Name of this connection.
        session: SessionId,
        /// Name of the user, as the server takes it.
        user: String,
        /// Rights of the user.
        rights: Rights,
    },
    /// The subscription stands. For a board the events after `seq` follow without a hole.
    Subscribed {
        /// To what.
        channel: String,
        /// A board's position now; `None` for other channels.
        #[serde(flatten)]
        at: Option<Position>,
        /// Tells whether every event since the client's position follows. If not, a snapshot does.
        #[serde(default)]
        recovered: bool,
        /// Tells that the server's history is another one than the client's: what the client has is thrown away for the
        /// snapshot, and its unsent operations are sent with `base` 0.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        reset: bool,
    },
    /// A board, or a part of it.
    Snapshot(Snapshot),
    /// Events with consecutive `seq`.
    Updates {
        /// The board.
        board: BoardId,
        /// Check of the log with the last of them.
        check: Check,
        /// By ascending `seq`.
        events: Vec<Event>,
    },
    /// Outcomes of operations.
    Outcomes(Outcomes),
    /// Points of one stream.
    Stream {
        /// The stream.
        topic: Topic,
        /// Oldest first.
        points: Vec<Point>,
        /// Tells whether points were left out since the last message.
        #[serde(default)]
        thinned: bool,
    },
    /// Members who came, went or changed on a board.
    Presence {
        /// The board.
        board: BoardId,
        /// Now here.
        #[serde(default)]
        joined: Vec<Member>,
        /// No longer here.
        #[serde(default)]
        left: Vec<SessionId>,
        /// Here with another state.
        #[serde(default)]
        changed: Vec<Member>,
    },
    /// News for people.
    Notification(Notification),
    /// The answer to a request.
    Response(Response),
    /// The subscription does not stand, or no longer.
    Denied {
        /// To what.
        channel: String,
        /// For programs.
        reason: DeniedReason,
    },
    /// The answer to `ping`.
    Pong {
        /// As in the ping.
        t: UnixMs,
        /// The server's clock.
        server_time: UnixMs,
    },
    /// The server is going away. Reconnect at a random time within this window.
    Draining {
        /// Length of the window, ms.
        reconnect_after_ms: u64,
    },
    /// Complaint about a message of the client.
    Error {
        /// For programs.
        code: ErrorCode,
        /// For people: what is wrong and what to do.
        message: String,
        /// Tells whether the connection closes now.
        fatal: bool,
        /// Type of the message that it is about, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<String>,
    },
}
}

/// The server's greeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// Protocol version spoken here.
    pub protocol: u32,
    /// The server's clock.
    pub server_time: UnixMs,
    /// A connection that is silent for longer than twice this is closed.
    pub heartbeat_ms: u64,
    /// Limits of what the server accepts.
    pub limits: WireLimits,
    /// Safety that an `applied` outcome stands for here.
    pub durability: Durability,
    /// Need of a token in `hello`.
    pub auth: Auth,
    /// The server's version.
    pub build: String,
}

/// Need of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    /// No `ready` without a token.
    Required,
    /// Guests may come without one.
    Optional,
}

/// Safety of an applied operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Durability {
    /// Lost when the server process ends.
    Memory,
    /// On one disk, flushed.
    Fsynced,
    /// Flushed on several machines.
    Replicated,
}

/// A board at one position, in one or more parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The board.
    pub board: BoardId,
    /// Life of its log.
    pub epoch: Epoch,
    /// The position it shows.
    pub seq: Seq,
    /// Check of the log up to there.
    pub check: Check,
    /// Highest `n` of this client's operations that was decided; 0 for none.
    pub last_n: u64,
    /// Number of this part, from 1.
    pub part: u32,
    /// Marks the last part.
    pub last: bool,
    /// Entities of this part, by ascending id.
    pub entities: Vec<Arc<Entity>>,
}

/// Results of a submit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcomes {
    /// The board.
    pub board: BoardId,
    /// The board's position once all of it was decided: tells in which log each `seq` is. `None` where there is no board.
    #[serde(flatten)]
    pub at: Option<Position>,
    /// Result of each operation of the submit, in its order.
    pub results: Vec<OpResult>,
}

/// An accepted operation at its place in the board's log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Place in the log.
    pub seq: Seq,
    /// The user who made it.
    pub by: String,
    /// Time at which the server accepted it.
    pub at: UnixMs,
    /// The operation.
    pub op: Arc<Operation>,
}

/// Result of one operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "AnyResult")]
pub struct OpResult {
    /// Operation that was decided.
    pub id: OpId,
    /// End of the operation.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Result of an operation as it is read: of the outcomes there is one.
#[derive(Deserialize)]
struct AnyResult {
    id: OpId,
    applied: Option<Applied>,
    conflict: Option<Conflict>,
    rejected: Option<Rejection>,
}

/// Content of [`Outcome::Applied`].
#[derive(Deserialize)]
struct Applied {
    seq: Seq,
    durability: Durability,
}

impl TryFrom<AnyResult> for OpResult {
    type Error = &'static str;

    fn try_from(any: AnyResult) -> Result<Self, &'static str> {
        let outcome = match any {
            AnyResult { applied: Some(Applied { seq, durability }), .. } => Outcome::Applied { seq, durability },
            AnyResult { conflict: Some(conflict), .. } => Outcome::Conflict(conflict),
            AnyResult { rejected: Some(rejection), .. } => Outcome::Rejected(rejection),
            AnyResult { .. } => return Err("a result needs one of: applied, conflict, rejected"),
        };
        Ok(Self { id: any.id, outcome })
    }
}

/// The end of an operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Accepted; its event is in the log.
    Applied {
        /// Place in the log.
        seq: Seq,
        /// Safety of the event.
        durability: Durability,
    },
    /// Others changed the same first.
    Conflict(Conflict),
    /// Refused; the same operation never applies.
    Rejected(Rejection),
}

impl Outcome {
    /// The outcome's name on the wire.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Applied { .. } => "applied",
            Self::Conflict(_) => "conflict",
            Self::Rejected(_) => "rejected",
        }
    }
}

/// Member of a board: a connection that is present there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Name of the connection.
    pub session: SessionId,
    /// Name of the user.
    pub user: String,
    /// State that they show there.
    pub state: Value,
}

/// News for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Name, for dismissing it everywhere.
    pub id: String,
    /// Seriousness.
    pub level: Level,
    /// A few words.
    pub title: String,
    /// More words.
    #[serde(default)]
    pub body: String,
    /// Time at which it was sent.
    pub at: UnixMs,
}

/// Seriousness of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Good to know.
    Info,
    /// Good news: an action ended well.
    Success,
    /// Look at it soon.
    Warning,
    /// Look at it now.
    Error,
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, try_from = "AnyResponse")]
pub enum Response {
    /// Success.
    Result {
        /// As in the request.
        id: String,
        /// The answer.
        result: Value,
    },
    /// Failure.
    Error {
        /// As in the request.
        id: String,
        /// Reason of the failure.
        error: RequestFailure,
    },
}

/// Answer to a request as it is read: with a result, which may be `null`, or an error.
#[derive(Deserialize)]
struct AnyResponse {
    id: String,
    #[serde(default, deserialize_with = "present")]
    result: Option<Value>,
    error: Option<RequestFailure>,
}

/// Reads a value that is there, also where it is `null`.
fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(value).map(Some)
}

impl TryFrom<AnyResponse> for Response {
    type Error = &'static str;

    fn try_from(any: AnyResponse) -> Result<Self, &'static str> {
        let AnyResponse { id, result, error } = any;
        match (result, error) {
            (Some(result), _) => Ok(Self::Result { id, result }),
            (None, Some(error)) => Ok(Self::Error { id, error }),
            (None, None) => Err("a response needs a result or an error"),
        }
    }
}

/// Failure of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestFailure {
    /// `unknown_method`, `bad_params`, or the method's own.
    pub code: String,
    /// Problem, and what to do about it.
    pub message: String,
}

/// Fault of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// A breach of RFC 6455 (fatal, 1002, 1003 or 1007), no JSON (fatal, 4000), an unknown type or wrong fields (not
    /// fatal).
    BadMessage,
    /// Another protocol version, or no `hello` first. Fatal, 4002.
    Protocol,
    /// A token is missing, wrong or too old. Fatal, 4001.
    #[serde(rename = "unauthorised")]
    Unauthorized,
    /// The user may not do this.
    Forbidden,
    /// A frame over the limit (fatal, 1009), or a message over one (not fatal).
    TooLarge,
    /// The reader fell too far behind. Fatal, 4010.
    TooSlow,
    /// A code of a newer protocol.
    #[serde(other)]
    Other,
}

impl ErrorCode {
    /// Every code of this protocol.
    pub const ALL: [Self; 6] =
        [Self::BadMessage, Self::Protocol, Self::Unauthorized, Self::Forbidden, Self::TooLarge, Self::TooSlow];
}

/// Reason why a connection was closed: the WebSocket close codes of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum CloseCode {
    /// The server or the page ends. Reconnect.
    GoingAway = 1001,
    /// A breach of RFC 6455. Reconnect.
    BadFrame = 1002,
    /// A binary frame; only text is understood. Reconnect.
    Binary = 1003,
    /// A text frame that is not UTF-8. Reconnect.
    NotUtf8 = 1007,
    /// A frame over `welcome.limits.frame_bytes`. Reconnect, and do not send it again.
    TooLarge = 1009,
    /// The server restarts. Reconnect at a random time within the window that `draining` gave.
    Restart = 1012,
    /// The server has too much to do. Reconnect later.
    TryLater = 1013,
    /// A text frame that is no JSON. Reconnect.
    BadMessage = 4000,
    /// The token is missing, wrong or too old. Reconnect with a new one.
    Unauthorized = 4001,
    /// Another protocol version, or no `hello`. Never reconnect.
    Protocol = 4002,
    /// The user may not connect. Never reconnect.
    Forbidden = 4003,
    /// The reader fell too far behind. Reconnect and resume.
    TooSlow = 4010,
}

impl CloseCode {
    /// Every code of this protocol, ascending.
    pub const ALL: [Self; 12] = [
        Self::GoingAway,
        Self::BadFrame,
        Self::Binary,
        Self::NotUtf8,
        Self::TooLarge,
        Self::Restart,
        Self::TryLater,
        Self::BadMessage,
        Self::Unauthorized,
        Self::Protocol,
        Self::Forbidden,
        Self::TooSlow,
    ];

    /// The number on the wire.
    #[must_use]
    pub const fn code(self) -> u16 {
        self as u16
    }
}
