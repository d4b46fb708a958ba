//! The stored form of a room: rows and snapshots, and the way back from them.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};
use tideboard_shared::{Board, BoardId, ClientId, Entity, Epoch, OpResult, Outcome, Refusal, Seq, message::Event};

use super::{ClientRecord, RoomConfig, RoomState, clients::Clients};

/// What one batch decided; the unit of the log. Applied outcomes follow from its events.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LogRow {
    /// Its number on this board, from 1, consecutive. Events are numbered apart: a row of refusals alone has none.
    pub no: u64,
    /// Accepted operations.
    pub events: Vec<Event>,
    /// Refused operations with their outcomes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<OpResult>,
    /// What clients settled with this row.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settled: BTreeMap<ClientId, u64>,
}

impl LogRow {
    /// Whether there is nothing to store.
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
    pub row: u64,
    /// The last event it covers.
    pub seq: Seq,
    /// By ascending id.
    pub entities: Vec<Arc<Entity>>,
    /// What is known of each client's operations.
    pub clients: BTreeMap<ClientId, Arc<ClientRecord>>,
}

/// All that a log holds of one board.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Which life of the log.
    pub epoch: Epoch,
    /// The newest snapshot, if one was taken.
    pub snapshot: Option<StoredSnapshot>,
    /// By consecutive number, at least all rows after the snapshot; those before it serve resuming.
    pub rows: Vec<LogRow>,
}

/// Why stored rows are no board: the log is damaged or from a program with other rules.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RestoreError {
    /// Rows are missing.
    #[error("board {board}: row {expected} is missing, the next is {found}")]
    MissingRow {
        /// The board.
        board: BoardId,
        /// The row that should be there.
        expected: u64,
        /// The row found instead.
        found: u64,
    },
    /// Events are not numbered in order.
    #[error("board {board}: row {row} has event {found} where {expected} should be")]
    MissingEvent {
        /// The board.
        board: BoardId,
        /// The row.
        row: u64,
        /// The place that should follow.
        expected: Seq,
        /// The place found instead.
        found: Seq,
    },
    /// An operation that was accepted is refused now.
    #[error("board {board}: event {seq} was accepted and no longer applies: {refusal:?}")]
    Diverged {
        /// The board.
        board: BoardId,
        /// The event.
        seq: Seq,
        /// Why.
        refusal: Refusal,
    },
}

impl RoomState {
    /// The state that led to what is stored, ready for the next row.
    ///
    /// # Errors
    /// When rows are missing or an event no longer applies.
    pub fn restore(id: BoardId, config: RoomConfig, stored: Stored) -> Result<Self, RestoreError> {
        let mut state = Self::new(id, stored.epoch, config);
        let (covered, seq) = stored.snapshot.as_ref().map_or((0, Seq::ZERO), |snapshot| (snapshot.row, snapshot.seq));
        let first_new = stored.rows.partition_point(|row| row.no <= covered);
        for event in stored.rows.iter().take(first_new).flat_map(|row| &row.events) {
            state.history.push(event.clone(), None);
        }
        if let Some(snapshot) = stored.snapshot {
            state.board = snapshot.entities.into_iter().collect::<Board>();
            state.clients = Clients::restored(snapshot.clients);
        }
        (state.row, state.seq) = (covered, seq);
        for row in stored.rows.iter().skip(first_new) {
            state.replay(row)?;
        }
        state.history.trim(config.retain_events);
        Ok(state)
    }

    /// Takes over one row that was decided elsewhere or earlier.
    ///
    /// # Errors
    /// When it is not the next row or does not apply; the state is then unusable.
    pub fn replay(&mut self, row: &LogRow) -> Result<(), RestoreError> {
        if row.no != self.row + 1 {
            return Err(RestoreError::MissingRow { board: self.id.clone(), expected: self.row + 1, found: row.no });
        }
        let mut outcomes = BTreeMap::new();
        for event in &row.events {
            self.replay_event(event, row.no)?;
            let outcome = Outcome::Applied { seq: event.seq, durability: self.config.durability };
            outcomes.insert(event.op.id.clone(), outcome);
        }
        outcomes.extend(row.refused.iter().map(|result| (result.id.clone(), result.outcome.clone())));
        // By client and n, as they were decided: a client's operations are only ever accepted by rising n.
        for (id, outcome) in outcomes {
            self.clients.remember(&id, outcome);
        }
        self.finish_row(row);
        Ok(())
    }

    fn replay_event(&mut self, event: &Event, row: u64) -> Result<(), RestoreError> {
        let expected = self.seq.next();
        if event.seq != expected {
            return Err(RestoreError::MissingEvent { board: self.id.clone(), row, expected, found: event.seq });
        }
        let applied = self.board.apply(&event.op, event.seq).map_err(|refusal| RestoreError::Diverged {
            board: self.id.clone(),
            seq: event.seq,
            refusal,
        })?;
        self.seq = event.seq;
        self.history.push(event.clone(), Some(applied));
        Ok(())
    }
}
