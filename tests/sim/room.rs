//! One board at the server: the real `RoomState` between a mailbox and a log of rows.
//!
//! It keeps the real room task's rules: one batch at a time, what was asked before the batch is answered before it,
//! nothing answered or broadcast before its row is in the log, the state thrown away when a write fails.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};

use tideboard_room::{LogRow, RoomConfig, RoomState, RowNo, Stored, StoredSnapshot, Submission};
use tideboard_shared::{
    Board, BoardId, ClientId, Epoch, OpResult, Outcome, Position, Reason, Rejection, Seq, ServerMessage, UnixMs,
    message::{Event, Submit},
};

use crate::{chronicle::Chronicle, network::LinkId, sabotage::Mutation};

/// The room remembers so few events that resuming sometimes needs a snapshot.
const RETAIN_EVENTS: usize = 30;
/// A snapshot is stored, and rows before it dropped, every so many rows.
const SNAPSHOT_EVERY: u64 = 25;

/// Who gets an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum To {
    Link(LinkId),
    Post(u64),
}

/// What goes to one of them, at once.
pub(crate) type Answer = (To, Vec<ServerMessage>);

/// What waits for the room.
#[derive(Debug)]
pub(crate) enum Mail {
    Submit { to: To, client: ClientId, submit: Submit },
    Subscribe { link: LinkId, client: ClientId, since: Option<Position> },
    CatchUp { post: u64, client: ClientId, since: Option<Position> },
}

/// What survives a crash.
#[derive(Debug)]
struct LogDisk {
    epoch: Epoch,
    snapshot: Option<StoredSnapshot>,
    rows: Vec<LogRow>,
}

/// A batch between decision and commit.
#[derive(Debug)]
struct Commit {
    row: Option<Arc<LogRow>>,
    answers: Vec<Answer>,
}

#[derive(Debug)]
pub(crate) struct Room {
    board: BoardId,
    disk: LogDisk,
    state: RoomState,
    mailbox: VecDeque<Mail>,
    readers: BTreeSet<LinkId>,
    commit: Option<Commit>,
    pub(crate) is_failing: bool,
    pub(crate) chronicle: Chronicle,
    pub(crate) sabotage: Option<Mutation>,
}

impl Room {
    pub(crate) fn new(board: BoardId) -> Self {
        let epoch = Epoch::from("e_0");
        Self {
            state: RoomState::new(board.clone(), epoch.clone(), config()),
            board,
            disk: LogDisk { epoch, snapshot: None, rows: Vec::new() },
            mailbox: VecDeque::new(),
            readers: BTreeSet::new(),
            commit: None,
            is_failing: false,
            chronicle: Chronicle::new(),
            sabotage: None,
        }
    }

    pub(crate) fn receive(&mut self, mail: Mail) {
        self.mailbox.push_back(mail);
    }

    pub(crate) fn leave(&mut self, link: LinkId) {
        self.readers.remove(&link);
    }

    pub(crate) fn has_work(&self) -> bool {
        self.commit.is_none() && !self.mailbox.is_empty()
    }

    /// Answers what was asked, decides what was submitted as one batch, and starts its commit.
    pub(crate) fn begin(&mut self, now: UnixMs, is_there: impl Fn(LinkId) -> bool) -> Vec<Answer> {
        let (mut answers, mut submits) = (Vec::new(), Vec::new());
        while let Some(mail) = self.mailbox.pop_front() {
            match mail {
                Mail::Submit { to, client, submit } => submits.push((to, client, submit)),
                asked if !submits.is_empty() => {
                    self.mailbox.push_front(asked);
                    break;
                }
                Mail::Subscribe { link, client, since } if is_there(link) => {
                    self.readers.insert(link);
                    answers.push((To::Link(link), self.welcome(since.as_ref(), &client)));
                }
                Mail::Subscribe { .. } => {}
                Mail::CatchUp { post, client, since } => {
                    answers.push((To::Post(post), self.welcome(since.as_ref(), &client)));
                }
            }
        }
        if !submits.is_empty() {
            answers.extend(self.decide(submits, now));
        }
        answers
    }

    fn decide(&mut self, submits: Vec<(To, ClientId, Submit)>, now: UnixMs) -> Vec<Answer> {
        self.sabotage_before_decision(&submits);
        let is_ignoring = self.sabotage == Some(Mutation::ServerIgnoresConflicts);
        let batch = submits.iter().map(|(_, client, submit)| {
            let mut ops = submit.ops.clone();
            if is_ignoring {
                ops.iter_mut().for_each(|op| op.on_conflict = tideboard_shared::OnConflict::Overwrite);
            }
            Submission {
                client: client.clone(),
                user: client.to_string(),
                settled_through: submit.settled_through,
                ops: ops.into_iter().map(Arc::new).collect(),
            }
        });
        let batch: Vec<_> = batch.collect();
        let decision = self.state.decide(&batch, now);
        self.state.commit(&decision);
        let outcomes = submits.into_iter().zip(decision.results).map(|((to, _, submit), mut results)| {
            if self.sabotage == Some(Mutation::OutcomeOfAnother) && results.len() > 1 {
                let first = results[0].outcome.clone();
                results[0].outcome = std::mem::replace(&mut results[1].outcome, first);
            }
            (to, vec![ServerMessage::Outcomes { board: submit.board, results }])
        });
        let mut commit = Commit { row: decision.row, answers: outcomes.collect() };
        let mut early = Vec::new();
        if self.sabotage == Some(Mutation::AckBeforeCommit) {
            early.append(&mut commit.answers);
        }
        if self.sabotage == Some(Mutation::BroadcastBeforeCommit) {
            early.extend(commit.row.iter().flat_map(|row| self.updates(&row.events)));
        }
        self.commit = Some(commit);
        early
    }

