//! A log in memory, and a board alone on one: what tests put under a [`Machine`].
//!
//! In: rows, snapshots. Out: what a log that never fails answers. Never: time, loss, failure; whoever needs those delays
//! the calls, leaves them out, or answers otherwise.

use std::time::Duration;

use tideboard_shared::{
    BoardId, ClientId, Epoch, Position, ServerMessage, UnixMs,
    message::{Outcomes, Submit},
};

use crate::{
    Answer, Input, LogRow, Machine, Mail, NotWritten, Now, Output, RoomConfig, RoomState, RowNo, SeenIn, Stored,
    StoredSnapshot, Submission, Whereabouts,
};

/// Rows of one board, which any number of machines append to and read.
#[derive(Debug, Clone)]
pub struct FakeLog {
    epoch: Epoch,
    snapshot: Option<StoredSnapshot>,
    rows: Vec<LogRow>,
    /// Rows before the newest snapshot that are kept all the same.
    spare: usize,
}

impl FakeLog {
    /// Empty log, which keeps so many rows beyond those that its snapshot makes superfluous.
    #[must_use]
    pub fn new(epoch: Epoch, spare: usize) -> Self {
        Self { epoch, snapshot: None, rows: Vec::new(), spare }
    }

    /// Number of the last row.
    #[must_use]
    pub fn last(&self) -> RowNo {
        let covered = self.snapshot.as_ref().map_or(RowNo::ZERO, |snapshot| snapshot.row);
        self.rows.last().map_or(covered, |row| row.no)
    }

    /// Appends the row that follows the last one.
    ///
    /// # Errors
    /// When it does not follow: another machine has written.
    pub fn append(&mut self, row: &LogRow) -> Result<(), NotWritten> {
        let last = self.last();
        if row.no != last.next() {
            return Err(NotWritten::Raced { last });
        }
        self.rows.push(row.clone());
        Ok(())
    }

    /// The rows after one; `None` when they are not all there, or the log does not reach that far.
    #[must_use]
    pub fn rows_after(&self, after: RowNo) -> Option<Vec<LogRow>> {
        let first = self.rows.first().map_or(self.last().next(), |row| row.no);
        let is_whole = first <= after.next() && after <= self.last();
        is_whole.then(|| self.rows.iter().filter(|row| row.no > after).cloned().collect())
    }

    /// Board with all of its rows.
    #[must_use]
    pub fn load(&self) -> Stored {
        Stored { epoch: self.epoch.clone(), snapshot: self.snapshot.clone(), rows: self.rows.clone() }
    }

    /// Stores a snapshot, unless a newer one is there, and drops rows that it covers.
    pub fn keep(&mut self, snapshot: StoredSnapshot) {
        if self.snapshot.as_ref().is_none_or(|old| old.row < snapshot.row) && snapshot.row <= self.last() {
            let covered = self.rows.partition_point(|row| row.no <= snapshot.row);
            self.rows.drain(..covered.saturating_sub(self.spare));
            self.snapshot = Some(snapshot);
        }
    }

    /// Goes back by at most so many rows, as far as the snapshot allows, and keeps its epoch: as a file that is replaced by
    /// an older copy.
    pub fn put_back(&mut self, rows: usize) {
        let covered = self.snapshot.as_ref().map_or(RowNo::ZERO, |snapshot| snapshot.row);
        let needed = self.rows.partition_point(|row| row.no <= covered);
        self.rows.truncate(self.rows.len().saturating_sub(rows).max(needed));
    }

    /// Loses its last row, which no sound log does.
    pub fn lose_last(&mut self) {
        self.rows.pop();
    }
}

/// A board whose only machine has a log that answers at once.
#[derive(Debug)]
pub struct Solo {
    machine: Machine<()>,
    log: FakeLog,
    now: Now,
}

impl Solo {
    /// Empty board.
    #[must_use]
    pub fn new(board: BoardId, epoch: Epoch) -> Self {
        let state = RoomState::new(board, epoch.clone(), RoomConfig::default());
        let now = Now { mono: Duration::ZERO, wall: UnixMs(1_700_000_000_000) };
        Self { machine: Machine::new(state), log: FakeLog::new(epoch, 0), now }
    }

    /// The board.
    #[must_use]
    pub fn state(&self) -> &RoomState {
        self.machine.state()
    }

    /// Submits, and gives the author's messages, then those of all readers.
    pub fn submit(&mut self, client: &ClientId, user: &str, submit: Submit) -> Vec<ServerMessage> {
        let Submit { board: _, epoch, seen, settled_through, ops } = submit;
        let ops = ops.into_iter().map(Into::into).collect();
        let seen = SeenIn { epoch, positions: seen };
        let submission = Submission { client: client.clone(), user: user.to_owned(), seen, settled_through, ops };
        self.ask(Mail::Submit { from: (), submission })
    }

    /// Messages for a new subscriber.
    pub fn subscribe(&mut self, client: &ClientId, since: Option<Position>) -> Vec<ServerMessage> {
        let known = Whereabouts { since, seen: Vec::new() };
        self.ask(Mail::Subscribe { from: (), client: client.clone(), known })
    }

    fn ask(&mut self, mail: Mail<()>) -> Vec<ServerMessage> {
        let board = self.state().id().clone();
        // So long after the last time that nothing is held back.
        self.now.mono += crate::BROADCAST_GAP;
        self.machine.handle(Input::Mail(mail), self.now);
        let mut said = Vec::new();
        while let Some(output) = self.machine.poll_output() {
            let answer = match output {
                Output::Append(row) => {
                    self.log.append(&row).expect("nobody else appends");
                    Input::Appended
                }
                Output::Snapshot(snapshot) => {
                    self.log.keep(snapshot);
                    Input::SnapshotEnded
                }
                Output::Broadcast { events, check, .. } => {
                    said.push(ServerMessage::Updates { board: board.clone(), check, events });
                    continue;
                }
                Output::Answer { answer: Answer::Outcomes { at, results }, .. } => {
                    said.push(ServerMessage::Outcomes(Outcomes { board: board.clone(), at: Some(at), results }));
                    continue;
                }
                Output::Answer { answer: Answer::Welcome(messages), .. } => {
                    said.extend(messages);
                    continue;
                }
                Output::CatchUp { after } => Input::RowsElsewhere(self.log.rows_after(after).expect("rows are kept")),
                Output::Timeout(_) | Output::Idle => continue,
                output => unreachable!("on a log that never fails: {output:?}"),
            };
            self.machine.handle(answer, self.now);
        }
        said
    }
}
