//! A log that ends with the process: for tests and for trying things out.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use futures_util::{FutureExt, stream::BoxStream};
use tideboard_room::{
    LogRow, RowNo, Stored, StoredSnapshot,
    retention::{self, Mark, Span},
};
use tideboard_shared::{BoardId, Durability, Epoch, Seq};

use super::{EventPage, Log, LogError, LogFuture, ROWS_PER_READ, followers::Followers};

/// Boards in a map.
#[derive(Debug, Default)]
pub struct MemoryLog {
    boards: Mutex<BTreeMap<BoardId, Kept>>,
    followers: Followers,
}

#[derive(Debug)]
struct Kept {
    epoch: Epoch,
    /// By ascending row.
    snapshots: Vec<StoredSnapshot>,
    /// By consecutive number.
    rows: Vec<LogRow>,
}

impl Kept {
    fn covered(&self) -> (RowNo, Seq) {
        self.snapshots.last().map_or((RowNo::ZERO, Seq::ZERO), |snapshot| (snapshot.row, snapshot.seq))
    }

    fn last(&self) -> RowNo {
        let (covered, _) = self.covered();
        self.rows.last().map_or(covered, |row| row.no.max(covered))
    }

    fn marks(&self) -> Vec<Mark> {
        self.snapshots.iter().map(|snapshot| Mark { row: snapshot.row, seq: snapshot.seq }).collect()
    }

    fn span(&self) -> Span {
        let newest = self.rows.iter().rev().find_map(LogRow::last_seq).unwrap_or_default().max(self.covered().1);
        let first = self.rows.iter().find_map(|row| row.events.first());
        Span { oldest: retention::oldest(&self.marks(), first.map(|event| Seq(event.seq.0 - 1))), newest }
    }

    fn rows_after(&self, no: RowNo) -> &[LogRow] {
        &self.rows[self.rows.partition_point(|row| row.no <= no)..]
    }

    fn load(&self, resume_events: usize) -> Stored {
        let (row, seq) = self.covered();
        let behind = seq.0.saturating_sub(resume_events as u64);
        let is_wanted = |kept: &LogRow| kept.no > row || kept.last_seq().is_some_and(|seq| seq.0 > behind);
        let from = self.rows.iter().position(is_wanted).unwrap_or(self.rows.len());
        Stored { epoch: self.epoch.clone(), snapshot: self.snapshots.last().cloned(), rows: self.rows[from..].to_vec() }
    }

    fn at(&self, seq: Seq) -> Stored {
        let snapshot = self.snapshots.iter().rev().find(|snapshot| snapshot.seq <= seq).cloned();
        let (covered, mut reached) =
            snapshot.as_ref().map_or((RowNo::ZERO, Seq::ZERO), |snapshot| (snapshot.row, snapshot.seq));
        let mut rows = Vec::new();
        for row in self.rows_after(covered) {
            if reached >= seq {
                break;
            }
            reached = row.last_seq().unwrap_or(reached);
            rows.push(row.clone());
        }
        Stored { epoch: self.epoch.clone(), snapshot, rows }
    }

    fn trim(&mut self, keep_events: usize) {
        let surplus = retention::surplus(&self.marks(), keep_events);
        self.snapshots.retain(|snapshot| !surplus.snapshots.contains(&snapshot.row));
        let (covered, _) = self.covered();
        let is_kept =
            |row: &LogRow| Some(row.no) > surplus.rows_through && (row.no > covered || !row.events.is_empty());
        self.rows.retain(is_kept);
    }
}

impl MemoryLog {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<BoardId, Kept>> {
        // A panic while it was held cannot have left a row half written.
        self.boards.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, board: &BoardId, work: impl FnOnce(&mut Kept) -> Result<T, LogError>) -> Result<T, LogError> {
        let mut boards = self.lock();
        work(boards.get_mut(board).ok_or_else(|| LogError::UnknownBoard(board.clone()))?)
    }
}

