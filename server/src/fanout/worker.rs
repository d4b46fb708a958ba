//! Worker thread's end of the fan-out: the channels that each of its sockets reads, and the loop that hands frames to
//! them.

use std::{cell::RefCell, collections::HashMap, panic::AssertUnwindSafe, rc::Rc, sync::Arc, time::Instant};

use bytes::Bytes;
use futures_util::FutureExt;
use tideboard_shared::{
    Channel, ServerMessage,
    message::{CloseCode, Recipient, Subscribe},
};
use tokio::sync::mpsc;

use super::{
    Address, Join, JoinAnswer, ReaderGuard, SessionKey, ToWorker, WorkerHandle, frame, slot::Slot, streams::Streams,
};
use crate::metrics::Metrics;

/// Reason for which a connection is closed whose answers or events are lost.
const NO_ANSWER: &str = "something failed here; reconnect and ask again";

#[derive(Debug)]
struct Reader {
    slot: Rc<Slot>,
    _guard: ReaderGuard,
}

#[derive(Debug)]
struct Registry {
    slots: HashMap<SessionKey, Rc<Slot>>,
    channels: HashMap<Channel, Vec<Reader>>,
    streams: Streams,
    /// Time at which held stream points are due.
    due: Option<Instant>,
    metrics: Arc<Metrics>,
    /// Most bytes that wait for one socket.
    connection_bytes: usize,
}

/// A worker thread's own; it never leaves the thread.
#[derive(Debug)]
pub(crate) struct Worker {
    handle: WorkerHandle,
    registry: RefCell<Registry>,
}

impl Worker {
    /// Starts the loop on this thread. `connection_bytes` may wait for one socket.
    pub(crate) fn start(
        handle: WorkerHandle,
        inbox: mpsc::Receiver<ToWorker>,
        metrics: Arc<Metrics>,
        connection_bytes: usize,
    ) -> Rc<Self> {
        let registry = RefCell::new(Registry {
            slots: HashMap::new(),
            channels: HashMap::new(),
            streams: Streams::default(),
            due: None,
            metrics,
            connection_bytes,
        });
        let worker = Rc::new(Self { handle, registry });
        actix_web::rt::spawn(keep_running(Rc::clone(&worker), inbox));
        worker
    }

    /// Adds a socket.
    pub(crate) fn add(&self, key: SessionKey) -> Rc<Slot> {
        let mut registry = self.registry.borrow_mut();
        let slot = Rc::new(Slot::new(key, registry.connection_bytes, Arc::clone(&registry.metrics)));
        registry.slots.insert(key, Rc::clone(&slot));
        slot
    }

    /// Forgets a socket and all it reads.
    pub(crate) fn remove(&self, slot: &Slot) {
        for channel in slot.channels() {
            self.leave(slot, &channel);
        }
        self.registry.borrow_mut().slots.remove(&slot.key());
    }

    /// Ends one subscription. Nothing more of the channel is queued from now on.
    pub(crate) fn leave(&self, slot: &Slot, channel: &Channel) {
        slot.forget(channel);
        let mut registry = self.registry.borrow_mut();
        registry.streams.leave(slot.key(), channel);
        registry.leave(slot.key(), channel);
    }

    /// Address at which others reach this socket.
    pub(crate) fn address(&self, slot: &Slot) -> Address {
        Address { worker: self.handle.clone(), key: slot.key() }
    }
}

/// Runs the loop to its orderly end. After a panic its sockets are closed, because nobody knows what they missed, and it
/// starts anew.
async fn keep_running(worker: Rc<Worker>, mut inbox: mpsc::Receiver<ToWorker>) {
    while AssertUnwindSafe(run(&worker, &mut inbox)).catch_unwind().await.is_err() {
        tracing::error!("the fan-out of a connection thread has panicked; its connections are closed");
        let mut registry = worker.registry.borrow_mut();
        for slot in registry.slots.values() {
            slot.close(CloseCode::TryLater, NO_ANSWER);
        }
        registry.channels.clear();
        registry.streams = Streams::default();
        registry.due = None;
    }
}

async fn run(worker: &Worker, inbox: &mut mpsc::Receiver<ToWorker>) {
    loop {
        let due = worker.registry.borrow().due;
        let message = match due {
            None => inbox.recv().await,
            Some(due) => match tokio::time::timeout_at(due.into(), inbox.recv()).await {
                Ok(message) => message,
                Err(_) => {
                    let mut registry = worker.registry.borrow_mut();
                    registry.due = registry.streams.flush(Instant::now());
                    continue;
                }
            },
        };
        let Some(message) = message else { return };
        worker.registry.borrow_mut().handle(message);
    }
}

