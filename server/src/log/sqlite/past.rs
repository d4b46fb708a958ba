//! Reading a board from the file, as it is or as it was.
//!
//! In: a connection in a transaction. Out: stored bodies, decoded by whoever has the time. Rows are found by their
//! number, which has an index; `last_seq` rises with it, so a few looks find an event.

use std::ops::RangeInclusive;

use rusqlite::{Connection, OptionalExtension, params};
use tideboard_room::{
    LogRow, RowNo, Stored, StoredSnapshot,
    retention::{self, Mark, Span},
};
use tideboard_shared::{BoardId, Epoch, Seq, message::Event};

use super::{failed, sql, unsigned};
use crate::log::{EventPage, LogError, ROWS_PER_READ};

/// A board, or a part of it, as stored.
#[derive(Debug)]
pub(super) struct Raw {
    epoch: String,
    snapshot: Option<Vec<u8>>,
    rows: Vec<Vec<u8>>,
}

impl Raw {
    pub(super) fn decode(self, board: &BoardId) -> Result<Stored, LogError> {
        Ok(Stored {
            epoch: Epoch::from(self.epoch),
            snapshot: self.snapshot.map(|body| decode::<StoredSnapshot>(board, &body)).transpose()?,
            rows: self.rows.iter().map(|body| decode::<LogRow>(board, body)).collect::<Result<_, _>>()?,
        })
    }
}

/// Places of the snapshots, by ascending row.
pub(super) fn marks(db: &Connection, board: i64) -> rusqlite::Result<Vec<Mark>> {
    db.prepare_cached("SELECT row, seq FROM snapshots WHERE board = ? ORDER BY row")?
        .query_map([board], |row| Ok(Mark { row: RowNo(unsigned(row.get(0)?)), seq: Seq(unsigned(row.get(1)?)) }))?
        .collect()
}

/// The newest snapshot, the rows after it, and those before it with one of its last `resume_events` events.
pub(super) fn newest(db: &Connection, board: i64, resume_events: usize) -> rusqlite::Result<Raw> {
    let rows = Rows::of(db, board)?;
    let newest = marks(db, board)?.pop();
    let mut from = newest.map_or(RowNo::ZERO, |mark| mark.row.next());
    if let Some(mark) = newest {
        let behind = mark.seq.0.saturating_sub(resume_events as u64);
        from = from.min(rows.first_with(Seq(behind + 1))?);
    }
    rows.read(newest, from..=RowNo(u64::MAX))
}

/// A reader of the past, on a connection of its own, so that the writer does not wait for it.
#[derive(Debug)]
pub(super) struct Past(pub(super) Connection);

impl Past {
    /// See [`crate::log::Log::at`].
    pub(super) fn at(&mut self, board: &BoardId, seq: Seq) -> Result<Stored, LogError> {
        let raw = self.look(board, |rows| {
            rows.span.check(seq).map_err(|out| LogError::OutOfSpan(board.clone(), out))?;
            let mark = rows.marks.iter().rfind(|mark| mark.seq <= seq).copied();
            let (covered, reached) = mark.map_or((RowNo::ZERO, Seq::ZERO), |mark| (mark.row, mark.seq));
            let last = if reached == seq { covered } else { rows.rows.first_with(seq).map_err(|e| failed(&e))? };
            rows.rows.read(mark, covered.next()..=last).map_err(|error| failed(&error))
        })?;
        raw.decode(board)
    }

    /// See [`crate::log::Log::rows_after`].
    pub(super) fn rows_after(&mut self, board: &BoardId, after: RowNo) -> Result<Vec<LogRow>, LogError> {
        let raw = self.look(board, |overview| {
            let covered = overview.marks.last().map_or(RowNo::ZERO, |mark| mark.row);
            let last = overview.rows.last.max(covered);
            // With no row left, the first one is the next to come.
            let first = if overview.rows.last < overview.rows.first { last.next() } else { overview.rows.first };
            if after > last || after.next() < first {
                return Err(LogError::RowsGone { board: board.clone(), after });
            }
            let through = RowNo(after.0 + ROWS_PER_READ as u64);
            overview.rows.read(None, after.next()..=through).map_err(|error| failed(&error))
        })?;
        Ok(raw.decode(board)?.rows)
    }

    /// See [`crate::log::Log::events`].
    pub(super) fn events(&mut self, board: &BoardId, before: Option<Seq>, limit: usize) -> Result<EventPage, LogError> {
        let (raw, page, oldest) = self.look(board, |rows| {
            let page = rows.span.page(before, limit).map_err(|out| LogError::OutOfSpan(board.clone(), out))?;
            let raw = rows.rows.with(&page).map_err(|error| failed(&error))?;
            Ok((raw, page, rows.span.oldest))
        })?;
        let Stored { epoch, rows, .. } = raw.decode(board)?;
        let is_within = |event: &Event| page.contains(&event.seq.0);
        Ok(EventPage { epoch, oldest, events: rows.into_iter().flat_map(|row| row.events).filter(is_within).collect() })
    }

