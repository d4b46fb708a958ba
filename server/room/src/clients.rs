//! Memory of each client's operations, behind exactly-once.
//!
//! In: decided operations, what clients have settled, the time of rows. Out: whether an operation is new, and if not,
//! its answer. Clients leave by age, and outcomes by bytes; the client itself stays as a tombstone that keeps its owner
//! and its last `n`. Never: an operation of another owner, a guess about what was forgotten, or one client that leaves
//! because others came.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use tideboard_shared::{ClientId, OpId, Operation, Outcome, Seq, UnixMs, encode};

use crate::{
    owner::{Fingerprint, Owner},
    row::{LogRow, RowNo},
    state::{RoomConfig, Submission},
};

/// Most by which a client's `n` may rise at once, so that one counter can serve several boards.
pub(crate) const LARGEST_STEP: u64 = 1 << 20;
/// Largest `n`: beyond it, JavaScript does not count exactly.
const LARGEST_N: u64 = (1 << 53) - 1;
/// Bytes that a client is counted as, beside its outcomes.
const TOMBSTONE_BYTES: usize = 256;
/// Bytes that an outcome is counted as, beside a conflict's values and a refusal's words.
const OUTCOME_BYTES: usize = 64;

/// Most operations of a client that are known by their fingerprint once their outcome is settled: more than a browser
/// holds unsent, so that of a copied profile's edits none is taken for settled.
const SETTLED_PRINTS: usize = 128;
/// Bytes that such a fingerprint is counted as.
const PRINT_BYTES: usize = 32;

/// Record of one client's operations on a board. Without outcomes it is the client's tombstone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientRecord {
    /// Author of the client's first operation here.
    pub owner: Owner,
    /// First `n` decided since the client is known, which may have been forgotten before.
    pub first_n: u64,
    /// Highest `n` decided.
    pub last_n: u64,
    /// Fingerprint of the operation with that number.
    pub last_print: Fingerprint,
    /// Outcomes up to here are forgotten, by the client's leave or for want of room.
    pub settled_through: u64,
    /// Says whether an operation of the client was ever applied.
    pub has_applied: bool,
    /// Number of the last row with an operation of this client.
    pub active: RowNo,
    /// Time of that row.
    pub at: UnixMs,
    /// Position of the board after that row.
    pub seq: Seq,
    /// Numbers and fingerprints of the last operations whose outcomes are settled, by ascending `n`.
    pub settled: VecDeque<(u64, Fingerprint)>,
    /// Remembered outcomes by ascending `n`.
    pub outcomes: VecDeque<Remembered>,
    /// Bytes that outcomes and fingerprints are counted as.
    bytes: usize,
}

/// Outcome of an operation that its client may ask for again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Remembered {
    /// Number of the operation.
    pub n: u64,
    /// Fingerprint of the operation.
    pub print: Fingerprint,
    /// Decision on it.
    pub outcome: Outcome,
}

impl Remembered {
    fn bytes(&self) -> usize {
        match &self.outcome {
            Outcome::Applied { .. } => OUTCOME_BYTES,
            Outcome::Conflict(_) | Outcome::Rejected(_) => OUTCOME_BYTES + encode(&self.outcome).len(),
        }
    }
}

impl ClientRecord {
    fn new(owner: Owner, first_n: u64) -> Self {
        Self {
            owner,
            first_n,
            last_n: 0,
            last_print: Fingerprint::default(),
            settled_through: 0,
            has_applied: false,
            active: RowNo::ZERO,
            at: UnixMs(0),
            seq: Seq::ZERO,
            settled: VecDeque::new(),
            outcomes: VecDeque::new(),
            bytes: 0,
        }
    }

    fn remembered(&self, n: u64) -> Option<&Remembered> {
        let at = self.outcomes.binary_search_by_key(&n, |remembered| remembered.n).ok()?;
        self.outcomes.get(at)
    }

    /// Fingerprint of an operation that was decided, as far as it is known still.
    fn print(&self, n: u64) -> Option<Fingerprint> {
        if n == self.last_n {
            return Some(self.last_print);
        }
        if let Some(remembered) = self.remembered(n) {
            return Some(remembered.print);
        }
        let at = self.settled.binary_search_by_key(&n, |(settled, _)| *settled).ok()?;
        self.settled.get(at).map(|(_, print)| *print)
    }

    fn remember(&mut self, remembered: Remembered) {
        self.last_n = remembered.n;
        self.last_print = remembered.print;
        self.has_applied |= matches!(remembered.outcome, Outcome::Applied { .. });
        self.bytes += remembered.bytes();
        self.outcomes.push_back(remembered);
    }

    fn forget_through(&mut self, n: u64) {
        self.settled_through = self.settled_through.max(n.min(self.last_n));
        while let Some(forgotten) = self.outcomes.pop_front_if(|first| first.n <= self.settled_through) {
            self.bytes -= forgotten.bytes();
            self.bytes += PRINT_BYTES;
            self.settled.push_back((forgotten.n, forgotten.print));
        }
        while self.settled.len() > SETTLED_PRINTS && self.settled.pop_front().is_some() {
            self.bytes -= PRINT_BYTES;
        }
    }