fn ready<'a, T: Send + 'a>(result: Result<T, LogError>) -> LogFuture<'a, T> {
    std::future::ready(result).boxed()
}

impl Log for MemoryLog {
    fn durability(&self) -> Durability {
        Durability::Memory
    }

    fn trouble(&self) -> Option<String> {
        None
    }

    fn boards(&self) -> LogFuture<'_, Vec<BoardId>> {
        ready(Ok(self.lock().keys().cloned().collect()))
    }

    fn create<'a>(&'a self, board: &'a BoardId, epoch: &'a Epoch) -> LogFuture<'a, ()> {
        let mut boards = self.lock();
        if boards.contains_key(board) {
            return ready(Err(LogError::BoardExists(board.clone())));
        }
        boards.insert(board.clone(), Kept { epoch: epoch.clone(), snapshots: Vec::new(), rows: Vec::new() });
        ready(Ok(()))
    }

    fn load<'a>(&'a self, board: &'a BoardId, resume_events: usize) -> LogFuture<'a, Option<Stored>> {
        ready(Ok(self.lock().get(board).map(|kept| kept.load(resume_events))))
    }

    fn append<'a>(&'a self, board: &'a BoardId, row: &'a LogRow) -> LogFuture<'a, ()> {
        ready(self.with(board, |kept| {
            let last = kept.last();
            if row.no != last.next() {
                return Err(LogError::OutOfPlace { board: board.clone(), last, found: row.no });
            }
            kept.rows.push(row.clone());
            self.followers.tell(board, row.no);
            Ok(())
        }))
    }

    fn rows_after<'a>(&'a self, board: &'a BoardId, after: RowNo) -> LogFuture<'a, Vec<LogRow>> {
        ready(self.with(board, |kept| {
            let rows: Vec<_> = kept.rows_after(after).iter().take(ROWS_PER_READ).cloned().collect();
            let is_whole = (after.0 + 1..).zip(&rows).all(|(no, row)| row.no.0 == no);
            if !is_whole || rows.is_empty() && kept.last() != after {
                return Err(LogError::RowsGone { board: board.clone(), after });
            }
            Ok(rows)
        }))
    }

    fn follow(&self, board: &BoardId) -> BoxStream<'static, RowNo> {
        self.followers.follow(board)
    }

    fn snapshot<'a>(&'a self, board: &'a BoardId, snapshot: StoredSnapshot, keep_events: usize) -> LogFuture<'a, ()> {
        ready(self.with(board, |kept| {
            kept.snapshots.retain(|other| other.row < snapshot.row);
            kept.snapshots.push(snapshot);
            kept.trim(keep_events);
            Ok(())
        }))
    }

    fn at<'a>(&'a self, board: &'a BoardId, seq: Seq) -> LogFuture<'a, Stored> {
        ready(self.with(board, |kept| {
            kept.span().check(seq).map_err(|out| LogError::OutOfSpan(board.clone(), out))?;
            Ok(kept.at(seq))
        }))
    }

    fn events<'a>(&'a self, board: &'a BoardId, before: Option<Seq>, limit: usize) -> LogFuture<'a, EventPage> {
        ready(self.with(board, |kept| {
            let span = kept.span();
            let page = span.page(before, limit).map_err(|out| LogError::OutOfSpan(board.clone(), out))?;
            let all = kept.rows.iter().rev().flat_map(|row| row.events.iter().rev());
            let newer = all.skip_while(|event| event.seq.0 > *page.end());
            let mut events: Vec<_> = newer.take_while(|event| event.seq.0 >= *page.start()).cloned().collect();
            events.reverse();
            Ok(EventPage { epoch: kept.epoch.clone(), oldest: span.oldest, events })
        }))
    }

    fn close(&self) -> LogFuture<'_, ()> {
        ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::log::conformance;

    #[tokio::test]
    async fn memory_log_conforms() {
        conformance::run(async || Arc::new(MemoryLog::default()) as Arc<dyn Log>).await;
    }
}
