//! Decides what becomes of operations: dedupe, apply, number, remember.
//!
//! In: submissions and the time, stored rows, resume positions. Out: results, [`LogRow`]s, what a subscriber needs.
//! Never: a clock, IO, a task, randomness. Whoever drives it writes the row of a [`Decision`] to the log before anybody
//! hears of it, and throws the state away for a restored one when that fails.

use std::{collections::BTreeMap, num::NonZeroU64, sync::Arc, time::Duration};

use tideboard_shared::{
    Board, BoardId, Check, ClientId, Durability, Entity, EntityId, Epoch, OpId, OpResult, Operation, Outcome, Position,
    Reason, Refusal, Rejection, Seq, ServerMessage, UnixMs, limits,
    message::{BoardReply, Event},
};

use crate::{
    clients::{Clients, Known},
    history::{History, Logged},
    row::{LogRow, Replaced, RestoreError, RowNo, Stored, StoredSnapshot},
    welcome::{self, Reach, Resume, Whereabouts},
};

/// Limits of a board's memory, and times of its upkeep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoomConfig {
    /// Guarantee behind an `applied` outcome. Default `fsynced`.
    pub durability: Durability,
    /// Most outcomes remembered of one client; older ones are answered `already_settled`. Default 1,000.
    pub outcomes_per_client: usize,
    /// Most clients remembered; the one that was quiet for the most rows is forgotten first, and with it its `n`: what
    /// it repeats after that would be new. Default 10,000.
    pub clients: usize,
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
            clients: 10_000,
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
    /// Author of these operations; an operation with another client's id is refused.
    pub client: ClientId,
    /// Goes into `by` of the events.
    pub user: String,
    /// History in which the bases of the operations were seen.
    pub seen: SeenIn,
    /// Outcomes of this client up to here may be forgotten. Takes effect with the next operation that is decided.
    pub settled_through: u64,
    /// Oldest first. Shared with the events that they become.
    pub ops: Vec<Arc<Operation>>,
}

/// History in which a client saw what its operations are based on. By default the board's.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SeenIn {
    /// The log, where the client says it.
    pub epoch: Option<Epoch>,
    /// Positions in it.
    pub positions: Vec<Position>,
}

/// Relation of a position to a board's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// In the log.
    Here,
    /// Before all that the log still tells.
    Forgotten,
    /// After the last event, by the number.
    Beyond,
    /// In another history.
    Elsewhere,
}

/// Outcome of deciding a batch, tentative until it is given to [`RoomState::commit`] or [`RoomState::revert`].
#[derive(Debug)]
pub struct Decision {
    /// For each submission, in order, one result for each of its operations, in order. Where the work was too much for one
    /// decision the last submission has fewer results than operations, and those after it have none.
    pub results: Vec<Vec<OpResult>>,
    /// Has to be durable before anybody hears of the results. `None` when nothing was newly decided.
    pub row: Option<Arc<LogRow>>,
    /// Check of the log with each of the events.
    pub(crate) checks: Vec<Check>,
    undo: Undo,
}

/// Parts of the state that a decision changed, as they were before it.
#[derive(Debug)]
struct Undo {
    seq: Seq,
    check: Check,
    entities: BTreeMap<EntityId, Option<Arc<Entity>>>,
    last_ns: BTreeMap<ClientId, Option<u64>>,
}

