//! Decides what becomes of operations: dedupe, apply, number, remember.
//!
//! In: submissions and the time, stored rows, resume positions. Out: results, [`LogRow`]s, what a subscriber needs.
//! Never: a clock, IO, a task, randomness. Whoever drives it writes the row of a [`Decision`] to the log before anybody
//! hears of it, and throws the state away for a restored one when that fails.

use std::{collections::BTreeMap, num::NonZeroU64, sync::Arc, time::Duration};

use tideboard_shared::{
    Board, BoardId, ClientId, Durability, Entity, EntityId, Epoch, OpId, OpResult, Operation, Outcome, Position,
    Reason, Refusal, Rejection, Seq, ServerMessage, UnixMs, limits,
    message::{BoardReply, Event},
};

use crate::{
    clients::{ClientRecord, Clients, Known, LARGEST_STEP, Remembered, Undecided},
    history::History,
    owner::{Fingerprint, Owner},
    row::{LogRow, RefusedOp, Replaced, RestoreError, RowNo, Stored, StoredSnapshot},
    welcome::{self, Resume},
};

/// Limits of a board's memory, and times of its upkeep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoomConfig {
    /// Guarantee behind an `applied` outcome. Default `fsynced`.
    pub durability: Durability,
    /// Most outcomes of one client that stand at once; as long as it settles none, further operations are
    /// `rate_limited`. Default 1,000.
    pub outcomes_per_client: usize,
    /// Time without an operation after which a client is forgotten; what it repeats after that is `unknown_client`.
    /// Default 30 days.
    pub forget_clients_after: Duration,
    /// Bytes that clients and their outcomes may take. Beyond, outcomes of quiet clients are forgotten; once clients
    /// alone take three quarters, those of which nothing was applied leave, and no further one is taken in. Default
    /// 16 MiB.
    pub client_bytes: usize,
    /// Most recent events kept for resuming; a position before them gets a snapshot. Default 10,000.
    pub retain_events: usize,
    /// Most bytes of them, with the values that they replaced. Default 16 MiB.
    pub retain_bytes: usize,
    /// Largest board, in bytes of its entities. Whatever would make it larger is refused as `board_full`. Default 32 MiB.
    pub board_bytes: usize,
    /// Work of one decision, in bytes that are looked at or written; the rest of a batch that takes more waits for the next
    /// one. Default 4 MiB, some tens of milliseconds.
    pub work_per_decision: usize,
    /// Rows or events after which a snapshot is due. Default 1,000.
    pub snapshot_every: NonZeroU64,
    /// Time without mail after which the board counts as idle. Default 5 minutes.
    pub idle_after: Duration,
}

impl Default for RoomConfig {
    fn default() -> Self {
        Self {
            durability: Durability::Fsynced,
            outcomes_per_client: 1_000,
            forget_clients_after: Duration::from_hours(30 * 24),
            client_bytes: 16 * 1024 * 1024,
            retain_events: 10_000,
            retain_bytes: 16 * 1024 * 1024,
            board_bytes: limits::BOARD_BYTES,
            work_per_decision: 4 * 1024 * 1024,
            snapshot_every: NonZeroU64::new(1_000).expect("not zero"),
            idle_after: Duration::from_secs(300),
        }
    }
}

/// Work that every operation takes, however small, in bytes.
const WORK_PER_OP: usize = 256;

/// Operations of one client, as they came in.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// Client that sends these operations. They may be of an earlier id of the same owner as well.
    pub client: ClientId,
    /// Owner of all client ids that it may use.
    pub owner: Owner,
    /// Goes into `by` of the events.
    pub user: String,
    /// Outcomes of `client` up to here may be forgotten. Takes effect with the next operation that is decided.
    pub settled_through: u64,
    /// Oldest first. Shared with the events that they become.
    pub ops: Vec<Arc<Operation>>,
}

/// Outcome of deciding a batch, tentative until it is given to [`RoomState::commit`] or [`RoomState::revert`].
#[derive(Debug)]
pub struct Decision {
    /// For each submission, in order, one result for each of its operations, in order. Where the work was too much for one
    /// decision the last submission has fewer results than operations, and those after it have none.
    pub results: Vec<Vec<OpResult>>,
    /// Has to be durable before anybody hears of the results. `None` when nothing was newly decided.
    pub row: Option<Arc<LogRow>>,
    undo: Undo,
}

/// Parts of the state that a decision changed, as they were before it.
#[derive(Debug)]
struct Undo {
    seq: Seq,
    entities: BTreeMap<EntityId, Option<Arc<Entity>>>,
    records: BTreeMap<ClientId, Option<Arc<ClientRecord>>>,
}

/// Decision in the making.
#[derive(Debug)]
struct Making {
    row: LogRow,
    undo: Undo,
    work: usize,
    most_work: usize,
}

