//! Work on the file that nobody's edit waits for: storing snapshots, dropping what they make superfluous, giving space
//! back.
//!
//! In: encoded snapshots. Out: one step at a time, each a small transaction of its own, between the writer's commits.
//! Never: a snapshot that can be seen before all of it is stored, or a row dropped before the snapshot that stands for
//! it is durable.

use std::collections::VecDeque;

use rusqlite::{Connection, OptionalExtension, params};
use tideboard_room::{
    RowNo,
    retention::{self, Mark},
};
use tideboard_shared::BoardId;

use super::{read, sql, sum, writer::Reply};
use crate::log::LogError;

/// Bytes of a snapshot in one part, and so in one step.
pub(super) const PART_BYTES: usize = 256 * 1024;
/// Most rows that one step drops.
const ROWS_PER_STEP: i64 = 256;
/// Most parts that one step drops.
const PARTS_PER_STEP: i64 = 4;
/// Pages that one step gives back to the system.
const PAGES_PER_STEP: i64 = 256;
/// Free pages that are kept for what comes next: so many, and this fraction of all.
const FREE_PAGES: i64 = 1_024;
const FREE_FRACTION: i64 = 4;

/// Snapshot to store.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) board: BoardId,
    /// The last row and the last event that it covers.
    pub(super) mark: Mark,
    /// The board can be shown at each of so many events before.
    pub(super) keep_events: usize,
    pub(super) parts: VecDeque<Vec<u8>>,
    pub(super) reply: Reply<()>,
}

/// Work that waits, oldest first.
#[derive(Debug)]
pub(super) struct Upkeep {
    snapshots: VecDeque<Job>,
    /// The file may have parts of snapshots that are not whole, of a process that was killed, or free space.
    may_tidy: bool,
}

/// Snapshot on its way, and how far it has come.
#[derive(Debug)]
struct Job {
    snapshot: Snapshot,
    stage: Stage,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    /// Not begun.
    New,
    /// So many parts are.
    Storing {
        board: i64,
        id: i64,
        parts: i64,
    },
    /// All of it is, and rows up to here are superfluous.
    Dropping {
        board: i64,
        through: RowNo,
    },
    /// Rows without events that it covers are, too.
    DroppingRefusals {
        board: i64,
    },
    /// And so are other snapshots.
    Sweeping,
    Done,
}

impl Default for Upkeep {
    fn default() -> Self {
        Self { snapshots: VecDeque::new(), may_tidy: true }
    }
}

impl Upkeep {
    pub(super) fn add(&mut self, snapshot: Snapshot) {
        self.snapshots.push_back(Job { snapshot, stage: Stage::New });
    }

    /// Says whether there is nothing to do.
    pub(super) fn is_idle(&self) -> bool {
        self.snapshots.is_empty() && !self.may_tidy
    }

    /// Says whether somebody waits for an answer.
    pub(super) fn is_awaited(&self) -> bool {
        !self.snapshots.is_empty()
    }

    /// Does one step, within a transaction of the caller's. Gives the bytes that it has stored, about, and the answer
    /// that is due once the step is durable.
    pub(super) fn step(&mut self, db: &Connection) -> Result<Step, LogError> {
        let Some(job) = self.snapshots.front_mut() else {
            self.may_tidy = tidy(db).map_err(|error| super::failed(&error))?;
            return Ok(Step::default());
        };
        let (stage, bytes) = job.step(db)?;
        job.stage = stage;
        let done = if matches!(stage, Stage::Done) { self.snapshots.pop_front() } else { None };
        self.may_tidy |= done.is_some();
        Ok(Step { bytes, done: done.map(|job| job.snapshot.reply) })
    }

    /// Gives up what the last step was part of, since that failed.
    pub(super) fn fail(&mut self, error: &LogError) {
        match self.snapshots.pop_front() {
            // Whoever asked may have gone away; then nobody misses the answer.
            Some(job) => {
                drop(job.snapshot.reply.send(Err(error.clone())));
                self.may_tidy = true;
            }
            None => self.may_tidy = false,
        }
    }
}

/// Result of a step.
#[derive(Debug, Default)]
pub(super) struct Step {
    pub(super) bytes: usize,
    pub(super) done: Option<Reply<()>>,
}

