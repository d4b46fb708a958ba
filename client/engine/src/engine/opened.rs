//! Storage was opened: under which name to write, and boards as an earlier page saw them.

use tideboard_shared::BoardId;

use super::Engine;
use crate::{CachedBoard, ConnectionState, Key, Opened, StorageStatus};

impl Engine {
    pub(super) fn handle_opened(&mut self, opened: Opened) {
        let Opened { client, tab, boards, storage } = opened;
        let is_unsaid = *self.connection.state() == ConnectionState::Idle && self.edits.unended() == 0;
        if let Some(tab) = tab.filter(|_| is_unsaid) {
            self.connection.rename_tab(tab.clone());
            self.peers.me.tab = tab;
        }
        if let Some(client) = client.filter(|client| *client != self.client && is_unsaid) {
            self.connection.rename_client(client.clone());
            self.boards.rename(client.clone());
            self.client = client;
        }
        for cached in boards {
            let board = cached.board.clone();
            if self.boards.restore(cached) {
                self.changed.extend([Key::Board(board.clone()), Key::Snapshot(board)]);
            }
        }
        self.handle_storage(storage);
    }

    pub(super) fn handle_storage(&mut self, status: StorageStatus) {
        self.edits.handle_storage_status(status);
        self.changed.insert(Key::Sync);
    }

    /// A board as the server has confirmed it, to be shown by the next page before it has a connection; `None` while
    /// nothing is known of it.
    #[must_use]
    pub fn board_to_cache(&self, board: &BoardId) -> Option<CachedBoard> {
        let replica = self.boards.get(board)?;
        Some(CachedBoard {
            board: board.clone(),
            position: replica.since()?.clone(),
            last_n: replica.last_n(),
            mine: replica.mine().collect(),
            entities: replica.board().entities().cloned().collect(),
        })
    }
}
