//! Board as a subscriber knows it.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tideboard_shared::{
    Board, Check, Entity, Epoch, Position, Seq,
    message::{Event, Snapshot},
};

/// Board at a position, kept up by events through the same reducer that the server runs.
#[derive(Debug, Clone, PartialEq)]
pub struct BoardView {
    /// Epoch of the board's log.
    pub epoch: Epoch,
    /// Position of the last event applied.
    pub seq: Seq,
    /// Check of the log up to there; worked out anew from each event. Of a board read by REST, which says none, it is that
    /// of an empty log.
    pub check: Check,
    /// Number of the subscriber's highest decided operation, as the snapshot said. 0 for a board read by REST.
    pub last_n: u64,
    /// Number of parts that the snapshot came in.
    pub parts: u32,
    /// Entities of the board.
    pub board: Board,
}

impl BoardView {
    /// Puts the parts of a snapshot together.
    ///
    /// # Errors
    /// When they do not form one snapshot.
    pub fn from_parts(parts: Vec<Snapshot>) -> Result<Self> {
        let first = parts.first().context("a snapshot has at least one part")?;
        let epoch = first.epoch.clone();
        let seq = first.seq;
        let check = first.check;
        let last_n = first.last_n;
        for (expected, part) in (1..).zip(&parts) {
            ensure!(part.part == expected, "part {} where part {expected} was due", part.part);
            ensure!((&part.epoch, part.seq) == (&epoch, seq), "part {expected} shows another position than part 1");
        }
        let count = parts.len();
        let size = parts.iter().map(|part| part.entities.len()).sum::<usize>();
        let board: Board = parts.into_iter().flat_map(|part| part.entities).collect();
        ensure!(board.len() == size, "the parts repeat entities");
        Ok(Self { epoch, seq, check, last_n, parts: u32::try_from(count)?, board })
    }

    /// Applies the events that follow.
    ///
    /// # Errors
    /// When one is missing, comes twice, or does not apply.
    pub fn follow(&mut self, events: &[Event]) -> Result<()> {
        for event in events {
            ensure!(event.seq == self.seq.next(), "event {} after {}", event.seq, self.seq);
            let applied = self.board.apply(&event.op, event.seq);
            ensure!(applied.is_ok(), "event {} does not apply: {applied:?}", event.seq);
            self.seq = event.seq;
            self.check = self.check.after(event);
        }
        Ok(())
    }

    /// Position of the board, to resume from.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { epoch: self.epoch.clone(), seq: self.seq, check: self.check }
    }

    /// Entity with this id, if there is one.
    #[must_use]
    pub fn entity(&self, id: &str) -> Option<&Arc<Entity>> {
        self.board.entity(&id.into())
    }

    /// Value of a field; `null` where the entity or the field is absent.
    #[must_use]
    pub fn field(&self, entity: &str, field: &str) -> Value {
        self.entity(entity).and_then(|entity| entity.fields.get(field)).cloned().unwrap_or_default()
    }
}
