//! Log of one board: the only thing that the nodes share, and that outlives them.
//!
//! In: rows, reads, snapshots, at the moment in which they reach the log. Out: what a log answers. A row is in the log from
//! the moment in which it is durable; what a crash would take with it never was, so it is what is still on its way.
//! Never: time. When a task reaches the log and its answer the node, and which of them get lost, is the world's business.

use std::sync::Arc;

use tideboard_room::{Failure, Input, LogRow, NotWritten, RowNo, StoredSnapshot, testing::FakeLog};
use tideboard_shared::{Board, Epoch, Seq};

use crate::{chronicle::Chronicle, sabotage::Mutation, server::To};

/// Rows that the log keeps beyond those that its snapshot makes superfluous.
const SPARE_ROWS: usize = 10;

/// Request of a node to the log.
#[derive(Debug)]
pub(crate) enum Task {
    Append(Arc<LogRow>),
    /// A row whose node was told that nobody knows, or is gone: nobody waits for an answer.
    AppendUnheard(Arc<LogRow>),
    ReadAfter(RowNo),
    Load,
    Keep(Box<StoredSnapshot>),
}

/// Health of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Condition {
    #[default]
    Sound,
    /// Takes no rows and no snapshots.
    Full,
    /// Answers neither reads nor writes, though what was written may have arrived.
    Away,
}

#[derive(Debug)]
pub(crate) struct Log {
    rows: FakeLog,
    pub(crate) chronicle: Chronicle,
    sabotage: Option<Mutation>,
}

impl Log {
    pub(crate) fn new(sabotage: Option<Mutation>) -> Self {
        Self { rows: FakeLog::new(Epoch::from("e_1"), SPARE_ROWS), chronicle: Chronicle::new(), sabotage }
    }

    pub(crate) fn last(&self) -> RowNo {
        self.rows.last()
    }

    /// Carries a task out, and answers.
    pub(crate) fn handle(&mut self, task: Task, condition: Condition) -> Input<To> {
        match (task, condition) {
            (Task::Append(_) | Task::AppendUnheard(_), Condition::Full | Condition::Away) => {
                Input::AppendFailed(Failure::NotWritten(NotWritten::Unavailable))
            }
            (Task::Append(row) | Task::AppendUnheard(row), Condition::Sound) => match self.append(&row) {
                Ok(()) => Input::Appended,
                Err(why) => Input::AppendFailed(Failure::NotWritten(why)),
            },
            (Task::ReadAfter(_) | Task::Load, Condition::Away) => Input::ReadFailed,
            (Task::ReadAfter(after), _) => self.rows.rows_after(after).map_or(Input::RowsGone, Input::RowsElsewhere),
            (Task::Load, _) => Input::Loaded(self.rows.load().into()),
            (Task::Keep(snapshot), Condition::Sound) => {
                self.rows.keep(*snapshot);
                Input::SnapshotEnded
            }
            (Task::Keep(_), _) => Input::SnapshotEnded,
        }
    }

    /// Puts an older copy in the log's place, as an operator would while no node runs. Its newest rows are gone, and it goes
    /// on under its old epoch: only the check tells its positions from those that were lost.
    pub(crate) fn put_back(&mut self, rows: usize) {
        self.rows.put_back(rows);
        let stored = self.rows.load();
        let (first, seq, covered) = match stored.snapshot {
            Some(snapshot) => (snapshot.entities.into_iter().collect(), snapshot.seq, snapshot.row),
            None => (Board::default(), Seq::ZERO, RowNo::ZERO),
        };
        let rows: Vec<_> = stored.rows.into_iter().filter(|row| row.no > covered).collect();
        self.chronicle.begin_new_life(&rows, &first, seq);
    }

    /// The machine under the log loses its power.
    pub(crate) fn crash(&mut self) {
        if self.sabotage == Some(Mutation::LogForgetsItsLastRow) {
            self.rows.lose_last();
        }
    }

    fn append(&mut self, row: &LogRow) -> Result<(), NotWritten> {
        if self.sabotage == Some(Mutation::LogWithoutRaces) && row.no <= self.last() {
            // Whoever comes second has written as well, as far as it knows.
            return Ok(());
        }
        self.rows.append(row)?;
        self.chronicle.note(row);
        Ok(())
    }
}
