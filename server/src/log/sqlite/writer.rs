//! The one thread that writes: takes all that waits, commits it together, then answers. Between commits it does a step
//! of the file's upkeep.
//!
//! Never: a wait for a reader, or for a step that is larger than a small commit.

use std::{
    collections::HashMap,
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OptionalExtension, params};
use tideboard_room::RowNo;
use tideboard_shared::{BoardId, Epoch, Seq};
use tokio::sync::{
    mpsc::{self, error::TryRecvError},
    oneshot,
};

use super::{
    checkpoint::Checkpointer,
    failed,
    schema::{OpenError, Place},
    sql, sum,
    trouble::Trouble,
    unsigned,
    upkeep::{Snapshot, Step, Upkeep},
};
use crate::log::{DataFolder, LogError};

/// Most commands in one commit.
const COMMANDS_PER_COMMIT: usize = 1_024;
/// After so many new bytes the checkpoint thread is rung.
const CHECKPOINT_BYTES: usize = 4 * 1024 * 1024;
/// A WAL file larger than this is emptied by the writer itself, which nothing can overtake. PASSIVE checkpoints
/// alone were measured to let it grow by 180 MB a second.
const WAL_CAP_BYTES: u64 = 64 * 1024 * 1024;
/// Least time between two attempts to empty the WAL, which a reader may be in the way of.
const EMPTYING_GAP: Duration = Duration::from_secs(1);
/// Time after which a log that could not be written to is tried again.
const RETRY: Duration = Duration::from_secs(1);

pub(super) type Reply<T> = oneshot::Sender<Result<T, LogError>>;

/// Command to the writer.
#[derive(Debug)]
pub(super) enum Work {
    Create { board: BoardId, epoch: Epoch, reply: Reply<()> },
    Append { board: BoardId, row: Row, reply: Reply<()> },
    Snapshot(Snapshot),
    Close { reply: Reply<()> },
}

/// Row as it is stored.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) no: RowNo,
    /// Number of its events, and the last one.
    pub(super) events: usize,
    pub(super) last_seq: Option<Seq>,
    pub(super) body: Vec<u8>,
}

/// An answer that waits for the commit, and what the command itself came to.
#[derive(Debug)]
struct Answer {
    reply: Reply<()>,
    result: Result<(), LogError>,
}

/// End of a board's log.
#[derive(Debug, Clone, Copy)]
struct Tail {
    id: i64,
    no: RowNo,
    seq: Seq,
}

/// Owns the connection that writes.
#[derive(Debug)]
pub(super) struct Writer {
    connection: Connection,
    place: Place,
    wal: PathBuf,
    wal_cap_bytes: u64,
    checkpointer: Checkpointer,
    tails: HashMap<BoardId, Tail>,
    upkeep: Upkeep,
    trouble: Trouble,
    bytes_since_checkpoint: usize,
    /// Time of the last attempt to empty the WAL.
    emptied_at: Option<Instant>,
    /// Lock on the folder, held until the file is closed.
    _folder: Option<DataFolder>,
}

impl Writer {
    pub(super) fn open(place: Place, trouble: Trouble, folder: Option<DataFolder>) -> Result<Self, OpenError> {
        let connection = place.open()?;
        let checkpointer = Checkpointer::start(&place)?;
        Ok(Self {
            connection,
            wal: place.wal(),
            wal_cap_bytes: WAL_CAP_BYTES,
            place,
            checkpointer,
            tails: HashMap::new(),
            upkeep: Upkeep::default(),
            trouble,
            bytes_since_checkpoint: 0,
            emptied_at: None,
            _folder: folder,
        })
    }

    /// Works until it is told to close or every handle is gone.
    pub(super) fn run(mut self, mut waiting: mpsc::Receiver<Work>) {
        // Its own clock: the thread that drops the log may have none.
        let clock = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let clock = match clock {
            Ok(clock) => clock,
            Err(error) => return tracing::error!(%error, "the log's writer has no clock and ends"),
        };
        let mut batch = Vec::new();
        let mut closing = None;
        while closing.is_none() {
            let is_over = if !self.upkeep.is_idle() {
                !take_waiting(&mut waiting, &mut batch)
            } else if self.trouble.is_over() {
                clock.block_on(waiting.recv_many(&mut batch, COMMANDS_PER_COMMIT)) == 0
            } else {
                let received = waiting.recv_many(&mut batch, COMMANDS_PER_COMMIT);
                clock.block_on(async { tokio::time::timeout(RETRY, received).await }) == Ok(0)
            };
            if is_over {
                break;
            }
            if batch.is_empty() && !self.trouble.is_over() {
                self.try_again();
            }
            closing = self.commit(&mut batch);
            if !self.upkeep.is_idle() {
                self.upkeep();
            }
            self.bound_wal(Instant::now());
        }
        while self.upkeep.is_awaited() {
            self.upkeep();
        }
        self.close(closing);
    }

