//! The protocol around a [`RoomState`]: when a batch is decided, what has to be durable before who hears of it, what
//! happens when the log fails or somebody else writes to it.
//!
//! In: mail, the log's answers, the time. Out: what to do, in order. Never: an answer or a broadcast before its row is
//! durable; two appends at once; a lost state because an append failed; less than [`BROADCAST_GAP`] between two
//! broadcasts that nobody needs sooner.
//!
//! # The contract
//! 1. Call [`Machine::handle`] for everything that has come, with the time; no mail while [`Machine::is_full`].
//! 2. Call [`Machine::poll_output`] until it says `None`, and do what each output says, in order. Submissions handed in
//!    before that are decided as one batch.
//! 3. [`Output::Timeout`] says when to call [`Machine::handle`] with [`Input::Timeout`], unless something happens
//!    sooner. Each replaces the one before.
//!
//! Time may stand still between calls; it never runs backwards. The log answers each [`Output::Append`],
//! [`Output::CatchUp`] and [`Output::Load`] once, sooner or later; an answer that nothing waits for is ignored.
//!
//! ```
//! use tideboard_room::{Answer, Input, Machine, Mail, Now, Output, RoomConfig, RoomState, Submission};
//! use tideboard_shared::{Epoch, Operation};
//!
//! let state = RoomState::new("main".parse().unwrap(), Epoch::from("e_1"), RoomConfig::default());
//! let mut machine = Machine::new(state);
//! let op: Operation = serde_json::from_value(serde_json::json!({
//!     "id": "c_ann/1", "entity": "n1", "base": 0, "action": { "do": "create", "kind": "note", "fields": {} },
//! })).unwrap();
//! let submission = Submission {
//!     client: "c_ann".parse().unwrap(), user: "ann".into(), seen: Default::default(), settled_through: 0, ops: vec![op.into()],
//! };
//! machine.handle(Input::Mail(Mail::Submit { from: "ann", submission }), Now::default());
//! let Some(Output::Append(row)) = machine.poll_output() else { panic!() };
//! assert_eq!(row.events.len(), 1);
//! // Nobody hears of it before the log has it.
//! assert!(!matches!(machine.poll_output(), Some(Output::Answer { .. } | Output::Broadcast { .. })));
//! machine.handle(Input::Appended, Now::default());
//! assert!(matches!(machine.poll_output(), Some(Output::Answer { to: "ann", answer: Answer::Outcomes { .. } })));
//! assert!(matches!(machine.poll_output(), Some(Output::Broadcast { .. })));
//! ```

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use tideboard_shared::{
    Check, ClientId, OpResult, Outcome, Position, Reason, Rejection, Seq, ServerMessage, UnixMs,
    message::{BoardReply, Event},
};

use crate::{
    history::Logged,
    row::{LogRow, RestoreError, RowNo, Stored, StoredSnapshot},
    state::{Decision, RoomState, Submission},
    welcome::{Reach, Whereabouts},
};

/// Operations of one batch, beyond which no further submission is taken into it.
const OPS_PER_BATCH: usize = 1_024;
/// Most mail that waits here; the rest waits in front of the machine.
const WAITING_MAIL: usize = 1_024;
/// Least time between two broadcasts. A browser paints no faster, and under load fewer sends are the only lever.
pub const BROADCAST_GAP: Duration = Duration::from_millis(16);
/// Most events in one broadcast.
const EVENTS_PER_BROADCAST: usize = 512;
/// Times that one batch is decided while others win the race or the log does not say what became of it.
const ATTEMPTS: u32 = 8;
/// First and longest delay before a log that could not be read is asked again; it doubles in between.
const FIRST_RETRY: Duration = Duration::from_millis(250);
const LONGEST_RETRY: Duration = Duration::from_secs(30);

/// Time of an input. The machine knows no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// Time since an origin that never moves. Every delay is measured by it.
    pub mono: Duration,
    /// Time of day, which events bear. May jump.
    pub wall: UnixMs,
}

