//! Boards as they were, for those who ask.
//!
//! In: a board and a place in its log. Out: the board at that place, or the events before it. Never: through a room,
//! which has nothing to wait for here; more than [`AT_ONCE`] boards rebuilt at the same time.

use std::sync::Arc;

use tideboard_room::RestoreError;
use tideboard_shared::{
    BoardId, Seq,
    limits::EVENTS_PER_PAGE,
    message::{BoardReply, EventsReply},
};
use tokio::sync::Semaphore;

use crate::log::{EventPage, Log, LogError};

/// So many boards are rebuilt at the same time; whoever comes later waits.
const AT_ONCE: usize = 2;
/// Events in one page unless asked otherwise.
const PAGE: usize = 50;

/// Reason why a past cannot be shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HistoryError {
    /// The log does not have it, or failed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Rows that make no board.
    #[error(transparent)]
    Damaged(#[from] RestoreError),
    /// The server is going away.
    #[error("the history cannot be read now")]
    Closed,
}

/// Reads the log beside the rooms.
#[derive(Debug)]
pub(crate) struct History {
    log: Arc<dyn Log>,
    places: Semaphore,
}

impl History {
    pub(crate) fn new(log: Arc<dyn Log>) -> Self {
        Self { log, places: Semaphore::new(AT_ONCE) }
    }

    /// The board at `seq`.
    pub(crate) async fn at(&self, board: &BoardId, seq: Seq) -> Result<BoardReply, HistoryError> {
        let _place = self.places.acquire().await.map_err(|_| HistoryError::Closed)?;
        let stored = self.log.at(board, seq).await?;
        let board = board.clone();
        // Thousands of events may have to be applied.
        let shown = tokio::task::spawn_blocking(move || stored.show(&board, seq)).await;
        Ok(shown.map_err(|_| HistoryError::Closed)??)
    }

    /// The last `limit` events before the one at `before`, or the newest ones.
    pub(crate) async fn events(
        &self,
        board: &BoardId,
        before: Option<Seq>,
        limit: Option<usize>,
    ) -> Result<EventsReply, HistoryError> {
        let limit = limit.unwrap_or(PAGE).min(EVENTS_PER_PAGE);
        let EventPage { epoch, oldest, events } = self.log.events(board, before, limit).await?;
        Ok(EventsReply { board: board.clone(), epoch, oldest, events })
    }
}
