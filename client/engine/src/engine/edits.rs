//! Edits at the engine's border: calls and readings go to their manager, with the managers that an edit's life touches.

use std::sync::Arc;

use tideboard_shared::{BoardId, Channel, ClientMessage, Entity, message::Submit};

use super::Engine;
use crate::{
    Choice, ConflictView, EditId, Key, Notice, Now, PendingView, RefusedView, ResolveError, SetBack, StorageStatus,
    StoreReply,
    edits::{Context, Edits, Frames, Room},
    replica::Progress,
};

impl Engine {
    /// Lets the manager of edits act, with the managers that an edit's life touches.
    pub(super) fn with_edits<R>(&mut self, act: impl FnOnce(&mut Edits, &mut Context<'_>) -> R) -> R {
        let mut cx = Context {
            config: &self.config,
            client: &self.client,
            connection: &self.connection,
            subscriptions: &self.subscriptions,
            boards: &mut self.boards,
            peers: &mut self.peers,
            devtools: &mut self.devtools,
            rng: &mut self.rng,
            outputs: &mut self.outputs,
            changed: &mut self.changed,
        };
        act(&mut self.edits, &mut cx)
    }

    pub(super) fn run_retry(&mut self, id: EditId, now: Now) -> bool {
        let is_waiting = self.edits.retry(id);
        if is_waiting {
            self.hurry_rest(now);
            self.submit_all(now);
        }
        is_waiting
    }

    pub(super) fn handle_stored(&mut self, reply: StoreReply, now: Now) {
        match reply {
            StoreReply::Loaded(contents) => {
                self.with_edits(|edits, cx| edits.handle_loaded(cx, contents, now));
            }
            StoreReply::Led { term, contents } => self.handle_led(term, contents, now),
            StoreReply::Appended { .. }
            | StoreReply::AppendFailed { .. }
            | StoreReply::Gone { .. }
            | StoreReply::Dropped { .. }
            | StoreReply::Kept { .. }
            | StoreReply::SetAside { .. } => {
                if self.with_edits(|edits, cx| edits.handle_reply(cx, reply)) {
                    self.hurry_rest(now);
                }
            }
        }
    }

    /// Follows what a message did to the confirmed board.
    pub(super) fn handle_progress(&mut self, board: &BoardId, progress: &Progress, now: Now) {
        self.relay_progress(board, progress);
        self.changed.insert(Key::Board(board.clone()));
        for event in &progress.events {
            self.changed.insert(Key::Entity(board.clone(), event.op.entity.clone()));
        }
        if progress.replaced.is_some() {
            self.changed.insert(Key::Snapshot(board.clone()));
        }
        self.with_edits(|edits, cx| edits.handle_progress(cx, board, progress, now));
        if progress.needs_resync {
            self.run_resync(board);
        }
        self.note_refreshed(&Channel::Board(board.clone()));
    }

    pub(super) fn submit_all(&mut self, now: Now) {
        if self.connection.live_epoch().is_none() {
            return;
        }
        for submit in self.ready_submits(Frames::OneForEach, now) {
            self.send_frame(&[ClientMessage::Submit(submit)]);
        }
    }

    pub(super) fn ready_submits(&mut self, frames: Frames, now: Now) -> Vec<Submit> {
        let room = Room { limits: self.limits(), frames };
        self.with_edits(|edits, cx| edits.ready_submits(cx, room, now))
    }

    /// Something on the way to the server found what was sent too large.
    pub(super) fn handle_too_large(&mut self, now: Now) {
        self.with_edits(|edits, cx| edits.handle_too_large(cx, now));
    }

    pub(super) fn read_storage(&mut self) {
        self.with_edits(|edits, cx| edits.read_storage(cx));
    }

    pub(super) fn show_notice(&mut self, notice: Notice) {
        self.with_edits(|edits, cx| edits.show_notice(cx, notice));
    }

    /// Edits without an end, oldest first, for the list the user can open.
    #[must_use]
    pub fn pending_edits(&self) -> Vec<PendingView> {
        self.edits.pending_views()
    }

    /// Conflicts that wait, oldest edit first, each with what every choice would make of the entity now.
    #[must_use]
    pub fn conflicts(&self) -> Vec<ConflictView> {
        self.edits.conflicts(&self.boards)
    }

    /// Entity of a conflict as a choice would make it now; `None` where the entity would not exist.
    ///
    /// # Errors
    /// When [`Self::resolve`] would fail with that choice.
    pub fn preview(&self, id: EditId, choice: &Choice) -> Result<Option<Arc<Entity>>, ResolveError> {
        self.edits.preview(&self.boards, id, choice)
    }

    /// Refused edits that were set aside, oldest first.
    pub fn refused(&self) -> impl Iterator<Item = (EditId, RefusedView)> {
        self.edits.refused()
    }

    /// Notices for the user of what became of edits, oldest first.
    pub fn notices(&self) -> impl Iterator<Item = &Notice> {
        self.edits.notices()
    }

    /// Boards that the server has set back, oldest first.
    pub fn set_backs(&self) -> impl Iterator<Item = &SetBack> {
        self.edits.set_backs()
    }

    /// True if there is an edit of mine to undo.
    #[must_use]
    pub fn can_undo(&self, board: &BoardId) -> bool {
        self.config.features.undo && self.edits.can_undo(board)
    }

    /// True if there is an undo of mine to redo.
    #[must_use]
    pub fn can_redo(&self, board: &BoardId) -> bool {
        self.config.features.undo && self.edits.can_redo(board)
    }

    /// Place where edits are kept: what the driver says, or that the last one could not be stored.
    #[must_use]
    pub fn storage(&self) -> StorageStatus {
        self.edits.storage_status()
    }
}
