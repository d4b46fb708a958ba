//! The one thread that writes: takes all that waits, commits it together, then answers.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use tideboard_shared::{BoardId, Epoch, Seq};
use tokio::sync::{mpsc, oneshot};

use super::{checkpoint::Checkpointer, schema::OpenError};
use crate::{
    log::LogError,
    room::state::{LogRow, Stored, StoredSnapshot},
};

/// Most commands in one commit.
const COMMANDS_PER_COMMIT: usize = 1_024;
/// After so many new bytes the checkpoint thread is rung.
const CHECKPOINT_BYTES: usize = 4 * 1024 * 1024;
/// A WAL file larger than this is emptied by the writer itself, which nothing can overtake. See PERFORMANCE: PASSIVE
/// checkpoints alone let it grow by 180 MB a second.
const WAL_CAP_BYTES: u64 = 64 * 1024 * 1024;

type Reply<T> = oneshot::Sender<Result<T, LogError>>;

/// What the writer is asked to do.
#[derive(Debug)]
pub(super) enum Work {
    Boards { reply: Reply<Vec<BoardId>> },
    Create { board: BoardId, epoch: Epoch, reply: Reply<()> },
    Load { board: BoardId, reply: Reply<Option<Stored>> },
    Append { board: BoardId, no: u64, last_seq: Option<Seq>, body: Vec<u8>, reply: Reply<()> },
    Snapshot { board: BoardId, at: Covered, body: Vec<u8>, reply: Reply<()> },
    Close { reply: Reply<()> },
}

/// What a snapshot covers, and which of it stays for resuming.
#[derive(Debug, Clone, Copy)]
pub(super) struct Covered {
    /// Rows up to this one.
    pub(super) row: u64,
    /// Events up to this one.
    pub(super) seq: u64,
    /// Rows with a later event than this one stay.
    pub(super) keep_after: u64,
}

/// An answer that waits for the commit; it is told whether that succeeded.
type Answer = Box<dyn FnOnce(Result<(), LogError>) + Send>;

fn later<T: Send + 'static>(reply: Reply<T>, result: Result<T, LogError>) -> Answer {
    // Whoever asked may have gone away; then nobody misses the answer.
    Box::new(move |committed| drop(reply.send(committed.and(result))))
}

/// Where a board's log ends.
#[derive(Debug, Clone, Copy)]
struct Tail {
    id: i64,
    no: u64,
    seq: u64,
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
        let transaction = match self.connection.transaction_with_behavior(TransactionBehavior::Immediate) {
            Ok(transaction) => transaction,
            Err(error) => {
                let failed = failed(&error);
                return (batch.drain(..).map(refuse).collect(), Err(failed));
            }
        };
        let mut desk = Desk { db: &transaction, tails: &mut self.tails, bytes: &mut self.bytes_since_checkpoint };
        let answers = batch.drain(..).map(|work| desk.handle(work)).collect();
        let committed = transaction.commit().map_err(|error| failed(&error));
        (answers, committed)
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

fn failed(error: &rusqlite::Error) -> LogError {
    LogError::Failed(error.to_string())
}

/// One transaction at work.
struct Desk<'a> {
    db: &'a Connection,
    tails: &'a mut HashMap<BoardId, Tail>,
    bytes: &'a mut usize,
}

impl Desk<'_> {
    fn handle(&mut self, work: Work) -> Answer {
        match work {
            Work::Boards { reply } => later(reply, self.boards()),
            Work::Create { board, epoch, reply } => later(reply, self.create(&board, &epoch)),
            Work::Load { board, reply } => later(reply, self.load(&board)),
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
        names.iter().map(|name| name.parse().map_err(|error| LogError::Failed(format!("{error}")))).collect()
    }

    fn create(&mut self, board: &BoardId, epoch: &Epoch) -> Result<(), LogError> {
        if self.tail(board)?.is_some() {
            return Err(LogError::BoardExists(board.clone()));
        }
        self.execute("INSERT INTO boards (name, epoch) VALUES (?, ?)", params![board.as_str(), epoch.as_str()])
    }

    fn append(&mut self, board: &BoardId, no: u64, last_seq: Option<Seq>, body: &[u8]) -> Result<(), LogError> {
        let tail = self.existing(board)?;
        if no != tail.no + 1 {
            return Err(LogError::OutOfPlace { board: board.clone(), last: tail.no, found: no });
        }
        let seq = last_seq.map_or(tail.seq, |seq| seq.0);
        let inserted = self.execute(
            "INSERT INTO rows (board, no, last_seq, body) VALUES (?, ?, ?, ?)",
            params![tail.id, sql(no), sql(seq), body],
        );
        if inserted.is_err() {
            // Perhaps another process wrote this row; the next look at the file will tell.
            self.tails.remove(board);
            return inserted;
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
            params![tail.id, sql(at.row), sql(at.seq), body],
        )?;
        self.execute(
            "DELETE FROM rows WHERE board = ? AND no <= ? AND last_seq <= ?",
            params![tail.id, sql(at.row), sql(at.keep_after)],
        )
    }

    fn load(&mut self, board: &BoardId) -> Result<Option<Stored>, LogError> {
        let Some(tail) = self.tail(board)? else { return Ok(None) };
        let read = || -> rusqlite::Result<_> {
            let epoch: String =
                self.db.query_row("SELECT epoch FROM boards WHERE id = ?", [tail.id], |row| row.get(0))?;
            let snapshot: Option<Vec<u8>> = self
                .db
                .query_row("SELECT body FROM snapshots WHERE board = ?", [tail.id], |row| row.get(0))
                .optional()?;
            let mut rows = self.db.prepare_cached("SELECT body FROM rows WHERE board = ? ORDER BY no")?;
            let rows: Vec<Vec<u8>> = rows.query_map([tail.id], |row| row.get(0))?.collect::<Result<_, _>>()?;
            Ok((epoch, snapshot, rows))
        };
        let (epoch, snapshot, rows) = read().map_err(|error| failed(&error))?;
        Ok(Some(Stored {
            epoch: Epoch::from(epoch),
            snapshot: snapshot.map(|body| decode::<StoredSnapshot>(board, &body)).transpose()?,
            rows: rows.iter().map(|body| decode::<LogRow>(board, body)).collect::<Result<_, _>>()?,
        }))
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
                "SELECT boards.id, max(coalesce((SELECT max(no) FROM rows WHERE board = boards.id), 0), coalesce(s.row, 0)),
                        max(coalesce((SELECT max(last_seq) FROM rows WHERE board = boards.id), 0), coalesce(s.seq, 0))
                 FROM boards LEFT JOIN snapshots s ON s.board = id WHERE name = ?",
                [board.as_str()],
                |row| Ok(Tail { id: row.get(0)?, no: unsigned(row.get(1)?), seq: unsigned(row.get(2)?) }),
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

fn decode<T: serde::de::DeserializeOwned>(board: &BoardId, body: &[u8]) -> Result<T, LogError> {
    serde_json::from_slice(body).map_err(|error| LogError::Failed(format!("board {board} is damaged: {error}")))
}

/// SQLite's integers are signed; neither rows nor events come anywhere near the difference.
fn sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
