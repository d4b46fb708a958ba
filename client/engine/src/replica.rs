//! Boards as the server has confirmed them.
//!
//! In: `subscribed`, snapshot parts and events, in any order. Out: the events that were applied, in order, and whether
//! the board has to be asked for again. Never: a board between two events, or built from parts of two snapshots.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tideboard_shared::{
    Applied, Board, BoardId, Check, ClientId, DeniedReason, Entity, EntityId, Epoch, Position, Seq,
    message::{Event, Snapshot},
};

use crate::{
    CachedBoard,
    config::UpdatesConfig,
    updates::{Ordered, Orderer},
    view::BoardStatus,
};

mod claims;
mod kinds;

pub(crate) use claims::Claims;
use kinds::Kinds;

/// Most numbers of this client's own events that are remembered of a board.
const MOST_MINE: usize = 1_000;

/// A confirmed board and how far it has come.
#[derive(Debug)]
pub struct Replica {
    board: Board,
    kinds: Kinds,
    /// Client whose own events are reported apart.
    client: ClientId,
    /// `None` before the first snapshot.
    position: Option<Position>,
    /// True if the next subscription has to bring a snapshot, because the board is not what the server has.
    is_distrusted: bool,
    /// True if the server's history is another one: the next snapshot is of that.
    is_reset: bool,
    /// True if the server has not said yet which history it has.
    is_unanswered: bool,
    status: BoardStatus,
    orderer: Orderer,
    parts: Option<Parts>,
    /// The position that `subscribed` announced: from there on the board is live.
    target: Seq,
    /// The highest `n` of this client whose end the board shows.
    last_n: u64,
    /// Numbers of this client's operations that were applied in this history, the latest of them.
    mine: BTreeSet<u64>,
    claims: Claims,
}

/// A snapshot of which not all parts have come.
#[derive(Debug)]
struct Parts {
    position: Position,
    next: u32,
    entities: Vec<Arc<Entity>>,
}

/// Answer of the server to a subscription.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    /// Position of the server's board.
    pub(crate) at: &'a Position,
    /// Every event since the replica's position follows.
    pub(crate) is_recovered: bool,
    /// The server's history is another one.
    pub(crate) is_reset: bool,
}

/// Effect of a message on the board.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// Events that were applied, in order.
    pub(crate) events: Vec<Event>,
    /// Events among them that are this client's own, with what they replaced.
    pub(crate) mine: Vec<(Event, Applied)>,
    /// The snapshot that replaced the board.
    pub(crate) replaced: Option<Replaced>,
    /// Position of the board before the events.
    pub(crate) from: Option<Position>,
    /// True if the board has to be asked for again.
    pub(crate) needs_resync: bool,
}

/// A snapshot that replaced the board.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Replaced {
    /// The highest decided `n` of this client.
    pub(crate) last_n: u64,
    /// Up to where the events were seen.
    pub(crate) known: Seq,
    /// True if the log is another one, so that earlier sequence numbers mean nothing.
    pub(crate) is_new_log: bool,
    /// True if the new log has the epoch of the one before: it was put back, and went on otherwise.
    pub(crate) is_fork: bool,
    /// Number of this client's operations that were applied before and are not in the new log. `None` where the board was
    /// not shown before, or the log is the same.
    pub(crate) lost: Option<usize>,
}

/// The confirmed boards that are followed, or were lately.
#[derive(Debug)]
pub(crate) struct Boards {
    config: UpdatesConfig,
    client: ClientId,
    boards: BTreeMap<BoardId, Held>,
    /// Boards as an earlier page saw them, until somebody wants them.
    cached: BTreeMap<BoardId, CachedBoard>,
    /// Count of boards that were left, this far.
    last_left: u64,
}

#[derive(Debug)]
struct Held {
    replica: Replica,
    /// Count of boards left when this one was; `None` while it is followed, and before it ever was.
    left: Option<u64>,
}

