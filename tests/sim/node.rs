//! Process of the server: the real machine of each board between mail and a log that answers late.
//!
//! In: mail, the log's answers, the time. Out: what is said to whom, and tasks for the log. It drives machines as the
//! server does: a board is opened when it is first asked for, leaves memory when it is idle and nobody reads it, and its
//! readers are those who were welcomed and are still there. Never: a decision of its own about operations.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU64,
    sync::Arc,
    time::Duration,
};

use tideboard_room::{Answer, Input, Machine, Mail, Now, Output, RoomConfig, RoomState, Stored, unavailable};
use tideboard_shared::{
    Action, BoardId, Check, ClientId, OnConflict, OpResult, Operation, Position, ServerMessage,
    message::{Event, Outcomes},
};

use crate::{
    invariant::{Breach, Invariant},
    log::Task,
    network::LinkId,
    sabotage::Mutation,
    server::To,
};

/// The room remembers so few events that resuming sometimes needs a snapshot.
const RETAIN_EVENTS: usize = 30;
/// Work of one decision, so little that submissions of several operations are decided in parts.
const WORK_PER_DECISION: usize = 1_500;
const SNAPSHOT_EVERY: NonZeroU64 = NonZeroU64::new(25).expect("25 is not 0");
const IDLE_AFTER: Duration = Duration::from_secs(4);

/// Request of a board to the world around it.
#[derive(Debug)]
pub(crate) enum Deed {
    Say(To, Vec<ServerMessage>),
    /// Refusal: the asker gets no answer now.
    Refuse(To),
    Log(Task),
    WakeAt(Duration),
}

#[derive(Debug, Default)]
pub(crate) struct Node {
    seats: BTreeMap<BoardId, Seat>,
    pub(crate) is_up: bool,
    pub(crate) is_draining: bool,
    /// Rises with every end of the process.
    pub(crate) life: u64,
}

/// Board in a node.
#[derive(Debug)]
enum Seat {
    /// Being read from the log; mail waits, and so does word of rows that are newer than what is read.
    Opening(Vec<Input<To>>),
    Open(Box<Machine<To>>, BTreeSet<LinkId>),
}

impl Node {
    pub(crate) fn running() -> Self {
        Self { is_up: true, ..Self::default() }
    }

    pub(crate) fn start(&mut self) {
        self.is_up = true;
    }

    /// The process ends, whatever it was doing.
    pub(crate) fn crash(&mut self) {
        *self = Self { life: self.life + 1, ..Self::default() };
    }

    pub(crate) fn leave(&mut self, link: LinkId) {
        for seat in self.seats.values_mut() {
            if let Seat::Open(_, readers) = seat {
                readers.remove(&link);
            }
        }
    }

    pub(crate) fn unsubscribe(&mut self, board: &BoardId, link: LinkId) {
        if let Some(Seat::Open(_, readers)) = self.seats.get_mut(board) {
            readers.remove(&link);
        }
    }

    /// Boards that are in memory.
    pub(crate) fn boards(&self) -> Vec<BoardId> {
        self.seats.keys().cloned().collect()
    }
}

/// A look at one board of a node, with all that handling it takes.
pub(crate) struct Desk<'a> {
    pub(crate) node: &'a mut Node,
    pub(crate) board: &'a BoardId,
    pub(crate) now: Now,
    pub(crate) sabotage: Option<Mutation>,
    /// Says of a connection that it still stands.
    pub(crate) is_there: &'a dyn Fn(LinkId) -> bool,
}

