//! Where decisions become durable.
//!
//! In: rows, each naming its place. Out: an answer once the row is as safe as [`Log::durability`] says, and everything
//! back after a crash. Never: a row twice or out of order, a change to a row, an answer before the row is safe.

use std::fmt::Debug;

use futures_util::future::BoxFuture;
use tideboard_shared::{BoardId, Durability, Epoch};

use crate::room::state::{LogRow, Stored, StoredSnapshot};

#[cfg(test)]
mod conformance;
pub mod memory;
pub mod sqlite;

pub use memory::MemoryLog;
pub use sqlite::SqliteLog;

/// Why the log did not do what it was asked to. Nothing was stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// The row does not follow the last one; somebody else wrote meanwhile. Load the board again.
    #[error("row {found} does not follow row {last} of board {board}")]
    OutOfPlace {
        /// The board.
        board: BoardId,
        /// The last row there is.
        last: u64,
        /// The row that was to be appended.
        found: u64,
    },
    /// There is no such board here.
    #[error("the log has no board {0}")]
    UnknownBoard(BoardId),
    /// The board is there already.
    #[error("the log has a board {0} already")]
    BoardExists(BoardId),
    /// The store failed: disk full, file damaged, writer gone.
    #[error("the log failed: {0}")]
    Failed(String),
}

/// What a method of a log answers with.
pub type LogFuture<'a, T> = BoxFuture<'a, Result<T, LogError>>;

/// An append-only log a board, with snapshots that let its beginning be dropped.
pub trait Log: Send + Sync + Debug {
    /// How safe a row is once `append` has answered.
    fn durability(&self) -> Durability;

    /// Every board, by ascending name.
    fn boards(&self) -> LogFuture<'_, Vec<BoardId>>;

    /// A new, empty board.
    fn create<'a>(&'a self, board: &'a BoardId, epoch: &'a Epoch) -> LogFuture<'a, ()>;

    /// All that is stored of a board; `None` when it does not exist.
    fn load<'a>(&'a self, board: &'a BoardId) -> LogFuture<'a, Option<Stored>>;

    /// Stores the row if it follows the board's last one (compare and set on [`LogRow::no`]).
    fn append<'a>(&'a self, board: &'a BoardId, row: &'a LogRow) -> LogFuture<'a, ()>;

    /// Stores a snapshot in place of the one before. Rows that it covers are dropped once they hold no event among the
    /// last `retain_events` before it, so that resuming still finds those.
    fn snapshot<'a>(&'a self, board: &'a BoardId, snapshot: StoredSnapshot, retain_events: usize) -> LogFuture<'a, ()>;

    /// Answers when everything accepted so far is stored, then accepts nothing more.
    fn close(&self) -> LogFuture<'_, ()>;
}
