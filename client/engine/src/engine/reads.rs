//! Reads for the UI. They change nothing.

use std::sync::Arc;

use tideboard_shared::{BoardId, Entity, EntityId, Topic, message::Notification, tree};

use super::Engine;
use crate::{
    BoardView, Config, ConnectionState, ConnectionView, EditId, EntityView, PresenceView, SyncStatus, SyncView,
    Transport,
    connection::Connection,
    devtools::{Recording, Timeline},
    replica::Replica,
    streams::Ring,
};

impl Engine {
    /// The settings.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Timeline of an edit; `None` when the edit is not known any more, or `features.devtools` is off.
    #[must_use]
    pub fn timeline(&self, id: EditId) -> Option<&Timeline> {
        self.devtools.timeline(id)
    }

    /// Timelines of the latest edits, oldest first; none while `features.devtools` is off.
    pub fn timelines(&self) -> impl Iterator<Item = &Timeline> {
        self.devtools.timelines()
    }

    /// All calls since the engine was made, to be replayed; `None` while `features.devtools` is off.
    #[must_use]
    pub fn recording(&self) -> Option<Recording> {
        self.devtools.recording()
    }

    /// The connection's manager.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The connection, as the UI shows it.
    #[must_use]
    pub fn connection_view(&self) -> ConnectionView {
        let facts = self.connection.facts();
        ConnectionView {
            state: self.connection.state().clone(),
            attempt: self.connection.attempt(),
            rtt: facts.rtt,
            clock_skew_ms: facts.clock_skew_ms,
            last_close: facts.last_close.clone(),
            user: facts.user.clone(),
            rights: facts.rights.clone(),
            is_leader: !self.is_follower(),
            tabs: self.peers.count(),
        }
    }

    /// Synchronisation, as the UI shows it.
    #[must_use]
    pub fn sync_view(&self) -> SyncView {
        let n = self.edits.unended();
        let conflicts = self.edits.asking();
        let refused = self.edits.aside();
        let transport = match self.connection.state() {
            ConnectionState::Live { .. } => Transport::Socket,
            _ if self.rest.is_working() => Transport::Rest,
            _ if self.peers.following().is_some_and(|following| following.is_polling) => Transport::Rest,
            _ => Transport::None,
        };
        let status = match (self.connection.state(), transport) {
            (ConnectionState::NeedsAuth, _) => SyncStatus::NeedsAuth { n },
            _ if conflicts > 0 => SyncStatus::Conflict { n: conflicts },
            _ if refused > 0 => SyncStatus::Error { refused },
            (_, Transport::None) => SyncStatus::Offline { n },
            _ if n == 0 => SyncStatus::Synced,
            _ => SyncStatus::Syncing { n },
        };
        SyncView {
            status,
            transport,
            pending: n,
            in_flight: self.edits.in_flight(),
            conflicts,
            refused,
            refreshing: self.refreshing(),
            oldest: self.edits.oldest(),
            last_synced_at: self.edits.last_synced_at(),
            storage: self.storage(),
        }
    }

    /// A board, as the UI shows it; `None` when nobody subscribed to it.
    #[must_use]
    pub fn board_view(&self, board: &BoardId) -> Option<BoardView> {
        let replica = self.boards.get(board)?;
        let pending = self.edits.unended_on(board);
        Some(BoardView { status: replica.status().clone(), seq: replica.seq(), pending })
    }

    /// Board as the server has confirmed it, without the client's own pending edits. The simulation's window: it
    /// compares each page's boards with the log.
    #[must_use]
    pub fn confirmed_board(&self, board: &BoardId) -> Option<&tideboard_shared::Board> {
        self.boards.get(board).map(Replica::board)
    }

    /// Entity as the server has confirmed it.
    #[must_use]
    pub fn confirmed(&self, board: &BoardId, id: &EntityId) -> Option<Arc<Entity>> {
        self.boards.get(board)?.board().entity(id).cloned()
    }

    /// Entity with its pending edits on top. Costs `O(pending edits on it)`, whatever the size of the board.
    #[must_use]
    pub fn entity_view(&self, board: &BoardId, id: &EntityId) -> Option<EntityView> {
        self.view_of(board, self.boards.get(board)?, id)
    }

    /// Entities of one kind with their pending edits on top, by ascending id. Costs what there is of that kind and the
    /// pending edits of the board, whatever its size.
    #[must_use]
    pub fn entity_views(&self, board: &BoardId, kind: &str) -> Vec<EntityView> {
        let Some(replica) = self.boards.get(board) else { return Vec::new() };
        // An edit may create an entity, or bring one back as another kind.
        let mut ids: Vec<&EntityId> = replica.of_kind(kind).chain(self.edits.entities(board)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter()
            .filter_map(|id| self.view_of(board, replica, id))
            .filter(|view| view.entity.kind == kind)
            .collect()
    }

    /// Every entity with its pending edits on top, by ascending id. Costs as much as the board is large.
    #[must_use]
    pub fn all_entity_views(&self, board: &BoardId) -> Vec<EntityView> {
        let Some(replica) = self.boards.get(board) else { return Vec::new() };
        let confirmed = replica.board().entities().map(|entity| &entity.id);
        let ids: std::collections::BTreeSet<&EntityId> = tree(confirmed.chain(self.edits.entities(board)));
        ids.into_iter().filter_map(|id| self.view_of(board, replica, id)).collect()
    }

    /// Latest points of one stream.
    #[must_use]
    pub fn stream(&self, topic: &Topic) -> Option<&Ring> {
        self.streams.get(topic)
    }

    /// Members of a board, and the state that this client shows of itself there. Empty while nobody watches
    /// `presence:BOARD`.
    #[must_use]
    pub fn presence_view(&self, board: &BoardId) -> PresenceView {
        let me = if self.is_live() { self.connection.facts().session.clone() } else { None };
        PresenceView { members: self.presence.members(board), me, mine: self.presence.mine(board).cloned() }
    }

    /// The latest notifications that the user has not dismissed, newest first.
    pub fn notifications(&self) -> impl Iterator<Item = &Notification> {
        self.inbox.notifications()
    }

    fn view_of(&self, board: &BoardId, replica: &Replica, id: &EntityId) -> Option<EntityView> {
        let confirmed = replica.board().entity(id);
        let shown = self.edits.overlay(board, replica, id);
        let entity = if self.config.features.optimistic { shown.entity } else { confirmed.cloned() };
        entity.map(|entity| EntityView { entity, pending: shown.pending, inapplicable: shown.inapplicable })
    }
}
