//! The way from those who know something to the sockets that want it.
//!
//! In: frames, encoded once. Out: one message to each worker thread that has readers, whose loop then shares the same
//! bytes among them. Never: a task a reader, a copy a reader, or a worker that waits for a room (so nothing can lock
//! up: rooms wait for workers, workers only for sockets, and for those not at all).

use std::{
    fmt,
    sync::{
        Arc, RwLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Instant,
};

use bytes::Bytes;
use tideboard_shared::{
    Channel, DeniedReason, Point, ServerMessage, Topic,
    message::{CloseCode, Recipient},
};
use tokio::sync::mpsc;

pub(crate) mod frame;
pub(crate) mod slot;
pub(crate) mod streams;
pub(crate) mod worker;

/// Most messages waiting for one worker. Rooms wait when it is full.
const WAITING_MESSAGES: usize = 1_024;

/// Names one socket within this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SessionKey(pub(crate) u64);

/// Tells one request to subscribe from an earlier one of the same socket to the same channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket(pub(crate) u64);

/// Held by every reader of a channel on one worker; its owner sees by the count whether there is one left.
pub(crate) type ReaderGuard = Arc<()>;

/// Message to a worker.
#[derive(Debug)]
pub(crate) enum ToWorker {
    /// Answers, each for one socket.
    Direct(Vec<(SessionKey, Bytes)>),
    /// The answer to a request to subscribe.
    Join(Join),
    /// For every reader of a channel. `since`: when what it tells of became durable, to see how long it took.
    Broadcast { channel: Channel, frame: Bytes, since: Option<Instant> },
    /// New points of a stream.
    Points { topic: Topic, points: Arc<[Point]> },
    /// A notification.
    Notify { to: Recipient, frame: Bytes },
    /// Say goodbye to everybody.
    Drain { notice: Bytes, code: CloseCode },
}

/// Answer to a subscribe request: the first frames of a new reader, and whether it gets more.
#[derive(Debug)]
pub(crate) struct Join {
    pub(crate) key: SessionKey,
    pub(crate) channel: Channel,
    pub(crate) ticket: Ticket,
    /// In order, before anything else of this channel.
    pub(crate) frames: Vec<Bytes>,
    /// `None`: the subscription is denied.
    pub(crate) guard: Option<ReaderGuard>,
}

/// The way to one worker thread.
#[derive(Debug, Clone)]
pub(crate) struct WorkerHandle {
    id: usize,
    inbox: mpsc::Sender<ToWorker>,
}

impl WorkerHandle {
    pub(crate) fn id(&self) -> usize {
        self.id
    }

    /// Waits for a place. A worker that is gone has no readers.
    pub(crate) async fn send(&self, message: ToWorker) {
        let _ = self.inbox.send(message).await;
    }
}

/// Place of one socket.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    pub(crate) worker: WorkerHandle,
    pub(crate) key: SessionKey,
}

/// Request to subscribe, with the address for its answer.
#[derive(Debug, Clone)]
pub(crate) struct SubscribeRequest {
    pub(crate) address: Address,
    pub(crate) channel: Channel,
    pub(crate) ticket: Ticket,
}

impl SubscribeRequest {
    /// Says what comes first, then lets everything else through.
    pub(crate) async fn grant(self, messages: &[ServerMessage], guard: ReaderGuard) {
        self.answer(messages.iter().map(frame::message).collect(), Some(guard)).await;
    }

    /// Says no.
    pub(crate) async fn deny(self, reason: DeniedReason) {
        let denied = ServerMessage::Denied { channel: self.channel.to_string(), reason };
        self.answer(vec![frame::message(&denied)], None).await;
    }

    async fn answer(self, frames: Vec<Bytes>, guard: Option<ReaderGuard>) {
        let Self { address, channel, ticket } = self;
        let join = Join { key: address.key, channel, ticket, frames, guard };
        address.worker.send(ToWorker::Join(join)).await;
    }
}

/// Readers of one channel, by worker. Kept by the channel's owner.
#[derive(Debug, Default)]
pub(crate) struct Readers(Vec<(WorkerHandle, ReaderGuard)>);

impl Readers {
    /// A guard for one more reader on this worker.
    pub(crate) fn guard(&mut self, worker: &WorkerHandle) -> ReaderGuard {
        if let Some((_, guard)) = self.0.iter().find(|(known, _)| known.id == worker.id) {
            return Arc::clone(guard);
        }
        let guard = ReaderGuard::default();
        self.0.push((worker.clone(), Arc::clone(&guard)));
        guard
    }

    /// Says whether nobody reads. Forgets workers without readers.
    pub(crate) fn is_empty(&mut self) -> bool {
        self.0.retain(|(_, guard)| Arc::strong_count(guard) > 1);
        self.0.is_empty()
    }

    /// Sends one frame to all of them.
    pub(crate) async fn broadcast(&self, channel: &Channel, frame: &Bytes, since: Option<Instant>) {
        for (worker, guard) in &self.0 {
            if Arc::strong_count(guard) > 1 {
                worker.send(ToWorker::Broadcast { channel: channel.clone(), frame: frame.clone(), since }).await;
            }
        }
    }
}

/// All workers, and the names of sockets.
#[derive(Default)]
pub(crate) struct Fanout {
    workers: RwLock<Vec<WorkerHandle>>,
    next_worker: AtomicUsize,
    next_key: AtomicU64,
}

impl fmt::Debug for Fanout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fanout").field("workers", &self.workers().len()).finish_non_exhaustive()
    }
}

impl Fanout {
    /// Makes room for one more worker thread, which has to empty the inbox.
    pub(crate) fn add_worker(&self) -> (WorkerHandle, mpsc::Receiver<ToWorker>) {
        let (inbox, waiting) = mpsc::channel(WAITING_MESSAGES);
        let handle = WorkerHandle { id: self.next_worker.fetch_add(1, Ordering::Relaxed), inbox };
        if let Ok(mut workers) = self.workers.write() {
            workers.push(handle.clone());
        }
        (handle, waiting)
    }

    /// A name for one more socket.
    pub(crate) fn next_key(&self) -> SessionKey {
        SessionKey(self.next_key.fetch_add(1, Ordering::Relaxed))
    }

    /// Tells every worker; `message` makes one for each.
    pub(crate) async fn tell_all(&self, message: impl Fn() -> ToWorker) {
        for worker in self.workers() {
            worker.send(message()).await;
        }
    }

    fn workers(&self) -> Vec<WorkerHandle> {
        self.workers.read().map(|workers| workers.clone()).unwrap_or_default()
    }
}
