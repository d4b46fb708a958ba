//! Items of a consumer in their order, and the functions that an application may apply to them on the way.

use std::{fmt, rc::Rc};

use serde_json::Value;
use tideboard_shared::{Channel, Point, Seq, ServerMessage, Topic, message::Event};

/// Item that is handed to a consumer.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Content of the item.
    pub body: Body,
    /// Number of arrivals that the item stands for: more than 1 after a merge or a repeated key, 0 for
    /// [`Body::Missed`].
    pub stands_for: u64,
    /// A board: the last event that it stands for.
    pub through: Option<Seq>,
}

/// Content of an item.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// An event of a board.
    Event(Rc<Event>),
    /// A point of a stream.
    Point {
        /// The stream.
        topic: Topic,
        /// The point.
        point: Point,
    },
    /// A message of the server's.
    Message(Rc<ServerMessage>),
    /// Result of the consumer's [`FoldFn`] on several items.
    Folded(Value),
    /// At this place others were not handed over.
    Missed(Missed),
}

/// Things that a consumer did not get one by one. A board has them all: read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missed {
    /// Number of missed items; `None` when nobody can know.
    pub count: Option<u64>,
    /// Cause of the miss.
    pub why: MissedWhy,
}

/// Cause of a consumer's not getting items one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MissedWhy {
    /// More arrived while it was paused than it may hold.
    Limit,
    /// The connection was cut, and what was sent meanwhile is not repeated.
    Outage,
    /// The server no longer had every event since the client's position, and sent the board whole.
    Snapshot,
    /// The board's log is another one; earlier positions mean nothing.
    NewLog,
}

impl Item {
    pub(crate) fn new(body: Body) -> Self {
        let through = match &body {
            Body::Event(event) => Some(event.seq),
            _ => None,
        };
        Self { body, stands_for: 1, through }
    }

    pub(crate) fn missed(count: Option<u64>, why: MissedWhy, through: Option<Seq>) -> Self {
        Self { body: Body::Missed(Missed { count, why }), stands_for: 0, through }
    }

    /// Turns the item into one that was missed; an item that says so already stays.
    pub(crate) fn as_missed(&self) -> Missed {
        match &self.body {
            Body::Missed(missed) => *missed,
            _ => Missed { count: Some(self.stands_for), why: MissedWhy::Limit },
        }
    }
}

/// Gives the key by which items of one hand-over replace each other; `None` for one that stands for itself.
///
/// It may look at its arguments only: it runs inside the engine, and the same items must always give the same. A
/// recording of the engine's calls does not hold it.
#[derive(Clone)]
pub struct KeyFn(Rc<ToKey>);

type ToKey = dyn Fn(&Body) -> Option<String>;

impl KeyFn {
    /// From a function.
    pub fn new(key: impl Fn(&Body) -> Option<String> + 'static) -> Self {
        Self(Rc::new(key))
    }

    /// The latest event of each entity.
    #[must_use]
    pub fn by_entity() -> Self {
        Self::new(|body| match body {
            Body::Event(event) => Some(event.op.entity.to_string()),
            Body::Point { .. } | Body::Message(_) | Body::Folded(_) | Body::Missed(_) => None,
        })
    }

    pub(crate) fn key(&self, body: &Body) -> Option<String> {
        (self.0)(body)
    }
}

/// Makes one of an earlier and a later item of the same key. Without a [`KeyFn`] all have the same.
///
/// It may look at its arguments only: it runs inside the engine, and the same items must always give the same. A
/// recording of the engine's calls does not hold it.
#[derive(Clone)]
pub struct FoldFn(Rc<Fold>);

type Fold = dyn Fn(&Body, &Body) -> Body;

impl FoldFn {
    /// From a function of the earlier and the later item.
    pub fn new(fold: impl Fn(&Body, &Body) -> Body + 'static) -> Self {
        Self(Rc::new(fold))
    }

    pub(crate) fn fold(&self, earlier: &Body, later: &Body) -> Body {
        (self.0)(earlier, later)
    }
}

impl fmt::Debug for KeyFn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyFn")
    }
}

impl fmt::Debug for FoldFn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FoldFn")
    }
}

impl PartialEq for KeyFn {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl PartialEq for FoldFn {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Channel whose consumers get a message itself, and how many items it holds. `None` where a channel's consumers get
/// the events or points of it, and where it came through no channel.
pub(crate) fn carried(message: &ServerMessage) -> Option<(Channel, usize)> {
    match message {
        ServerMessage::Presence { board, joined, left, changed } => {
            Some((Channel::Presence(board.clone()), joined.len() + left.len() + changed.len()))
        }
        ServerMessage::Notification(_) => Some((Channel::Notifications, 1)),
        ServerMessage::Snapshot(_) | ServerMessage::Updates { .. } | ServerMessage::Stream { .. } => None,
        ServerMessage::Welcome(_)
        | ServerMessage::Ready { .. }
        | ServerMessage::Subscribed { .. }
        | ServerMessage::Outcomes(_)
        | ServerMessage::Response(_)
        | ServerMessage::Denied { .. }
        | ServerMessage::Pong { .. }
        | ServerMessage::Draining { .. }
        | ServerMessage::Error { .. } => None,
    }
}
