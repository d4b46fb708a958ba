//! Carries what need not be durable between the nodes of a cluster: stream points, presence, notifications.
//!
//! In: events of this node. Out: the events of every node, this one included, each publisher's in its order. Never: a
//! reordering, or memory without bound: a publisher waits while a receiver is behind.

use std::{fmt::Debug, sync::Arc};

use futures_util::future::BoxFuture;
use serde_json::Value;
use tideboard_shared::{
    BoardId, Point, SessionId, Topic,
    message::{Member, Notification, Recipient},
};
use tokio::sync::mpsc;

#[cfg(test)]
mod conformance;
pub(crate) mod local;

pub(crate) use local::LocalBus;

/// Event that every node should hear of.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum BusEvent {
    /// New points of a stream, oldest first.
    Points { topic: Topic, points: Arc<[Point]> },
    /// Arrival of a member on a board, or another state of it.
    Present { board: BoardId, member: Member },
    /// Departure of a member from a board.
    Gone { board: BoardId, session: SessionId },
    /// Connection of a session that broke: its members are gone after a while. In order behind what the session said.
    Lost { session: SessionId },
    /// A notification.
    Notify { to: Recipient, notification: Notification },
}

impl BusEvent {
    /// A presence message: `null` takes the session off the board.
    pub(crate) fn presence(board: BoardId, session: SessionId, user: String, state: Value) -> Self {
        if state.is_null() {
            return Self::Gone { board, session };
        }
        Self::Present { board, member: Member { session, user, state } }
    }
}

/// Everybody's events, to everybody.
pub(crate) trait Bus: Send + Sync + Debug {
    /// Waits until every receiver has a place for it.
    fn publish(&self, event: BusEvent) -> BoxFuture<'_, ()>;

    /// Events published from now on. Dropping the receiver ends them.
    fn receive(&self) -> mpsc::Receiver<BusEvent>;
}
