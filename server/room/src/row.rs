//! The stored form of a room: rows and snapshots, and the way back from them.

use std::{collections::BTreeMap, fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tideboard_shared::{
    Applied, Board, BoardId, Check, ClientId, Entity, Epoch, Fields, OpResult, Reason, Refusal, Seq,
    board::field_bytes,
    message::{BoardReply, Event},
};

use crate::clients::ClientRecord;

/// Place of a row in a board's log, from 1; 0 is before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RowNo(pub u64);

impl RowNo {
    /// The place before the first row.
    pub const ZERO: Self = Self(0);

    /// The place after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for RowNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Decisions of one batch; the unit of the log. Applied outcomes follow from its events.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LogRow {
    /// Number on this board, consecutive. Events are numbered apart: a row of refusals alone has none.
    pub no: RowNo,
    /// Accepted operations.
    pub events: Vec<Event>,
    /// Values that each event replaced, in their order: what a conflict tells of its base, after a restart as well. Rows of
    /// before have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<Arc<Replaced>>,
    /// Refused operations with their outcomes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<OpResult>,
    /// Highest `n` up to which each client settled its outcomes with this row.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settled: BTreeMap<ClientId, u64>,
    /// Check of the log with its events; `None` in a row of a build that wrote none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
}

/// Values that one event replaced.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Replaced {
    /// Fields that the event changed, as they were. Those that were absent are not among them.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub fields: Fields,
    /// The entity that the event removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<Arc<Entity>>,
}

impl Replaced {
    /// Value that a field had which the event changed; `None` where it was absent.
    pub(crate) fn value(&self, field: &str) -> Option<&Value> {
        self.removed.as_ref().map_or(&self.fields, |removed| &removed.fields).get(field)
    }

    pub(crate) fn bytes(&self) -> usize {
        let fields = self.fields.iter().map(|(name, value)| field_bytes(name, value)).sum::<usize>();
        fields + self.removed.as_ref().map_or(0, |removed| removed.bytes())
    }
}

impl From<Applied> for Replaced {
    fn from(Applied { before, removed }: Applied) -> Self {
        let fields = before.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        Self { fields, removed }
    }
}

impl LogRow {
    /// Says whether there is nothing to store.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.refused.is_empty()
    }

    /// The last event's place, if there are events.
    #[must_use]
    pub fn last_seq(&self) -> Option<Seq> {
        self.events.last().map(|event| event.seq)
    }
}

/// A room at one row, instead of all rows up to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredSnapshot {
    /// The last row it covers.
    pub row: RowNo,
    /// The last event it covers.
    pub seq: Seq,
    /// Check of the log up to there; `None` in a snapshot of a build that wrote none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
    /// By ascending id.
    pub entities: Vec<Arc<Entity>>,
    /// Records of each client's operations.
    pub clients: BTreeMap<ClientId, Arc<ClientRecord>>,
}

/// All that a log holds of one board.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Life of the log.
    pub epoch: Epoch,
    /// The newest snapshot, if one was taken.
    pub snapshot: Option<StoredSnapshot>,
    /// By consecutive number, at least all rows after the snapshot; those before it serve resuming.
    pub rows: Vec<LogRow>,
}

impl Stored {
    /// The board at `seq`, given the newest snapshot at or before it and the rows from there on; later events are left
    /// out.
    ///
    /// # Errors
    /// When events are missing or one no longer applies.
    pub fn show(self, board: &BoardId, seq: Seq) -> Result<BoardReply, RestoreError> {
        let (mut reached, entities) = self.snapshot.map_or((Seq::ZERO, Vec::new()), |kept| (kept.seq, kept.entities));
        let mut document: Board = entities.into_iter().collect();
        for row in &self.rows {
            for event in row.events.iter().filter(|event| event.seq <= seq) {
                let board = board.clone();
                let expected = reached.next();
                if event.seq != expected {
                    return Err(RestoreError::MissingEvent { board, row: row.no, expected, found: event.seq });
                }
                let applied = document.replay(&event.op, event.seq);
                applied.map_err(|refusal| RestoreError::diverged(board, event.seq, &refusal))?;
                reached = event.seq;
            }
        }
        if reached != seq {
            let board = board.clone();
            let row = self.rows.last().map_or(RowNo::ZERO, |row| row.no);
            return Err(RestoreError::MissingEvent { board, row, expected: seq, found: reached });
        }
        let entities = document.entities().cloned().collect();
        Ok(BoardReply { board: board.clone(), epoch: self.epoch, seq, entities })
    }
}

/// Reason why stored rows make no board: the log is damaged or from a program with other rules.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RestoreError {
    /// Rows are missing.
    #[error("board {board}: row {expected} is missing, the next is {found}")]
    MissingRow {
        /// The board.
        board: BoardId,
        /// The row that should be there.
        expected: RowNo,
        /// The row found instead.
        found: RowNo,
    },
    /// Events are not numbered in order.
    #[error("board {board}: row {row} has event {found} where {expected} should be")]
    MissingEvent {
        /// The board.
        board: BoardId,
        /// The row.
        row: RowNo,
        /// The place that should follow.
        expected: Seq,
        /// The place found instead.
        found: Seq,
    },
    /// Rows of two histories.
    #[error("board {board}: row {row} has check {found} where {expected} should be: it is of another history")]
    OtherHistory {
        /// The board.
        board: BoardId,
        /// The row.
        row: RowNo,
        /// Check of the events as they are.
        expected: Check,
        /// Check that was stored.
        found: Check,
    },
    /// An operation that was accepted cannot be carried out. Names no content: this goes where operators read.
    #[error("board {board}: event {seq} was accepted and cannot be carried out: {reason:?}")]
    Diverged {
        /// The board.
        board: BoardId,
        /// The event.
        seq: Seq,
        /// Reason of the refusal.
        reason: Reason,
    },
}

impl RestoreError {
    pub(crate) fn diverged(board: BoardId, seq: Seq, refusal: &Refusal) -> Self {
        let reason = match refusal {
            // Nothing that is replayed conflicts.
            Refusal::Conflict(_) => Reason::Other,
            Refusal::Rejected(rejection) => rejection.reason,
        };
        Self::Diverged { board, seq, reason }
    }
}
