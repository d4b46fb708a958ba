//! All that passes the engine's border: what the outside tells it, and what it wants done.

use std::{collections::VecDeque, rc::Rc, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use tideboard_shared::{
    AccessToken, BoardId, ClientId, DecodeError, Entity, Operation, Position, ServerMessage, TabId, UnixMs,
};

use crate::{
    Author, ConflictStrategy, DeliveryId, EditEnd, EditId, Item, Key, OpNo, PeerMessage, Refused, RequestId, Role,
    StorageStatus, Term, requests::Answer,
};

/// The time of an input. The engine knows no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Now {
    /// Time since an origin that never moves; does not jump. Every delay is measured by it.
    pub mono: Duration,
    /// The user's clock, for what is shown and for the server's clock skew. May jump.
    pub wall: UnixMs,
}

/// Tells a socket from those it replaced. Events that carry an older one are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct SocketEpoch(pub u64);

/// Event from outside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Input {
    /// Connect, and stay connected until [`Input::Disconnect`].
    Connect,
    /// Close the connection on purpose; nothing reconnects by itself after it.
    Disconnect,
    /// Skip the rest of a backoff, or replace a connection that is suspected.
    ReconnectNow,
    /// A fresh token: sent at once on a live connection, else with the next `hello`.
    Token(AccessToken),
    /// Event of a socket.
    Socket {
        /// To which.
        epoch: SocketEpoch,
        /// Event.
        event: SocketEvent,
    },
    /// Storage answers a [`StoreRequest`].
    Stored(StoreReply),
    /// An [`Output::Post`] was answered, or could not be sent.
    Posted {
        /// Post that is answered.
        id: PostId,
        /// The answer's body, or why there is none.
        result: Result<String, PostError>,
    },
    /// The moment of [`Output::Timeout`] has come. Harmless when early or repeated.
    Timeout,
    /// The machine says that it has a network, or none.
    Online(bool),
    /// The page became visible, or the machine woke up.
    Visible,
    /// The page can no longer be seen.
    Hidden,
    /// A frame is about to be painted, as [`Output::RequestFrame`] asked.
    Frame,
    /// Storage was opened, or cannot be. Comes once, before anything else; a driver whose storage knows no names and no
    /// boards may leave it out.
    Opened(Box<Opened>),
    /// From now on edits are kept elsewhere.
    Storage(StorageStatus),
    /// Part that this tab plays among those of its browser. Before the first of these it is alone.
    Role(Role),
    /// Another tab says something, as its [`Output::Tell`] asked.
    Told {
        /// Tab that speaks.
        from: TabId,
        /// Message of that tab.
        message: PeerMessage,
    },
    /// The page goes away, or to sleep: the other tabs are told, and the lead is given up.
    Leave,
}

/// Event of a socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SocketEvent {
    /// The socket is open.
    Opened,
    /// A text frame arrived.
    Frame(String),
    /// The socket is closed, or could not be opened (1006).
    Closed {
        /// WebSocket close code.
        code: u16,
        /// The server's words, or none.
        reason: String,
    },
}

/// Work that the engine wants done, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Open a socket; report on it under this epoch.
    OpenSocket(SocketEpoch),
    /// Close a socket. Nothing it says afterwards matters.
    CloseSocket(SocketEpoch),
    /// Send a text frame.
    Send {
        /// On which socket.
        epoch: SocketEpoch,
        /// The frame.
        frame: String,
    },
    /// Post to the server's `/api/realtime`, and answer with [`Input::Posted`].
    Post {
        /// Post to be answered.
        id: PostId,
        /// The JSON body.
        body: String,
        /// For the `Authorization: Bearer` header.
        token: Option<AccessToken>,
    },
    /// Read or write the durable outbox.
    Store(StoreRequest),
    /// A message from the server, after the engine has handled it.
    Message(Rc<ServerMessage>),
    /// A frame or message from the server that cannot be read; for the log.
    Undecodable(DecodeError),
    /// An edit came to its end.
    Ended {
        /// Edit that ended.
        id: EditId,
        /// End of the edit.
        end: EditEnd,
    },
    /// An edit's outcome takes longer than `optimistic.operation_timeout`. It stays queued.
    Overdue(EditId),
    /// A refresh ended.
    Refreshed {
        /// Refresh that ended.
        id: RefreshId,
        /// `Ok` if everything is up to date.
        result: Result<(), RefreshError>,
    },
    /// A request has its answer, or never will. Exactly once for each.
    Answered {
        /// Request that is answered.
        id: RequestId,
        /// The answer.
        result: Answer,
    },
    /// Items for a consumer, in order.
    Deliver {
        /// Consumer of the items.
        id: DeliveryId,
        /// The items, at least one.
        items: Vec<Item>,
    },
    /// Say [`Input::Frame`] before the next frame is painted.
    RequestFrame,
    /// Say this to all other tabs of the browser, in order.
    Tell(PeerMessage),
    /// The leading tab has been silent for too long: take the lead from it by force, and answer with [`Input::Role`].
    /// Comes again while nobody leads.
    TakeLead,
    /// Keys of views that changed.
    Changed(Vec<Key>),
    /// Call with [`Input::Timeout`] at this time. Replaces the one before; the last output of every drain, if any.
    Timeout(Duration, TimeoutReason),
}

