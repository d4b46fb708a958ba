//! Reading a board from the file, as it is or as it was.
//!
//! In: a connection of one's own. Out: what was stored, checked against its checksums. Rows are found by their number,
//! which has an index; `last_seq` rises with it, so a few looks find an event. Never: a transaction that lasts longer
//! than a slice, which would keep the WAL from being emptied; bytes that are not those that were written.

use std::ops::RangeInclusive;

use rusqlite::{Connection, ErrorCode, OptionalExtension, params};
use tideboard_room::{
    LogRow, RowNo, Stored, StoredSnapshot,
    retention::{self, Mark, Span},
};
use tideboard_shared::{BoardId, Epoch, Seq, message::Event};

use super::{failed, sql, sum, unsigned};
use crate::log::{EventPage, LogError, ROWS_PER_READ};

/// Bytes of stored bodies after which a transaction ends; the next one goes on from there.
const SLICE_BYTES: usize = 1024 * 1024;
/// Times that one read is begun while snapshots drop what it reads.
const ATTEMPTS: u32 = 8;

/// Connection that reads, and the name of its file.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    pub(super) db: &'a Connection,
    pub(super) path: String,
}

impl Reader<'_> {
    /// See [`crate::log::Log::boards`]. An entry without a readable name is left out, and told.
    pub(super) fn boards(&self) -> Result<Vec<BoardId>, LogError> {
        let names = || -> rusqlite::Result<Vec<String>> {
            self.db.prepare_cached("SELECT name FROM boards ORDER BY name")?.query_map([], |row| row.get(0))?.collect()
        };
        let mut boards = Vec::new();
        for name in names().map_err(|error| failed(&error))? {
            match name.parse() {
                Ok(board) => boards.push(board),
                Err(error) => tracing::error!(path = self.path, name, %error, "a board of the log has no valid name"),
            }
        }
        Ok(boards)
    }

    /// See [`crate::log::Log::load`].
    pub(super) fn load(&self, board: &BoardId, resume_events: usize) -> Result<Option<Stored>, LogError> {
        let read = self.settled(board, |overview| {
            let newest = overview.marks.last().copied();
            let mut from = newest.map_or(RowNo::ZERO, |mark| mark.row.next());
            if let Some(mark) = newest {
                let behind = mark.seq.0.saturating_sub(resume_events as u64);
                from = from.min(self.on(board).first_with(overview, Seq(behind + 1))?);
            }
            self.on(board).stored(overview, newest, from..=overview.last)
        });
        match read {
            Err(LogError::UnknownBoard(_)) => Ok(None),
            read => read.map(Some),
        }
    }

    /// See [`crate::log::Log::at`].
    pub(super) fn at(&self, board: &BoardId, seq: Seq) -> Result<Stored, LogError> {
        self.settled(board, |overview| {
            overview.span().check(seq).map_err(|out| LogError::OutOfSpan(board.clone(), out))?;
            let mark = overview.marks.iter().rfind(|mark| mark.seq <= seq).copied();
            let (covered, reached) = mark.map_or((RowNo::ZERO, Seq::ZERO), |mark| (mark.row, mark.seq));
            let last = if reached == seq { covered } else { self.on(board).first_with(overview, seq)? };
            self.on(board).stored(overview, mark, covered.next()..=last)
        })
    }

    /// See [`crate::log::Log::rows_after`]. No more than a slice.
    pub(super) fn rows_after(&self, board: &BoardId, after: RowNo) -> Result<Vec<LogRow>, LogError> {
        self.settled(board, |overview| {
            let gone = || LogError::RowsGone { board: board.clone(), after };
            if after > overview.last {
                return Err(gone());
            }
            let through = RowNo(after.0 + ROWS_PER_READ as u64);
            let rows = self.on(board).slice(overview.id, after.next()..=through, Wanted::All)?;
            let rows: Vec<_> = rows.into_iter().map(|(row, _)| row).collect();
            // One in between is away when it held refusals alone and a snapshot covers it.
            let is_whole = (after.0 + 1..).zip(&rows).all(|(no, row)| row.no.0 == no);
            let is_end = rows.is_empty() && after < overview.last;
            if is_whole && !is_end { Ok(rows) } else { Err(gone()) }
        })
    }

    /// See [`crate::log::Log::events`].
    pub(super) fn events(&self, board: &BoardId, before: Option<Seq>, limit: usize) -> Result<EventPage, LogError> {
        self.settled(board, |overview| {
            let span = overview.span();
            let page = span.page(before, limit).map_err(|out| LogError::OutOfSpan(board.clone(), out))?;
            let first = self.on(board).first_with(overview, Seq(*page.start()))?;
            let last = self.on(board).first_with(overview, Seq(*page.end()))?;
            let rows = self.on(board).rows(overview.id, first..=last, Wanted::WithEvents)?;
            let is_within = |event: &Event| page.contains(&event.seq.0);
            let events = rows.into_iter().flat_map(|row| row.events).filter(is_within).collect();
            Ok(EventPage { epoch: overview.epoch.clone(), oldest: span.oldest, events })
        })
    }

    /// Reads in as many transactions as it takes, and begins anew when something was dropped meanwhile. What is only
    /// added does no harm: nobody looks beyond what was there at the beginning.
    fn settled<T>(&self, board: &BoardId, read: impl Fn(&Overview) -> Result<T, LogError>) -> Result<T, LogError> {
        let mut before = self.overview(board)?;
        for _ in 0..ATTEMPTS {
            let result = read(&before);
            let after = self.overview(board)?;
            if (&before.marks, before.first) == (&after.marks, after.first) {
                return result;
            }
            before = after;
        }
        Err(LogError::Unavailable(format!("board {board} was changed each time that it was read")))
    }

    fn overview(&self, board: &BoardId) -> Result<Overview, LogError> {
        let find = || -> rusqlite::Result<_> {
            let transaction = self.db.unchecked_transaction()?;
            Overview::find(&transaction, board)
        };
        let (overview, is_sound) = find()
            .map_err(|error| self.on(board).failed(&error))?
            .ok_or_else(|| LogError::UnknownBoard(board.clone()))?;
        if is_sound { Ok(overview) } else { Err(self.on(board).damaged("the board's entry")) }
    }

    fn on<'a>(&'a self, board: &'a BoardId) -> OnBoard<'a> {
        OnBoard { db: self.db, path: &self.path, board }
    }
}