impl Making {
    fn is_enough(&self) -> bool {
        self.work >= self.most_work
    }
}

impl Decision {
    /// The accepted operations, by consecutive `seq`.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        self.row.as_ref().map_or(&[], |row| &row.events)
    }
}

/// Board with everything that decisions about it depend on. A cache of its log.
#[derive(Debug, Clone)]
pub struct RoomState {
    id: BoardId,
    epoch: Epoch,
    config: RoomConfig,
    board: Board,
    seq: Seq,
    row: RowNo,
    clients: Clients,
    history: History,
}

impl RoomState {
    /// An empty board at `seq` 0.
    #[must_use]
    pub fn new(id: BoardId, epoch: Epoch, config: RoomConfig) -> Self {
        Self {
            id,
            epoch,
            config,
            board: Board::default(),
            seq: Seq::ZERO,
            row: RowNo::ZERO,
            clients: Clients::default(),
            history: History::default(),
        }
    }

    /// The state that led to what is stored, ready for the next row.
    ///
    /// # Errors
    /// When rows are missing or an event no longer applies.
    pub fn restore(id: BoardId, config: RoomConfig, stored: Stored) -> Result<Self, RestoreError> {
        let mut state = Self::new(id, stored.epoch, config);
        let (covered, seq) =
            stored.snapshot.as_ref().map_or((RowNo::ZERO, Seq::ZERO), |snapshot| (snapshot.row, snapshot.seq));
        let first_new = stored.rows.partition_point(|row| row.no <= covered);
        for row in &stored.rows[..first_new] {
            for (index, event) in row.events.iter().enumerate() {
                state.history.push(event.clone(), row.replaced.get(index).cloned());
                state.history.trim(config.retain_events, config.retain_bytes);
            }
        }
        if let Some(snapshot) = stored.snapshot {
            state.board = snapshot.entities.into_iter().collect::<Board>();
            state.clients = Clients::restored(snapshot.clients, snapshot.forgotten_through);
        }
        (state.row, state.seq) = (covered, seq);
        for row in stored.rows.iter().skip(first_new) {
            state.replay(row)?;
        }
        Ok(state)
    }

    /// Takes over one row that was decided elsewhere or earlier.
    ///
    /// # Errors
    /// When it is not the next row or does not apply; the state is then unusable.
    pub fn replay(&mut self, row: &LogRow) -> Result<(), RestoreError> {
        if row.no != self.row.next() {
            return Err(RestoreError::MissingRow { board: self.id.clone(), expected: self.row.next(), found: row.no });
        }
        let mut outcomes = BTreeMap::new();
        for event in &row.events {
            self.replay_event(event, row.no)?;
            let outcome = Outcome::Applied { seq: event.seq, durability: self.config.durability };
            outcomes.insert(&event.op.id, (Fingerprint::of(&event.op), outcome));
        }
        for RefusedOp { result, print } in &row.refused {
            outcomes.insert(&result.id, (*print, result.outcome.clone()));
        }
        // By client and n, as they were decided: a client's operations are only ever accepted by rising n.
        for (OpId { client, n }, (print, outcome)) in outcomes {
            let owner = match self.clients.get(client) {
                Some(record) => record.owner.clone(),
                None => row.owners.get(client).cloned().ok_or_else(|| RestoreError::NoOwner {
                    board: self.id.clone(),
                    row: row.no,
                    client: client.clone(),
                })?,
            };
            self.clients.remember(client, &owner, Remembered { n: *n, print, outcome });
        }
        self.finish_row(row);
        Ok(())
    }

    /// The board's name.
    #[must_use]
    pub fn id(&self) -> &BoardId {
        &self.id
    }

    /// Limits of what is remembered.
    #[must_use]
    pub fn config(&self) -> &RoomConfig {
        &self.config
    }