    /// Reads within one transaction, so that all of it is of one moment.
    fn look<T>(
        &mut self,
        board: &BoardId,
        read: impl FnOnce(&Overview<'_>) -> Result<T, LogError>,
    ) -> Result<T, LogError> {
        let transaction = self.0.transaction().map_err(|error| failed(&error))?;
        let overview = Overview::find(&transaction, board).map_err(|error| failed(&error))?;
        read(&overview.ok_or_else(|| LogError::UnknownBoard(board.clone()))?)
    }
}

/// A board's past at a glance.
struct Overview<'a> {
    rows: Rows<'a>,
    marks: Vec<Mark>,
    span: Span,
}

impl<'a> Overview<'a> {
    fn find(db: &'a Connection, board: &BoardId) -> rusqlite::Result<Option<Self>> {
        let mut ids = db.prepare_cached("SELECT id FROM boards WHERE name = ?")?;
        let Some(id) = ids.query_row([board.as_str()], |row| row.get(0)).optional()? else { return Ok(None) };
        let rows = Rows::of(db, id)?;
        let marks = marks(db, id)?;
        let covered = marks.last().map_or(Seq::ZERO, |mark| mark.seq);
        let newest = rows.last_seq(rows.last)?.unwrap_or_default().max(covered);
        let first = (rows.first <= rows.last).then_some(rows.first);
        let span = Span { oldest: retention::oldest(&marks, first), newest };
        Ok(Some(Self { rows, marks, span }))
    }
}

/// The rows of one board; their numbers have no hole.
struct Rows<'a> {
    db: &'a Connection,
    board: i64,
    first: RowNo,
    last: RowNo,
}

impl<'a> Rows<'a> {
    fn of(db: &'a Connection, board: i64) -> rusqlite::Result<Self> {
        let mut ends = db.prepare_cached(
            "SELECT coalesce((SELECT min(no) FROM rows WHERE board = ?1), 1),
                    coalesce((SELECT max(no) FROM rows WHERE board = ?1), 0)",
        )?;
        let (first, last) =
            ends.query_row([board], |row| Ok((RowNo(unsigned(row.get(0)?)), RowNo(unsigned(row.get(1)?)))))?;
        Ok(Self { db, board, first, last })
    }

    fn last_seq(&self, no: RowNo) -> rusqlite::Result<Option<Seq>> {
        let mut row = self.db.prepare_cached("SELECT last_seq FROM rows WHERE board = ? AND no = ?")?;
        row.query_row(params![self.board, sql(no.0)], |row| Ok(Seq(unsigned(row.get(0)?)))).optional()
    }

    /// The first row that reaches `seq`; one after the last when none does.
    fn first_with(&self, seq: Seq) -> rusqlite::Result<RowNo> {
        let mut low = self.first.0;
        let mut high = self.last.0 + 1;
        while low < high {
            let middle = low + (high - low) / 2;
            if self.last_seq(RowNo(middle))?.is_some_and(|reached| reached >= seq) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Ok(RowNo(low))
    }

    /// The rows with these events.
    fn with(&self, events: &RangeInclusive<u64>) -> rusqlite::Result<Raw> {
        self.read(None, self.first_with(Seq(*events.start()))?..=self.first_with(Seq(*events.end()))?)
    }

    fn read(&self, snapshot: Option<Mark>, rows: RangeInclusive<RowNo>) -> rusqlite::Result<Raw> {
        let mut epoch = self.db.prepare_cached("SELECT epoch FROM boards WHERE id = ?")?;
        let epoch = epoch.query_row([self.board], |row| row.get(0))?;
        let mut body = self.db.prepare_cached("SELECT body FROM snapshots WHERE board = ? AND row = ?")?;
        let body = snapshot.map(|mark| body.query_row(params![self.board, sql(mark.row.0)], |row| row.get(0)));
        let mut bodies =
            self.db.prepare_cached("SELECT body FROM rows WHERE board = ? AND no BETWEEN ? AND ? ORDER BY no")?;
        let bodies = bodies.query_map(params![self.board, sql(rows.start().0), sql(rows.end().0)], |row| row.get(0))?;
        Ok(Raw { epoch, snapshot: body.transpose()?, rows: bodies.collect::<Result<_, _>>()? })
    }
}

fn decode<T: serde::de::DeserializeOwned>(board: &BoardId, body: &[u8]) -> Result<T, LogError> {
    serde_json::from_slice(body).map_err(|error| LogError::Damaged { board: board.clone(), problem: error.to_string() })
}
