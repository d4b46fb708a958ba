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
use tokio::{
    runtime::Handle,
    sync::mpsc::{self, error::TrySendError},
};

pub(crate) mod frame;
pub(crate) mod held;
pub(crate) mod slot;
pub(crate) mod streams;
pub(crate) mod worker;

use held::{HeldBudget, HeldMessage, SharedSnapshot};

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
    /// Close a socket that waits for an answer which will not come. It comes back and asks again.
    Cut(SessionKey),
    /// Close every reader of a channel whose owner has failed. They come back and resume.
    CutReaders(Channel),
    /// Fail as a bug would.
    #[cfg(test)]
    Panic,
    /// Say goodbye to everybody.
    Drain { notice: Bytes, code: CloseCode },
}

/// Answer to a subscribe request.
#[derive(Debug)]
pub(crate) struct Join {
    pub(crate) key: SessionKey,
    pub(crate) channel: Channel,
    pub(crate) ticket: Ticket,
    pub(crate) answer: JoinAnswer,
}

/// Decision about a request to subscribe.
#[derive(Debug)]
pub(crate) enum JoinAnswer {
    /// The socket becomes a reader. `first` comes before anything else of the channel, in order.
    Granted { first: Vec<HeldMessage>, guard: ReaderGuard },
    /// No subscription, also where there was one.
    Denied(DeniedReason),
}

/// The way to one worker thread.
#[derive(Debug, Clone)]
pub(crate) struct WorkerHandle {
    id: usize,
    inbox: mpsc::Sender<ToWorker>,
    held: HeldBudget,
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

impl Address {
    /// Closes the socket, which waits for an answer that will not come. Does not wait itself.
    pub(crate) fn cut(self) {
        let Self { worker, key } = self;
        if let Err(TrySendError::Full(message)) = worker.inbox.try_send(ToWorker::Cut(key))
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(async move { worker.send(message).await });
        }
    }
}

/// Request to subscribe, with the address for its answer. A socket whose request is dropped without one is closed.
#[derive(Debug)]
pub(crate) struct SubscribeRequest {
    pub(crate) address: Address,
    pub(crate) channel: Channel,
    /// `None` once it is answered.
    ticket: Option<Ticket>,
}

impl Drop for SubscribeRequest {
    fn drop(&mut self) {
        if self.ticket.is_some() {
            self.address.clone().cut();
        }
    }
}

impl SubscribeRequest {
    pub(crate) fn new(address: Address, channel: Channel, ticket: Ticket) -> Self {
        Self { address, channel, ticket: Some(ticket) }
    }

    /// Says what comes first, then lets everything else through; denied for now while too much waits for readers.
    /// `snapshot` is what the channel shares of a board; empty for others.
    pub(crate) async fn grant(self, first: Vec<ServerMessage>, snapshot: &mut SharedSnapshot, guard: ReaderGuard) {
        let answer = match self.address.worker.held.hold(first, snapshot) {
            Some(first) => JoinAnswer::Granted { first, guard },
            None => JoinAnswer::Denied(DeniedReason::Unavailable),
        };
        self.answer(answer).await;
    }

    /// Says no.
    pub(crate) async fn deny(self, reason: DeniedReason) {
        self.answer(JoinAnswer::Denied(reason)).await;
    }

    async fn answer(mut self, answer: JoinAnswer) {
        let Some(ticket) = self.ticket.take() else { return };
        let join = Join { key: self.address.key, channel: self.channel.clone(), ticket, answer };
        self.address.worker.send(ToWorker::Join(join)).await;
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

/// All workers, the names of sockets, and the budget of what waits for them.
pub(crate) struct Fanout {
    workers: RwLock<Vec<WorkerHandle>>,
    next_worker: AtomicUsize,
    next_key: AtomicU64,
    held: HeldBudget,
}

impl fmt::Debug for Fanout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fanout").field("workers", &self.workers().len()).finish_non_exhaustive()
    }
}

impl Fanout {
    /// A fan-out without workers. First messages of readers may hold `held_bytes` in all.
    pub(crate) fn new(held_bytes: usize) -> Self {
        Self {
            workers: RwLock::default(),
            next_worker: AtomicUsize::default(),
            next_key: AtomicU64::default(),
            held: HeldBudget::new(held_bytes),
        }
    }

    /// Budget of what waits for readers, which replies over REST share.
    pub(crate) fn held(&self) -> &HeldBudget {
        &self.held
    }

    /// Makes room for one more worker thread, which has to empty the inbox.
    pub(crate) fn add_worker(&self) -> (WorkerHandle, mpsc::Receiver<ToWorker>) {
        let (inbox, waiting) = mpsc::channel(WAITING_MESSAGES);
        let id = self.next_worker.fetch_add(1, Ordering::Relaxed);
        let handle = WorkerHandle { id, inbox, held: self.held.clone() };
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
