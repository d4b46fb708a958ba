//! Keeps boards for a page that starts without a connection: now and then, and only what has changed.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use tideboard_engine::{BoardStatus, CachedBoard, Key};
use tideboard_shared::{BoardId, Position};

use super::{Driver, storage::Keep};
use crate::clock::Timer;

/// Time from a board's first change until it is written, with all that came meanwhile.
const KEEP_AFTER: Duration = Duration::from_secs(3);
/// Extra time for each entity that was written last: writing ten thousand takes more than a frame.
const KEEP_AFTER_EACH: Duration = Duration::from_millis(1);

/// Boards that have changed, and how far they had come when they were written last.
#[derive(Debug, Default)]
pub(super) struct Keeper {
    changed: BTreeSet<BoardId>,
    kept: BTreeMap<BoardId, Position>,
    /// Number of entities that were written last.
    entities: u32,
    timer: Option<Timer>,
}

impl Keeper {
    fn take_due(&mut self) -> BTreeSet<BoardId> {
        self.timer = None;
        std::mem::take(&mut self.changed)
    }

    /// Notes boards as they were found.
    pub(super) fn handle_found(&mut self, boards: &[CachedBoard]) {
        self.kept.extend(boards.iter().map(|board| (board.board.clone(), board.position.clone())));
    }

    /// Way in which a board is to be written; `None` when nothing in it is news.
    fn news(&mut self, board: &CachedBoard) -> Option<Keep> {
        let here = &board.position;
        match self.kept.insert(board.board.clone(), here.clone()) {
            Some(kept) if kept == *here => None,
            // It was further before: the server has set it back.
            Some(kept) if kept.epoch == here.epoch && kept.seq >= here.seq => Some(Keep::Anyway),
            Some(_) | None => Some(Keep::Newer),
        }
    }
}

impl Driver {
    /// Notes which boards have changed.
    pub(super) fn note_boards(&self, keys: &[Key]) {
        let board = |key: &Key| match key {
            Key::Board(board) | Key::Snapshot(board) | Key::Entity(board, _) => Some(board.clone()),
            _ => None,
        };
        let mut core = self.core.borrow_mut();
        if !core.storage.is_indexed() {
            return;
        }
        core.keeper.changed.extend(keys.iter().filter_map(board));
        if !core.keeper.changed.is_empty() && core.keeper.timer.is_none() {
            let driver = self.this.clone();
            let pause = KEEP_AFTER + KEEP_AFTER_EACH * core.keeper.entities;
            core.keeper.timer = Some(Timer::new(pause, move || {
                if let Some(driver) = driver.upgrade() {
                    driver.keep_boards();
                }
            }));
        }
    }

    /// Writes the boards that have changed, now; those that the user may not see any more are forgotten.
    pub(super) fn keep_boards(&self) {
        let (boards, denied): (Vec<(CachedBoard, Keep)>, Vec<_>) = {
            let core = &mut *self.core.borrow_mut();
            let due = core.keeper.take_due();
            if core.engine.connection().is_following() {
                // The leader has all boards that its followers have.
                return;
            }
            let is_denied = |board: &BoardId| {
                let view = core.engine.board_view(board);
                view.is_some_and(|view| matches!(view.status, BoardStatus::Denied { .. }))
            };
            let (denied, due): (Vec<_>, Vec<_>) = due.into_iter().partition(is_denied);
            core.keeper.kept.retain(|board, _| !denied.contains(board));
            let boards = due.iter().filter_map(|board| core.engine.board_to_cache(board));
            let news =
                boards.filter_map(|board| Some((core.keeper.news(&board)?, board)).map(|(how, board)| (board, how)));
            (news.collect(), denied)
        };
        let entities = boards.iter().map(|(board, _)| board.entities.len()).sum::<usize>();
        self.core.borrow_mut().keeper.entities = u32::try_from(entities).unwrap_or(u32::MAX);
        for (board, how) in boards {
            self.keep_board(board, how);
        }
        for board in denied {
            self.forget_board(board);
        }
    }
}
