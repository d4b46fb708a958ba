//! The order in which a board's edits go to the server: one lane a board.
//!
//! In: numbered edits, outcomes, losses, time. Out: which numbers to submit next. One submit is in flight at a time, so
//! that edits made meanwhile share the next one and an operation refused for now never lets a later one overtake it.
//! Never: an edit submitted before it is stored.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{EditId, OpNo};
use crate::{config::SyncConfig, connection::backoff::full_jitter};

/// Way of one board's edits to the server.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    /// Stored edits without an outcome.
    queue: BTreeMap<OpNo, EditId>,
    in_flight: Option<InFlight>,
    /// Decided numbers of which storage still has to note what became of them: set aside, or stored again under a new
    /// one.
    held: BTreeSet<OpNo>,
    retry_at: Option<Duration>,
    /// Submits in a row that were refused for now.
    retries: u32,
    /// Most operations of a submit, since one was too large for something on the way; doubles with each that gets through.
    most_ops: Option<usize>,
    /// Highest number that ever was in the queue.
    highest: Option<OpNo>,
}

#[derive(Debug)]
struct InFlight {
    numbers: BTreeSet<OpNo>,
    deadline: Duration,
}

impl Lane {
    pub(crate) fn enqueue(&mut self, n: OpNo, id: EditId) {
        self.queue.insert(n, id);
        self.highest = self.highest.max(Some(n));
    }

    /// Number up to which the server may forget outcomes; 0 before the first.
    pub(crate) fn settled_through(&self) -> u64 {
        let unsettled = self.queue.first_key_value().map(|(n, _)| n).into_iter().chain(self.held.first()).min();
        match unsettled {
            Some(first) => first.get() - 1,
            None => self.highest.map_or(0, OpNo::get),
        }
    }

    pub(crate) fn edit(&self, n: OpNo) -> Option<EditId> {
        self.queue.get(&n).copied()
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.as_ref().map_or(0, |flight| flight.numbers.len())
    }

    pub(crate) fn is_in_flight(&self, n: OpNo) -> bool {
        self.in_flight.as_ref().is_some_and(|flight| flight.numbers.contains(&n))
    }

    /// Numbers in flight.
    pub(crate) fn flight(&self) -> impl Iterator<Item = OpNo> {
        self.in_flight.iter().flat_map(|flight| &flight.numbers).copied()
    }

    /// The submit in flight is too large for something on the way: the next one has half as many operations. The
    /// operation itself where it was alone.
    pub(crate) fn halve(&mut self) -> Option<OpNo> {
        let flight = self.in_flight.as_ref()?;
        self.most_ops = Some((flight.numbers.len() / 2).max(1));
        if flight.numbers.len() == 1 { flight.numbers.first().copied() } else { None }
    }

    /// True if an edit waits that is not in flight.
    pub(crate) fn has_waiting(&self) -> bool {
        self.queue.len() > self.in_flight()
    }

    /// Edits that could be submitted now, of the numbers `below`, oldest first; none while a submit is in flight or a
    /// retry is not due.
    pub(crate) fn ready(&self, below: Option<u64>, now: Duration) -> impl Iterator<Item = (OpNo, EditId)> {
        let may = self.in_flight.is_none() && self.retry_at.is_none_or(|at| at <= now);
        let is_ready = move |n: OpNo| may && below.is_none_or(|below| n.get() < below);
        let ready = self.queue.iter().take_while(move |(n, _)| is_ready(**n)).map(|(n, id)| (*n, *id));
        ready.take(self.most_ops.unwrap_or(usize::MAX))
    }

    pub(crate) fn handle_submitted(&mut self, numbers: BTreeSet<OpNo>, now: Duration, config: &SyncConfig) {
        self.retry_at = None;
        self.in_flight = Some(InFlight { numbers, deadline: now + config.outcome_timeout.get() });
    }

    /// The operation's end is known.
    pub(crate) fn settle(&mut self, n: OpNo) {
        self.queue.remove(&n);
        self.held.remove(&n);
        self.retries = 0;
        self.land(n);
    }

    /// The operation is decided, but storage does not know yet what becomes of the edit.
    pub(crate) fn hold(&mut self, n: OpNo) {
        self.settle(n);
        self.held.insert(n);
    }

    /// The operation is to be sent again, later and unchanged.
    pub(crate) fn handle_refused_for_now(
        &mut self,
        n: OpNo,
        now: Duration,
        config: &SyncConfig,
        rng: &mut fastrand::Rng,
    ) {
        self.land(n);
        if self.retry_at.is_none() {
            self.retries += 1;
            let base = config.retry_base.get();
            let max = config.retry_max.get();
            self.retry_at = Some(now + full_jitter(rng, base, max, 2.0, self.retries));
        }
    }

    /// Storage has noted what became of a number that was held.
    pub(crate) fn release(&mut self, n: OpNo) {
        self.held.remove(&n);
    }

    /// Does not wait for the repeat to be due.
    pub(crate) fn retry_now(&mut self) {
        self.retry_at = None;
    }

    /// The connection is gone: whatever was in flight is submitted again on the next.
    pub(crate) fn handle_lost(&mut self) {
        self.in_flight = None;
        self.retry_at = None;
    }

    /// Gives up on outcomes that are overdue, so that the same operations are submitted again.
    pub(crate) fn handle_timeout(&mut self, now: Duration) {
        if self.in_flight.as_ref().is_some_and(|flight| flight.deadline <= now) {
            self.in_flight = None;
        }
        // Due: from here on it waits for leave to be sent, not for time.
        if self.retry_at.is_some_and(|at| at <= now) {
            self.retry_at = None;
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Duration> {
        let retry = self.retry_at.filter(|_| self.in_flight.is_none() && !self.queue.is_empty());
        self.in_flight.as_ref().map(|flight| flight.deadline).into_iter().chain(retry).min()
    }

    fn land(&mut self, n: OpNo) {
        if let Some(flight) = &mut self.in_flight {
            flight.numbers.remove(&n);
            if flight.numbers.is_empty() {
                self.in_flight = None;
                self.most_ops = self.most_ops.map(|most| most.saturating_mul(2));
            }
        }
    }
}