    /// Keeps of the client what a tombstone says.
    fn bury(&mut self) {
        self.settled_through = self.last_n;
        self.outcomes = VecDeque::new();
        self.settled = VecDeque::new();
        self.bytes = 0;
    }

    /// Outcomes that stand once those up to `settled_through` are forgotten.
    fn standing(&self, settled_through: u64) -> usize {
        self.outcomes.len() - self.outcomes.partition_point(|remembered| remembered.n <= settled_through)
    }
}

/// Standing of an operation before it is decided.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Known {
    /// Never seen, and still in order.
    New,
    /// Decided before, with this outcome.
    Same(Outcome),
    /// Not to be decided, and why.
    Not(Undecided),
}

/// Reason for which an operation is not decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undecided {
    /// Decided or skipped, and settled; the outcome is forgotten.
    Settled { last_n: u64 },
    /// Never decided, and a later one was, or the number is too far ahead.
    OutOfOrder { last_n: u64 },
    /// Another operation had this id.
    Reused { last_n: u64 },
    /// The client id has another owner.
    NotYours,
    /// The client may have been forgotten, and with it what became of this operation.
    Forgotten,
    /// So many outcomes of the client stand that no further one is kept.
    TooManyStand,
    /// So many clients are known that no further one is taken in.
    TooManyClients,
}

impl Undecided {
    /// Says whether nothing behind the operation is decided anew, so that nothing overtakes it when it is sent again.
    pub(crate) fn stops(self) -> bool {
        match self {
            Self::Reused { .. } | Self::TooManyStand | Self::TooManyClients => true,
            Self::Settled { .. } | Self::OutOfOrder { .. } | Self::NotYours | Self::Forgotten => false,
        }
    }
}

/// All clients of one board.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Clients {
    records: BTreeMap<ClientId, Arc<ClientRecord>>,
    /// Clients by their last activity. Follows from the records.
    by_activity: BTreeSet<(RowNo, ClientId)>,
    /// Clients among them of which nothing was ever applied. Follows from the records.
    refused_only: BTreeSet<(RowNo, ClientId)>,
    /// Bytes of all outcomes. Follows from the records.
    bytes: usize,
    /// Position of the board when a client that is forgotten by now was last active; the highest of them.
    forgotten_through: Option<Seq>,
}

impl Clients {
    pub(crate) fn restored(records: BTreeMap<ClientId, Arc<ClientRecord>>, forgotten_through: Option<Seq>) -> Self {
        let place = |(client, record): (&ClientId, &Arc<ClientRecord>)| (record.active, client.clone());
        let by_activity = records.iter().map(place).collect();
        let refused_only = records.iter().filter(|(_, record)| !record.has_applied).map(place).collect();
        let bytes = records.values().map(|record| record.bytes).sum();
        Self { records, by_activity, refused_only, bytes, forgotten_through }
    }

    pub(crate) fn records(&self) -> &BTreeMap<ClientId, Arc<ClientRecord>> {
        &self.records
    }

    pub(crate) fn forgotten_through(&self) -> Option<Seq> {
        self.forgotten_through
    }

    pub(crate) fn get(&self, client: &ClientId) -> Option<&Arc<ClientRecord>> {
        self.records.get(client)
    }

    /// Standing of an operation that saw the board at `base`, on the log that this is.
    pub(crate) fn look_up(&self, op: &Operation, base: Seq, from: &Submission, config: &RoomConfig) -> Known {
        let Some(record) = self.records.get(&op.id.client) else {
            return self.look_up_unknown(op, base, from, config);
        };
        let OpId { n, .. } = op.id;
        let last_n = record.last_n;
        if record.owner != from.owner {
            return Known::Not(Undecided::NotYours);
        }
        if n > last_n {
            let is_far = n - last_n > LARGEST_STEP || n > LARGEST_N;
            let stands = record.standing(from.settled_through) >= config.outcomes_per_client;
            return match (is_far, stands) {
                (true, _) => Known::Not(Undecided::OutOfOrder { last_n }),
                (false, true) => Known::Not(Undecided::TooManyStand),
                (false, false) => Known::New,
            };
        }
        if record.print(n).is_some_and(|print| print != Fingerprint::of(op)) {
            return Known::Not(Undecided::Reused { last_n });
        }
        match record.remembered(n) {
            Some(remembered) => Known::Same(remembered.outcome.clone()),
            None if n <= record.settled_through => Known::Not(Undecided::Settled { last_n }),
            // Before it was forgotten, the client may have made this one.
            None if n < record.first_n && op.again && self.may_be_forgotten(base) => Known::Not(Undecided::Forgotten),
            None => Known::Not(Undecided::OutOfOrder { last_n }),
        }
    }

    /// Says whether an operation that saw the board at `base` may be one of a client that is forgotten. Whoever has seen
    /// more of the board than any of those ever did was not decided before that.
    fn may_be_forgotten(&self, base: Seq) -> bool {
        self.forgotten_through.is_some_and(|through| base <= through)
    }

