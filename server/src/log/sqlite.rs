//! The log on one disk: SQLite, append-only, one row a batch, fsynced.
//!
//! In: rows from every board at once. Out: an answer after the commit that made the row durable. One thread writes;
//! what waits while it commits goes into the next commit together; whoever reads has a connection beside it.
//! Never: a commit that is not flushed, a WAL without bound, bytes from the disk that are not those that were written.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use futures_util::{FutureExt, stream::BoxStream};
use tideboard_room::{LogRow, RowNo, Stored, StoredSnapshot, retention::Mark};
use tideboard_shared::{BoardId, Durability, Epoch, Seq};
use tokio::sync::{mpsc, oneshot};

use super::{DataFolder, EventPage, Log, LogError, LogFuture, followers::Followers};

mod checkpoint;
mod read;
mod readers;
mod schema;
mod sum;
mod trouble;
mod upkeep;
mod writer;

pub use schema::{Flush, OpenError};

use readers::Readers;
use schema::Place;
use trouble::Trouble;
use upkeep::{PART_BYTES, Snapshot};
use writer::{Row, Work, Writer};

/// Most commands waiting for the writer; whoever comes later waits for a place.
const WAITING_COMMANDS: usize = 4_096;

/// A handle to the writer thread of one database file, and to those who read beside it.
#[derive(Debug)]
pub struct SqliteLog {
    commands: mpsc::Sender<Work>,
    thread: Mutex<Option<JoinHandle<()>>>,
    readers: Arc<Readers>,
    trouble: Trouble,
    followers: Followers,
}

impl SqliteLog {
    /// Opens the log of a folder, creating it if need be, and starts its writer.
    ///
    /// # Errors
    /// When the file cannot be opened or flushed, is no log of Tideboard, is from a newer version, or has lost what was
    /// in it.
    pub fn open(folder: DataFolder) -> Result<Self, OpenError> {
        Self::start(Place { path: folder.log(), flush: Flush::default() }, Some(folder))
    }

    /// Opens a log as [`Self::open`] does, in a folder that nobody else must use, and flushes it as told.
    ///
    /// # Errors
    /// As [`Self::open`].
    #[cfg(any(test, feature = "testing"))]
    pub fn open_file(path: &std::path::Path, flush: Flush) -> Result<Self, OpenError> {
        Self::start(Place { path: path.to_owned(), flush }, None)
    }

    fn start(place: Place, folder: Option<DataFolder>) -> Result<Self, OpenError> {
        let trouble = Trouble::default();
        let writer = Writer::open(place.clone(), trouble.clone(), folder)?;
        let readers = Readers::new(place)?;
        let (commands, waiting) = mpsc::channel(WAITING_COMMANDS);
        let thread = std::thread::Builder::new().name("log-writer".into()).spawn(move || writer.run(waiting))?;
        let thread = Mutex::new(Some(thread));
        Ok(Self { commands, thread, readers, trouble, followers: Followers::default() })
    }

    async fn ask(&self, work: impl FnOnce(oneshot::Sender<Result<(), LogError>>) -> Work) -> Result<(), LogError> {
        let (reply, answer) = oneshot::channel();
        let closed = |_| LogError::Unavailable("the log is closed".to_owned());
        self.commands.send(work(reply)).await.map_err(closed)?;
        answer.await.map_err(|_| LogError::Unknown("the log's writer is gone".to_owned()))?
    }
}

impl Log for SqliteLog {
    fn durability(&self) -> Durability {
        Durability::Fsynced
    }

    fn trouble(&self) -> Option<String> {
        if self.commands.is_closed() { Some("the log's writer has ended".to_owned()) } else { self.trouble.why() }
    }

