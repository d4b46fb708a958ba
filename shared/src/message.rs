//! Every message of protocol 1, as the norm for other clients shows it.
//!
//! Unknown fields are ignored, so that either side may be newer than the other.

mod client;
mod denied;
mod rest;
mod server;
mod types;

pub use client::{ClientMessage, Hello, Priority, Submit, Subscribe};
pub use denied::DeniedReason;
pub use rest::{
    BoardReply, EventsReply, NotificationPost, Problem, RealtimePost, RealtimeReply, Recipient, Status, StreamPost,
};
pub use server::{
    Auth, CloseCode, Durability, ErrorCode, Event, Level, Member, Notification, OpResult, Outcome, Outcomes,
    RequestFailure, Response, ServerMessage, Snapshot, Welcome,
};
pub use types::{ClientMessageType, ServerMessageType};

use serde::{Deserialize, Serialize};

use crate::{Check, Epoch, Seq, UnixMs};

/// Place in a board's log up to which a reader has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Life of the log.
    pub epoch: Epoch,
    /// The last event seen.
    pub seq: Seq,
    /// Check of the log up to there: tells it from one that was put back and went on otherwise.
    pub check: Check,
}

/// Measurement, `[t, v]` on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point(pub UnixMs, pub f64);