    fn look_up_unknown(&self, op: &Operation, base: Seq, from: &Submission, config: &RoomConfig) -> Known {
        if op.again && self.may_be_forgotten(base) {
            Known::Not(Undecided::Forgotten)
        } else if op.id.client != from.client {
            Known::Not(Undecided::NotYours)
        } else if op.id.n > LARGEST_N {
            Known::Not(Undecided::OutOfOrder { last_n: 0 })
        } else if self.is_crowded(config) {
            Known::Not(Undecided::TooManyClients)
        } else {
            Known::New
        }
    }

    /// Keeps the outcome of an operation that [`Self::look_up`] found to be new.
    pub(crate) fn remember(&mut self, client: &ClientId, owner: &Owner, remembered: Remembered) {
        self.bytes += remembered.bytes();
        let record =
            self.records.entry(client.clone()).or_insert_with(|| ClientRecord::new(owner.clone(), remembered.n).into());
        Arc::make_mut(record).remember(remembered);
    }

    /// Forgets what was remembered of a client since its record was `before`, which no [`Self::finish_row`] has seen.
    pub(crate) fn take_back(&mut self, client: &ClientId, before: Option<Arc<ClientRecord>>) {
        self.bytes += before.as_ref().map_or(0, |record| record.bytes);
        let after = match before {
            Some(before) => self.records.insert(client.clone(), before),
            None => self.records.remove(client),
        };
        self.bytes -= after.map_or(0, |record| record.bytes);
    }

    /// Notes who was active with the row, after all of its outcomes were remembered; and forgets what is over age or
    /// too much.
    pub(crate) fn finish_row(&mut self, row: &LogRow, seq: Seq, config: &RoomConfig) {
        let of_events = row.events.iter().map(|event| &event.op.id.client);
        let touched: BTreeSet<_> =
            of_events.chain(row.refused.iter().map(|refused| &refused.result.id.client)).collect();
        // A clock that was put back makes nobody younger.
        let at = self.newest().max(row.at);
        for client in touched {
            let Some(record) = self.records.get_mut(client) else { continue };
            let record = Arc::make_mut(record);
            let before = (record.active, client.clone());
            self.by_activity.remove(&before);
            self.refused_only.remove(&before);
            record.active = row.no;
            record.at = at;
            record.seq = seq;
            self.by_activity.insert((row.no, client.clone()));
            if !record.has_applied {
                self.refused_only.insert((row.no, client.clone()));
            }
            if let Some(through) = row.settled.get(client) {
                self.bytes -= record.bytes;
                record.forget_through(*through);
                self.bytes += record.bytes;
            }
        }
        self.forget_old(at, config);
        self.forget_much(row.no, config);
    }

    /// Time of the last row with an operation.
    fn newest(&self) -> UnixMs {
        let newest = self.by_activity.last().and_then(|(_, client)| self.records.get(client));
        newest.map_or(UnixMs(0), |record| record.at)
    }

    fn forget_old(&mut self, now: UnixMs, config: &RoomConfig) {
        let oldest = now.0.saturating_sub(config.forget_clients_after.as_millis() as u64);
        while let Some((active, client)) = self.by_activity.first()
            && let Some(record) = self.records.get(client)
            && record.at.0 < oldest
        {
            self.forgotten_through = self.forgotten_through.max(Some(record.seq));
            let quietest = (*active, client.clone());
            self.remove(&quietest);
        }
    }

    /// Brings outcomes back within their bytes, with an eighth to spare: those of clients that were quiet longest go
    /// first. Clients of which nothing was ever applied make room for others; forgetting them can double nothing.
    fn forget_much(&mut self, row: RowNo, config: &RoomConfig) {
        let tombstones = self.records.len() * TOMBSTONE_BYTES;
        if self.bytes + tombstones > config.client_bytes {
            let most = (config.client_bytes - config.client_bytes / 8).saturating_sub(tombstones);
            for (active, client) in &self.by_activity {
                if self.bytes <= most || *active == row {
                    break;
                }
                let Some(record) = self.records.get_mut(client).filter(|record| record.bytes > 0) else { continue };
                self.bytes -= record.bytes;
                Arc::make_mut(record).bury();
            }
        }
        while self.is_crowded(config)
            && let Some(quietest) = self.refused_only.first()
            && quietest.0 < row
        {
            let quietest = quietest.clone();
            self.remove(&quietest);
        }
    }

    /// Says whether tombstones alone take three quarters of the bytes.
    fn is_crowded(&self, config: &RoomConfig) -> bool {
        self.records.len() * TOMBSTONE_BYTES >= config.client_bytes / 4 * 3
    }

    fn remove(&mut self, quiet: &(RowNo, ClientId)) {
        self.by_activity.remove(quiet);
        self.refused_only.remove(quiet);
        if let Some(record) = self.records.remove(&quiet.1) {
            self.bytes -= record.bytes;
        }
    }
}