    /// Does a batch in one transaction. Gives the answer that waits for the end, if that was asked for.
    fn commit(&mut self, batch: &mut Vec<Work>) -> Option<Reply<()>> {
        let mut closing = None;
        let mut commands = Vec::with_capacity(batch.len());
        for work in batch.drain(..) {
            match work {
                Work::Snapshot(snapshot) => self.upkeep.add(snapshot),
                Work::Close { reply } => closing = Some(reply),
                Work::Create { .. } | Work::Append { .. } => commands.push(work),
            }
        }
        if !commands.is_empty() {
            let (answers, committed) = self.transact(commands);
            if committed.is_err() {
                // What was remembered includes rows that are not there now.
                self.tails.clear();
            }
            self.trouble.note(&committed);
            for Answer { reply, result } in answers {
                // Whoever asked may have gone away; then nobody misses the answer.
                drop(reply.send(committed.clone().and(result)));
            }
        }
        closing
    }

    fn transact(&mut self, commands: Vec<Work>) -> (Vec<Answer>, Result<(), LogError>) {
        if let Err(error) = self.connection.execute_batch("BEGIN IMMEDIATE") {
            return (commands.into_iter().filter_map(refuse).collect(), Err(failed(&error)));
        }
        let mut transaction =
            Transaction { db: &self.connection, tails: &mut self.tails, bytes: &mut self.bytes_since_checkpoint };
        let mut answers = Vec::with_capacity(commands.len());
        for work in commands {
            // After some errors, such as a full disk, SQLite has taken the whole transaction back by itself. A
            // statement would be a transaction of its own then.
            let is_over = self.connection.is_autocommit();
            answers.extend(if is_over { refuse(work) } else { transaction.handle(work) });
        }
        (answers, commit(&self.connection))
    }

    /// Does one step of the upkeep.
    fn upkeep(&mut self) {
        let begun = self.connection.execute_batch("BEGIN IMMEDIATE").map_err(|error| failed(&error));
        let stepped = begun.and_then(|()| self.upkeep.step(&self.connection));
        let ended = match &stepped {
            Ok(_) => commit(&self.connection),
            Err(error) => {
                if !self.connection.is_autocommit() {
                    let _ = self.connection.execute_batch("ROLLBACK");
                }
                Err(error.clone())
            }
        };
        match (stepped, ended) {
            (Ok(Step { bytes, done }), Ok(())) => {
                self.trouble.note(&Ok(()));
                self.bytes_since_checkpoint += bytes;
                if let Some(reply) = done {
                    drop(reply.send(Ok(())));
                    // What was dropped leaves the file with the next checkpoint.
                    self.checkpointer.ring();
                }
            }
            (_, Err(error)) => {
                self.trouble.note(&Err(error.clone()));
                self.upkeep.fail(&error);
            }
            (Err(_), Ok(())) => {}
        }
    }

    /// Writes something, to see whether that is possible again.
    fn try_again(&mut self) {
        let written = self.place.probe(&self.connection).map_err(|error| failed(&error));
        self.trouble.note(&written);
    }

    fn bound_wal(&mut self, now: Instant) {
        if self.bytes_since_checkpoint >= CHECKPOINT_BYTES {
            self.bytes_since_checkpoint = 0;
            self.checkpointer.ring();
        }
        let is_too_large = fs::metadata(&self.wal).is_ok_and(|wal| wal.len() > self.wal_cap_bytes);
        let is_early = self.emptied_at.is_some_and(|at| now.duration_since(at) < EMPTYING_GAP);
        if is_too_large && !is_early {
            self.emptied_at = Some(now);
            if let Err(error) = self.empty_wal() {
                tracing::warn!(%error, "emptying the log's WAL failed; it is tried again");
            }
        }
    }

    /// Moves all of the WAL into the database, unless somebody who reads is in the way. Waits for nobody.
    fn empty_wal(&self) -> rusqlite::Result<()> {
        self.connection.busy_timeout(Duration::ZERO)?;
        let emptied = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        self.connection.busy_timeout(super::schema::BUSY)?;
        emptied
    }

