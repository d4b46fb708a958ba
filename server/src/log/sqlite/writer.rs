//! The one thread that writes: takes all that waits, commits it together, then answers.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, ErrorCode, OptionalExtension, params};
use tideboard_room::{
    RowNo, Stored,
    retention::{self, Mark},
};
use tideboard_shared::{BoardId, Epoch, Seq};
use tokio::sync::{mpsc, oneshot};

use super::{checkpoint::Checkpointer, failed, past, schema::OpenError, sql, unsigned};
use crate::log::LogError;

/// Most commands in one commit.
const COMMANDS_PER_COMMIT: usize = 1_024;
/// After so many new bytes the checkpoint thread is rung.
const CHECKPOINT_BYTES: usize = 4 * 1024 * 1024;
/// A WAL file larger than this is emptied by the writer itself, which nothing can overtake. PASSIVE checkpoints
/// alone were measured to let it grow by 180 MB a second.
const WAL_CAP_BYTES: u64 = 64 * 1024 * 1024;

type Reply<T> = oneshot::Sender<Result<T, LogError>>;

/// Command to the writer.
#[derive(Debug)]
pub(super) enum Work {
    Boards { reply: Reply<Vec<BoardId>> },
    Create { board: BoardId, epoch: Epoch, reply: Reply<()> },
    Load { board: BoardId, resume_events: usize, reply: Reply<Option<Stored>> },
    Append { board: BoardId, no: RowNo, last_seq: Option<Seq>, body: Vec<u8>, reply: Reply<()> },
    Snapshot { board: BoardId, at: Covered, body: Vec<u8>, reply: Reply<()> },
    Close { reply: Reply<()> },
}

/// Reach of a snapshot, and how much before it stays.
#[derive(Debug, Clone, Copy)]
pub(super) struct Covered {
    /// The last row and the last event.
    pub(super) mark: Mark,
    /// The board can be shown at each of so many events before.
    pub(super) keep_events: usize,
}

/// An answer that waits for the commit; it is told whether that succeeded.
type Answer = Box<dyn FnOnce(Result<(), LogError>) + Send>;

fn later<T: Send + 'static>(reply: Reply<T>, result: Result<T, LogError>) -> Answer {
    // Whoever asked may have gone away; then nobody misses the answer.
    Box::new(move |committed| drop(reply.send(committed.and(result))))
}

/// End of a board's log.
#[derive(Debug, Clone, Copy)]
struct Tail {
    id: i64,
    no: RowNo,
    seq: Seq,
}

/// Owns the connection.
#[derive(Debug)]
pub(super) struct Writer {
    connection: Connection,
    checkpointer: Checkpointer,
    wal: PathBuf,
    tails: HashMap<BoardId, Tail>,
    bytes_since_checkpoint: usize,
}

impl Writer {
    pub(super) fn new(connection: Connection, path: &Path) -> Result<Self, OpenError> {
        let mut wal = path.as_os_str().to_owned();
        wal.push("-wal");
        let checkpointer = Checkpointer::start(path)?;
        Ok(Self { connection, checkpointer, wal: wal.into(), tails: HashMap::new(), bytes_since_checkpoint: 0 })
    }

    /// Works until it is told to close or every handle is gone.
    pub(super) fn run(mut self, mut waiting: mpsc::Receiver<Work>) {
        let mut batch = Vec::new();
        while waiting.blocking_recv_many(&mut batch, COMMANDS_PER_COMMIT) > 0 {
            if self.commit(&mut batch) {
                break;
            }
            self.bound_wal();
        }
    }

    /// Does a batch in one transaction. Whether it was the last.
    fn commit(&mut self, batch: &mut Vec<Work>) -> bool {
        let is_last = batch.iter().any(|work| matches!(work, Work::Close { .. }));
        let (answers, committed) = self.transact(batch);
        if let Err(error) = &committed {
            // What was remembered includes rows that are not there now.
            self.tails.clear();
            tracing::error!(%error, "commit to the log failed");
        }
        for answer in answers {
            answer(committed.clone());
        }
        is_last
    }

    fn transact(&mut self, batch: &mut Vec<Work>) -> (Vec<Answer>, Result<(), LogError>) {
        if let Err(error) = self.connection.execute_batch("BEGIN IMMEDIATE") {
            return (batch.drain(..).map(refuse).collect(), Err(failed(&error)));
        }
        let mut transaction =
            Transaction { db: &self.connection, tails: &mut self.tails, bytes: &mut self.bytes_since_checkpoint };
        let mut answers = Vec::with_capacity(batch.len());
        for work in batch.drain(..) {
            // After some errors, such as a full disk, SQLite has taken the whole transaction back by itself. A
            // statement would be a transaction of its own then.
            let is_over = self.connection.is_autocommit();
            answers.push(if is_over { refuse(work) } else { transaction.handle(work) });
        }
        (answers, commit(&self.connection))
    }