    fn boards(&self) -> LogFuture<'_, Vec<BoardId>> {
        self.readers.read(|reader| reader.boards()).boxed()
    }

    fn create<'a>(&'a self, board: &'a BoardId, epoch: &'a Epoch) -> LogFuture<'a, ()> {
        self.ask(|reply| Work::Create { board: board.clone(), epoch: epoch.clone(), reply }).boxed()
    }

    fn load<'a>(&'a self, board: &'a BoardId, resume_events: usize) -> LogFuture<'a, Option<Stored>> {
        let board = board.clone();
        self.readers.read(move |reader| reader.load(&board, resume_events)).boxed()
    }

    fn append<'a>(&'a self, board: &'a BoardId, row: &'a LogRow) -> LogFuture<'a, ()> {
        async move {
            // Encoded here, so that boards share the work and the writer only writes.
            let body = serde_json::to_vec(row).map_err(|error| LogError::Unavailable(error.to_string()))?;
            let encoded = Row { no: row.no, events: row.events.len(), last_seq: row.last_seq(), body };
            let work_board = board.clone();
            self.ask(|reply| Work::Append { board: work_board, row: encoded, reply }).await?;
            self.followers.tell(board, row.no);
            Ok(())
        }
        .boxed()
    }

    fn rows_after<'a>(&'a self, board: &'a BoardId, after: RowNo) -> LogFuture<'a, Vec<LogRow>> {
        let board = board.clone();
        self.readers.read(move |reader| reader.rows_after(&board, after)).boxed()
    }

    /// Hears of rows that this process writes; no other one should.
    fn follow(&self, board: &BoardId) -> BoxStream<'static, RowNo> {
        self.followers.follow(board)
    }

    fn snapshot<'a>(&'a self, board: &'a BoardId, snapshot: StoredSnapshot, keep_events: usize) -> LogFuture<'a, ()> {
        async move {
            let mark = Mark { row: snapshot.row, seq: snapshot.seq };
            let encoded = tokio::task::spawn_blocking(move || {
                let mut parts = Parts::default();
                serde_json::to_writer(&mut parts, &snapshot).map(|()| parts.0)
            });
            let unavailable = |error: String| LogError::Unavailable(error);
            let encoded = encoded.await.map_err(|error| unavailable(error.to_string()))?;
            let parts = encoded.map_err(|error| unavailable(error.to_string()))?;
            let board = board.clone();
            self.ask(|reply| Work::Snapshot(Snapshot { board, mark, keep_events, parts, reply })).await
        }
        .boxed()
    }

    fn at<'a>(&'a self, board: &'a BoardId, seq: Seq) -> LogFuture<'a, Stored> {
        let board = board.clone();
        self.readers.read(move |reader| reader.at(&board, seq)).boxed()
    }

    fn events<'a>(&'a self, board: &'a BoardId, before: Option<Seq>, limit: usize) -> LogFuture<'a, EventPage> {
        let board = board.clone();
        self.readers.read(move |reader| reader.events(&board, before, limit)).boxed()
    }

    fn close(&self) -> LogFuture<'_, ()> {
        async move {
            // The last one to let go of the file leaves all of it in one piece, and that has to be the writer.
            self.readers.close().await;
            self.ask(|reply| Work::Close { reply }).await?;
            let thread = self.thread.lock().ok().and_then(|mut thread| thread.take());
            if let Some(thread) = thread {
                // It has answered, so nothing is left of it.
                let _ = tokio::task::spawn_blocking(move || thread.join()).await;
            }
            Ok(())
        }
        .boxed()
    }
}

/// Text in parts of [`PART_BYTES`], the last one apart.
#[derive(Debug, Default)]
struct Parts(VecDeque<Vec<u8>>);

impl io::Write for Parts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.back().is_none_or(|part| part.len() == PART_BYTES) {
            self.0.push_back(Vec::with_capacity(PART_BYTES));
        }
        let part = self.0.back_mut().expect("one was pushed where there was none with room");
        let count = bytes.len().min(PART_BYTES - part.len());
        part.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
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

#[cfg(test)]
mod tests;
