//! What the UI may read. Nothing here changes anything.

use std::{collections::BTreeSet, sync::Arc};

use tideboard_shared::{BoardId, Entity, EntityId, Topic};

use super::{BoardState, Engine};
use crate::{
    BoardView, ConnectionState, ConnectionView, EntityView, Notice, SyncStatus, SyncView, connection::Connection,
    streams::Ring,
};

impl Engine {
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
        }
    }

    /// Synchronisation, as the UI shows it.
    #[must_use]
    pub fn sync_view(&self) -> SyncView {
        let n = self.edits.len();
        let status = match self.connection.state() {
            ConnectionState::NeedsAuth => SyncStatus::NeedsAuth { n },
            ConnectionState::Live { .. } if n == 0 => SyncStatus::Synced,
            ConnectionState::Live { .. } => SyncStatus::Syncing { n },
            _ => SyncStatus::Offline { n },
        };
        let unended = self.boards.values().flat_map(|state| state.pending.unended());
        SyncView {
            status,
            pending: n,
            in_flight: self.boards.values().map(|state| state.lane.in_flight()).sum(),
            oldest: unended.map(|pending| pending.created).min(),
            last_synced_at: self.last_synced_at,
            storage_problem: self.storage_problem.clone(),
        }
    }

    /// A board, as the UI shows it; `None` when nobody subscribed to it.
    #[must_use]
    pub fn board_view(&self, board: &BoardId) -> Option<BoardView> {
        let state = self.boards.get(board)?;
        Some(BoardView {
            status: state.replica.status().clone(),
            seq: state.replica.seq(),
            pending: state.pending.unended().count(),
        })
    }

    /// A board as the server has confirmed it.
    #[must_use]
    pub fn confirmed_board(&self, board: &BoardId) -> Option<&tideboard_shared::Board> {
        self.boards.get(board).map(|state| state.replica.board())
    }

    /// One entity as the server has confirmed it.
    #[must_use]
    pub fn confirmed(&self, board: &BoardId, id: &EntityId) -> Option<Arc<Entity>> {
        self.boards.get(board)?.replica.board().entity(id).cloned()
    }

    /// One entity with its pending edits on top. Costs `O(pending edits on it)`, whatever the size of the board.
    #[must_use]
    pub fn entity_view(&self, board: &BoardId, id: &EntityId) -> Option<EntityView> {
        self.boards.get(board)?.entity_view(id)
    }

    /// Entities of one kind with their pending edits on top, by ascending id.
    #[must_use]
    pub fn entity_views(&self, board: &BoardId, kind: &str) -> Vec<EntityView> {
        let Some(state) = self.boards.get(board) else { return Vec::new() };
        let confirmed = state.replica.board().entities().filter(|entity| entity.kind == kind).map(|entity| &entity.id);
        // An edit may create an entity, or bring one back as another kind.
        let ids: BTreeSet<&EntityId> = confirmed.chain(state.pending.entities()).collect();
        ids.into_iter().filter_map(|id| state.entity_view(id)).filter(|view| view.entity.kind == kind).collect()
    }

    /// One stream's latest points.
    #[must_use]
    pub fn stream(&self, topic: &Topic) -> Option<&Ring> {
        self.streams.get(topic)
    }

    /// What became of edits and the user should see, oldest first.
    pub fn notices(&self) -> impl Iterator<Item = &Notice> {
        self.notices.iter()
    }
}

impl BoardState {
    fn entity_view(&self, id: &EntityId) -> Option<EntityView> {
        let shown = self.pending.overlay(id, self.replica.board().entity(id), self.replica.seq());
        let (pending, inapplicable) = (shown.pending, shown.inapplicable);
        shown.entity.map(|entity| EntityView { entity, pending, inapplicable })
    }
}