/// Places of the whole snapshots, by ascending row.
pub(super) fn marks(db: &Connection, board: i64) -> rusqlite::Result<Vec<Mark>> {
    db.prepare_cached("SELECT row, seq FROM snapshots WHERE board = ? AND parts IS NOT NULL ORDER BY row")?
        .query_map([board], |row| Ok(Mark { row: RowNo(unsigned(row.get(0)?)), seq: Seq(unsigned(row.get(1)?)) }))?
        .collect()
}

/// A board at a glance.
struct Overview {
    id: i64,
    epoch: Epoch,
    marks: Vec<Mark>,
    /// Number of the oldest row that has events, and the event before its first.
    first: Option<(RowNo, Seq)>,
    /// The last row that is there or covered.
    last: RowNo,
    newest: Seq,
}

impl Overview {
    /// Looks at a board, and says whether its entry is as it was written.
    fn find(db: &Connection, board: &BoardId) -> rusqlite::Result<Option<(Self, bool)>> {
        let mut entry = db.prepare_cached("SELECT id, epoch, sum FROM boards WHERE name = ?")?;
        let entry = entry.query_row([board.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        let entry: Option<(i64, String, i64)> = entry.optional()?;
        let Some((id, epoch, sum)) = entry else { return Ok(None) };
        let is_sound = sum::of_board(id, board.as_str(), &epoch) == sum;
        let marks = marks(db, id)?;
        let covered = marks.last().copied().unwrap_or(Mark { row: RowNo::ZERO, seq: Seq::ZERO });
        let ends = |no: i64, last_seq: i64| (RowNo(unsigned(no)), Seq(unsigned(last_seq)));
        let first = db
            .prepare_cached(
                "SELECT no, last_seq - events FROM rows WHERE board = ? AND events > 0 ORDER BY no LIMIT 1",
            )?
            .query_row([id], |row| Ok(ends(row.get(0)?, row.get(1)?)))
            .optional()?;
        let (last, newest) = db
            .prepare_cached("SELECT no, last_seq FROM rows WHERE board = ? ORDER BY no DESC LIMIT 1")?
            .query_row([id], |row| Ok(ends(row.get(0)?, row.get(1)?)))
            .optional()?
            .unwrap_or_default();
        let (last, newest) = (last.max(covered.row), newest.max(covered.seq));
        Ok(Some((Self { id, epoch: Epoch::from(epoch), marks, first, last, newest }, is_sound)))
    }

    fn span(&self) -> Span {
        let oldest = retention::oldest(&self.marks, self.first.map(|(_, before)| before));
        Span { oldest, newest: self.newest }
    }
}

/// Rows that a read wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    All,
    WithEvents,
}

/// Reader of one board.
struct OnBoard<'a> {
    db: &'a Connection,
    path: &'a str,
    board: &'a BoardId,
}