/// Message to a board. `from` is given back with the answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Mail<T> {
    /// Operations to decide. Answered by [`Answer::Outcomes`].
    Submit {
        /// Author, given back with the answer.
        from: T,
        /// The operations.
        submission: Submission,
    },
    /// Start of a subscription. Answered by [`Answer::Welcome`].
    Subscribe {
        /// Author, given back with the answer.
        from: T,
        /// Client whose last operation the snapshot names.
        client: ClientId,
        /// Positions that the subscriber knows.
        known: Whereabouts,
    },
    /// Look at the messages that a subscriber at this position would get, once. Answered by [`Answer::Missed`].
    Resume {
        /// Author, given back with the answer.
        from: T,
        /// Client whose last operation the snapshot names.
        client: ClientId,
        /// Positions that the asker knows.
        known: Whereabouts,
    },
    /// Question for the board as it is. Answered by [`Answer::Board`].
    Read {
        /// Author, given back with the answer.
        from: T,
    },
}

impl<T> Mail<T> {
    /// Client whose mail it is; a client's own mail keeps its order.
    fn client(&self) -> Option<&ClientId> {
        match self {
            Self::Submit { submission, .. } => Some(&submission.client),
            Self::Subscribe { client, .. } | Self::Resume { client, .. } => Some(client),
            Self::Read { .. } => None,
        }
    }
}

/// Reply to one [`Mail`].
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// End of each operation.
    Outcomes {
        /// Position of the board with all of them.
        at: Position,
        /// Results, one for each operation, in order.
        results: Vec<OpResult>,
    },
    /// `subscribed`, and what brings the subscriber up to date. From here on it gets every broadcast.
    Welcome(Vec<ServerMessage>),
    /// Messages of [`Self::Welcome`] for an asker that does not stay.
    Missed(Vec<ServerMessage>),
    /// The whole board.
    Board(BoardReply),
    /// No answer now; the same question may be answered later.
    Unavailable,
}

/// Failure of an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The row is not in the log and never will be.
    NotWritten(NotWritten),
    /// The row may be in the log, or still arrive there.
    Unknown,
}

/// Reason for which an append wrote nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotWritten {
    /// The row does not follow the last one there is: somebody else wrote meanwhile.
    Raced {
        /// The log's last row.
        last: RowNo,
    },
    /// The log is full, away or broken.
    Unavailable,
}

/// Event that the machine has to know of.
#[derive(Debug, Clone, PartialEq)]
pub enum Input<T> {
    /// Message from somebody.
    Mail(Mail<T>),
    /// Answer to [`Output::Append`]: the row is durable.
    Appended,
    /// Answer to [`Output::Append`]: it failed.
    AppendFailed(Failure),
    /// Hint that the log has rows up to here. May be late, repeated, or of the machine's own rows.
    LogAt(RowNo),
    /// Answer to [`Output::CatchUp`]: the rows that follow, by consecutive number. Those that are known already are
    /// skipped.
    RowsElsewhere(Vec<LogRow>),
    /// Answer to [`Output::CatchUp`]: the log no longer has all of them, or is shorter than it was.
    RowsGone,
    /// Answer to [`Output::Load`].
    Loaded(Box<Stored>),
    /// Answer to [`Output::CatchUp`] or [`Output::Load`]: the log cannot be read now.
    ReadFailed,
    /// Answer to [`Output::Snapshot`]: stored or not. Without it nothing is lost, the log only stays longer.
    SnapshotEnded,
    /// The moment of [`Output::Timeout`] has come. Harmless when early or repeated.
    Timeout,
    /// No further mail. Everything that came before is still answered.
    Close,
}

