//! Durable memory of what was decided.
//!
//! In: rows, each naming its place. Out: an answer once the row is as safe as [`Log::durability`] says, and everything
//! back after a crash. Never: a row twice or out of order, a change to a row, an answer before the row is safe.

use std::fmt::Debug;

use futures_util::{future::BoxFuture, stream::BoxStream};
use tideboard_room::{Failure, LogRow, NotWritten, RowNo, Stored, StoredSnapshot, retention::OutOfSpan};
use tideboard_shared::{BoardId, Durability, Epoch, Seq, message::Event};

#[cfg(test)]
mod conformance;
mod folder;
mod followers;
pub mod memory;
pub mod sqlite;

pub use folder::{DataFolder, FolderError};
pub use memory::MemoryLog;
pub use sqlite::SqliteLog;

/// Failure of an operation of a log. Nothing was written, except perhaps where the variant says so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// The row does not follow the last one: somebody else wrote meanwhile.
    #[error("row {found} does not follow row {last} of board {board}")]
    OutOfPlace {
        /// The board.
        board: BoardId,
        /// Last row there is.
        last: RowNo,
        /// Row that was to be appended.
        found: RowNo,
    },
    /// Rows that were asked for are not there: dropped up to a snapshot, or the log is shorter. Load the board anew.
    #[error("board {board} has no rows that follow row {after}")]
    RowsGone {
        /// The board.
        board: BoardId,
        /// Row that they were to follow.
        after: RowNo,
    },
    /// There is no such board here.
    #[error("the log has no board {0}")]
    UnknownBoard(BoardId),
    /// The board is there already.
    #[error("the log has a board {0} already")]
    BoardExists(BoardId),
    /// The board cannot be shown at that position.
    #[error("board {0} {1}")]
    OutOfSpan(BoardId, OutOfSpan),
    /// A stored row or snapshot cannot be decoded.
    #[error("board {board} is damaged: {problem}")]
    Damaged {
        /// The board.
        board: BoardId,
        /// First thing that is wrong.
        problem: String,
    },
    /// The store cannot be read or written: disk full, file damaged, writer gone.
    #[error("the log failed: {0}")]
    Unavailable(String),
    /// No answer, or none that can be trusted: what was to be written may be there, or may be later.
    #[error("the log does not say whether it wrote: {0}")]
    Unknown(String),
}

impl LogError {
    /// Meaning of the error for a row that was to be appended.
    #[must_use]
    pub fn of_append(&self) -> Failure {
        Failure::NotWritten(match self {
            Self::Unknown(_) => return Failure::Unknown,
            Self::OutOfPlace { last, .. } => NotWritten::Raced { last: *last },
            Self::RowsGone { .. }
            | Self::UnknownBoard(_)
            | Self::BoardExists(_)
            | Self::OutOfSpan(..)
            | Self::Damaged { .. }
            | Self::Unavailable(_) => NotWritten::Unavailable,
        })
    }
}

/// Most rows that [`Log::rows_after`] gives at once.
pub const ROWS_PER_READ: usize = 1_024;

/// Answer of a log.
pub type LogFuture<'a, T> = BoxFuture<'a, Result<T, LogError>>;

/// A part of a board's past.
#[derive(Debug, Clone, PartialEq)]
pub struct EventPage {
    /// Life of the log.
    pub epoch: Epoch,
    /// The oldest position at which the board can be shown; the first event that can be given is the next one.
    pub oldest: Seq,
    /// By consecutive `seq`.
    pub events: Vec<Event>,
}

/// An append-only log a board, with snapshots beside its rows that let its beginning be dropped.
///
/// Writers go through [`Log::append`] and [`Log::snapshot`]. Readers of the past ([`Log::at`], [`Log::events`]) must
/// not make them wait.
pub trait Log: Send + Sync + Debug {
    /// Guarantee for a row once `append` has answered.
    fn durability(&self) -> Durability;

    /// Reason why nothing can be stored at the moment, if there is one: disk full, file damaged, writer gone. It is
    /// tried again by itself.
    fn trouble(&self) -> Option<String>;

    /// Every board, by ascending name.
    fn boards(&self) -> LogFuture<'_, Vec<BoardId>>;

    /// A new, empty board.
    fn create<'a>(&'a self, board: &'a BoardId, epoch: &'a Epoch) -> LogFuture<'a, ()>;

    /// The newest snapshot, the rows after it, and before it those with one of the last `resume_events` events; `None`
    /// when the board does not exist.
    fn load<'a>(&'a self, board: &'a BoardId, resume_events: usize) -> LogFuture<'a, Option<Stored>>;

    /// Stores the row if it follows the board's last one (compare and set on [`LogRow::no`]).
    fn append<'a>(&'a self, board: &'a BoardId, row: &'a LogRow) -> LogFuture<'a, ()>;

    /// The rows after this one, oldest first, at most [`ROWS_PER_READ`] of them and fewer when they are large. Fails
    /// with [`LogError::RowsGone`] when one of them was dropped, or there is no row `after`.
    fn rows_after<'a>(&'a self, board: &'a BoardId, after: RowNo) -> LogFuture<'a, Vec<LogRow>>;

    /// Number of the board's last row, each time it has grown from now on, whoever wrote; one number may stand for
    /// several rows. Only a hint: a log may not hear of every writer, and then it is [`Self::append`] that meets their
    /// rows.
    fn follow(&self, board: &BoardId) -> BoxStream<'static, RowNo>;

    /// Stores a snapshot beside those before. So much stays that the board can be shown at each of the last
    /// `keep_events` events before it; older snapshots and the rows that they cover are dropped, and so are snapshots in
    /// between where they are close together, and every row without events that it covers.
    fn snapshot<'a>(&'a self, board: &'a BoardId, snapshot: StoredSnapshot, keep_events: usize) -> LogFuture<'a, ()>;

    /// Parts that show the board as it was at `seq`: the newest snapshot at or before it, and the rows from there
    /// through the one with event `seq`. Fails with [`LogError::OutOfSpan`] outside of what is kept.
    fn at<'a>(&'a self, board: &'a BoardId, seq: Seq) -> LogFuture<'a, Stored>;

    /// The last `limit` events before the one at `before`, or the newest ones. Fails with [`LogError::OutOfSpan`] where
    /// `before` is neither a kept event nor the next one.
    fn events<'a>(&'a self, board: &'a BoardId, before: Option<Seq>, limit: usize) -> LogFuture<'a, EventPage>;

    /// Answers when everything accepted so far is stored, then accepts nothing more.
    fn close(&self) -> LogFuture<'_, ()>;
}