    fn bound_wal(&mut self) {
        if self.bytes_since_checkpoint >= CHECKPOINT_BYTES {
            self.bytes_since_checkpoint = 0;
            self.checkpointer.ring();
        }
        let size = std::fs::metadata(&self.wal).map_or(0, |file| file.len());
        if size > WAL_CAP_BYTES {
            let emptied = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
            if let Err(error) = emptied {
                tracing::warn!(%error, size, "emptying the log's WAL failed; the next commit tries again");
            }
        }
    }
}

fn refuse(work: Work) -> Answer {
    // The failed commit answers for it; what stands here is never seen.
    match work {
        Work::Boards { reply } => later(reply, Ok(Vec::new())),
        Work::Load { reply, .. } => later(reply, Ok(None)),
        Work::Create { reply, .. }
        | Work::Append { reply, .. }
        | Work::Snapshot { reply, .. }
        | Work::Close { reply } => later(reply, Ok(())),
    }
}

/// Ends the transaction, and says what became of it.
fn commit(db: &Connection) -> Result<(), LogError> {
    if db.is_autocommit() {
        return Err(LogError::Unavailable("a statement failed and took the others back".to_owned()));
    }
    let Err(error) = db.execute_batch("COMMIT") else { return Ok(()) };
    let is_taken_back = db.is_autocommit() || db.execute_batch("ROLLBACK").is_ok();
    Err(failed_commit(&error, is_taken_back))
}

/// A failed flush may come after the last byte of a commit, so that a process that opens the file after a crash finds
/// the commit, although SQLite has taken it back.
fn failed_commit(error: &rusqlite::Error, is_taken_back: bool) -> LogError {
    if is_taken_back && error.sqlite_error_code() != Some(ErrorCode::SystemIoFailure) {
        failed(error)
    } else {
        LogError::Unknown(error.to_string())
    }
}

/// Commands of one commit at work.
struct Transaction<'a> {
    db: &'a Connection,
    tails: &'a mut HashMap<BoardId, Tail>,
    bytes: &'a mut usize,
}