impl Boards {
    pub(crate) fn new(config: UpdatesConfig, client: ClientId) -> Self {
        Self { config, client, boards: BTreeMap::new(), cached: BTreeMap::new(), last_left: 0 }
    }

    pub(crate) fn get(&self, board: &BoardId) -> Option<&Replica> {
        self.boards.get(board).map(|held| &held.replica)
    }

    pub(crate) fn get_mut(&mut self, board: &BoardId) -> Option<&mut Replica> {
        self.boards.get_mut(board).map(|held| &mut held.replica)
    }

    /// The board, from now on held: empty, or as an earlier page saw it.
    pub(crate) fn open(&mut self, board: &BoardId) -> &mut Replica {
        let Self { config, client, boards, cached, .. } = self;
        let held = boards.entry(board.clone()).or_insert_with(|| {
            let mut replica = Replica::new(config.clone(), client.clone());
            if let Some(cached) = cached.remove(board) {
                replica.restore(cached);
            }
            Held { replica, left: None }
        });
        &mut held.replica
    }

    #[cfg(test)]
    pub(crate) fn ids(&self) -> impl Iterator<Item = &BoardId> {
        self.boards.keys()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&BoardId, &mut Replica)> {
        self.boards.iter_mut().map(|(board, held)| (board, &mut held.replica))
    }

    /// Boards of which events are missing for too long.
    pub(crate) fn overdue(&self, now: Duration) -> Vec<BoardId> {
        let overdue = self.boards.iter().filter(|(_, held)| held.replica.is_overdue(now));
        overdue.map(|(board, _)| board.clone()).collect()
    }

    /// Earliest time at which a hole in the events of a board becomes overdue.
    pub(crate) fn poll_timeout(&self) -> Option<Duration> {
        self.boards.values().filter_map(|held| held.replica.poll_timeout()).min()
    }

    /// Notes that somebody follows the board.
    pub(crate) fn handle_followed(&mut self, board: &BoardId) {
        self.open(board);
        if let Some(held) = self.boards.get_mut(board) {
            held.left = None;
        }
    }

    /// Notes that nobody follows the board any more. Answers that come until it is followed again are passed over, so that
    /// nobody knows of which log events are that come after them: those wait for the next answer.
    pub(crate) fn handle_left(&mut self, board: &BoardId) {
        let replica = self.open(board);
        replica.handle_lost();
        replica.await_answer();
        self.last_left += 1;
        if let Some(held) = self.boards.get_mut(board) {
            held.left = Some(self.last_left);
        }
    }

    /// Forgets all but `keep` of the boards that are not needed, those first that were left first. The forgotten ones.
    pub(crate) fn forget(&mut self, keep: usize, is_needed: impl Fn(&BoardId) -> bool) -> Vec<BoardId> {
        let idle = self.boards.iter().filter(|(board, _)| !is_needed(board));
        let mut idle: Vec<_> = idle.map(|(board, held)| (held.left, board.clone())).collect();
        idle.sort_unstable();
        let forgotten: Vec<_> = idle.into_iter().rev().skip(keep).map(|(_, board)| board).collect();
        for board in &forgotten {
            self.boards.remove(board);
        }
        forgotten
    }

    /// Takes over a board as an earlier page saw it. Whether it is shown already.
    pub(crate) fn restore(&mut self, cached: CachedBoard) -> bool {
        match self.boards.get_mut(&cached.board) {
            Some(held) => {
                held.replica.restore(cached);
                true
            }
            None => {
                self.cached.insert(cached.board.clone(), cached);
                false
            }
        }
    }

    /// The client has another name, before it has said anything.
    pub(crate) fn rename(&mut self, client: ClientId) {
        for held in self.boards.values_mut() {
            held.replica.rename(client.clone());
        }
        self.client = client;
    }
}