impl OnBoard<'_> {
    fn stored(
        &self,
        overview: &Overview,
        snapshot: Option<Mark>,
        rows: RangeInclusive<RowNo>,
    ) -> Result<Stored, LogError> {
        let snapshot = snapshot.map(|mark| self.snapshot(overview.id, mark)).transpose()?;
        Ok(Stored { epoch: overview.epoch.clone(), snapshot, rows: self.rows(overview.id, rows, Wanted::All)? })
    }

    /// The first row that reaches `seq`; one after the last when none does.
    fn first_with(&self, overview: &Overview, seq: Seq) -> Result<RowNo, LogError> {
        let end = overview.last.next();
        let mut found = end;
        let mut low = overview.first.map_or(0, |(no, _)| no.0);
        let mut high = end.0;
        while low < high {
            let middle = low + (high - low) / 2;
            // Rows without events may be away: the next one that is there stands for them.
            match self.at_or_after(overview.id, RowNo(middle)).map_err(|error| self.failed(&error))? {
                Some((no, reached)) if reached < seq => low = no.0 + 1,
                Some((no, _)) => (found, high) = (no, middle),
                None => high = middle,
            }
        }
        Ok(found)
    }

    fn at_or_after(&self, board: i64, no: RowNo) -> rusqlite::Result<Option<(RowNo, Seq)>> {
        self.db
            .prepare_cached("SELECT no, last_seq FROM rows WHERE board = ? AND no >= ? ORDER BY no LIMIT 1")?
            .query_row(params![board, sql(no.0)], |row| Ok((RowNo(unsigned(row.get(0)?)), Seq(unsigned(row.get(1)?)))))
            .optional()
    }

    fn rows(&self, board: i64, wanted: RangeInclusive<RowNo>, which: Wanted) -> Result<Vec<LogRow>, LogError> {
        let mut rows = Vec::new();
        let mut next = *wanted.start();
        while next <= *wanted.end() {
            let slice = self.slice(board, next..=*wanted.end(), which)?;
            let Some((_, last)) = slice.last() else { break };
            next = last.next();
            rows.extend(slice.into_iter().map(|(row, _)| row));
        }
        Ok(rows)
    }

    /// The first of these rows, up to about [`SLICE_BYTES`], each with the number under which it was stored.
    fn slice(
        &self,
        board: i64,
        wanted: RangeInclusive<RowNo>,
        which: Wanted,
    ) -> Result<Vec<(LogRow, RowNo)>, LogError> {
        let least_events = match which {
            Wanted::All => 0,
            Wanted::WithEvents => 1,
        };
        let read = || -> rusqlite::Result<Vec<Body>> {
            let mut rows = self.db.prepare_cached(
                "SELECT no, events, last_seq, sum, body FROM rows
                 WHERE board = ? AND no BETWEEN ? AND ? AND events >= ? ORDER BY no",
            )?;
            let ends = [wanted.start(), wanted.end()].map(|no| sql(no.0));
            let mut rows = rows.query(params![board, ends[0], ends[1], least_events])?;
            let mut slice = Vec::new();
            let mut bytes = 0;
            while bytes < SLICE_BYTES
                && let Some(row) = rows.next()?
            {
                let body: Vec<u8> = row.get(4)?;
                bytes += body.len();
                let (no, events, last_seq): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
                let is_sound = sum::of(&[board, no, events, last_seq], &body) == row.get::<_, i64>(3)?;
                slice.push(Body { no, is_sound, body });
            }
            Ok(slice)
        };
        let bodies = read().map_err(|error| self.failed(&error))?;
        let decode = |Body { no, is_sound, body }| {
            let place = format!("row {no}");
            if !is_sound {
                return Err(self.damaged(&place));
            }
            Ok((self.decode(&place, &body)?, RowNo(unsigned(no))))
        };
        bodies.into_iter().map(decode).collect()
    }

    fn snapshot(&self, board: i64, mark: Mark) -> Result<StoredSnapshot, LogError> {
        let place = format!("the snapshot of row {}", mark.row);
        let mut entry = self
            .db
            .prepare_cached("SELECT id, parts, sum FROM snapshots WHERE board = ? AND row = ? AND parts IS NOT NULL")
            .map_err(|error| self.failed(&error))?;
        let (id, parts, sum): (i64, i64, i64) = entry
            .query_row(params![board, sql(mark.row.0)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .map_err(|error| self.failed(&error))?;
        if sum::of(&[board, sql(mark.row.0), sql(mark.seq.0), parts], &[]) != sum {
            return Err(self.damaged(&place));
        }
        let mut part = self
            .db
            .prepare_cached("SELECT body, sum FROM parts WHERE snapshot = ? AND no = ?")
            .map_err(|error| self.failed(&error))?;
        let mut body = Vec::new();
        for no in 0..parts {
            let read = part.query_row(params![id, no], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?)));
            match read.optional().map_err(|error| self.failed(&error))? {
                Some((bytes, sum)) if sum::of(&[id, no], &bytes) == sum => body.extend(bytes),
                Some(_) | None => return Err(self.damaged(&format!("part {no} of {place}"))),
            }
        }
        self.decode(&place, &body)
    }

    fn decode<T: serde::de::DeserializeOwned>(&self, place: &str, body: &[u8]) -> Result<T, LogError> {
        serde_json::from_slice(body).map_err(|error| LogError::Damaged {
            board: self.board.clone(),
            problem: format!("{place} in {} cannot be read: {error}", self.path),
        })
    }

    fn damaged(&self, place: &str) -> LogError {
        let problem = format!("{place} in {} is not what was written: its checksum differs", self.path);
        LogError::Damaged { board: self.board.clone(), problem }
    }

    /// A page that is no page of a database hurts those who need it, and nobody else.
    fn failed(&self, error: &rusqlite::Error) -> LogError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt) => LogError::Damaged {
                board: self.board.clone(),
                problem: format!("a page of {} is not what was written: {error}", self.path),
            },
            _ => failed(error),
        }
    }
}