    /// Position of the board in its log.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { epoch: self.epoch.clone(), seq: self.seq }
    }

    /// Life of the log.
    #[must_use]
    pub fn epoch(&self) -> &Epoch {
        &self.epoch
    }

    /// The last event's place.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.seq
    }

    /// Number of the last row; what the next append expects to find.
    #[must_use]
    pub fn row(&self) -> RowNo {
        self.row
    }

    /// The board as decided so far.
    #[must_use]
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// Highest `n` of this client that was decided; 0 for none.
    #[must_use]
    pub fn last_n(&self, client: &ClientId) -> u64 {
        self.clients.get(client).map_or(0, |record| record.last_n)
    }

    /// Decides a batch in order. Everything new in it becomes one row. Readers must not be shown the state before the
    /// decision is committed or reverted, and nothing else may be decided.
    #[must_use = "commit it once its row is durable, or revert it"]
    pub fn decide(&mut self, batch: &[Submission], at: UnixMs) -> Decision {
        self.decide_some(batch, at, usize::MAX)
    }

    /// Decides the beginning of a batch: at least one operation, and no further one once `most_work` is done. Work is
    /// counted in bytes that are looked at or written.
    #[must_use = "commit it once its row is durable, or revert it"]
    pub fn decide_some(&mut self, batch: &[Submission], at: UnixMs, most_work: usize) -> Decision {
        let row = LogRow { no: self.row.next(), at, ..LogRow::default() };
        let undo = Undo { seq: self.seq, entities: BTreeMap::new(), records: BTreeMap::new() };
        let mut making = Making { row, undo, work: 0, most_work };
        let mut results = Vec::with_capacity(batch.len());
        for submission in batch {
            if making.is_enough() {
                break;
            }
            results.push(self.decide_one(submission, &mut making));
        }
        let Making { row, undo, .. } = making;
        let row = if row.is_empty() { None } else { Some(Arc::new(row)) };
        Decision { results, row, undo }
    }

    /// Makes a decision part of the state, once its row is durable.
    pub fn commit(&mut self, decision: &Decision) {
        if let Some(row) = &decision.row {
            self.finish_row(row);
        }
    }

    /// Takes a decision back whose row was not written.
    pub fn revert(&mut self, decision: &Decision) {
        let Undo { seq, entities, records } = &decision.undo;
        for (id, before) in entities {
            self.board.put_back(id, before.clone());
        }
        self.seq = *seq;
        self.history.take_back(*seq);
        for (client, before) in records {
            self.clients.take_back(client, before.clone());
        }
    }

    /// Messages for a new subscriber: the missed events when all are there, else the whole board.
    #[must_use]
    pub fn resume(&self, since: Option<&Position>, client: &ClientId) -> Resume {
        match since.and_then(|since| self.events_since(since)) {
            Some(events) => Resume::Recovered(events),
            None => Resume::Snapshot(welcome::parts(self, client)),
        }
    }

    /// Every event after a position, if all of them are still here.
    #[must_use]
    pub fn events_since(&self, since: &Position) -> Option<Vec<Event>> {
        if since.epoch != self.epoch || since.seq > self.seq {
            return None;
        }
        self.history.after(since.seq, self.seq)
    }

    /// The answer to a subscribe: `subscribed`, then the missed `updates` or the `snapshot` parts.
    #[must_use]
    pub fn subscribe(&self, since: Option<&Position>, client: &ClientId) -> Vec<ServerMessage> {
        welcome::messages(self, self.resume(since, client))
    }

    /// The whole board as REST answers it.
    #[must_use]
    pub fn reply(&self) -> BoardReply {
        BoardReply {
            board: self.id.clone(),
            epoch: self.epoch.clone(),
            seq: self.seq,
            entities: self.board.entities().cloned().collect(),
        }
    }

    /// Snapshot that stands for all rows up to now; the log may drop those rows then. Cheap: it shares what it holds.
    #[must_use]
    pub fn snapshot(&self) -> StoredSnapshot {
        StoredSnapshot {
            row: self.row,
            seq: self.seq,
            entities: self.board.entities().cloned().collect(),
            clients: self.clients.records().clone(),
            forgotten_through: self.clients.forgotten_through(),
        }
    }

    fn replay_event(&mut self, event: &Event, row: RowNo) -> Result<(), RestoreError> {
        let expected = self.seq.next();
        if event.seq != expected {
            return Err(RestoreError::MissingEvent { board: self.id.clone(), row, expected, found: event.seq });
        }
        let applied = self.board.replay(&event.op, event.seq);
        let applied = applied.map_err(|refusal| RestoreError::diverged(self.id.clone(), event.seq, &refusal))?;
        self.seq = event.seq;
        self.history.push(event.clone(), Some(Arc::new(applied.into())));
        Ok(())
    }

    /// Results of the operations that were decided, in order, up to where the work became enough.
    fn decide_one(&mut self, submission: &Submission, making: &mut Making) -> Vec<OpResult> {
        let mut results = Vec::with_capacity(submission.ops.len());
        let mut is_new = false;
        // Refusal after which nothing of the same submission is decided anew, so that nothing overtakes what is sent
        // again.
        let mut stopped = None;
        for op in &submission.ops {
            if making.is_enough() && stopped.is_none() {
                break;
            }
            making.work += WORK_PER_OP;
            let known = self.clients.look_up(op, self.base_of(op), submission, &self.config);
            let outcome = match (known, &stopped) {
                (Known::New, None) => {
                    is_new |= op.id.client == submission.client;
                    self.decide_new(op, submission, making)
                }
                (Known::New, Some(stopped)) => Outcome::clone(stopped),
                (Known::Same(outcome), _) => outcome,
                (Known::Not(why), _) => {
                    let refusal = undecided(why, &op.id);
                    if why.stops() {
                        stopped = Some(refusal.clone());
                    }
                    refusal
                }
            };
            results.push(OpResult { id: op.id.clone(), outcome });
        }
        let settled = self.clients.get(&submission.client).map_or(0, |record| record.settled_through);
        if is_new && submission.settled_through > settled {
            let through = making.row.settled.entry(submission.client.clone()).or_default();
            *through = (*through).max(submission.settled_through);
        }
        results
    }

    /// Position that the author of an operation saw; the start of the board where this log never came that far.
    fn base_of(&self, op: &Operation) -> Seq {
        if op.base > self.seq { Seq::ZERO } else { op.base }
    }

    fn decide_new(&mut self, op: &Arc<Operation>, from: &Submission, making: &mut Making) -> Outcome {
        let client = &op.id.client;
        let Making { row, undo, work, .. } = making;
        *work += op.bytes() + self.board.bytes_of(&op.entity);
        undo.entities.entry(op.entity.clone()).or_insert_with(|| self.board.entity(&op.entity).cloned());
        undo.records.entry(client.clone()).or_insert_with(|| self.clients.get(client).cloned());
        if self.clients.get(client).is_none() {
            row.owners.insert(client.clone(), from.owner.clone());
        }
        let seq = self.seq.next();
        let print = Fingerprint::of(op);
        let outcome = match self.board.apply_within(op, seq, self.config.board_bytes) {
            Ok(applied) => {
                self.seq = seq;
                let op = if op.again { Operation { again: false, ..(**op).clone() }.into() } else { Arc::clone(op) };
                let event = Event { seq, by: from.user.clone(), at: row.at, op };
                let replaced = Arc::new(Replaced::from(applied));
                row.events.push(event.clone());
                row.replaced.push(Arc::clone(&replaced));
                self.history.push(event, Some(replaced));
                Outcome::Applied { seq, durability: self.config.durability }
            }
            Err(refusal) => {
                let outcome = self.refused(refusal, op);
                let result = OpResult { id: op.id.clone(), outcome: outcome.clone() };
                row.refused.push(RefusedOp { result, print });
                outcome
            }
        };
        self.clients.remember(client, &from.owner, Remembered { n: op.id.n, print, outcome: outcome.clone() });
        outcome
    }

    fn refused(&self, refusal: Refusal, op: &Operation) -> Outcome {
        match refusal {
            Refusal::Rejected(rejection) => Outcome::Rejected(rejection),
            Refusal::Conflict(mut conflict) => {
                // As the reducer has it: a base that has not happened is the beginning.
                let base = if op.base <= self.seq { op.base } else { Seq::ZERO };
                conflict.tell_base(|field| self.history.value_at(&op.entity, field, base));
                Outcome::Conflict(conflict)
            }
        }
    }

    /// The part of a row's effect that has to be the same whether the row was just decided or read back.
    fn finish_row(&mut self, row: &LogRow) {
        self.row = row.no;
        self.clients.finish_row(row, self.seq, &self.config);
        self.history.trim(self.config.retain_events, self.config.retain_bytes);
    }
}

