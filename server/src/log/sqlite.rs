//! The log on one disk: SQLite, append-only, one row a batch, fsynced.
//!
//! In: rows from every board at once. Out: an answer after the commit that made the row durable. One thread writes;
//! what waits while it commits goes into the next commit together; the past is read on another connection, beside it.
//! Never: a commit that is not flushed, a WAL without bound.

use std::{
    path::Path,
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use futures_util::{FutureExt, stream::BoxStream};
use rusqlite::OpenFlags;
use tideboard_room::{LogRow, RowNo, Stored, StoredSnapshot, retention::Mark};
use tideboard_shared::{BoardId, Durability, Epoch, Seq};
use tokio::sync::{mpsc, oneshot};

use super::{EventPage, Log, LogError, LogFuture, followers::Followers};

mod checkpoint;
mod past;
mod schema;
mod writer;

pub use schema::OpenError;

use past::Past;
use writer::{Covered, Work, Writer};

/// Most commands waiting for the writer; whoever comes later waits for a place.
const WAITING_COMMANDS: usize = 4_096;

/// A handle to the writer thread of one database file.
#[derive(Debug)]
pub struct SqliteLog {
    commands: mpsc::Sender<Work>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Readers of the past take turns; the lock is waited for on no thread that has other work.
    past: Arc<tokio::sync::Mutex<Past>>,
    followers: Followers,
}

impl SqliteLog {
    /// Opens the file, creating it if need be, and starts its writer.
    ///
    /// # Errors
    /// When the file cannot be opened, is no log of Tideboard or is from a newer version.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let writer = Writer::new(schema::open(path)?, path)?;
        let past = schema::connect(path, OpenFlags::empty())
            .map_err(|source| OpenError::Sqlite { path: path.display().to_string(), source })?;
        let (commands, waiting) = mpsc::channel(WAITING_COMMANDS);
        let thread = std::thread::Builder::new().name("log-writer".into()).spawn(move || writer.run(waiting))?;
        let past = Arc::new(tokio::sync::Mutex::new(Past(past)));
        Ok(Self { commands, thread: Mutex::new(Some(thread)), past, followers: Followers::default() })
    }

    async fn ask<T>(&self, work: impl FnOnce(oneshot::Sender<Result<T, LogError>>) -> Work) -> Result<T, LogError> {
        let (reply, answer) = oneshot::channel();
        let closed = |_| LogError::Unavailable("the log is closed".to_owned());
        self.commands.send(work(reply)).await.map_err(closed)?;
        answer.await.map_err(|_| LogError::Unknown("the log's writer is gone".to_owned()))?
    }

    async fn look_back<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Past) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        let mut past = Arc::clone(&self.past).lock_owned().await;
        let looked = tokio::task::spawn_blocking(move || look(&mut past)).await;
        looked.map_err(|error| LogError::Unavailable(error.to_string()))?
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

    fn load<'a>(&'a self, board: &'a BoardId, resume_events: usize) -> LogFuture<'a, Option<Stored>> {
        self.ask(move |reply| Work::Load { board: board.clone(), resume_events, reply }).boxed()
    }

    fn append<'a>(&'a self, board: &'a BoardId, row: &'a LogRow) -> LogFuture<'a, ()> {
        async move {
            // Encoded here, so that boards share the work and the writer only writes.
            let body = encode(row)?;
            let no = row.no;
            let last_seq = row.last_seq();
            let work_board = board.clone();
            self.ask(|reply| Work::Append { board: work_board, no, last_seq, body, reply }).await?;
            self.followers.tell(board, no);
            Ok(())
        }
        .boxed()
    }

    fn rows_after<'a>(&'a self, board: &'a BoardId, after: RowNo) -> LogFuture<'a, Vec<LogRow>> {
        let board = board.clone();
        self.look_back(move |past| past.rows_after(&board, after)).boxed()
    }

    /// Hears of rows that this process writes; no other one should.
    fn follow(&self, board: &BoardId) -> BoxStream<'static, RowNo> {
        self.followers.follow(board)
    }

    fn snapshot<'a>(&'a self, board: &'a BoardId, snapshot: StoredSnapshot, keep_events: usize) -> LogFuture<'a, ()> {
        async move {
            let at = Covered { mark: Mark { row: snapshot.row, seq: snapshot.seq }, keep_events };
            let encoded = tokio::task::spawn_blocking(move || encode(&snapshot)).await;
            let body = encoded.map_err(|error| LogError::Unavailable(error.to_string()))??;
            self.ask(|reply| Work::Snapshot { board: board.clone(), at, body, reply }).await
        }
        .boxed()
    }

    fn at<'a>(&'a self, board: &'a BoardId, seq: Seq) -> LogFuture<'a, Stored> {
        let board = board.clone();
        self.look_back(move |past| past.at(&board, seq)).boxed()
    }

    fn events<'a>(&'a self, board: &'a BoardId, before: Option<Seq>, limit: usize) -> LogFuture<'a, EventPage> {
        let board = board.clone();
        self.look_back(move |past| past.events(&board, before, limit)).boxed()
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

fn failed(error: &rusqlite::Error) -> LogError {
    LogError::Unavailable(error.to_string())
}

/// SQLite's integers are signed; neither rows nor events come anywhere near the difference.
fn sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn encode<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, LogError> {
    serde_json::to_vec(value).map_err(|error| LogError::Unavailable(error.to_string()))
}

#[cfg(test)]
mod tests;