impl Replica {
    pub(crate) fn new(config: UpdatesConfig, client: ClientId) -> Self {
        Self {
            board: Board::default(),
            kinds: Kinds::default(),
            client,
            position: None,
            is_distrusted: false,
            is_reset: false,
            is_unanswered: true,
            status: BoardStatus::Loading,
            orderer: Orderer::new(config),
            parts: None,
            target: Seq::ZERO,
            last_n: 0,
            mine: BTreeSet::new(),
            claims: Claims::default(),
        }
    }

    /// The confirmed board.
    #[must_use]
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// The entities of one kind, by ascending id.
    pub(crate) fn of_kind(&self, kind: &str) -> impl Iterator<Item = &EntityId> {
        self.kinds.ids(kind)
    }

    /// True if there has been a snapshot.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.position.is_some()
    }

    /// Position in the server's log; `None` before the first snapshot.
    #[must_use]
    pub fn position(&self) -> Option<&Position> {
        self.position.as_ref()
    }

    /// The log it follows.
    #[must_use]
    pub fn epoch(&self) -> Option<&Epoch> {
        self.position.as_ref().map(|position| &position.epoch)
    }

    /// From where to resume; `None` when the next subscription has to bring a snapshot.
    #[must_use]
    pub fn since(&self) -> Option<&Position> {
        self.position.as_ref().filter(|_| !self.is_distrusted)
    }

    /// The last confirmed event.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.position.as_ref().map_or(Seq::ZERO, |position| position.seq)
    }

    /// The highest `n` of this client whose end the board shows; 0 for none.
    #[must_use]
    pub fn last_n(&self) -> u64 {
        self.last_n
    }

    /// Trust that the board deserves.
    #[must_use]
    pub fn status(&self) -> &BoardStatus {
        &self.status
    }

    /// Time at which a hole in the events becomes overdue.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.orderer.poll_timeout()
    }

    /// True if the board has to be asked for again because events are missing.
    #[must_use]
    pub fn is_overdue(&self, now: Duration) -> bool {
        self.orderer.is_overdue(now)
    }

    /// Shows the board as an earlier page saw it, to go on from there. One that is loaded is left as it is.
    pub(crate) fn restore(&mut self, cached: CachedBoard) {
        if self.is_loaded() {
            return;
        }
        self.set_board(cached.entities);
        self.last_n = cached.last_n;
        self.mine = cached.mine.into_iter().collect();
        self.target = cached.position.seq;
        self.position = Some(cached.position);
        if self.status == BoardStatus::Loading {
            self.status = BoardStatus::Stale;
        }
    }

    /// The client has another name, before it has said anything.
    pub(crate) fn rename(&mut self, client: ClientId) {
        self.client = client;
    }

    /// The subscription is being asked for, with [`Self::since`].
    pub(crate) fn handle_subscribing(&mut self) {
        self.is_unanswered = true;
        self.parts = None;
        self.orderer.forget_held();
        self.status = if self.position.is_some() { BoardStatus::CatchingUp } else { BoardStatus::Loading };
    }

    /// Events from here on may be of another log, until a subscription is answered.
    pub(crate) fn await_answer(&mut self) {
        self.orderer.suspend();
    }

    /// True if events wait for the answer to a subscription.
    pub(crate) fn is_awaiting_answer(&self) -> bool {
        self.orderer.is_suspended()
    }

    pub(crate) fn handle_subscribed(&mut self, answer: &Answer<'_>, now: Duration) -> Progress {
        self.claims.handle_answer(answer.is_reset);
        if answer.is_recovered && self.epoch() != Some(&answer.at.epoch) {
            // There is nothing that another log's events could be added to.
            self.distrust();
            return Progress { needs_resync: true, ..Progress::default() };
        }
        self.target = answer.at.seq;
        if answer.is_reset {
            self.is_reset = true;
            self.distrust();
        }
        let progress = if answer.is_recovered {
            self.is_unanswered = false;
            let held = self.orderer.start_at(self.seq(), now);
            self.apply(held)
        } else {
            self.orderer.suspend();
            self.parts = None;
            Progress::default()
        };
        Progress { needs_resync: progress.needs_resync || self.claims.is_open(), ..progress }
    }

    /// True if the server was asked for the board, and has not said yet which history it has.
    pub(crate) fn is_unanswered(&self) -> bool {
        self.is_unanswered
    }

    /// Positions to ask the server for with a subscription, beside [`Self::since`]: those that others know of, and the
    /// board's own where it is not resumed from.
    pub(crate) fn ask_claims(&mut self) -> Vec<Position> {
        let mut seen = self.claims.ask();
        if self.since().is_none() {
            seen.extend(self.position.clone());
        }
        seen
    }

    /// Positions that others know of.
    pub(crate) fn claims(&self) -> &Claims {
        &self.claims
    }

    /// Positions that others know of, to add to them.
    pub(crate) fn claims_mut(&mut self) -> &mut Claims {
        &mut self.claims
    }

    /// Notes that an operation of this client is in the log.
    pub(crate) fn note_mine(&mut self, n: u64) {
        self.mine.insert(n);
        if self.mine.len() > MOST_MINE {
            self.mine.pop_first();
        }
    }

    /// Numbers of this client's operations that were applied in this history, the latest of them.
    pub(crate) fn mine(&self) -> impl Iterator<Item = u64> {
        self.mine.iter().copied()
    }

    pub(crate) fn handle_denied(&mut self, reason: &DeniedReason) {
        self.is_unanswered = false;
        self.status = BoardStatus::Denied { reason: reason.clone() };
    }

    pub(crate) fn handle_lost(&mut self) {
        self.is_unanswered = true;
        self.claims.handle_lost();
        if !matches!(self.status, BoardStatus::Denied { .. }) {
            self.handle_subscribing();
            self.status = if self.position.is_some() { BoardStatus::Stale } else { BoardStatus::Loading };
        }
    }

    pub(crate) fn handle_snapshot(&mut self, snapshot: &Snapshot, now: Duration) -> Progress {
        let position = Position { epoch: snapshot.epoch.clone(), seq: snapshot.seq, check: snapshot.check };
        if snapshot.part == 1 {
            self.parts = Some(Parts { position: position.clone(), next: 1, entities: Vec::new() });
        }
        let Some(parts) = self.parts.as_mut().filter(|p| p.next == snapshot.part && p.position == position) else {
            self.parts = None;
            return Progress { needs_resync: true, ..Progress::default() };
        };
        parts.next += 1;
        parts.entities.extend(snapshot.entities.iter().cloned());
        if !snapshot.last {
            return Progress::default();
        }
        let entities = self.parts.take().map(|parts| parts.entities).unwrap_or_default();
        let is_same_epoch = self.epoch().is_none_or(|epoch| *epoch == position.epoch);
        let is_here = |known: &Position| known.epoch == position.epoch && known.seq == position.seq;
        let is_forked = self.position().is_some_and(|known| is_here(known) && known.check != position.check);
        let is_new_log = !is_same_epoch || is_forked || self.is_reset;
        if !is_new_log && self.is_distrusted && position.seq < self.seq() {
            // From a tab that has not caught up itself: older than what was seen here, so it says nothing of what is
            // wrong.
            return Progress::default();
        }
        if !is_new_log && position.seq < self.seq() {
            // Overtaken by what has arrived since it was taken.
            self.is_unanswered = false;
            let held = self.orderer.start_at(self.seq(), now);
            return self.apply(held);
        }
        let known = if is_new_log { Seq::ZERO } else { self.seq() };
        let lost = if is_new_log { self.lose_mine(snapshot.last_n) } else { None };
        self.set_board(entities);
        self.target = if is_new_log { position.seq } else { self.target.max(position.seq) };
        let held = self.orderer.start_at(position.seq, now);
        self.position = Some(position);
        self.is_distrusted = false;
        self.is_reset = false;
        self.is_unanswered = false;
        self.last_n = snapshot.last_n;
        let progress = self.apply(held);
        let is_fork = is_new_log && is_same_epoch;
        let replaced = Replaced { last_n: snapshot.last_n, known, is_new_log, is_fork, lost };
        Progress { replaced: Some(replaced), ..progress }
    }

    /// Forgets which operations of this client were applied after the last that the new log has; their number, where the
    /// user may have seen them.
    fn lose_mine(&mut self, last_n: u64) -> Option<usize> {
        let lost = self.mine.split_off(&(last_n + 1)).len();
        (self.is_loaded() || lost > 0).then_some(lost)
    }

    pub(crate) fn handle_updates(&mut self, events: Vec<Event>, check: Check, now: Duration) -> Progress {
        let ready = self.orderer.handle_events(events, check, now);
        let mut progress = self.apply(ready);
        progress.needs_resync |= self.is_overdue(now);
        progress
    }

    /// Makes the next subscription bring a snapshot. Until then the board is shown as it was.
    pub(crate) fn distrust(&mut self) {
        self.is_distrusted = true;
        self.orderer.suspend();
    }

    /// The board was brought up to date over REST; nothing follows by itself.
    pub(crate) fn handle_polled(&mut self) {
        if self.status == BoardStatus::Live {
            self.status = BoardStatus::Polled;
        }
    }

    fn apply(&mut self, events: Vec<Ordered>) -> Progress {
        let mut progress = Progress { from: self.position.clone(), ..Progress::default() };
        for Ordered { event, check } in events {
            // The server has decided; what cannot be carried out means that the two boards differ.
            let Ok(applied) = self.board.replay(&event.op, event.seq) else {
                progress.needs_resync = true;
                self.distrust();
                return progress;
            };
            self.kinds.handle_applied(&event.op, &applied);
            if let Some(position) = &mut self.position {
                position.seq = event.seq;
                position.check = check.unwrap_or(position.check);
            }
            if event.op.id.client == self.client {
                self.last_n = self.last_n.max(event.op.id.n);
                self.note_mine(event.op.id.n);
                progress.mine.push((event.clone(), applied));
            }
            progress.events.push(event);
        }
        self.settle_status();
        progress
    }

    fn set_board(&mut self, entities: Vec<Arc<Entity>>) {
        self.board = entities.into_iter().collect();
        self.kinds = Kinds::of(&self.board);
    }

    fn settle_status(&mut self) {
        self.status = if self.seq() >= self.target { BoardStatus::Live } else { BoardStatus::CatchingUp };
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tideboard_shared::{Action, ServerMessage};

    use super::*;
    use crate::testing::{at, entity, op, snapshot};

    #[test]
    fn events_on_a_new_link_wait_until_the_subscription_is_answered() {
        let mut replica = Replica::new(UpdatesConfig::default(), "me".parse().unwrap());
        let ServerMessage::Snapshot(shown) = snapshot(40, 0, vec![entity("n", json!({"count": 1}))]) else { panic!() };
        replica.handle_snapshot(&shown, Duration::ZERO);
        let add = Action::Increment { field: "count".into(), by: 1.into() };
        let op = op("them/1", "n", add).into();
        let event = Event { seq: Seq(41), by: "bob".into(), at: tideboard_shared::UnixMs(0), op };
        replica.await_answer();
        // A leader whose log is not known yet said it: it waits for the answer, which names the log.
        assert!(replica.handle_updates(vec![event], Check::EMPTY, Duration::ZERO).events.is_empty());
        assert_eq!((replica.seq(), replica.is_awaiting_answer()), (Seq(40), true));
        let answer = Answer { at: &at(41), is_recovered: true, is_reset: false };
        let progress = replica.handle_subscribed(&answer, Duration::ZERO);
        assert_eq!((progress.events.len(), replica.seq(), replica.status()), (1, Seq(41), &BoardStatus::Live));
    }
}
