//! The followers of a log's boards in this process.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use tideboard_room::RowNo;
use tideboard_shared::BoardId;
use tokio::sync::watch;

/// Hands the number of each board's last row to whoever follows it. A follower that is behind gets the newest only, so
/// nobody waits and nothing piles up.
#[derive(Debug, Default)]
pub(super) struct Followers(Mutex<HashMap<BoardId, watch::Sender<RowNo>>>);

impl Followers {
    /// The numbers that [`Self::tell`] is given from now on.
    pub(super) fn follow(&self, board: &BoardId) -> BoxStream<'static, RowNo> {
        let mut boards = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = boards.entry(board.clone()).or_default().subscribe();
        let next = async |mut rows: watch::Receiver<RowNo>| {
            rows.changed().await.ok()?;
            let last = *rows.borrow_and_update();
            Some((last, rows))
        };
        stream::unfold(rows, next).boxed()
    }

    /// Tells of a row that is stored.
    pub(super) fn tell(&self, board: &BoardId, last: RowNo) {
        let mut boards = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if boards.get(board).is_some_and(|rows| rows.send(last).is_err()) {
            boards.remove(board);
        }
    }
}
