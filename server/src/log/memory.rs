//! A log that ends with the process: for tests and for trying things out.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use futures_util::FutureExt;
use tideboard_shared::{BoardId, Durability, Epoch};

use super::{Log, LogError, LogFuture};
use crate::room::state::{LogRow, Stored, StoredSnapshot};

/// Boards in a map.
#[derive(Debug, Default)]
pub struct MemoryLog {
    boards: Mutex<BTreeMap<BoardId, Stored>>,
}

impl MemoryLog {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<BoardId, Stored>> {
        // A panic while it was held cannot have left a row half written.
        self.boards.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, board: &BoardId, work: impl FnOnce(&mut Stored) -> Result<T, LogError>) -> Result<T, LogError> {
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

    fn boards(&self) -> LogFuture<'_, Vec<BoardId>> {
        ready(Ok(self.lock().keys().cloned().collect()))
    }

    fn create<'a>(&'a self, board: &'a BoardId, epoch: &'a Epoch) -> LogFuture<'a, ()> {
        let mut boards = self.lock();
        if boards.contains_key(board) {
            return ready(Err(LogError::BoardExists(board.clone())));
        }
        boards.insert(board.clone(), Stored { epoch: epoch.clone(), snapshot: None, rows: Vec::new() });
        ready(Ok(()))
    }

    fn load<'a>(&'a self, board: &'a BoardId) -> LogFuture<'a, Option<Stored>> {
        ready(Ok(self.lock().get(board).cloned()))
    }

    fn append<'a>(&'a self, board: &'a BoardId, row: &'a LogRow) -> LogFuture<'a, ()> {
        ready(self.with(board, |stored| {
            let covered = stored.snapshot.as_ref().map_or(0, |snapshot| snapshot.row);
            let last = stored.rows.last().map_or(covered, |row| row.no.max(covered));
            if row.no != last + 1 {
                return Err(LogError::OutOfPlace { board: board.clone(), last, found: row.no });
            }
            stored.rows.push(row.clone());
            Ok(())
        }))
    }

    fn snapshot<'a>(&'a self, board: &'a BoardId, snapshot: StoredSnapshot, retain_events: usize) -> LogFuture<'a, ()> {
        ready(self.with(board, |stored| {
            let behind = snapshot.seq.0.saturating_sub(retain_events as u64);
            let is_kept = |row: &LogRow| row.no > snapshot.row || row.last_seq().is_some_and(|seq| seq.0 > behind);
            let kept_from = stored.rows.iter().position(is_kept).unwrap_or(stored.rows.len());
            stored.rows.drain(..kept_from);
            stored.snapshot = Some(snapshot);
            Ok(())
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
