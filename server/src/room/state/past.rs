//! A board as it was, from what the log has kept: the same reducer, without anything else of a room.

use tideboard_shared::{Board, BoardId, Seq, message::BoardReply};

use super::{RestoreError, Stored};

impl Stored {
    /// The board at `seq`, given the newest snapshot at or before it and the rows from there on; later events are left out.
    ///
    /// # Errors
    /// When events are missing or one no longer applies.
    pub fn show(self, board: &BoardId, seq: Seq) -> Result<BoardReply, RestoreError> {
        let (mut reached, entities) = self.snapshot.map_or((Seq::ZERO, Vec::new()), |kept| (kept.seq, kept.entities));
        let mut document: Board = entities.into_iter().collect();
        for row in &self.rows {
            for event in row.events.iter().filter(|event| event.seq <= seq) {
                let (board, expected) = (board.clone(), reached.next());
                if event.seq != expected {
                    return Err(RestoreError::MissingEvent { board, row: row.no, expected, found: event.seq });
                }
                let applied = document.apply(&event.op, event.seq);
                applied.map_err(|refusal| RestoreError::Diverged { board, seq: event.seq, refusal })?;
                reached = event.seq;
            }
        }
        if reached != seq {
            let (board, row) = (board.clone(), self.rows.last().map_or(0, |row| row.no));
            return Err(RestoreError::MissingEvent { board, row, expected: seq, found: reached });
        }
        let entities = document.entities().cloned().collect();
        Ok(BoardReply { board: board.clone(), epoch: self.epoch, seq, entities })
    }
}