impl Desk<'_> {
    pub(crate) fn mail(&mut self, mut mail: Mail<To>) -> Result<Vec<Deed>, Breach> {
        if self.sabotage == Some(Mutation::ServerIgnoresConflicts)
            && let Mail::Submit { submission, .. } = &mut mail
        {
            for op in &mut submission.ops {
                Arc::make_mut(op).on_conflict = OnConflict::Overwrite;
            }
        }
        if self.sabotage == Some(Mutation::SkipDedupe)
            && let Mail::Submit { submission, .. } = &mail
        {
            self.forget_client(&submission.client);
        }
        if self.sabotage == Some(Mutation::SnapshotWithStaleN)
            && let Mail::Subscribe { known, .. } | Mail::Resume { known, .. } = &mut mail
        {
            // Whoever resumes gets no snapshot.
            known.since = None;
        }
        match self.node.seats.get_mut(self.board) {
            None => {
                self.node.seats.insert(self.board.clone(), Seat::Opening(vec![Input::Mail(mail)]));
                Ok(vec![Deed::Log(Task::Load)])
            }
            Some(Seat::Opening(waiting)) => {
                waiting.push(Input::Mail(mail));
                Ok(Vec::new())
            }
            Some(Seat::Open(..)) => self.input(Input::Mail(mail)),
        }
    }

    /// The log answers, or the machine's time has come.
    pub(crate) fn input(&mut self, input: Input<To>) -> Result<Vec<Deed>, Breach> {
        match (self.node.seats.get_mut(self.board), input) {
            (None, _) => Ok(Vec::new()),
            (Some(Seat::Open(machine, _)), input) => {
                machine.handle(input, self.now);
                self.drain()
            }
            (Some(Seat::Opening(_)), Input::Loaded(stored)) => self.open(*stored),
            (Some(Seat::Opening(waiting)), Input::ReadFailed) => {
                let waiting = std::mem::take(waiting);
                self.node.seats.remove(self.board);
                Ok(waiting.into_iter().filter_map(|input| refusal(self.board, input)).collect())
            }
            // The log is followed before it is read, so that no row falls between.
            (Some(Seat::Opening(waiting)), input @ Input::LogAt(_)) => {
                waiting.push(input);
                Ok(Vec::new())
            }
            // Of the machine that left memory.
            (Some(Seat::Opening(_)), _) => Ok(Vec::new()),
        }
    }

    fn open(&mut self, stored: Stored) -> Result<Vec<Deed>, Breach> {
        let state = RoomState::restore(self.board.clone(), config(), stored)
            .map_err(|error| Invariant::NoPanic.broken(format!("the log is no board: {error}")))?;
        let mut machine = Box::new(Machine::new(state));
        if let Some(Seat::Opening(waiting)) = self.node.seats.remove(self.board) {
            for input in waiting {
                machine.handle(input, self.now);
            }
        }
        self.node.seats.insert(self.board.clone(), Seat::Open(machine, BTreeSet::new()));
        self.drain()
    }

    /// The driver's part of the machine's contract.
    fn drain(&mut self) -> Result<Vec<Deed>, Breach> {
        let mut deeds = Vec::new();
        let mut is_idle = false;
        while let Some(Seat::Open(machine, readers)) = self.node.seats.get_mut(self.board)
            && let Some(output) = machine.poll_output()
        {
            match output {
                Output::Append(row) => {
                    if self.sabotage == Some(Mutation::BroadcastBeforeCommit) {
                        deeds.extend(updates(self.board, readers, &row.events, row.check.unwrap_or_default()));
                    }
                    if self.sabotage == Some(Mutation::AckBeforeCommit) {
                        machine.handle(Input::Appended, self.now);
                    }
                    deeds.push(Deed::Log(Task::Append(row)));
                }
                Output::CatchUp { after } => deeds.push(Deed::Log(Task::ReadAfter(after))),
                Output::Load => deeds.push(Deed::Log(Task::Load)),
                Output::Snapshot(snapshot) => deeds.push(Deed::Log(Task::Keep(snapshot.into()))),
                Output::Answer { to, answer } => deeds.extend(self.answer(to, answer)),
                Output::Broadcast { mut events, check, .. } => {
                    sabotage_events(self.sabotage, &mut events);
                    deeds.extend(updates(self.board, readers, &events, check));
                }
                // All nodes are stopped when the log is put back.
                Output::Dismiss => return Err(Invariant::NoPanic.broken("the log went back under an open board")),
                Output::Timeout(at) => deeds.push(Deed::WakeAt(at)),
                Output::Idle => is_idle = readers.is_empty(),
                Output::Damaged(error) => {
                    return Err(Invariant::NoPanic.broken(format!("the log is no board: {error}")));
                }
                Output::Closed => return Err(Invariant::NoPanic.broken("a board closes that nobody has closed")),
            }
        }
        if is_idle {
            self.node.seats.remove(self.board);
        }
        Ok(deeds)
    }

    fn answer(&mut self, to: To, answer: Answer) -> Option<Deed> {
        Some(match (answer, to) {
            (Answer::Outcomes { at, mut results }, to) => {
                if self.sabotage == Some(Mutation::OutcomeOfAnother)
                    && let [first, second, ..] = &mut results[..]
                {
                    std::mem::swap(&mut first.outcome, &mut second.outcome);
                }
                Deed::Say(to, vec![outcomes(self.board, Some(at), results)])
            }
            (Answer::Welcome(messages), To::Link(link)) => {
                if !(self.is_there)(link) {
                    return None;
                }
                if let Some(Seat::Open(_, readers)) = self.node.seats.get_mut(self.board) {
                    readers.insert(link);
                }
                Deed::Say(to, sabotaged_welcome(self.sabotage, messages))
            }
            (Answer::Missed(messages), to) => Deed::Say(to, sabotaged_welcome(self.sabotage, messages)),
            (Answer::Unavailable, to) => Deed::Refuse(to),
            (answer, to) => unreachable!("nobody asked for {answer:?}, {to:?} least of all"),
        })
    }

    /// The room does not remember what it has decided of a client.
    fn forget_client(&mut self, client: &ClientId) {
        let Some(Seat::Open(machine, _)) = self.node.seats.get_mut(self.board) else { return };
        let mut snapshot = machine.state().snapshot();
        snapshot.clients.remove(client);
        let epoch = machine.state().epoch().clone();
        let stored = Stored { epoch, snapshot: Some(snapshot), rows: Vec::new() };
        let state = RoomState::restore(self.board.clone(), config(), stored).expect("the snapshot is whole");
        **machine = Machine::new(state);
    }
}