/// Order to the driver.
#[derive(Debug, Clone, PartialEq)]
pub enum Output<T> {
    /// Append this row to the log.
    Append(Arc<LogRow>),
    /// Answer somebody.
    Answer {
        /// Author of the mail.
        to: T,
        /// The answer.
        answer: Answer,
    },
    /// Tell everybody who was welcomed before.
    Broadcast {
        /// By consecutive `seq`, never empty.
        events: Vec<Event>,
        /// Check of the log with the last of them.
        check: Check,
        /// Time at which the first of them was known to be durable, on the clock of [`Now::mono`].
        since: Duration,
    },
    /// Tell everybody who was welcomed before that nothing follows any more: the log was put back, and what they have is
    /// of another history. They have to subscribe again.
    Dismiss,
    /// Read the rows after this one.
    CatchUp {
        /// The last row that is known.
        after: RowNo,
    },
    /// Load the whole board from the log.
    Load,
    /// Store this snapshot beside the rows; appends may go on meanwhile.
    Snapshot(StoredSnapshot),
    /// Call with [`Input::Timeout`] at this time, on the clock of [`Now::mono`].
    Timeout(Duration),
    /// No mail for [`crate::RoomConfig::idle_after`]. A board without readers may leave memory.
    Idle,
    /// The log holds no board that this program can read. Nothing is answered any more but [`Answer::Unavailable`].
    Damaged(RestoreError),
    /// End after [`Input::Close`]: all mail is answered and all events are broadcast.
    Closed,
}

/// Outcome that asks for the same operation again, later. It is not recorded.
#[must_use]
pub fn unavailable(why: &str) -> Outcome {
    Outcome::Rejected(Rejection::new(Reason::Unavailable, format!("{why}; send it again later, unchanged")))
}

/// Mail that waits.
#[derive(Debug)]
struct Waiting<T> {
    mail: Mail<T>,
    /// True if the log was read since it came, because it is about a position that this state has not reached.
    is_read_for: bool,
    /// Of a submission that was too much work for one decision: results of the operations before those of `mail`.
    decided: Vec<OpResult>,
}

/// Events with the checks of the log with each of them.
fn logged(events: &[Event], checks: &[Check]) -> Vec<Logged> {
    let logged = |(event, check): (&Event, &Check)| Logged { event: event.clone(), check: *check };
    events.iter().zip(checks).map(logged).collect()
}

/// Submissions that are decided together.
#[derive(Debug)]
struct Batch<T> {
    /// Author of each submission, and the results that it has so far.
    asking: Vec<(T, Vec<OpResult>)>,
    /// Operations that are not decided.
    submissions: Vec<Submission>,
    /// Time of day that its events bear, at every attempt, so that a row that was written after all is recognised.
    at: UnixMs,
    attempts: u32,
}

/// Part of the log that has to be read before anything is decided again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Read {
    /// The rows after the last one that is known; the state is good as far as it goes.
    CatchUp,
    /// The whole board; the state is of no use.
    Load,
}

/// Relation to the log.
///
/// ```text
/// Ready ── a batch ──► Appending ── appended, or failed for good ──► Ready
///   │                      └─ lost the race, or unknown ─┐
///   └── others wrote ──► Reading ◄───────────────────────┘
///                        Reading ── read ──► Ready, or Appending: the batch that waits is decided again
///                        Reading ── failed ──► Away ── read, some time later ──► Ready
///                        Reading, Away ── what was read is no board ──► Damaged
/// ```
#[derive(Debug)]
enum Stage<T> {
    /// Rest: nothing is under way.
    Ready,
    /// The batch is decided and its row on the way to the log. Mail waits.
    Appending(Batch<T>, Decision),
    /// The log is read. Mail waits, and so does the batch whose row was not written or may have been.
    Reading(Read, Option<(Batch<T>, Decision)>),
    /// The log could not be read. Submits are refused at once, and readers see the last durable state.
    Away {
        read: Read,
        delay: Duration,
        /// Time at which to read it again; `None` while it is read.
        retry_at: Option<Duration>,
    },
    /// The log holds no board that can be read.
    Damaged,
}

