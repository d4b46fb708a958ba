use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{Event, Level, Point, Position, ServerMessage, Submit};
use crate::{BoardId, Channel, ClientId, Durability, Entity, Epoch, Seq, UnixMs};

/// Body of `POST /api/realtime`, the way to sync while no socket stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RealtimePost {
    /// The client, as in `hello`.
    pub client: ClientId,
    /// Operations, as in `submit`.
    #[serde(default)]
    pub submit: Vec<Submit>,
    /// Boards to catch up on; `null` asks for a snapshot.
    #[serde(default)]
    pub since: BTreeMap<Channel, Option<Position>>,
    /// As `seen` of `subscribe`, of boards in `since`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub seen: BTreeMap<Channel, Vec<Position>>,
}

/// Answer of `POST /api/realtime`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RealtimeReply {
    /// The server's clock.
    pub server_time: UnixMs,
    /// Messages that a socket would have brought: `outcomes`, `subscribed`, `snapshot`, `updates`, `denied`.
    pub messages: Vec<ServerMessage>,
}

/// Answer of `GET /api/realtime`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// `ok`; `not_ready`, when it cannot do its work at the moment; or `draining`.
    pub status: String,
    /// Reason of `not_ready`, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The server's version.
    pub build: String,
    /// Seconds since the start.
    pub uptime_s: u64,
    /// Sockets open now.
    pub connections: usize,
    /// Boards served.
    pub boards: usize,
    /// Safety that an `applied` outcome stands for here.
    pub durability: Durability,
}

/// Answer of `GET /api/boards/{id}`, and with `?at=SEQ` of the board as it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BoardReply {
    /// The board.
    pub board: BoardId,
    /// Life of its log.
    pub epoch: Epoch,
    /// The position shown.
    pub seq: Seq,
    /// By ascending id.
    pub entities: Vec<Arc<Entity>>,
}

/// Answer of `GET /api/boards/{id}/events?before=SEQ&limit=N`: a page of a board's past.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventsReply {
    /// The board.
    pub board: BoardId,
    /// Life of its log.
    pub epoch: Epoch,
    /// The oldest position at which the board can be shown; the first event there is, is the next one.
    pub oldest: Seq,
    /// As in `updates`, by ascending `seq`. The page before this one ends before its first; none: there is no more.
    pub events: Vec<Event>,
}

/// Body of `POST /api/streams/{topic}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StreamPost {
    /// Oldest first.
    pub points: Vec<Point>,
}

/// Body of `POST /api/notifications`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationPost {
    /// Receivers.
    pub to: Recipient,
    /// Seriousness.
    pub level: Level,
    /// A few words.
    pub title: String,
    /// More words.
    #[serde(default)]
    pub body: String,
}

/// Receivers of a notification: `{"all":true}`, `{"user":"ann"}` or `{"board":"main"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// All users; `true` on the wire.
    #[serde(with = "everyone")]
    All,
    /// A user, in all their tabs.
    User(String),
    /// All users on one board.
    Board(BoardId),
}

/// Value of [`Recipient::All`] on the wire, which is `true` and nothing else.
mod everyone {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bool(true)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<(), D::Error> {
        match bool::deserialize(from)? {
            true => Ok(()),
            false => Err(D::Error::custom("\"all\":false is nobody")),
        }
    }
}

/// Body of every REST error, `application/problem+json` (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Kind of the problem; `about:blank` where the status says all.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// Problem, and what to do about it.
    pub detail: String,
}
