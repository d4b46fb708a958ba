//! Counters and durations of what the server does, for `/api/realtime/stats` and the topics `server.*`. Never a payload
//! or a name, or a lock.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use serde::Serialize;
use tideboard_shared::{OpResult, Outcome};

mod histogram;

pub(crate) use histogram::{Counts, Histogram};

/// Counters since the start; reading them costs nobody anything.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    connections: AtomicUsize,
    connections_total: AtomicU64,
    messages_in: AtomicU64,
    bytes_in: AtomicU64,
    frames_out: AtomicU64,
    bytes_out: AtomicU64,
    ops_applied: AtomicU64,
    ops_refused: AtomicU64,
    broadcasts: AtomicU64,
    boards_open: AtomicUsize,
    subscriptions: AtomicUsize,
    commit: Histogram,
    fanout: Histogram,
}

/// The counters at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Stats {
    /// Sockets open now.
    pub(crate) connections: usize,
    /// Channels that sockets read or asked for, now.
    pub(crate) subscriptions: usize,
    /// Sockets opened since the start.
    pub(crate) connections_total: u64,
    /// Client messages handled.
    pub(crate) messages_in: u64,
    /// Bytes of those messages, framing apart.
    pub(crate) bytes_in: u64,
    /// Frames handed to sockets.
    pub(crate) frames_out: u64,
    /// Bytes of those frames, framing included.
    pub(crate) bytes_out: u64,
    /// Operations answered `applied`, repeats included.
    pub(crate) ops_applied: u64,
    /// Operations answered otherwise.
    pub(crate) ops_refused: u64,
    /// `updates` messages encoded, each shared by all its readers.
    pub(crate) broadcasts: u64,
    /// Boards in memory now.
    pub(crate) boards_open: usize,
}

impl Metrics {
    pub(crate) fn connected(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
        self.connections_total.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn disconnected(&self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }

    /// Sockets open now.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    pub(crate) fn subscribed(&self) {
        self.subscriptions.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn unsubscribed(&self) {
        self.subscriptions.fetch_sub(1, Ordering::Relaxed);
    }

    /// From when a submit was received until its outcomes were given to the socket's worker thread, or to the REST
    /// request that waits for them.
    pub(crate) fn commit(&self) -> &Histogram {
        &self.commit
    }

    /// From when the oldest event of an `updates` was durable until a worker thread had put the frame into the queues
    /// of all of its sockets that read the board. One sample a message and worker.
    pub(crate) fn fanout(&self) -> &Histogram {
        &self.fanout
    }

    pub(crate) fn received(&self, messages: usize, bytes: usize) {
        self.messages_in.fetch_add(messages as u64, Ordering::Relaxed);
        self.bytes_in.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn sent(&self, bytes: usize) {
        self.frames_out.fetch_add(1, Ordering::Relaxed);
        self.bytes_out.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn decided(&self, results: &[OpResult]) {
        let mut applied = 0;
        let mut refused = 0;
        for result in results {
            match result.outcome {
                Outcome::Applied { .. } => applied += 1,
                Outcome::Conflict(_) | Outcome::Rejected(_) => refused += 1,
            }
        }
        self.ops_applied.fetch_add(applied, Ordering::Relaxed);
        self.ops_refused.fetch_add(refused, Ordering::Relaxed);
    }

    pub(crate) fn board_opened(&self) {
        self.boards_open.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn board_closed(&self) {
        self.boards_open.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn broadcast(&self) {
        self.broadcasts.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn stats(&self) -> Stats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            connections: self.connections(),
            subscriptions: self.subscriptions.load(Ordering::Relaxed),
            connections_total: read(&self.connections_total),
            messages_in: read(&self.messages_in),
            bytes_in: read(&self.bytes_in),
            frames_out: read(&self.frames_out),
            bytes_out: read(&self.bytes_out),
            ops_applied: read(&self.ops_applied),
            ops_refused: read(&self.ops_refused),
            broadcasts: read(&self.broadcasts),
            boards_open: self.boards_open.load(Ordering::Relaxed),
        }
    }
}