/// Events that are durable and that readers have not been told.
#[derive(Debug)]
struct Updates {
    events: Vec<Logged>,
    /// Time at which the first of them became durable.
    since: Duration,
    last_broadcast: Option<Duration>,
    /// Position of a reader that has been told all of them.
    end: Position,
}

impl Updates {
    fn add(&mut self, events: impl IntoIterator<Item = Logged>, now: Now) {
        let was_empty = self.events.is_empty();
        self.events.extend(events);
        let Some(last) = self.events.last() else { return };
        (self.end.seq, self.end.check) = (last.event.seq, last.check);
        if was_empty {
            self.since = now.mono;
        }
    }

    /// Time of the next broadcast. The first event after a quiet time leaves at once.
    fn due(&self) -> Option<Duration> {
        if self.events.is_empty() {
            return None;
        }
        Some(self.last_broadcast.map_or(self.since, |last| last + BROADCAST_GAP))
    }
}

/// Part of the log that the newest snapshot covers, and whether one is being stored.
#[derive(Debug)]
struct Snapshots {
    row: RowNo,
    seq: Seq,
    is_storing: bool,
}

/// Progress of the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Open,
    Closing,
    Closed,
}

/// State machine of one board. `T` names those who ask.
#[derive(Debug)]
pub struct Machine<T> {
    /// Durable, except while [`Stage::Appending`].
    state: RoomState,
    stage: Stage<T>,
    mail: VecDeque<Waiting<T>>,
    waiting_ops: usize,
    updates: Updates,
    snapshots: Snapshots,
    /// Last row that the log is said to have.
    log_at: RowNo,
    /// Value of `log_at` when the log was last asked to show its rows.
    asked_at: RowNo,
    quiet_since: Duration,
    life: Life,
    now: Now,
    announced: Option<Duration>,
    outputs: VecDeque<Output<T>>,
}

impl<T> Machine<T> {
    /// A board as it was restored from its log.
    #[must_use]
    pub fn new(state: RoomState) -> Self {
        Self {
            stage: Stage::Ready,
            mail: VecDeque::new(),
            waiting_ops: 0,
            updates: Updates { events: Vec::new(), since: Duration::ZERO, last_broadcast: None, end: state.position() },
            snapshots: Snapshots { row: state.row(), seq: state.seq(), is_storing: false },
            log_at: state.row(),
            asked_at: state.row(),
            quiet_since: Duration::ZERO,
            life: Life::Open,
            now: Now::default(),
            announced: None,
            outputs: VecDeque::new(),
            state,
        }
    }

    /// The board. Ahead of what is durable while an append is under way, so not for readers.
    #[must_use]
    pub fn state(&self) -> &RoomState {
        &self.state
    }