    /// Lets go of the file, then answers whoever asked for it.
    fn close(self, closing: Option<Reply<()>>) {
        self.checkpointer.stop();
        if let Err(error) = self.place.close(self.connection) {
            tracing::warn!(%error, "the log's file was not closed well; the next start sees to it");
        }
        drop(self._folder);
        if let Some(reply) = closing {
            drop(reply.send(Ok(())));
        }
    }
}

/// Takes what waits now. Whether anybody can still send.
fn take_waiting(waiting: &mut mpsc::Receiver<Work>, batch: &mut Vec<Work>) -> bool {
    while batch.len() < COMMANDS_PER_COMMIT {
        match waiting.try_recv() {
            Ok(work) => batch.push(work),
            Err(TryRecvError::Empty) => break,
            Err(TryRecvError::Disconnected) => return !batch.is_empty(),
        }
    }
    true
}

/// Leaves the answer to the failed commit; what stands here is never seen.
fn refuse(work: Work) -> Option<Answer> {
    match work {
        Work::Create { reply, .. } | Work::Append { reply, .. } => Some(Answer { reply, result: Ok(()) }),
        Work::Snapshot(_) | Work::Close { .. } => None,
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
    fn handle(&mut self, work: Work) -> Option<Answer> {
        match work {
            Work::Create { board, epoch, reply } => Some(Answer { reply, result: self.create(&board, &epoch) }),
            Work::Append { board, row, reply } => Some(Answer { reply, result: self.append(&board, &row) }),
            Work::Snapshot(_) | Work::Close { .. } => None,
        }
    }

    fn create(&mut self, board: &BoardId, epoch: &Epoch) -> Result<(), LogError> {
        if self.tail(board)?.is_some() {
            return Err(LogError::BoardExists(board.clone()));
        }
        let create = || -> rusqlite::Result<usize> {
            let id: i64 = self.db.query_row("SELECT coalesce(max(id), 0) + 1 FROM boards", [], |row| row.get(0))?;
            let sum = sum::of_board(id, board.as_str(), epoch.as_str());
            let mut insert = self.db.prepare_cached("INSERT INTO boards (id, name, epoch, sum) VALUES (?, ?, ?, ?)")?;
            insert.execute(params![id, board.as_str(), epoch.as_str(), sum])
        };
        create().map(drop).map_err(|error| failed(&error))
    }

    fn append(&mut self, board: &BoardId, row: &Row) -> Result<(), LogError> {
        let Row { no, events, last_seq, body } = row;
        let tail = self.existing(board)?;
        if *no != tail.no.next() {
            return Err(LogError::OutOfPlace { board: board.clone(), last: tail.no, found: *no });
        }
        let seq = last_seq.unwrap_or(tail.seq);
        let [no_stored, events, seq_stored] = [no.0, *events as u64, seq.0].map(sql);
        let sum = sum::of(&[tail.id, no_stored, events, seq_stored], body);
        let inserted = self
            .db
            .prepare_cached("INSERT INTO rows (board, no, events, last_seq, sum, body) VALUES (?, ?, ?, ?, ?, ?)")
            .and_then(|mut insert| insert.execute(params![tail.id, no_stored, events, seq_stored, sum, body]));
        if let Err(error) = inserted {
            self.tails.remove(board);
            if error.sqlite_error_code() != Some(ErrorCode::ConstraintViolation) {
                return Err(failed(&error));
            }
            // Another process wrote this row.
            let tail = self.existing(board)?;
            return Err(LogError::OutOfPlace { board: board.clone(), last: tail.no, found: *no });
        }
        *self.bytes += body.len();
        self.tails.insert(board.clone(), Tail { no: *no, seq, ..tail });
        Ok(())
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
                            coalesce((SELECT max(row) FROM snapshots WHERE board = boards.id AND parts IS NOT NULL), 0)),
                        max(coalesce((SELECT last_seq FROM rows WHERE board = boards.id ORDER BY no DESC LIMIT 1), 0),
                            coalesce((SELECT max(seq) FROM snapshots WHERE board = boards.id AND parts IS NOT NULL), 0))
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
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use rusqlite::ffi;

    use super::*;
    use tideboard_room::retention::Mark;

    use crate::log::sqlite::{Flush, read};

    fn append(board: &BoardId, no: u64, bytes: usize) -> (Work, oneshot::Receiver<Result<(), LogError>>) {
        let (reply, answer) = oneshot::channel();
        let row = Row { no: RowNo(no), events: 0, last_seq: None, body: vec![0; bytes] };
        (Work::Append { board: board.clone(), row, reply }, answer)
    }

    #[test]
    fn a_full_database_refuses_the_whole_commit_and_goes_on_when_there_is_room() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place { path: folder.path().join("log.db"), flush: Flush::default() };
        let mut writer = Writer::open(place, Trouble::default(), None).unwrap();
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
    fn whoever_reads_for_long_is_neither_waited_for_nor_asked_all_the_time_to_let_the_wal_be_emptied() {
        static WAITED: AtomicUsize = AtomicUsize::new(0);
        let folder = tempfile::tempdir().unwrap();
        let place = Place { path: folder.path().join("log.db"), flush: Flush::default() };
        let mut writer = Writer::open(place.clone(), Trouble::default(), None).unwrap();
        writer.wal_cap_bytes = 1;
        let create = |writer: &mut Writer, name: &str| {
            let (reply, answer) = oneshot::channel();
            let work = Work::Create { board: name.parse().unwrap(), epoch: Epoch::from("e"), reply };
            writer.commit(&mut vec![work]);
            answer.blocking_recv().unwrap().unwrap();
        };
        let wal_bytes = || fs::metadata(place.wal()).unwrap().len();
        let db = place.connect().unwrap();
        create(&mut writer, "a");
        let reading = db.unchecked_transaction().unwrap();
        reading.query_row("SELECT count(*) FROM boards", [], |row| row.get::<_, i64>(0)).unwrap();
        create(&mut writer, "b");
        let wait = |_| {
            WAITED.fetch_add(1, Ordering::Relaxed);
            false
        };
        writer.connection.busy_handler(Some(wait)).unwrap();
        let start = Instant::now();
        writer.bound_wal(start);
        assert_eq!((WAITED.load(Ordering::Relaxed), writer.emptied_at), (0, Some(start)));
        assert!(wal_bytes() > 0, "the reader needs it");
        writer.bound_wal(start + EMPTYING_GAP / 2);
        assert_eq!(writer.emptied_at, Some(start));
        drop(reading);
        create(&mut writer, "c");
        writer.bound_wal(start + EMPTYING_GAP);
        assert_eq!(wal_bytes(), 0);
    }

    #[test]
    fn a_snapshot_is_stored_and_rows_are_dropped_in_steps_with_commits_in_between() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place { path: folder.path().join("log.db"), flush: Flush::default() };
        let mut writer = Writer::open(place.clone(), Trouble::default(), None).unwrap();
        let board: BoardId = "a".parse().unwrap();
        let (reply, _) = oneshot::channel();
        writer.commit(&mut vec![Work::Create { board: board.clone(), epoch: Epoch::from("e"), reply }]);
        while !writer.upkeep.is_idle() {
            writer.upkeep();
        }
        let rows = 3 * 256;
        let (works, _answers): (Vec<_>, Vec<_>) = (1..=rows).map(|no| append(&board, no, 10)).unzip();
        writer.commit(&mut works.into_iter().collect());
        let (reply, mut stored) = oneshot::channel();
        let parts = (0..20).map(|no| vec![no; 1_000]).collect();
        let mark = Mark { row: RowNo(rows), seq: Seq(5) };
        let snapshot = Snapshot { board: board.clone(), mark, keep_events: 0, parts, reply };
        writer.commit(&mut vec![Work::Snapshot(snapshot)]);

        let db = place.connect().unwrap();
        let count = |table: &str| {
            let count = format!("SELECT count(*) FROM {table}");
            unsigned(db.query_row(&count, [], |row| row.get(0)).unwrap())
        };
        let (mut no, mut before) = (rows, (count("parts"), count("rows")));
        while stored.try_recv().is_err() {
            writer.upkeep();
            let now = (count("parts"), count("rows"));
            assert!(now.0 <= before.0 + 1 && now.1 + 256 >= before.1, "{before:?}, then {now:?}");
            if now.0 < 20 {
                assert!(read::marks(&db, 1).unwrap().is_empty(), "half of it counts");
            }
            no += 1;
            let (work, answer) = append(&board, no, 10);
            writer.commit(&mut vec![work]);
            assert_eq!(answer.blocking_recv().unwrap(), Ok(()), "nobody waits for all of it");
            before = (count("parts"), count("rows"));
        }
        assert!(no - rows > 20 + 3, "{} steps", no - rows);
        assert_eq!(read::marks(&db, 1).unwrap(), [mark]);
        assert_eq!((count("parts"), count("rows")), (20, no - rows));
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
