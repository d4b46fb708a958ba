//! Storage was opened: under which name to write, and boards as an earlier page saw them.

use tideboard_shared::{BoardId, ClientId};

use super::Engine;
use crate::{CachedBoard, ConnectionState, Key, Now, Opened, StorageStatus, peers::PeerBody};

impl Engine {
    pub(super) fn handle_opened(&mut self, opened: Opened) {
        let Opened { writer, tab, boards, storage } = opened;
        let is_unsaid = *self.connection.state() == ConnectionState::Idle && self.edits.unended() == 0;
        if let Some(tab) = tab.filter(|_| is_unsaid) {
            self.connection.rename_tab(tab.clone());
            self.peers.me.tab = tab;
        }
        if let Some(writer) = writer.filter(|_| is_unsaid) {
            self.boards.rename(writer.client.clone());
            self.client = writer.client.clone();
            self.connection.rename_writer(writer);
        }
        for cached in boards {
            let board = cached.board.clone();
            if self.boards.restore(cached) {
                self.changed.extend([Key::Board(board.clone()), Key::Snapshot(board)]);
            }
        }
        self.handle_storage(storage);
    }

    /// Goes on under the id that storage has taken: on a new connection, and with all tabs.
    pub(super) fn adopt_client(&mut self, client: ClientId, now: Now) {
        if client == self.client {
            return;
        }
        tracing::info!(%client, "goes on under a new client id");
        self.boards.renew(client.clone());
        self.client = client.clone();
        self.connection.renew_client(client.clone());
        self.tell(PeerBody::Renamed { client });
        if self.connection.state().has_socket() && !self.is_follower() {
            let change = self.connection.handle_reconnect_now(now, &mut self.outputs);
            self.changed.insert(Key::Connection);
            self.handle_change(change, now);
        }
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
            entities: replica.board().entities().cloned().collect(),
        })
    }
}
