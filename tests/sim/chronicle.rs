//! Durable history of one board, whoever has forgotten it since: the truth by which all else is measured.

use std::collections::{BTreeMap, BTreeSet};

use tideboard_room::LogRow;
use tideboard_shared::{Board, OpId, OpResult, Outcome, Reason, Seq, message::Event};

/// History of one board.
#[derive(Debug)]
pub(crate) struct Chronicle {
    /// Events of this life of the log, and the board after each of them.
    pub(crate) events: Vec<Event>,
    boards: Vec<Board>,
    /// Boards of earlier lives of the log, by their `seq`.
    past: Vec<Vec<Board>>,
    applied: BTreeMap<OpId, Seq>,
    /// Refused operations, and the log's end when each was decided.
    refused: BTreeMap<OpId, (Seq, Outcome)>,
    /// Operations decided in any life.
    decided: BTreeSet<OpId>,
    /// Operations applied in any life, with their places.
    ever_applied: BTreeMap<OpId, BTreeSet<Seq>>,
    /// Number of lives before this one.
    pub(crate) lives: usize,
}

impl Chronicle {
    pub(crate) fn new() -> Self {
        Self {
            events: Vec::new(),
            boards: vec![Board::default()],
            past: Vec::new(),
            applied: BTreeMap::new(),
            refused: BTreeMap::new(),
            decided: BTreeSet::new(),
            ever_applied: BTreeMap::new(),
            lives: 0,
        }
    }

    pub(crate) fn seq(&self) -> Seq {
        Seq(self.events.len() as u64)
    }

    pub(crate) fn board(&self) -> &Board {
        self.boards.last().expect("there is always the empty board")
    }

    pub(crate) fn board_before(&self, seq: Seq) -> Option<&Board> {
        self.boards.get(usize::try_from(seq.0).ok()?.checked_sub(1)?)
    }

    /// Says whether `board` is the board at `seq`, in this life of the log or an earlier one.
    pub(crate) fn is_at(&self, seq: Seq, board: &Board) -> bool {
        let index = usize::try_from(seq.0).expect("few events");
        let lives = std::iter::once(&self.boards).chain(self.past.iter().rev());
        lives.filter_map(|boards| boards.get(index)).any(|known| known == board)
    }

    /// A row became durable.
    pub(crate) fn note(&mut self, row: &LogRow) {
        for event in &row.events {
            let mut board = self.board().clone();
            board.apply(&event.op, event.seq).expect("the room accepted it on this very board");
            self.boards.push(board);
            self.events.push(event.clone());
            self.applied.insert(event.op.id.clone(), event.seq);
            self.ever_applied.entry(event.op.id.clone()).or_default().insert(event.seq);
            self.decided.insert(event.op.id.clone());
        }
        for OpResult { id, outcome } in &row.refused {
            self.refused.insert(id.clone(), (self.seq(), outcome.clone()));
            self.decided.insert(id.clone());
        }
    }

    /// The log goes on from an older state, as another log.
    pub(crate) fn begin_new_life(&mut self, rows: &[LogRow], first: &Board, seq: Seq) {
        let length = usize::try_from(seq.0).expect("few events");
        self.past.push(self.boards.clone());
        self.boards.truncate(length + 1);
        self.boards[length] = first.clone();
        self.events.truncate(length);
        self.lives += 1;
        self.applied.retain(|_, at| *at <= seq);
        for row in rows {
            self.note(row);
        }
    }

    pub(crate) fn applied_at(&self, id: &OpId) -> Option<Seq> {
        self.applied.get(id).copied()
    }

    /// Says whether it was applied there in some life of the log: a user who was told so stays told when the log is put
    /// back.
    pub(crate) fn was_ever_applied_at(&self, id: &OpId, seq: Seq) -> bool {
        self.ever_applied.get(id).is_some_and(|places| places.contains(&seq))
    }

    pub(crate) fn refusal(&self, id: &OpId) -> Option<&Outcome> {
        self.refused.get(id).map(|(_, outcome)| outcome)
    }

    /// Says whether a later operation of the same client was decided by the time the log had come to `seq`.
    pub(crate) fn is_skipped(&self, id: &OpId, seq: Seq) -> bool {
        let is_later = |other: &OpId| other.client == id.client && other.n > id.n;
        self.applied.iter().any(|(other, at)| *at <= seq && is_later(other))
            || self.refused.iter().any(|(other, (at, _))| *at <= seq && is_later(other))
    }

    pub(crate) fn is_decided(&self, id: &OpId) -> bool {
        self.decided.contains(id)
    }

    /// Says whether an outcome agrees with the log, which cannot speak of operations that it does not record.
    pub(crate) fn bears_out(&self, result: &OpResult) -> bool {
        match &result.outcome {
            Outcome::Applied { seq, .. } => self.applied_at(&result.id) == Some(*seq),
            Outcome::Rejected(rejection)
                if rejection.reason.is_retryable()
                    || matches!(rejection.reason, Reason::AlreadySettled | Reason::OutOfOrder) =>
            {
                true
            }
            Outcome::Conflict(_) | Outcome::Rejected(_) => self.refusal(&result.id) == Some(&result.outcome),
        }
    }
}