impl Registry {
    fn handle(&mut self, message: ToWorker) {
        match message {
            ToWorker::Direct(frames) => {
                for (key, frame) in frames {
                    if let Some(slot) = self.slots.get(&key) {
                        slot.answer(frame);
                    }
                }
            }
            ToWorker::Join(join) => self.join(join),
            ToWorker::Broadcast { channel, frame, since } => {
                for reader in self.readers(&channel) {
                    reader.slot.broadcast(frame.clone());
                }
                if let Some(since) = since {
                    self.metrics.fanout().record(since.elapsed());
                }
            }
            ToWorker::Points { topic, points } => {
                let due = self.streams.publish(&topic, &points, Instant::now());
                self.due = self.due.into_iter().chain(due).min();
            }
            ToWorker::Notify { to, frame } => self.notify(&to, &frame),
            ToWorker::Cut(key) => {
                if let Some(slot) = self.slots.get(&key) {
                    slot.close(CloseCode::TryLater, NO_ANSWER);
                }
            }
            ToWorker::CutReaders(channel) => {
                for reader in self.readers(&channel) {
                    reader.slot.close(CloseCode::TryLater, NO_ANSWER);
                }
            }
            #[cfg(test)]
            ToWorker::Panic => panic!("asked to"),
            ToWorker::Drain { notice, code } => {
                for slot in self.slots.values() {
                    slot.answer(notice.clone());
                    slot.close(code, "the server is going away");
                }
            }
        }
    }

    fn join(&mut self, join: Join) {
        let Some(slot) = self.slots.get(&join.key).map(Rc::clone) else { return };
        // A request that was taken back or renewed meanwhile is not answered; the renewed one will be.
        if let Some(request) = slot.requested(&join.channel, join.ticket) {
            match join.answer {
                JoinAnswer::Denied(reason) => {
                    let denied = ServerMessage::Denied { channel: join.channel.to_string(), reason };
                    slot.answer(frame::message(&denied));
                    slot.forget(&join.channel);
                    self.leave(join.key, &join.channel);
                    self.streams.leave(join.key, &join.channel);
                }
                JoinAnswer::Granted { first, guard } => {
                    for message in first {
                        slot.join(message);
                    }
                    self.grant(&slot, &request, guard);
                }
            }
        }
        slot.settle(join.ticket);
    }

    fn grant(&mut self, slot: &Rc<Slot>, request: &Subscribe, guard: ReaderGuard) {
        match &request.channel {
            Channel::Stream(_) | Channel::StreamPrefix(_) => self.streams.join(slot, request, guard),
            channel @ (Channel::Board(_) | Channel::Presence(_) | Channel::Notifications) => {
                self.leave(slot.key(), channel);
                let reader = Reader { slot: Rc::clone(slot), _guard: guard };
                self.channels.entry(channel.clone()).or_default().push(reader);
            }
        }
    }

    fn leave(&mut self, key: SessionKey, channel: &Channel) {
        let Some(readers) = self.channels.get_mut(channel) else { return };
        if let Some(index) = readers.iter().position(|reader| reader.slot.key() == key) {
            readers.swap_remove(index);
        }
        if readers.is_empty() {
            self.channels.remove(channel);
        }
    }

    fn notify(&self, to: &Recipient, frame: &Bytes) {
        for reader in self.readers(&Channel::Notifications) {
            let is_meant = match to {
                Recipient::All => true,
                Recipient::User(user) => reader.slot.is_of(user),
                Recipient::Board(board) => reader.slot.wants(&Channel::Board(board.clone())),
            };
            if is_meant {
                reader.slot.broadcast(frame.clone());
            }
        }
    }

    fn readers(&self, channel: &Channel) -> &[Reader] {
        self.channels.get(channel).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::rt::task::yield_now;

    use super::*;
    use crate::fanout::{Fanout, slot::End};

    #[actix_web::test]
    async fn a_fan_out_that_panics_closes_its_sockets_and_goes_on() {
        let fanout = Fanout::new(usize::MAX);
        let (handle, inbox) = fanout.add_worker();
        let worker = Worker::start(handle.clone(), inbox, Arc::default(), 1024);
        let slot = worker.add(fanout.next_key());
        handle.send(ToWorker::Panic).await;
        slot.until(|slot| slot.ending() > End::Open).await;
        // Those who come after that are served.
        let next = worker.add(fanout.next_key());
        yield_now().await;
        assert_eq!(next.ending(), End::Open);
        handle.send(ToWorker::Cut(next.key())).await;
        next.until(|slot| slot.ending() > End::Open).await;
    }
}
