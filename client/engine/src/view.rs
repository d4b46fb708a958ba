//! Read models of the UI: plain values, cheap to compare, and the keys by which a reader learns that one changed.

use std::{cell::RefCell, collections::BTreeSet, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use tideboard_shared::{
    BoardId, BoardRole, Channel, DeniedReason, Entity, EntityId, Rights, Seq, Topic, UnixMs, message::Notification,
};

use crate::{
    ChannelView, Choice, Config, ConflictView, ConnectionState, DeliveryId, DeliveryView, EditId, Engine, Notice,
    PendingView, PlanId, PlanView, PresenceView, RefusedView, RequestsView, ResolveError, SetBack,
    connection::LastClose, devtools::Timeline, streams::Ring,
};

/// A part of what can be read that changes as one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// [`ConnectionView`].
    Connection,
    /// [`SyncView`].
    Sync,
    /// [`BoardView`], or which entities a board has, or any of them.
    Board(BoardId),
    /// Entity of a board.
    Entity(BoardId, EntityId),
    /// A board as a whole: a snapshot replaced it.
    Snapshot(BoardId),
    /// Points of a stream.
    Stream(Topic),
    /// The notices.
    Notices,
    /// Timelines of edits, while `features.devtools` is on.
    Devtools,
    /// The conflicts that wait.
    Conflicts,
    /// Channels that are wanted, their states, and the plans: [`ChannelView`], [`PlanView`].
    Channels,
    /// Arrivals through a channel.
    Channel(Channel),
    /// Consumer: [`DeliveryView`].
    Delivery(DeliveryId),
    /// [`RequestsView`].
    Requests,
    /// People on a board: [`PresenceView`].
    Presence(BoardId),
    /// The notifications.
    Notifications,
}

/// The connection, as the UI shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectionView {
    /// State of the connection.
    pub state: ConnectionState,
    /// Attempts in a row since the last stable connection.
    pub attempt: u32,
    /// Round-trip time of the last ping.
    pub rtt: Option<Duration>,
    /// The server's clock less the user's, ms.
    pub clock_skew_ms: Option<i64>,
    /// End of the last connection.
    pub last_close: Option<LastClose>,
    /// User that the server takes this client to be.
    pub user: Option<String>,
    /// Rights of the user.
    pub rights: Rights,
    /// True if this tab has the connection; else another tab of the browser has it, and the view shows how it stands
    /// there.
    pub is_leader: bool,
    /// Number of the browser's tabs that share the connection, as far as is known.
    pub tabs: usize,
}

impl ConnectionView {
    /// Says whether the user may change a board, as far as is known. A board that was opened without a server may be
    /// edited: what the user turns out not to be allowed is refused later, visibly.
    #[must_use]
    pub fn may_edit(&self, board: &BoardId) -> bool {
        self.user.is_none() || self.rights.on_board(board, BoardRole::Editor)
    }
}

/// Trust that a board deserves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BoardStatus {
    /// Not known yet.
    Loading,
    /// Shown as it was; what was missed is on its way.
    CatchingUp,
    /// Shown as it is.
    Live,
    /// Shown as it was at the last synchronisation over REST.
    Polled,
    /// Shown as it was when the connection was lost.
    Stale,
    /// The server does not show it to this user.
    Denied {
        /// Reason that the server gave.
        reason: DeniedReason,
    },
}

/// A board, as the UI shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardView {
    /// Trust that the board deserves.
    pub status: BoardStatus,
    /// The last confirmed event.
    pub seq: Seq,
    /// Edits without an outcome.
    pub pending: usize,
}

/// An entity with its pending edits on top.
#[derive(Debug, Clone)]
pub struct EntityView {
    /// The entity as the user should see it; shared with the board while nothing is pending.
    pub entity: Arc<Entity>,
    /// Edits of it without an outcome.
    pub pending: usize,
    /// Edits among them that no longer apply, because of what others did.
    pub inapplicable: usize,
}

impl PartialEq for EntityView {
    fn eq(&self, other: &Self) -> bool {
        self.pending == other.pending
            && self.inapplicable == other.inapplicable
            && (Arc::ptr_eq(&self.entity, &other.entity) || self.entity == other.entity)
    }
}