/// Decision in the making.
#[derive(Debug)]
struct Making {
    at: UnixMs,
    row: LogRow,
    checks: Vec<Check>,
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
    /// Check of the log up to `seq`.
    check: Check,
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
            check: Check::EMPTY,
            row: RowNo::ZERO,
            clients: Clients::default(),
            history: History::default(),
        }
    }

    /// The state that led to what is stored, ready for the next row.
    ///
    /// # Errors
    /// When rows are missing, an event no longer applies, or rows are of different histories.
    pub fn restore(id: BoardId, config: RoomConfig, stored: Stored) -> Result<Self, RestoreError> {
        let mut state = Self::new(id, stored.epoch, config);
        let (covered, seq) =
            stored.snapshot.as_ref().map_or((RowNo::ZERO, Seq::ZERO), |snapshot| (snapshot.row, snapshot.seq));
        let (old, new) = stored.rows.split_at(stored.rows.partition_point(|row| row.no <= covered));
        let known = state.remember(old)?;
        if let Some(snapshot) = stored.snapshot {
            state.check = snapshot.check.or(known).unwrap_or_default();
            if let (Some(expected), Some(last)) = (known, old.last())
                && expected != state.check
            {
                return Err(state.other_history(last.no, expected, state.check));
            }
            if known.is_none() {
                state.history = History::starting_at(state.check);
            }
            state.board = snapshot.entities.into_iter().collect::<Board>();
            state.clients = Clients::restored(snapshot.clients);
        }
        (state.row, state.seq) = (covered, seq);
        for row in new {
            state.replay(row)?;
        }
        Ok(state)
    }

    /// Takes the events of rows that a snapshot covers into the history, as far as their checks are known; the check of
    /// the log with the last of them, if it is.
    fn remember(&mut self, rows: &[LogRow]) -> Result<Option<Check>, RestoreError> {
        let mut known = rows.first().is_some_and(|row| row.no == RowNo::ZERO.next()).then_some(Check::EMPTY);
        for row in rows {
            if let Some(check) = &mut known {
                for (index, event) in row.events.iter().enumerate() {
                    *check = check.after(event);
                    let logged = Logged { event: event.clone(), check: *check };
                    self.history.push(logged, row.replaced.get(index).cloned());
                    self.history.trim(self.config.retain_events, self.config.retain_bytes);
                }
            }
            match (known, row.check) {
                (Some(expected), Some(found)) if expected != found => {
                    return Err(self.other_history(row.no, expected, found));
                }
                (None, Some(check)) => {
                    self.history = History::starting_at(check);
                    known = Some(check);
                }
                (_, None) | (Some(_), Some(_)) => {}
            }
        }
        Ok(known)
    }

    fn other_history(&self, row: RowNo, expected: Check, found: Check) -> RestoreError {
        RestoreError::OtherHistory { board: self.id.clone(), row, expected, found }
    }

    /// Takes over one row that was decided elsewhere or earlier; the check of the log with each of its events.
    ///
    /// # Errors
    /// When it is not the next row, does not apply, or is of another history; the state is then unusable.
    pub fn replay(&mut self, row: &LogRow) -> Result<Vec<Check>, RestoreError> {
        if row.no != self.row.next() {
            return Err(RestoreError::MissingRow { board: self.id.clone(), expected: self.row.next(), found: row.no });
        }
        let mut outcomes = BTreeMap::new();
        let mut checks = Vec::with_capacity(row.events.len());
        for event in &row.events {
            checks.push(self.replay_event(event, row.no)?);
            let outcome = Outcome::Applied { seq: event.seq, durability: self.config.durability };
            outcomes.insert(event.op.id.clone(), outcome);
        }
        if let Some(found) = row.check
            && found != self.check
        {
            return Err(self.other_history(row.no, self.check, found));
        }
        outcomes.extend(row.refused.iter().map(|result| (result.id.clone(), result.outcome.clone())));
        // By client and n, as they were decided: a client's operations are only ever accepted by rising n.
        for (id, outcome) in outcomes {
            self.clients.remember(&id, outcome);
        }
        self.finish_row(row);
        Ok(checks)
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
        Position { epoch: self.epoch.clone(), seq: self.seq, check: self.check }
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
        self.clients.last_decided(client).unwrap_or_default()
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
        let row = LogRow { no: self.row.next(), ..LogRow::default() };
        let undo = Undo { seq: self.seq, check: self.check, entities: BTreeMap::new(), last_ns: BTreeMap::new() };
        let mut making = Making { at, row, checks: Vec::new(), undo, work: 0, most_work };
        let mut results = Vec::with_capacity(batch.len());
        for submission in batch {
            if making.is_enough() {
                break;
            }
            results.push(self.decide_one(submission, &mut making));
        }
        let Making { mut row, checks, undo, .. } = making;
        row.check = Some(self.check);
        let row = if row.is_empty() { None } else { Some(Arc::new(row)) };
        Decision { results, row, checks, undo }
    }

    /// Makes a decision part of the state, once its row is durable.
    pub fn commit(&mut self, decision: &Decision) {
        if let Some(row) = &decision.row {
            self.finish_row(row);
        }
    }

    /// Takes a decision back whose row was not written.
    pub fn revert(&mut self, decision: &Decision) {
        let Undo { seq, check, entities, last_ns } = &decision.undo;
        for (id, before) in entities {
            self.board.put_back(id, before.clone());
        }
        self.seq = *seq;
        self.check = *check;
        self.history.take_back(*seq);
        for (client, last_n) in last_ns {
            self.clients.take_back(client, *last_n);
        }
    }

    /// Way in which a subscriber catches up: by the missed events when all are there, else by the whole board.
    #[must_use]
    pub(crate) fn resume(&self, known: &Whereabouts, client: &ClientId, reach: Reach) -> Resume {
        let is_lost = |position: &Position| match self.standing(position) {
            Standing::Elsewhere => true,
            Standing::Beyond => reach == Reach::End,
            Standing::Here | Standing::Forgotten => false,
        };
        let is_reset = known.positions().any(is_lost);
        match known.since.as_ref().filter(|_| !is_reset).and_then(|since| self.events_since(since)) {
            Some(events) => Resume::Recovered(events),
            None => Resume::Snapshot { parts: welcome::parts(self, client), is_reset },
        }
    }

    /// Every event after a position of this history, if all of them are still here.
    pub(crate) fn events_since(&self, since: &Position) -> Option<Vec<Logged>> {
        match self.standing(since) {
            Standing::Here => self.history.after(since.seq, self.seq),
            Standing::Forgotten | Standing::Beyond | Standing::Elsewhere => None,
        }
    }

    /// True if a position is in no part of this history.
    pub(crate) fn is_lost(&self, position: &Position) -> bool {
        matches!(self.standing(position), Standing::Beyond | Standing::Elsewhere)
    }

    /// True if the log has to be read on before it can be said whether a subscriber's positions are in it.
    pub(crate) fn is_behind(&self, known: &Whereabouts) -> bool {
        known.positions().any(|position| self.standing(position) == Standing::Beyond)
    }

    /// The answer to a subscribe: `subscribed`, then the missed `updates` or the `snapshot` parts.
    #[must_use]
    pub fn subscribe(&self, known: &Whereabouts, client: &ClientId, reach: Reach) -> Vec<ServerMessage> {
        welcome::messages(self, self.resume(known, client, reach))
    }

    fn standing(&self, position: &Position) -> Standing {
        if position.epoch != self.epoch {
            return Standing::Elsewhere;
        }
        if position.seq > self.seq {
            return Standing::Beyond;
        }
        let check = if position.seq == self.seq { Some(self.check) } else { self.history.check_at(position.seq) };
        match check {
            None => Standing::Forgotten,
            Some(check) if check == position.check => Standing::Here,
            Some(_) => Standing::Elsewhere,
        }
    }

    /// True if what a client saw was this history, as far as the log still tells.
    fn is_ours(&self, seen: &SeenIn) -> bool {
        let is_ours = |position| matches!(self.standing(position), Standing::Here | Standing::Forgotten);
        seen.epoch.as_ref().is_none_or(|epoch| *epoch == self.epoch) && seen.positions.iter().all(is_ours)
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
            check: Some(self.check),
            entities: self.board.entities().cloned().collect(),
            clients: self.clients.records(),
        }
    }

    fn replay_event(&mut self, event: &Event, row: RowNo) -> Result<Check, RestoreError> {
        let expected = self.seq.next();
        if event.seq != expected {
            return Err(RestoreError::MissingEvent { board: self.id.clone(), row, expected, found: event.seq });
        }
        let applied = self.board.replay(&event.op, event.seq);
        let applied = applied.map_err(|refusal| RestoreError::diverged(self.id.clone(), event.seq, &refusal))?;
        Ok(self.push(event.clone(), Arc::new(applied.into())))
    }

    /// Goes on by one event that was applied; the check of the log with it.
    fn push(&mut self, event: Event, replaced: Arc<Replaced>) -> Check {
        self.seq = event.seq;
        self.check = self.check.after(&event);
        self.history.push(Logged { event, check: self.check }, Some(replaced));
        self.check
    }

    /// Results of the operations that were decided, in order, up to where the work became enough.
    fn decide_one(&mut self, submission: &Submission, making: &mut Making) -> Vec<OpResult> {
        let Submission { client, user, seen, settled_through, ops } = submission;
        let is_ours = self.is_ours(seen);
        let mut results = Vec::with_capacity(ops.len());
        let mut is_new = false;
        for op in ops {
            if making.is_enough() {
                break;
            }
            making.work += WORK_PER_OP;
            let outcome = if op.id.client != *client {
                foreign(&op.id, client)
            } else {
                match self.clients.look_up(&op.id) {
                    Known::Same(outcome) => outcome,
                    Known::Settled => settled(&op.id),
                    Known::Skipped => skipped(&op.id),
                    Known::New => {
                        is_new = true;
                        let op = if is_ours { Arc::clone(op) } else { unseen(op) };
                        self.decide_new(&op, user, making)
                    }
                }
            };
            results.push(OpResult { id: op.id.clone(), outcome });
        }
        if is_new && *settled_through > self.clients.settled_through(client) {
            let through = making.row.settled.entry(client.clone()).or_default();
            *through = (*through).max(*settled_through);
        }
        results
    }

    fn decide_new(&mut self, op: &Arc<Operation>, user: &str, making: &mut Making) -> Outcome {
        let Making { at, row, checks, undo, work, .. } = making;
        *work += op.bytes() + self.board.bytes_of(&op.entity);
        undo.entities.entry(op.entity.clone()).or_insert_with(|| self.board.entity(&op.entity).cloned());
        undo.last_ns.entry(op.id.client.clone()).or_insert_with(|| self.clients.last_decided(&op.id.client));
        let seq = self.seq.next();
        let outcome = match self.board.apply_within(op, seq, self.config.board_bytes) {
            Ok(applied) => {
                let event = Event { seq, by: user.to_owned(), at: *at, op: Arc::clone(op) };
                let replaced = Arc::new(Replaced::from(applied));
                row.events.push(event.clone());
                row.replaced.push(Arc::clone(&replaced));
                checks.push(self.push(event, replaced));
                Outcome::Applied { seq, durability: self.config.durability }
            }
            Err(refusal) => {
                let outcome = self.refused(refusal, op);
                row.refused.push(OpResult { id: op.id.clone(), outcome: outcome.clone() });
                outcome
            }
        };
        self.clients.remember(&op.id, outcome.clone());
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
        self.clients.finish_row(row, &self.config);
        self.history.trim(self.config.retain_events, self.config.retain_bytes);
    }
}

/// The operation as if its author had seen nothing: whatever others touched counts as changed.
fn unseen(op: &Operation) -> Arc<Operation> {
    Arc::new(Operation { base: Seq::ZERO, ..op.clone() })
}

fn rejected(reason: Reason, message: String) -> Outcome {
    Outcome::Rejected(Rejection::new(reason, message))
}

fn foreign(id: &OpId, client: &ClientId) -> Outcome {
    rejected(Reason::Forbidden, format!("operation {id} is not of client {client}, who sent it"))
}

fn settled(id: &OpId) -> Outcome {
    rejected(Reason::AlreadySettled, format!("operation {id} was decided and its outcome is no longer kept"))
}

fn skipped(id: &OpId) -> Outcome {
    rejected(Reason::OutOfOrder, format!("a later operation than {id} of this client was decided first"))
}

#[cfg(test)]
mod tests;
