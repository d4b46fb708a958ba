//! Memory of each client's operations, behind exactly-once.
//!
//! In: decided operations and what clients have settled. Out: whether an operation is new, and if not, its answer.
//! Never more than [`RoomConfig::clients`] clients with [`RoomConfig::outcomes_per_client`] outcomes each, once a row
//! is done.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use tideboard_shared::{ClientId, OpId, Outcome};

use crate::{
    row::{LogRow, RowNo},
    state::RoomConfig,
};

/// Record of one client's operations on a board.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ClientRecord {
    /// Highest `n` decided.
    pub last_n: u64,
    /// Outcomes up to here are forgotten, by the client's leave or for want of room.
    pub settled_through: u64,
    /// Number of the last row with an operation of this client.
    pub active: RowNo,
    /// Remembered outcomes by ascending `n`.
    pub outcomes: VecDeque<(u64, Outcome)>,
}

impl ClientRecord {
    fn outcome(&self, n: u64) -> Option<&Outcome> {
        let at = self.outcomes.binary_search_by_key(&n, |(n, _)| *n).ok()?;
        self.outcomes.get(at).map(|(_, outcome)| outcome)
    }

    fn forget_through(&mut self, n: u64) {
        self.settled_through = self.settled_through.max(n);
        while self.outcomes.front().is_some_and(|(first, _)| *first <= self.settled_through) {
            self.outcomes.pop_front();
        }
    }
}

/// Standing of an operation before it is decided.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Known {
    /// Never seen, and still in order.
    New,
    /// Decided before, with this outcome.
    Same(Outcome),
    /// Decided or skipped, and settled; the outcome is forgotten.
    Settled,
    /// Never decided, and a later one was.
    Skipped,
}

/// All clients of one board.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Clients {
    records: BTreeMap<ClientId, Arc<ClientRecord>>,
    // Who was quiet longest comes first. Holds each record's `active`, so it follows from `records`.
    by_activity: BTreeSet<(RowNo, ClientId)>,
}

impl Clients {
    pub(crate) fn restored(records: BTreeMap<ClientId, Arc<ClientRecord>>) -> Self {
        let by_activity = records.iter().map(|(client, record)| (record.active, client.clone())).collect();
        Self { records, by_activity }
    }

    pub(crate) fn records(&self) -> BTreeMap<ClientId, Arc<ClientRecord>> {
        self.records.clone()
    }

    pub(crate) fn settled_through(&self, client: &ClientId) -> u64 {
        self.records.get(client).map_or(0, |record| record.settled_through)
    }

    pub(crate) fn look_up(&self, id: &OpId) -> Known {
        let Some(record) = self.records.get(&id.client).filter(|record| id.n <= record.last_n) else {
            return Known::New;
        };
        match record.outcome(id.n) {
            Some(outcome) => Known::Same(outcome.clone()),
            None if id.n <= record.settled_through => Known::Settled,
            None => Known::Skipped,
        }
    }

    /// Keeps the outcome of an operation that [`Self::look_up`] found to be new.
    pub(crate) fn remember(&mut self, id: &OpId, outcome: Outcome) {
        let record = Arc::make_mut(self.records.entry(id.client.clone()).or_default());
        record.last_n = id.n;
        record.outcomes.push_back((id.n, outcome));
    }

    /// Highest `n` decided of this client; `None` for a client that nothing is known of.
    pub(crate) fn last_decided(&self, client: &ClientId) -> Option<u64> {
        self.records.get(client).map(|record| record.last_n)
    }

    /// Forgets what was remembered of a client after its highest `n` was `last_n`, which no [`Self::finish_row`] has
    /// seen.
    pub(crate) fn take_back(&mut self, client: &ClientId, last_n: Option<u64>) {
        let Some(last_n) = last_n else {
            self.records.remove(client);
            return;
        };
        let Some(record) = self.records.get_mut(client) else { return };
        let record = Arc::make_mut(record);
        while record.outcomes.pop_back_if(|(n, _)| *n > last_n).is_some() {}
        record.last_n = last_n;
    }

    /// Brings the row's clients back within their limits, after all of its outcomes were remembered.
    pub(crate) fn finish_row(&mut self, row: &LogRow, config: &RoomConfig) {
        let of_events = row.events.iter().map(|event| &event.op.id.client);
        let touched: BTreeSet<_> = of_events.chain(row.refused.iter().map(|result| &result.id.client)).collect();
        for client in touched {
            let Some(record) = self.records.get_mut(client) else { continue };
            let record = Arc::make_mut(record);
            self.by_activity.remove(&(record.active, client.clone()));
            record.active = row.no;
            self.by_activity.insert((row.no, client.clone()));
            if let Some(through) = row.settled.get(client) {
                record.forget_through(*through);
            }
            let excess = record.outcomes.len().saturating_sub(config.outcomes_per_client);
            // Whoever asks for one of these learns that it was decided, which `out_of_order` would deny.
            if let Some((n, _)) = excess.checked_sub(1).and_then(|last| record.outcomes.get(last)) {
                record.forget_through(*n);
            }
        }
        while self.records.len() > config.clients {
            let Some((_, quietest)) = self.by_activity.pop_first() else { break };
            self.records.remove(&quietest);
        }
    }
}