/// Outputs that wait to be polled, in order.
#[derive(Debug, Default)]
pub(crate) struct Outputs(pub(crate) VecDeque<Output>);

impl Outputs {
    pub(crate) fn push(&mut self, output: Output) {
        self.0.push_back(output);
    }
}

/// Reason why the engine wants to be called again, for logs and tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimeoutReason {
    /// Connecting or greeting takes too long.
    Connect,
    /// A backoff ends.
    Reconnect,
    /// The connection has been silent.
    Heartbeat,
    /// A hole in a board's updates has lasted.
    Gap,
    /// An outcome is overdue, or a refused-for-now submit may be repeated.
    Sync,
    /// An edit becomes overdue.
    Operation,
    /// A post is due, or takes too long.
    Rest,
    /// A refresh takes too long, or the boards are to be checked.
    Refresh,
    /// A request is repeated or given up.
    Request,
    /// The active tab changes, or channels of one that was left end.
    Plan,
    /// Items are due for a consumer.
    Deliver,
    /// A consumer becomes stale.
    Stale,
    /// A sign of life to other tabs is due, or one of them has been silent for long.
    Peers,
}

/// A wish to the durable outbox. Wishes are answered in their order.
#[derive(Debug, Clone, PartialEq)]
pub enum StoreRequest {
    /// Read everything. Answered by [`StoreReply::Loaded`].
    Load,
    /// Read everything and give out the next term, in one transaction. Answered by [`StoreReply::Led`].
    Lead,
    /// Write an edit and give it the client's next `n`, in one transaction. Answered by [`StoreReply::Appended`].
    Append {
        /// The edit; its operation's `n` is still 0.
        edit: Box<StoredEdit>,
        /// Under which id the engine knows it.
        id: EditId,
        /// An older edit that goes in the same transaction. When it is gone already, nothing is written, and the answer
        /// is [`StoreReply::Gone`]: of two tabs that go on with the same edit, one does.
        replaces: Option<OpNo>,
    },
    /// Note that an edit was refused and waits for the user, if it is still there. Answered by
    /// [`StoreReply::SetAside`].
    SetAside {
        /// Number of the edit.
        n: OpNo,
        /// Reason for the refusal.
        why: Refused,
    },
    /// Forget an edit that its user does not want any more, unless another tab has gone on with it. Answered by
    /// [`StoreReply::Dropped`], [`StoreReply::Kept`] or, when it is not there, [`StoreReply::Gone`].
    Drop {
        /// Under which id the engine knows it.
        id: EditId,
        /// Number of the edit.
        n: OpNo,
        /// The term of the leader that has not sent it: once a later one was given out, another tab may have, and the
        /// edit is kept. `None` for one that the server has refused.
        term: Option<Term>,
    },
    /// Forget edits whose end is known. Not answered.
    Settle(Vec<OpNo>),
}

/// Answer of the durable outbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum StoreReply {
    /// Contents, as one transaction saw them.
    Loaded(Contents),
    /// Permission for this tab to lead.
    Led {
        /// Higher than every term that was given out before.
        term: Term,
        /// Contents, as the same transaction saw them.
        contents: Contents,
    },
    /// The edit that was to be replaced or dropped is gone: another tab has settled or replaced it. Nothing was
    /// written.
    Gone {
        /// The edit that was to take its place, or to be dropped.
        id: EditId,
    },
    /// The edit is forgotten, and nobody has sent it.
    Dropped {
        /// Edit that was dropped.
        id: EditId,
    },
    /// The edit that was to be dropped is still there: a later leader may have sent it.
    Kept {
        /// Edit that was kept.
        id: EditId,
    },
    /// The edit is durable and has its number.
    Appended {
        /// Edit that is durable.
        id: EditId,
        /// Number of the edit.
        n: OpNo,
    },
    /// The reason why an edit waits is noted.
    SetAside {
        /// Number of the edit.
        n: OpNo,
    },
    /// The edit could not be written. It is sent from memory all the same, under this number.
    AppendFailed {
        /// Edit that could not be written.
        id: EditId,
        /// Number of the edit; no other edit of the client, in whichever tab, may ever have it.
        n: OpNo,
        /// Reason, for people.
        reason: String,
    },
}