/// Answer to an operation that is not decided, now or ever.
fn undecided(why: Undecided, id: &OpId) -> Outcome {
    let OpId { client, n } = id;
    let rejection = match why {
        Undecided::NotYours => {
            let message =
                format!("client {client} is not yours; make the operation again under a client id of your own");
            Rejection::new(Reason::NotYours, message)
        }
        Undecided::Settled { last_n } => {
            let message = format!("operation {id} was decided and its outcome is no longer kept");
            Rejection::new(Reason::AlreadySettled, message).with_last_n(last_n)
        }
        Undecided::OutOfOrder { last_n } if *n <= last_n => {
            let message = format!("a later operation than {id} of this client was decided first");
            Rejection::new(Reason::OutOfOrder, message).with_last_n(last_n)
        }
        Undecided::OutOfOrder { last_n } => {
            let message = format!("{n} is too far from {last_n}, the last of this client; {LARGEST_STEP} is the most");
            Rejection::new(Reason::OutOfOrder, message).with_last_n(last_n)
        }
        Undecided::Reused { last_n } => {
            let message =
                format!("another operation had the id {id} before; make this one again under a new client id");
            Rejection::new(Reason::IdReused, message).with_last_n(last_n)
        }
        Undecided::Forgotten => {
            let message = format!("client {client} was away for so long that nobody knows whether {id} was applied");
            Rejection::new(Reason::UnknownClient, message)
        }
        Undecided::TooManyStand => {
            let message = "too many outcomes of this client stand; settle some, then send the operation again";
            Rejection::new(Reason::RateLimited, message)
        }
        Undecided::TooManyClients => {
            let message = "the board has as many clients as it can remember; send the operation again later";
            Rejection::new(Reason::RateLimited, message)
        }
    };
    Outcome::Rejected(rejection)
}

#[cfg(test)]
mod tests;