impl Job {
    fn step(&mut self, db: &Connection) -> Result<(Stage, usize), LogError> {
        let failed = |error: rusqlite::Error| super::failed(&error);
        let Snapshot { board, mark, keep_events, parts, .. } = &mut self.snapshot;
        let place = |board| [board, sql(mark.row.0), sql(mark.seq.0)];
        let mut bytes = 0;
        let stage = match self.stage {
            Stage::New => {
                let find = "SELECT id FROM boards WHERE name = ?";
                let id = db.query_row(find, [board.as_str()], |row| row.get(0)).optional().map_err(failed)?;
                let id = id.ok_or_else(|| LogError::UnknownBoard(board.clone()))?;
                if read::marks(db, id).map_err(failed)?.iter().any(|kept| kept.row >= mark.row) {
                    return Ok((Stage::Done, 0));
                }
                let [board, row, seq] = place(id);
                Stage::Storing { board, id: begin_snapshot(db, board, row, seq).map_err(failed)?, parts: 0 }
            }
            Stage::Storing { board, id, parts: stored } => match parts.pop_front() {
                Some(part) => {
                    bytes = part.len();
                    store_part(db, id, stored, &part).map_err(failed)?;
                    Stage::Storing { board, id, parts: stored + 1 }
                }
                None => {
                    end_snapshot(db, id, place(board), stored).map_err(failed)?;
                    match retire(db, board, *keep_events).map_err(failed)? {
                        Some(through) => Stage::Dropping { board, through },
                        None => Stage::DroppingRefusals { board },
                    }
                }
            },
            Stage::Dropping { board, through } => {
                let drop = "DELETE FROM rows WHERE id IN
                            (SELECT id FROM rows WHERE board = ? AND no <= ? ORDER BY no LIMIT ?)";
                if execute(db, drop, params![board, sql(through.0), ROWS_PER_STEP]).map_err(failed)? {
                    self.stage
                } else {
                    Stage::DroppingRefusals { board }
                }
            }
            Stage::DroppingRefusals { board } => {
                let drop = "DELETE FROM rows WHERE id IN
                            (SELECT id FROM rows WHERE board = ? AND no <= ? AND events = 0 ORDER BY no LIMIT ?)";
                if execute(db, drop, params![board, sql(mark.row.0), ROWS_PER_STEP]).map_err(failed)? {
                    self.stage
                } else {
                    Stage::Sweeping
                }
            }
            Stage::Sweeping | Stage::Done => {
                if sweep(db).map_err(failed)? {
                    self.stage
                } else {
                    Stage::Done
                }
            }
        };
        Ok((stage, bytes))
    }
}

/// Enters a snapshot that is not whole yet. Gives its id.
pub(super) fn begin_snapshot(db: &Connection, board: i64, row: i64, seq: i64) -> rusqlite::Result<i64> {
    db.prepare_cached("INSERT INTO snapshots (board, row, seq) VALUES (?, ?, ?)")?.execute(params![board, row, seq])?;
    Ok(db.last_insert_rowid())
}

/// Stores a part of a snapshot; they are numbered from 0.
pub(super) fn store_part(db: &Connection, snapshot: i64, no: i64, body: &[u8]) -> rusqlite::Result<()> {
    let sum = sum::of(&[snapshot, no], body);
    let mut insert = db.prepare_cached("INSERT INTO parts (snapshot, no, sum, body) VALUES (?, ?, ?, ?)")?;
    insert.execute(params![snapshot, no, sum, body]).map(drop)
}

/// Makes a snapshot count from now on, all of whose parts are stored. `place` is its board, row and event.
pub(super) fn end_snapshot(db: &Connection, id: i64, place: [i64; 3], parts: i64) -> rusqlite::Result<()> {
    let [board, row, seq] = place;
    let sum = sum::of(&[board, row, seq, parts], &[]);
    let mut update = db.prepare_cached("UPDATE snapshots SET parts = ?, sum = ? WHERE id = ?")?;
    update.execute(params![parts, sum, id]).map(drop)
}

/// Makes superfluous snapshots count no more. Gives the last of the rows that are superfluous, too.
fn retire(db: &Connection, board: i64, keep_events: usize) -> rusqlite::Result<Option<RowNo>> {
    let surplus = retention::surplus(&read::marks(db, board)?, keep_events);
    let mut update = db.prepare_cached("UPDATE snapshots SET parts = NULL WHERE board = ? AND row = ?")?;
    for row in surplus.snapshots {
        update.execute(params![board, sql(row.0)])?;
    }
    Ok(surplus.rows_through)
}

/// Drops a little of the snapshots that do not count. Says whether there was any.
fn sweep(db: &Connection) -> rusqlite::Result<bool> {
    let parts = "DELETE FROM parts WHERE id IN
                 (SELECT parts.id FROM snapshots JOIN parts ON parts.snapshot = snapshots.id
                  WHERE snapshots.parts IS NULL LIMIT ?)";
    Ok(execute(db, parts, [PARTS_PER_STEP])? || execute(db, "DELETE FROM snapshots WHERE parts IS NULL", [])?)
}

/// Does a little of what makes the file smaller. Says whether there may be more to do.
fn tidy(db: &Connection) -> rusqlite::Result<bool> {
    if sweep(db)? {
        return Ok(true);
    }
    let number = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let free = number("freelist_count")?;
    if free <= FREE_PAGES.max(number("page_count")? / FREE_FRACTION) {
        return Ok(false);
    }
    // Each step of the statement frees one page.
    let mut vacuum = db.prepare(&format!("PRAGMA incremental_vacuum({PAGES_PER_STEP})"))?;
    let mut pages = vacuum.query([])?;
    while pages.next()?.is_some() {}
    Ok(true)
}

/// Says whether the statement changed anything.
fn execute(db: &Connection, statement: &str, values: impl rusqlite::Params) -> rusqlite::Result<bool> {
    Ok(db.prepare_cached(statement)?.execute(values)? > 0)
}