/// Contents of storage when a page is loaded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// Client that writes into storage: one storage is one client, whose numbers it gives out. `None` is the client
    /// that the engine was made for. Not heeded once something was said under another name.
    pub client: Option<ClientId>,
    /// The tab's name, where the one that the engine was made for is another tab's. Heeded as `client` is.
    pub tab: Option<TabId>,
    /// Boards as they were when last seen. They are shown at once, and resumed from where they are.
    pub boards: Vec<CachedBoard>,
    /// Place where edits are kept.
    pub storage: StorageStatus,
}

/// A board as the server had confirmed it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CachedBoard {
    /// Board of the copy.
    pub board: BoardId,
    /// Position in the server's log.
    pub position: Position,
    /// The highest `n` of this client whose end it shows.
    pub last_n: u64,
    /// Numbers of this client's operations that were applied, the latest of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mine: Vec<u64>,
    /// All its entities.
    pub entities: Vec<Arc<Entity>>,
}

/// The durable outbox at one moment.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Contents {
    /// All edits, by rising `n`.
    pub edits: Vec<StoredEdit>,
    /// The highest number that was given out; 0 for none. Edits up to it that are not here have come to their end.
    pub last_n: u64,
}

/// Row of the durable outbox.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct StoredEdit {
    /// The board it is for.
    pub board: BoardId,
    /// Operation of the edit; carries its `n` once stored.
    pub op: Operation,
    /// Way to settle a conflict.
    pub strategy: ConflictStrategy,
    /// Creation time, by the user's clock.
    pub created: UnixMs,
    /// The schema version of the application that wrote it.
    pub schema: u32,
    /// Reason why the edit waits for the user instead of its turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aside: Option<Refused>,
    /// Number under which it was stored first; `None` when that is the one it has, for which older builds wrote 0.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "number_or_zero")]
    pub first: Option<OpNo>,
    /// Page that made the edit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Author>,
    /// Position of the board when it was made: names the history that the operation's `base` is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Position>,
}

fn number_or_zero<'de, D: serde::Deserializer<'de>>(number: D) -> Result<Option<OpNo>, D::Error> {
    Ok(Option::<u64>::deserialize(number)?.and_then(OpNo::new))
}

impl StoredEdit {
    /// Number of the row; `None` before storage has given one out.
    #[must_use]
    pub fn no(&self) -> Option<OpNo> {
        OpNo::new(self.op.id.n)
    }

    /// Number under which it was stored first: the one name that it has in every tab.
    #[must_use]
    pub fn first_no(&self) -> Option<OpNo> {
        self.first.or(self.no())
    }
}

/// Names one post to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct PostId(pub u64);

/// Reason why a post was not answered.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PostError {
    /// The HTTP status; `None` when there was no answer at all.
    pub status: Option<u16>,
}

impl PostError {
    /// True if a fresh token is needed.
    #[must_use]
    pub fn is_unauthorised(&self) -> bool {
        self.status == Some(401)
    }

    /// True if the body was larger than something on the way takes.
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        self.status == Some(413)
    }
}

/// Names one refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefreshId(pub u64);

/// Reason why a refresh did not bring everything up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefreshError {
    /// There is no connection, and no way around it.
    #[error("there is no connection")]
    Offline,
    /// The refresh took longer than `sync.refresh_timeout`.
    #[error("the server did not answer in time")]
    Timeout,
    /// Too many refreshes are under way.
    #[error("too many refreshes are under way; wait for one to end")]
    Busy,
}

/// Fate of a message that the application sends itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendResult {
    /// Handed to the socket.
    Sent,
    /// Kept until the connection is live.
    Queued,
    /// Neither: the queue holds as many as it may, or the message's feature is switched off.
    Refused,
}