fn config() -> RoomConfig {
    RoomConfig {
        retain_events: RETAIN_EVENTS,
        snapshot_every: SNAPSHOT_EVERY,
        work_per_decision: WORK_PER_DECISION,
        idle_after: IDLE_AFTER,
        ..RoomConfig::default()
    }
}

/// The answer where the board cannot be read.
fn refusal(board: &BoardId, input: Input<To>) -> Option<Deed> {
    let Input::Mail(mail) = input else { return None };
    Some(match mail {
        Mail::Submit { from, submission } => {
            let refused = |op: &Arc<Operation>| OpResult { id: op.id.clone(), outcome: unavailable("not stored") };
            let results = submission.ops.iter().map(refused).collect();
            Deed::Say(from, vec![outcomes(board, None, results)])
        }
        Mail::Subscribe { from, .. } | Mail::Resume { from, .. } | Mail::Read { from } => Deed::Refuse(from),
    })
}

fn outcomes(board: &BoardId, at: Option<Position>, results: Vec<OpResult>) -> ServerMessage {
    ServerMessage::Outcomes(Outcomes { board: board.clone(), at, results })
}

fn updates(board: &BoardId, readers: &BTreeSet<LinkId>, events: &[Event], check: Check) -> Vec<Deed> {
    if events.is_empty() {
        return Vec::new();
    }
    let message = ServerMessage::Updates { board: board.clone(), check, events: events.to_vec() };
    readers.iter().map(|link| Deed::Say(To::Link(*link), vec![message.clone()])).collect()
}

fn sabotage_events(sabotage: Option<Mutation>, events: &mut Vec<Event>) {
    match (sabotage, &mut events[..]) {
        (Some(Mutation::BroadcastBeforeCommit), _) => events.clear(),
        (Some(Mutation::EventInAnothersPlace), [.., last]) if matches!(last.op.action, Action::Patch { .. }) => {
            let mut op = last.op.as_ref().clone();
            op.action = Action::set([("title", "other")]);
            last.op = op.into();
        }
        _ => {}
    }
}

fn sabotaged_welcome(sabotage: Option<Mutation>, mut messages: Vec<ServerMessage>) -> Vec<ServerMessage> {
    for message in &mut messages {
        match (sabotage, message) {
            (Some(Mutation::SnapshotWithStaleN), ServerMessage::Snapshot(snapshot)) => snapshot.last_n = 0,
            (Some(Mutation::PartialReplay), ServerMessage::Updates { events, .. }) => drop(events.remove(0)),
            _ => {}
        }
    }
    messages
}