impl Transaction<'_> {
    fn handle(&mut self, work: Work) -> Answer {
        match work {
            Work::Boards { reply } => later(reply, self.boards()),
            Work::Create { board, epoch, reply } => later(reply, self.create(&board, &epoch)),
            Work::Load { board, resume_events, reply } => later(reply, self.load(&board, resume_events)),
            Work::Append { board, no, last_seq, body, reply } => later(reply, self.append(&board, no, last_seq, &body)),
            Work::Snapshot { board, at, body, reply } => later(reply, self.snapshot(&board, at, &body)),
            Work::Close { reply } => later(reply, Ok(())),
        }
    }

    fn boards(&self) -> Result<Vec<BoardId>, LogError> {
        let names = || -> rusqlite::Result<Vec<String>> {
            self.db.prepare_cached("SELECT name FROM boards ORDER BY name")?.query_map([], |row| row.get(0))?.collect()
        };
        let names = names().map_err(|error| failed(&error))?;
        names.iter().map(|name| name.parse().map_err(|error| LogError::Unavailable(format!("{error}")))).collect()
    }

    fn create(&mut self, board: &BoardId, epoch: &Epoch) -> Result<(), LogError> {
        if self.tail(board)?.is_some() {
            return Err(LogError::BoardExists(board.clone()));
        }
        self.execute("INSERT INTO boards (name, epoch) VALUES (?, ?)", params![board.as_str(), epoch.as_str()])
    }

    fn append(&mut self, board: &BoardId, no: RowNo, last_seq: Option<Seq>, body: &[u8]) -> Result<(), LogError> {
        let tail = self.existing(board)?;
        if no != tail.no.next() {
            return Err(LogError::OutOfPlace { board: board.clone(), last: tail.no, found: no });
        }
        let seq = last_seq.unwrap_or(tail.seq);
        let inserted = self
            .db
            .prepare_cached("INSERT INTO rows (board, no, last_seq, body) VALUES (?, ?, ?, ?)")
            .and_then(|mut insert| insert.execute(params![tail.id, sql(no.0), sql(seq.0), body]));
        if let Err(error) = inserted {
            self.tails.remove(board);
            if error.sqlite_error_code() != Some(ErrorCode::ConstraintViolation) {
                return Err(failed(&error));
            }
            // Another process wrote this row.
            let tail = self.existing(board)?;
            return Err(LogError::OutOfPlace { board: board.clone(), last: tail.no, found: no });
        }
        *self.bytes += body.len();
        self.tails.insert(board.clone(), Tail { no, seq, ..tail });
        Ok(())
    }

    fn snapshot(&mut self, board: &BoardId, at: Covered, body: &[u8]) -> Result<(), LogError> {
        let tail = self.existing(board)?;
        *self.bytes += body.len();
        self.execute(
            "INSERT OR REPLACE INTO snapshots (board, row, seq, body) VALUES (?, ?, ?, ?)",
            params![tail.id, sql(at.mark.row.0), sql(at.mark.seq.0), body],
        )?;
        let marks = past::marks(self.db, tail.id).map_err(|error| failed(&error))?;
        let surplus = retention::surplus(&marks, at.keep_events);
        for row in surplus.snapshots {
            self.execute("DELETE FROM snapshots WHERE board = ? AND row = ?", params![tail.id, sql(row.0)])?;
        }
        let Some(through) = surplus.rows_through else { return Ok(()) };
        self.execute("DELETE FROM rows WHERE board = ? AND no <= ?", params![tail.id, sql(through.0)])
    }

    fn load(&mut self, board: &BoardId, resume_events: usize) -> Result<Option<Stored>, LogError> {
        let Some(tail) = self.tail(board)? else { return Ok(None) };
        let read = past::newest(self.db, tail.id, resume_events).map_err(|error| failed(&error))?;
        read.decode(board).map(Some)
    }

    fn existing(&mut self, board: &BoardId) -> Result<Tail, LogError> {
        self.tail(board)?.ok_or_else(|| LogError::UnknownBoard(board.clone()))
    }

    fn tail(&mut self, board: &BoardId) -> Result<Option<Tail>, LogError> {
        if let Some(tail) = self.tails.get(board) {
            return Ok(Some(*tail));
        }
        let tail = self
            .db
            .query_row(
                "SELECT id,
                        max(coalesce((SELECT max(no) FROM rows WHERE board = boards.id), 0),
                            coalesce((SELECT max(row) FROM snapshots WHERE board = boards.id), 0)),
                        max(coalesce((SELECT last_seq FROM rows WHERE board = boards.id ORDER BY no DESC LIMIT 1), 0),
                            coalesce((SELECT max(seq) FROM snapshots WHERE board = boards.id), 0))
                 FROM boards WHERE name = ?",
                [board.as_str()],
                |row| Ok(Tail { id: row.get(0)?, no: RowNo(unsigned(row.get(1)?)), seq: Seq(unsigned(row.get(2)?)) }),
            )
            .optional()
            .map_err(|error| failed(&error))?;
        if let Some(tail) = tail {
            self.tails.insert(board.clone(), tail);
        }
        Ok(tail)
    }

    fn execute(&self, statement: &str, values: impl rusqlite::Params) -> Result<(), LogError> {
        let run = || self.db.prepare_cached(statement)?.execute(values);
        run().map(drop).map_err(|error| failed(&error))
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;
    use crate::log::sqlite::schema;

    fn append(board: &BoardId, no: u64, bytes: usize) -> (Work, oneshot::Receiver<Result<(), LogError>>) {
        let (reply, answer) = oneshot::channel();
        let board = board.clone();
        (Work::Append { board, no: RowNo(no), last_seq: None, body: vec![0; bytes], reply }, answer)
    }

    #[test]
    fn a_full_database_refuses_the_whole_commit_and_goes_on_when_there_is_room() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        let mut writer = Writer::new(schema::open(&path).unwrap(), &path).unwrap();
        let boards: Vec<BoardId> = ["a", "b"].map(|name| name.parse().unwrap()).into();
        for board in &boards {
            let (reply, _) = oneshot::channel();
            writer.commit(&mut vec![Work::Create { board: board.clone(), epoch: Epoch::from("e"), reply }]);
        }
        writer.connection.pragma_update(None, "max_page_count", 20).unwrap();
        let (small, first) = append(&boards[0], 1, 10);
        let (large, second) = append(&boards[1], 1, 1_000_000);
        let (after, third) = append(&boards[0], 2, 10);
        writer.commit(&mut vec![small, large, after]);
        for answer in [first, second, third] {
            let error = answer.blocking_recv().unwrap().unwrap_err();
            assert!(matches!(error, LogError::Unavailable(_)), "{error}");
        }
        writer.connection.pragma_update(None, "max_page_count", 100_000).unwrap();
        let (again, answer) = append(&boards[0], 1, 10);
        writer.commit(&mut vec![again]);
        assert_eq!(answer.blocking_recv().unwrap(), Ok(()), "the first row is still to come");
    }

    #[test]
    fn only_a_commit_that_was_taken_back_and_did_not_fail_in_flushing_is_certainly_not_written() {
        let error = |code| rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        assert!(matches!(failed_commit(&error(ffi::SQLITE_FULL), true), LogError::Unavailable(_)));
        assert!(matches!(failed_commit(&error(ffi::SQLITE_BUSY), true), LogError::Unavailable(_)));
        assert!(matches!(failed_commit(&error(ffi::SQLITE_FULL), false), LogError::Unknown(_)));
        assert!(matches!(failed_commit(&error(ffi::SQLITE_IOERR_FSYNC), true), LogError::Unknown(_)));
    }
}