/// Synchronisation in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncStatus {
    /// Every edit has arrived.
    Synced,
    /// So many edits are on their way.
    Syncing {
        /// Number of edits.
        n: usize,
    },
    /// So many conflicts wait for the user.
    Conflict {
        /// Number of conflicts.
        n: usize,
    },
    /// So many edits were refused and set aside.
    Error {
        /// Number of edits.
        refused: usize,
    },
    /// So many edits wait for a connection.
    Offline {
        /// Number of edits.
        n: usize,
    },
    /// So many edits wait for a fresh token.
    NeedsAuth {
        /// Number of edits.
        n: usize,
    },
}

/// Way to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Over the socket: everything arrives at once.
    Socket,
    /// Over REST, now and then, because the socket is down.
    Rest,
    /// Not at all.
    None,
}

/// Place where edits are kept until the server has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StorageStatus {
    /// In the browser's storage: they outlive a reload and a crash.
    Persisted,
    /// In memory: those that the server does not have are gone with the page.
    MemoryOnly {
        /// Reason, for people.
        reason: String,
    },
    /// In memory, because the browser's storage is full. Those written before are still there.
    QuotaExceeded,
}

/// Synchronisation, as the UI shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncView {
    /// All in one.
    pub status: SyncStatus,
    /// Way to the server.
    pub transport: Transport,
    /// Edits without an outcome.
    pub pending: usize,
    /// Edits among them that were submitted on this connection.
    pub in_flight: usize,
    /// Conflicts that wait for the user.
    pub conflicts: usize,
    /// Refused edits that were set aside.
    pub refused: usize,
    /// Channels that a refresh still waits for.
    pub refreshing: usize,
    /// Creation time of the oldest pending edit.
    pub oldest: Option<UnixMs>,
    /// Time at which an outcome last arrived.
    pub last_synced_at: Option<UnixMs>,
    /// Place where edits are kept until the server has them.
    pub storage: StorageStatus,
}

/// Reads the engine and notes what was read, so that a selector runs again only when that changed.
#[derive(Debug)]
pub struct Reader<'a> {
    engine: &'a Engine,
    reads: RefCell<BTreeSet<Key>>,
}

impl<'a> Reader<'a> {
    /// A reader that has read nothing.
    #[must_use]
    pub fn new(engine: &'a Engine) -> Self {
        Self { engine, reads: RefCell::default() }
    }

    /// Keys of everything that was read.
    #[must_use]
    pub fn into_reads(self) -> BTreeSet<Key> {
        self.reads.into_inner()
    }

