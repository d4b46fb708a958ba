//! The log on one disk: SQLite, append-only, one row a batch, fsynced.
//!
//! In: rows from every board at once. Out: an answer after the commit that made the row durable. One thread writes; what
//! waits while it commits goes into the next commit together. Never: a commit that is not flushed, a WAL without bound.

use std::{path::Path, sync::Mutex, thread::JoinHandle};

use futures_util::FutureExt;
use tideboard_shared::{BoardId, Durability, Epoch};
use tokio::sync::{mpsc, oneshot};

use super::{Log, LogError, LogFuture};
use crate::room::state::{LogRow, Stored, StoredSnapshot};

mod checkpoint;
mod schema;
mod writer;

pub use schema::OpenError;

use writer::{Covered, Work, Writer};

/// Most commands waiting for the writer; whoever comes later waits for a place.
const WAITING_COMMANDS: usize = 4_096;

/// A handle to the writer thread of one database file.
#[derive(Debug)]
pub struct SqliteLog {
    commands: mpsc::Sender<Work>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl SqliteLog {
    /// Opens the file, creating it if need be, and starts its writer.
    ///
    /// # Errors
    /// When the file cannot be opened, is no log of Tideboard or is from a newer version.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let writer = Writer::new(schema::open(path)?, path)?;
        let (commands, waiting) = mpsc::channel(WAITING_COMMANDS);
        let thread = std::thread::Builder::new().name("log-writer".into()).spawn(move || writer.run(waiting))?;
        Ok(Self { commands, thread: Mutex::new(Some(thread)) })
    }

    async fn ask<T>(&self, work: impl FnOnce(oneshot::Sender<Result<T, LogError>>) -> Work) -> Result<T, LogError> {
        let (reply, answer) = oneshot::channel();
        let gone = || LogError::Failed("the log is closed".to_owned());
        self.commands.send(work(reply)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

impl Log for SqliteLog {
    fn durability(&self) -> Durability {
        Durability::Fsynced
    }

    fn boards(&self) -> LogFuture<'_, Vec<BoardId>> {
        self.ask(|reply| Work::Boards { reply }).boxed()
    }

    fn create<'a>(&'a self, board: &'a BoardId, epoch: &'a Epoch) -> LogFuture<'a, ()> {
        self.ask(|reply| Work::Create { board: board.clone(), epoch: epoch.clone(), reply }).boxed()
    }

    fn load<'a>(&'a self, board: &'a BoardId) -> LogFuture<'a, Option<Stored>> {
        self.ask(|reply| Work::Load { board: board.clone(), reply }).boxed()
    }

    fn append<'a>(&'a self, board: &'a BoardId, row: &'a LogRow) -> LogFuture<'a, ()> {
        async move {
            // Encoded here, so that boards share the work and the writer only writes.
            let body = encode(row)?;
            let (board, no, last_seq) = (board.clone(), row.no, row.last_seq());
            self.ask(|reply| Work::Append { board, no, last_seq, body, reply }).await
        }
        .boxed()
    }

    fn snapshot<'a>(&'a self, board: &'a BoardId, snapshot: StoredSnapshot, retain_events: usize) -> LogFuture<'a, ()> {
        async move {
            let (row, seq) = (snapshot.row, snapshot.seq.0);
            let at = Covered { row, seq, keep_after: seq.saturating_sub(retain_events as u64) };
            let encoded = tokio::task::spawn_blocking(move || encode(&snapshot)).await;
            let body = encoded.map_err(|error| LogError::Failed(error.to_string()))??;
            self.ask(|reply| Work::Snapshot { board: board.clone(), at, body, reply }).await
        }
        .boxed()
    }

    fn close(&self) -> LogFuture<'_, ()> {
        async move {
            self.ask(|reply| Work::Close { reply }).await?;
            let thread = self.thread.lock().ok().and_then(|mut thread| thread.take());
            if let Some(thread) = thread {
                // It has answered, so all that is left of it is to let go of the file.
                let _ = tokio::task::spawn_blocking(move || thread.join()).await;
            }
            Ok(())
        }
        .boxed()
    }
}

fn encode<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, LogError> {
    serde_json::to_vec(value).map_err(|error| LogError::Failed(error.to_string()))
}

#[cfg(test)]
mod tests;