    /// The row reaches the disk; only now does anybody hear of it.
    pub(crate) fn end(&mut self, is_outcome_first: bool) -> Vec<Answer> {
        let Some(mut commit) = self.commit.take() else { return Vec::new() };
        let Some(row) = commit.row else { return commit.answers };
        if self.is_failing {
            self.restore();
            commit.answers.iter_mut().for_each(|(_, messages)| make_unavailable(messages));
            return commit.answers;
        }
        self.write(&row);
        let mut updates = self.updates(&row.events);
        if self.sabotage == Some(Mutation::BroadcastBeforeCommit) {
            updates.clear();
        }
        match is_outcome_first {
            true => commit.answers.into_iter().chain(updates).collect(),
            false => updates.into_iter().chain(commit.answers).collect(),
        }
    }

    /// The process is killed. `is_committed` says whether the batch under way had reached the disk.
    pub(crate) fn crash(&mut self, is_committed: bool) {
        if let Some(row) = self.commit.take().and_then(|commit| commit.row).filter(|_| is_committed && !self.is_failing)
        {
            self.write(&row);
        }
        self.mailbox.clear();
        self.readers.clear();
        if self.sabotage == Some(Mutation::LogForgetsItsLastRow) {
            self.disk.rows.pop();
        }
    }

    /// An operator restores an older copy of the log: its newest rows are gone, and it is another log from here on.
    pub(crate) fn lose_rows(&mut self, lost: usize) {
        let kept = self.disk.rows.len().saturating_sub(lost).max(self.first_needed());
        self.disk.rows.truncate(kept);
        self.disk.epoch = Epoch::from(format!("e_{}", self.chronicle.lives + 1));
        let (seq, first) = self.disk.snapshot.as_ref().map_or((Seq::ZERO, Board::default()), |snapshot| {
            (snapshot.seq, snapshot.entities.iter().cloned().collect())
        });
        let rows: Vec<_> = self.disk.rows.iter().skip(self.first_needed()).cloned().collect();
        self.chronicle.begin_new_life(&rows, &first, seq);
        self.restore();
    }

    pub(crate) fn restore(&mut self) {
        let LogDisk { epoch, snapshot, rows } = &self.disk;
        let stored = Stored { epoch: epoch.clone(), snapshot: snapshot.clone(), rows: rows.clone() };
        self.state = RoomState::restore(self.board.clone(), config(), stored).expect("the log is whole");
    }

    /// How many rows the snapshot covers.
    fn first_needed(&self) -> usize {
        let covered = self.disk.snapshot.as_ref().map_or(RowNo::ZERO, |snapshot| snapshot.row);
        self.disk.rows.iter().take_while(|row| row.no <= covered).count()
    }

    fn welcome(&self, since: Option<&Position>, client: &ClientId) -> Vec<ServerMessage> {
        let is_stale = self.sabotage == Some(Mutation::SnapshotWithStaleN);
        let mut messages = self.state.subscribe(since.filter(|_| !is_stale), client);
        for message in &mut messages {
            match (self.sabotage, message) {
                (Some(Mutation::SnapshotWithStaleN), ServerMessage::Snapshot(snapshot)) => {
                    snapshot.last_n = 0;
                }
                (Some(Mutation::PartialReplay), ServerMessage::Updates { events, .. }) => drop(events.remove(0)),
                _ => {}
            }
        }
        messages
    }

    fn updates(&self, events: &[Event]) -> Vec<Answer> {
        if events.is_empty() {
            return Vec::new();
        }
        let mut events = events.to_vec();
        if self.sabotage == Some(Mutation::EventInAnothersPlace)
            && let [.., last] = &mut events[..]
            && let tideboard_shared::Action::Patch { .. } = last.op.action
        {
            let mut op = last.op.as_ref().clone();
            op.action = tideboard_shared::Action::set([("title", "other")]);
            last.op = op.into();
        }
        let message = ServerMessage::Updates { board: self.board.clone(), events };
        self.readers.iter().map(|link| (To::Link(*link), vec![message.clone()])).collect()
    }

    fn write(&mut self, row: &LogRow) {
        self.chronicle.note(row);
        self.disk.rows.push(row.clone());
        if row.no.0.is_multiple_of(SNAPSHOT_EVERY) {
            self.disk.snapshot = Some(self.state.snapshot());
            self.disk.rows.retain(|old| old.no.0 + SNAPSHOT_EVERY > row.no.0);
        }
    }

    fn sabotage_before_decision(&mut self, submits: &[(To, ClientId, Submit)]) {
        if self.sabotage == Some(Mutation::SkipDedupe) {
            let mut snapshot = self.state.snapshot();
            submits.iter().for_each(|(_, client, _)| drop(snapshot.clients.remove(client)));
            let epoch = self.disk.epoch.clone();
            let stored = Stored { epoch, snapshot: Some(snapshot), rows: Vec::new() };
            self.state = RoomState::restore(self.board.clone(), config(), stored).expect("the snapshot is whole");
        }
    }
}

fn config() -> RoomConfig {
    RoomConfig { retain_events: RETAIN_EVENTS, ..RoomConfig::default() }
}

fn make_unavailable(messages: &mut [ServerMessage]) {
    for message in messages {
        let ServerMessage::Outcomes { results, .. } = message else { continue };
        for OpResult { outcome, .. } in results {
            *outcome = Outcome::Rejected(Rejection::new(Reason::Unavailable, "the log could not be written"));
        }
    }
}