    /// The settings. They never change.
    #[must_use]
    pub fn config(&self) -> &'a Config {
        self.engine.config()
    }

    /// Timelines of the latest edits, oldest first; none while `features.devtools` is off.
    #[must_use]
    pub fn timelines(&self) -> Vec<Timeline> {
        self.note(Key::Devtools);
        self.engine.timelines().cloned().collect()
    }

    /// The connection.
    #[must_use]
    pub fn connection(&self) -> ConnectionView {
        self.note(Key::Connection);
        self.engine.connection_view()
    }

    /// Synchronisation.
    #[must_use]
    pub fn sync(&self) -> SyncView {
        self.note(Key::Sync);
        self.engine.sync_view()
    }

    /// A board; `None` when nobody subscribed to it.
    #[must_use]
    pub fn board(&self, board: &BoardId) -> Option<BoardView> {
        self.note(Key::Board(board.clone()));
        self.engine.board_view(board)
    }

    /// Entity with its pending edits on top.
    #[must_use]
    pub fn entity(&self, board: &BoardId, id: &EntityId) -> Option<EntityView> {
        self.note_entity(board, id);
        self.engine.entity_view(board, id)
    }

    /// Entity as the server has confirmed it.
    #[must_use]
    pub fn confirmed(&self, board: &BoardId, id: &EntityId) -> Option<Arc<Entity>> {
        self.note_entity(board, id);
        self.engine.confirmed(board, id)
    }

    /// Entities of one kind with their pending edits on top, by ascending id.
    #[must_use]
    pub fn entities(&self, board: &BoardId, kind: &str) -> Vec<EntityView> {
        self.note(Key::Board(board.clone()));
        self.engine.entity_views(board, kind)
    }

    /// Every entity with its pending edits on top, by ascending id.
    #[must_use]
    pub fn all_entities(&self, board: &BoardId) -> Vec<EntityView> {
        self.note(Key::Board(board.clone()));
        self.engine.all_entity_views(board)
    }

    /// Latest points of a stream.
    #[must_use]
    pub fn stream(&self, topic: &Topic) -> Option<&'a Ring> {
        self.note(Key::Stream(topic.clone()));
        self.engine.stream(topic)
    }

    /// Notices of what became of edits, oldest first.
    #[must_use]
    pub fn notices(&self) -> Vec<Notice> {
        self.note(Key::Notices);
        self.engine.notices().cloned().collect()
    }

    /// Boards that the server has set back, oldest first.
    #[must_use]
    pub fn set_backs(&self) -> Vec<SetBack> {
        self.note(Key::Notices);
        self.engine.set_backs().cloned().collect()
    }

    /// Conflicts that wait, each with what every choice would make of the entity now.
    #[must_use]
    pub fn conflicts(&self) -> Vec<ConflictView> {
        let boards = self.engine.conflicts().into_iter().map(|view| view.case.board.clone());
        // The previews follow what stands now.
        self.reads.borrow_mut().extend(boards.map(Key::Board).chain([Key::Conflicts]));
        self.engine.conflicts()
    }

    /// Entity of a conflict as a choice would make it now; `None` where the entity would not exist.
    ///
    /// # Errors
    /// When settling the conflict so would fail.
    pub fn preview(&self, id: EditId, choice: &Choice) -> Result<Option<Arc<Entity>>, ResolveError> {
        let board = self.engine.conflicts().into_iter().find(|view| view.id == id).map(|view| view.case.board);
        self.reads.borrow_mut().extend(board.map(Key::Board).into_iter().chain([Key::Conflicts]));
        self.engine.preview(id, choice)
    }

    /// Edits without an end, oldest first.
    #[must_use]
    pub fn pending_edits(&self) -> Vec<PendingView> {
        self.note(Key::Sync);
        self.engine.pending_edits()
    }

    /// Refused edits that were set aside, oldest first.
    #[must_use]
    pub fn refused(&self) -> Vec<(EditId, RefusedView)> {
        self.note(Key::Sync);
        self.engine.refused().map(|(id, view)| (id, view.clone())).collect()
    }

    /// Pair of flags: an edit of mine can be undone, an undo of mine can be redone.
    #[must_use]
    pub fn can_undo_redo(&self, board: &BoardId) -> (bool, bool) {
        self.note(Key::Board(board.clone()));
        (self.engine.can_undo(board), self.engine.can_redo(board))
    }

    /// State of a channel and what came through it; `None` when nobody wants it.
    #[must_use]
    pub fn channel(&self, channel: &Channel) -> Option<ChannelView> {
        self.reads.borrow_mut().extend([Key::Channels, Key::Channel(channel.clone())]);
        self.engine.channel_view(channel)
    }

    /// Every channel that somebody wants.
    #[must_use]
    pub fn channels(&self) -> Vec<ChannelView> {
        let views = self.engine.channel_views();
        let keys = views.iter().map(|view| Key::Channel(view.channel.clone()));
        self.reads.borrow_mut().extend(keys.chain([Key::Channels]));
        views
    }

    /// Place of the user in a plan; `None` when it is closed.
    #[must_use]
    pub fn plan(&self, id: PlanId) -> Option<PlanView> {
        self.note(Key::Channels);
        self.engine.plan_view(id)
    }

    /// A consumer; `None` when it is closed.
    #[must_use]
    pub fn delivery(&self, id: DeliveryId) -> Option<DeliveryView> {
        self.reads.borrow_mut().extend(self.engine.delivery_keys(id));
        self.engine.delivery_view(id)
    }

    /// The requests without an answer.
    #[must_use]
    pub fn requests(&self) -> RequestsView {
        self.note(Key::Requests);
        self.engine.requests_view()
    }

    /// People on a board. Empty while nobody is subscribed to its presence.
    #[must_use]
    pub fn presence(&self, board: &BoardId) -> PresenceView {
        // Which of them is this browser's own connection changes with the connection.
        self.reads.borrow_mut().extend([Key::Presence(board.clone()), Key::Connection]);
        self.engine.presence_view(board)
    }

    /// The latest notifications that the user has not dismissed, newest first.
    #[must_use]
    pub fn notifications(&self) -> Vec<Notification> {
        self.note(Key::Notifications);
        self.engine.notifications().cloned().collect()
    }

    fn note_entity(&self, board: &BoardId, id: &EntityId) {
        self.reads.borrow_mut().extend([Key::Snapshot(board.clone()), Key::Entity(board.clone(), id.clone())]);
    }

    fn note(&self, key: Key) {
        self.reads.borrow_mut().insert(key);
    }
}