/// Stored row, and whether it is as it was written.
struct Body {
    no: i64,
    is_sound: bool,
    body: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::log::{
        Log as _, SqliteLog,
        conformance::{board, row},
        sqlite::Flush,
    };

    #[tokio::test]
    async fn what_is_dropped_while_it_is_read_is_read_again_and_what_is_added_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        let log = SqliteLog::open_file(&path, Flush::default()).unwrap();
        let main = board("main");
        log.create(&main, &Epoch::from("e")).await.unwrap();
        for no in 1..=3 {
            log.append(&main, &row(no, no..=no)).await.unwrap();
        }
        log.close().await.unwrap();
        let [db, other] = [(); 2].map(|()| Connection::open(&path).unwrap());
        let reader = Reader { db: &db, path: path.display().to_string() };
        for (change, times) in [("DELETE FROM rows WHERE no = 1", 2), ("UPDATE boards SET name = name", 1)] {
            let attempts = Cell::new(0);
            let first = reader.settled(&main, |overview| {
                attempts.set(attempts.get() + 1);
                if attempts.get() == 1 {
                    other.execute(change, []).unwrap();
                }
                Ok(overview.first)
            });
            assert_eq!((first.unwrap(), attempts.get()), (Some((RowNo(2), Seq(1))), times));
        }
        let changes_always = reader.settled(&main, |_| {
            other.execute("INSERT INTO snapshots (board, row, seq, parts) VALUES (1, 1, 1, 0)", []).unwrap();
            Ok(())
        });
        assert!(matches!(changes_always, Err(LogError::Unavailable(_))), "{changes_always:?}");
    }

    #[tokio::test]
    async fn rows_are_read_in_slices_however_many_bytes_they_have() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        let log = SqliteLog::open_file(&path, Flush::default()).unwrap();
        let main = board("main");
        log.create(&main, &Epoch::from("e")).await.unwrap();
        let rows: Vec<_> = (1..=9)
            .map(|no| {
                let mut row = row(no, no..=no);
                row.events[0].by = "x".repeat(SLICE_BYTES / 3);
                row
            })
            .collect();
        for row in &rows {
            log.append(&main, row).await.unwrap();
        }
        assert_eq!(log.rows_after(&main, RowNo::ZERO).await.unwrap(), rows[..3], "one slice at a time");
        assert_eq!(log.load(&main, 0).await.unwrap().unwrap().rows, rows);
        assert_eq!(log.at(&main, Seq(8)).await.unwrap().rows, rows[..8]);
        assert_eq!(log.events(&main, None, 9).await.unwrap().events.len(), 9);
    }
}