    /// Says whether so much mail waits that no more may be handed in.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.waiting_ops >= OPS_PER_BATCH || self.mail.len() >= WAITING_MAIL
    }

    /// Takes in something that happened.
    pub fn handle(&mut self, input: Input<T>, now: Now) {
        self.now = now;
        match input {
            Input::Mail(mail) => self.handle_mail(mail),
            Input::Appended => self.handle_appended(),
            Input::AppendFailed(failure) => self.handle_append_failed(failure),
            Input::LogAt(row) => self.log_at = self.log_at.max(row),
            Input::RowsElsewhere(rows) => self.handle_rows(&rows),
            Input::RowsGone => self.handle_rows_gone(),
            Input::Loaded(stored) => self.handle_loaded(*stored),
            Input::ReadFailed => self.handle_read_failed(),
            Input::SnapshotEnded => self.snapshots.is_storing = false,
            Input::Timeout => {}
            Input::Close => {
                if self.life == Life::Open {
                    self.life = Life::Closing;
                }
            }
        }
    }

    /// The next thing to do.
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Output<T>> {
        if self.outputs.is_empty() {
            self.read_on();
            self.work();
            if self.updates.due().is_some_and(|due| due <= self.now.mono) {
                self.broadcast();
            }
            self.rest();
        }
        self.outputs.pop_front()
    }

    fn handle_mail(&mut self, mail: Mail<T>) {
        self.quiet_since = self.now.mono;
        if let Mail::Submit { submission, .. } = &mail {
            self.waiting_ops += submission.ops.len();
        }
        self.mail.push_back(Waiting { mail, is_read_for: false, decided: Vec::new() });
    }

    fn handle_appended(&mut self) {
        match std::mem::replace(&mut self.stage, Stage::Ready) {
            Stage::Appending(batch, decision) => {
                self.state.commit(&decision);
                self.log_at = self.log_at.max(self.state.row());
                self.updates.add(logged(decision.events(), &decision.checks), self.now);
                self.tell(batch, decision.results);
                self.snapshot();
            }
            other => self.stage = other,
        }
    }

    fn handle_append_failed(&mut self, failure: Failure) {
        let (batch, decision) = match std::mem::replace(&mut self.stage, Stage::Ready) {
            Stage::Appending(batch, decision) => (batch, decision),
            other => return self.stage = other,
        };
        self.state.revert(&decision);
        match failure {
            Failure::NotWritten(NotWritten::Unavailable) => self.refuse(batch),
            // A log that is shorter than what is known of it is another one: put back by somebody.
            Failure::NotWritten(NotWritten::Raced { last }) if last < self.state.row() => {
                self.read(Read::Load, Some((batch, decision)));
            }
            Failure::NotWritten(NotWritten::Raced { last }) => {
                self.log_at = self.log_at.max(last);
                self.read(Read::CatchUp, Some((batch, decision)));
            }
            Failure::Unknown => self.read(Read::CatchUp, Some((batch, decision))),
        }
    }

    fn handle_rows(&mut self, rows: &[LogRow]) {
        let waiting = match std::mem::replace(&mut self.stage, Stage::Ready) {
            Stage::Reading(Read::CatchUp, waiting) => waiting,
            Stage::Away { read: Read::CatchUp, retry_at: None, .. } => None,
            other => return self.stage = other,
        };
        let known = self.state.row();
        let rows = &rows[rows.partition_point(|row| row.no <= known)..];
        // The row that stands where the batch's was to go is the batch's own, if it was written after all.
        let is_ours = waiting.as_ref().is_some_and(|(_, decision)| rows.first() == decision.row.as_deref());
        for row in rows {
            let Ok(checks) = self.state.replay(row) else { return self.read(Read::Load, waiting) };
            self.updates.add(logged(&row.events, &checks), self.now);
        }
        self.snapshot();
        // There is more to read; unless the log has not shown it although it was asked after it said so.
        let is_behind = self.log_at > self.state.row() && (!rows.is_empty() || self.log_at > self.asked_at);
        if !is_behind {
            self.log_at = self.state.row();
        }
        match waiting {
            Some((batch, decision)) if is_ours => self.tell(batch, decision.results),
            Some(waiting) if is_behind => self.read(Read::CatchUp, Some(waiting)),
            Some((batch, _)) => self.retry(batch),
            None => {}
        }
    }

    fn handle_rows_gone(&mut self) {
        match std::mem::replace(&mut self.stage, Stage::Ready) {
            Stage::Reading(Read::CatchUp, waiting) => self.read(Read::Load, waiting),
            Stage::Away { read: Read::CatchUp, delay, retry_at: None } => {
                self.outputs.push_back(Output::Load);
                self.stage = Stage::Away { read: Read::Load, delay, retry_at: None };
            }
            other => self.stage = other,
        }
    }

    fn handle_loaded(&mut self, stored: Stored) {
        let waiting = match std::mem::replace(&mut self.stage, Stage::Ready) {
            Stage::Reading(Read::Load, waiting) => waiting,
            Stage::Away { read: Read::Load, retry_at: None, .. } => None,
            other => return self.stage = other,
        };
        match RoomState::restore(self.state.id().clone(), *self.state.config(), stored) {
            Ok(state) => {
                self.state = state;
                self.log_at = self.state.row();
                self.snapshots.row = self.snapshots.row.min(self.state.row());
                self.snapshots.seq = self.snapshots.seq.min(self.state.seq());
                if self.state.is_lost(&self.updates.end) {
                    // What readers were told, or would have been, is not what the log goes on from.
                    self.updates.events.clear();
                    self.outputs.push_back(Output::Dismiss);
                }
                // Where they are not all there, readers see the hole in `seq` and resync by themselves.
                let missed = self.state.events_since(&self.updates.end).unwrap_or_default();
                self.updates.add(missed, self.now);
                self.updates.end = self.state.position();
                if let Some((batch, _)) = waiting {
                    self.retry(batch);
                }
            }
            Err(error) => {
                self.stage = Stage::Damaged;
                if let Some((batch, _)) = waiting {
                    self.refuse(batch);
                }
                self.outputs.push_back(Output::Damaged(error));
            }
        }
    }

    fn handle_read_failed(&mut self) {
        let (read, delay) = match std::mem::replace(&mut self.stage, Stage::Ready) {
            Stage::Reading(read, waiting) => {
                if let Some((batch, _)) = waiting {
                    self.refuse(batch);
                }
                (read, FIRST_RETRY)
            }
            Stage::Away { read, delay, retry_at: None } => (read, (delay * 2).min(LONGEST_RETRY)),
            other => return self.stage = other,
        };
        self.stage = Stage::Away { read, delay, retry_at: Some(self.now.mono + delay) };
    }

    /// Reads what others have written, or a log that could not be read when its time has come.
    fn read_on(&mut self) {
        match &mut self.stage {
            Stage::Ready if self.log_at > self.state.row() => self.read(Read::CatchUp, None),
            Stage::Away { read, retry_at, .. } if retry_at.is_some_and(|at| at <= self.now.mono) => {
                *retry_at = None;
                let read = *read;
                self.ask(read);
            }
            Stage::Ready | Stage::Away { .. } | Stage::Appending(..) | Stage::Reading(..) | Stage::Damaged => {}
        }
    }

    fn read(&mut self, read: Read, waiting: Option<(Batch<T>, Decision)>) {
        self.ask(read);
        self.stage = Stage::Reading(read, waiting);
    }

    fn ask(&mut self, read: Read) {
        self.asked_at = self.log_at;
        self.outputs.push_back(match read {
            Read::CatchUp => Output::CatchUp { after: self.state.row() },
            Read::Load => Output::Load,
        });
    }

    /// Answers what waits, in the order in which it came, until there is something to wait for.
    fn work(&mut self) {
        while !matches!(self.stage, Stage::Appending(..) | Stage::Reading(..))
            && let Some(Waiting { mail, is_read_for, decided }) = self.mail.pop_front()
        {
            if !is_read_for && self.has_to_read_for(&mail) {
                self.mail.push_front(Waiting { mail, is_read_for, decided });
                // One read answers all that wait.
                self.mail.iter_mut().for_each(|waiting| waiting.is_read_for = true);
                return self.read(Read::CatchUp, None);
            }
            match mail {
                Mail::Submit { from, submission } => {
                    let batch = self.collect(from, decided, submission);
                    if matches!(self.stage, Stage::Ready) {
                        self.decide(batch);
                    } else {
                        self.refuse(batch);
                    }
                }
                Mail::Subscribe { from, .. } | Mail::Resume { from, .. } | Mail::Read { from }
                    if !self.is_readable() =>
                {
                    self.answer(from, Answer::Unavailable);
                }
                Mail::Subscribe { from, client, known } => {
                    // What this reader is told includes every event so far, so they have to be out before it joins.
                    self.broadcast();
                    let messages = self.state.subscribe(&known, &client, self.reach());
                    self.answer(from, Answer::Welcome(messages));
                }
                Mail::Resume { from, client, known } => {
                    let messages = self.state.subscribe(&known, &client, self.reach());
                    self.answer(from, Answer::Missed(messages));
                }
                Mail::Read { from } => self.answer(from, Answer::Board(self.state.reply())),
            }
        }
    }

    /// Says whether somebody knows of a position that this state has not reached: another node may have written it, or
    /// the log was put back.
    fn has_to_read_for(&self, mail: &Mail<T>) -> bool {
        match mail {
            Mail::Subscribe { known, .. } | Mail::Resume { known, .. } => {
                matches!(self.stage, Stage::Ready) && self.state.is_behind(known)
            }
            Mail::Submit { .. } | Mail::Read { .. } => false,
        }
    }

    /// Part of the log that the state stands for, to a mail that came before the log was read for it.
    fn reach(&self) -> Reach {
        if matches!(self.stage, Stage::Ready) { Reach::End } else { Reach::Open }
    }

    /// Says whether the state is a durable one that the log continues.
    fn is_readable(&self) -> bool {
        match self.stage {
            Stage::Ready | Stage::Away { read: Read::CatchUp, .. } => true,
            Stage::Appending(..) | Stage::Reading(..) | Stage::Away { read: Read::Load, .. } | Stage::Damaged => false,
        }
    }

    fn answer(&mut self, to: T, answer: Answer) {
        self.outputs.push_back(Output::Answer { to, answer });
    }

    /// Adds the submissions that follow to the first one.
    fn collect(&mut self, from: T, decided: Vec<OpResult>, submission: Submission) -> Batch<T> {
        let mut ops = submission.ops.len();
        let (asking, submissions) = (vec![(from, decided)], vec![submission]);
        let mut batch = Batch { asking, submissions, at: self.now.wall, attempts: 0 };
        let is_submission = |waiting: &mut Waiting<T>| matches!(waiting.mail, Mail::Submit { .. });
        while ops < OPS_PER_BATCH
            && let Some(Waiting { mail: Mail::Submit { from, submission }, decided, .. }) =
                self.mail.pop_front_if(is_submission)
        {
            ops += submission.ops.len();
            batch.asking.push((from, decided));
            batch.submissions.push(submission);
        }
        self.waiting_ops -= ops;
        batch
    }

    fn decide(&mut self, mut batch: Batch<T>) {
        batch.attempts += 1;
        let decision = self.state.decide_some(&batch.submissions, batch.at, self.state.config().work_per_decision);
        match &decision.row {
            Some(row) => {
                self.outputs.push_back(Output::Append(Arc::clone(row)));
                self.stage = Stage::Appending(batch, decision);
            }
            None => self.tell(batch, decision.results),
        }
    }

    fn retry(&mut self, batch: Batch<T>) {
        if batch.attempts < ATTEMPTS {
            self.decide(batch);
        } else {
            self.refuse(batch);
        }
    }

    /// Answers every submission that is decided to its end. The rest of the others waits for the next batch, behind those
    /// who have not had a turn.
    fn tell(&mut self, batch: Batch<T>, results: Vec<Vec<OpResult>>) {
        let at = self.state.position();
        let mut had_a_turn = BTreeSet::new();
        let mut rest = Vec::new();
        let mut results = results.into_iter();
        for ((from, mut decided), mut submission) in batch.asking.into_iter().zip(batch.submissions) {
            let newly_decided = results.next().unwrap_or_default();
            if !newly_decided.is_empty() {
                had_a_turn.insert(submission.client.clone());
            }
            submission.ops.drain(..newly_decided.len());
            decided.extend(newly_decided);
            if submission.ops.is_empty() {
                self.answer(from, Answer::Outcomes { at: at.clone(), results: decided });
            } else {
                self.waiting_ops += submission.ops.len();
                rest.push(Waiting { mail: Mail::Submit { from, submission }, is_read_for: false, decided });
            }
        }
        if !rest.is_empty() {
            let waiting = rest.into_iter().chain(std::mem::take(&mut self.mail));
            // All mail of such a client, which relies on its order.
            let had_a_turn = |waiting: &Waiting<T>| waiting.mail.client().is_some_and(|of| had_a_turn.contains(of));
            let (later, sooner): (Vec<_>, Vec<_>) = waiting.partition(had_a_turn);
            self.mail.extend(sooner.into_iter().chain(later));
        }
    }

    /// Answers every operation of a batch that is not decided: it may be sent again. So may everything behind it in its
    /// submission, or the order of a client's operations would be lost.
    fn refuse(&mut self, batch: Batch<T>) {
        let outcome = unavailable("the operation could not be stored");
        for ((from, mut decided), submission) in batch.asking.into_iter().zip(batch.submissions) {
            decided.extend(submission.ops.iter().map(|op| OpResult { id: op.id.clone(), outcome: outcome.clone() }));
            self.answer(from, Answer::Outcomes { at: self.state.position(), results: decided });
        }
    }

    fn broadcast(&mut self) {
        let mut events = std::mem::take(&mut self.updates.events);
        if !events.is_empty() {
            self.updates.last_broadcast = Some(self.now.mono);
        }
        while !events.is_empty() {
            let rest = events.split_off(events.len().min(EVENTS_PER_BROADCAST));
            if let Some(check) = events.last().map(|last| last.check) {
                let events = events.into_iter().map(|logged| logged.event).collect();
                self.outputs.push_back(Output::Broadcast { events, check, since: self.updates.since });
            }
            events = rest;
        }
    }

    /// Asks for a snapshot when one is due. Called with a durable state.
    fn snapshot(&mut self) {
        let Snapshots { row, seq, is_storing } = self.snapshots;
        let grown = (self.state.row().0 - row.0).max(self.state.seq().0 - seq.0);
        if !is_storing && grown >= self.state.config().snapshot_every.get() {
            self.snapshots = Snapshots { row: self.state.row(), seq: self.state.seq(), is_storing: true };
            self.outputs.push_back(Output::Snapshot(self.state.snapshot()));
        }
    }

    /// Says that there is nothing more to do, or when there will be.
    fn rest(&mut self) {
        if !self.outputs.is_empty() {
            return;
        }
        let is_settled = match self.stage {
            Stage::Ready | Stage::Away { .. } | Stage::Damaged => self.mail.is_empty() && !self.snapshots.is_storing,
            Stage::Appending(..) | Stage::Reading(..) => false,
        };
        if self.life == Life::Closing && is_settled {
            self.life = Life::Closed;
            self.broadcast();
            return self.outputs.push_back(Output::Closed);
        }
        // A board whose log is away is kept: what it has in memory is all that can be shown.
        let may_idle = is_settled && matches!(self.stage, Stage::Ready) && self.life == Life::Open;
        let idle_at = if may_idle { Some(self.quiet_since + self.state.config().idle_after) } else { None };
        if idle_at.is_some_and(|at| at <= self.now.mono) {
            self.quiet_since = self.now.mono;
            return self.outputs.push_back(Output::Idle);
        }
        let retry_at = match self.stage {
            Stage::Away { retry_at, .. } => retry_at,
            Stage::Ready | Stage::Appending(..) | Stage::Reading(..) | Stage::Damaged => None,
        };
        let next = [self.updates.due(), retry_at, idle_at].into_iter().flatten().min();
        if self.announced != next {
            self.announced = next;
            self.outputs.extend(next.map(Output::Timeout));
        }
    }
}

#[cfg(test)]
mod tests;
