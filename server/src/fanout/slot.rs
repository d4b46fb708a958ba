//! Place of one socket on its worker: frames that wait to be sent, and channels that it subscribed to.
//!
//! In: frames from the worker's loop and from the session. Out: bytes to the response body, in order. Never more than
//! the bounds below; who falls behind is told so and closed (board updates) or thinned (streams).

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, VecDeque},
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use bytes::Bytes;
use tideboard_shared::{
    Channel, Priority, ServerMessage,
    message::{CloseCode, ErrorCode, Subscribe},
};
use tokio::sync::Notify;

use super::{SessionKey, Ticket, frame};
use crate::metrics::Metrics;

/// Most bytes of broadcasts waiting for one socket. Beyond, it is closed with 4010 and resumes.
pub(crate) const UPDATE_BYTES: usize = 1024 * 1024;
/// Most broadcasts waiting for one socket.
pub(crate) const UPDATE_FRAMES: usize = 4_096;
/// Stream points wait only up to here (a quarter of that at low priority, double at high, all of it when critical).
pub(crate) const STREAM_BYTES: usize = 256 * 1024;
/// While answers of more than this wait to be read, nothing more is read from the socket.
pub(crate) const ANSWER_BYTES: usize = 1024 * 1024;
/// Most bytes of answers that may wait in all, snapshots apart: those of operations in flight when reading stopped.
const ANSWER_CAP_BYTES: usize = 32 * 1024 * 1024;

/// Budget that a frame counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Budget {
    /// Bounded by [`UPDATE_BYTES`].
    Broadcast,
    /// Bounded by [`ANSWER_CAP_BYTES`].
    Answer,
    /// Bounded by the size of a board: one subscription is answered at a time.
    Join,
}

#[derive(Debug, Default)]
struct Load {
    frames: usize,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Queue {
    frames: VecDeque<(Budget, Bytes)>,
    broadcast: Load,
    answers: Load,
    joins: Load,
    body: Option<Waker>,
    end: End,
}

/// Progress of the connection's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum End {
    /// Connection that goes on.
    #[default]
    Open,
    /// The close frame is queued; nothing may follow it.
    Closing,
    /// The body ends after what is queued.
    Ended,
    /// The connection has dropped the body.
    Gone,
}

/// A socket as its worker knows it.
#[derive(Debug)]
pub(crate) struct Slot {
    key: SessionKey,
    queue: RefCell<Queue>,
    requests: RefCell<HashMap<Channel, (Ticket, Subscribe)>>,
    next_ticket: Cell<u64>,
    settled: Cell<u64>,
    user: RefCell<String>,
    /// Number of the last stream message that was offered to this socket, so that two subscriptions give it once.
    pub(crate) last_offer: Cell<u64>,
    /// Wakes the session when something about the slot changed.
    changed: Notify,
    metrics: Arc<Metrics>,
}

impl Slot {
    pub(crate) fn new(key: SessionKey, metrics: Arc<Metrics>) -> Self {
        Self {
            key,
            queue: RefCell::default(),
            requests: RefCell::default(),
            next_ticket: Cell::new(1),
            settled: Cell::new(0),
            user: RefCell::default(),
            last_offer: Cell::new(0),
            changed: Notify::new(),
            metrics,
        }
    }

    pub(crate) fn key(&self) -> SessionKey {
        self.key
    }

    /// Queues an answer to what this socket said.
    pub(crate) fn answer(&self, frame: Bytes) {
        self.push(Budget::Answer, frame);
        if self.queue.borrow().answers.bytes > ANSWER_CAP_BYTES {
            self.close_slow();
        }
    }

    /// Queues what a new subscription gets first.
    pub(crate) fn join(&self, frame: Bytes) {
        self.push(Budget::Join, frame);
    }

    /// Queues something that must not be left out; closes a socket that does not keep up.
    pub(crate) fn broadcast(&self, frame: Bytes) {
        self.push(Budget::Broadcast, frame);
        let queue = self.queue.borrow();
        if queue.broadcast.bytes > UPDATE_BYTES || queue.broadcast.frames > UPDATE_FRAMES {
            drop(queue);
            self.close_slow();
        }
    }

    /// Queues stream points unless the socket is behind. Whether they were queued.
    pub(crate) fn offer(&self, frame: Bytes, priority: Priority) -> bool {
        let bound = match priority {
            Priority::Low => STREAM_BYTES / 4,
            Priority::Medium => STREAM_BYTES,
            Priority::High => STREAM_BYTES * 2,
            Priority::Critical => UPDATE_BYTES - STREAM_BYTES,
        };
        let queue = self.queue.borrow();
        if queue.broadcast.bytes + frame.len() > bound || queue.broadcast.frames >= UPDATE_FRAMES / 2 {
            return false;
        }
        drop(queue);
        self.push(Budget::Broadcast, frame);
        true
    }

    /// Queues the close frame; nothing follows it.
    pub(crate) fn close(&self, code: CloseCode, reason: &str) {
        self.close_with(frame::close(code, reason));
    }

    /// Queues this close frame; nothing follows it.
    pub(crate) fn close_with(&self, frame: Bytes) {
        self.push(Budget::Answer, frame);
        self.advance(End::Closing);
    }

    /// Lets the connection end once everything queued is sent.
    pub(crate) fn end(&self) {
        self.advance(End::Ended);
    }

    /// Progress of the end.
    pub(crate) fn ending(&self) -> End {
        self.queue.borrow().end
    }

    /// Says whether the socket reads its answers.
    pub(crate) fn is_answered(&self) -> bool {
        self.queue.borrow().is_answered()
    }

    /// Waits until `is_so`. Only the session waits here, so nobody takes its wake-up.
    pub(crate) async fn until(&self, is_so: impl Fn(&Self) -> bool) {
        while !is_so(self) {
            self.changed.notified().await;
        }
    }

    /// Notes a request to subscribe; it replaces an earlier one to the same channel.
    pub(crate) fn request(&self, subscribe: Subscribe) -> Ticket {
        let ticket = Ticket(self.next_ticket.replace(self.next_ticket.get() + 1));
        if self.requests.borrow_mut().insert(subscribe.channel.clone(), (ticket, subscribe)).is_none() {
            self.metrics.subscribed();
        }
        ticket
    }

    /// The request behind this ticket, if it still stands.
    pub(crate) fn requested(&self, channel: &Channel, ticket: Ticket) -> Option<Subscribe> {
        let requests = self.requests.borrow();
        let (newest, subscribe) = requests.get(channel)?;
        (*newest == ticket).then(|| subscribe.clone())
    }

    /// Says whether this channel is subscribed or about to be.
    pub(crate) fn wants(&self, channel: &Channel) -> bool {
        self.requests.borrow().contains_key(channel)
    }

    /// Number of such channels.
    pub(crate) fn request_count(&self) -> usize {
        self.requests.borrow().len()
    }

    /// Takes a request back.
    pub(crate) fn forget(&self, channel: &Channel) {
        if self.requests.borrow_mut().remove(channel).is_some() {
            self.metrics.unsubscribed();
        }
    }

    /// Channels that are subscribed or about to be.
    pub(crate) fn channels(&self) -> Vec<Channel> {
        self.requests.borrow().keys().cloned().collect()
    }

    /// Notes that the request was answered.
    pub(crate) fn settle(&self, ticket: Ticket) {
        self.settled.set(self.settled.get().max(ticket.0));
        self.changed.notify_one();
    }

    /// Says whether the request was answered.
    pub(crate) fn is_settled(&self, ticket: Ticket) -> bool {
        self.settled.get() >= ticket.0
    }

    /// Notes the socket's user, for notifications to one user.
    pub(crate) fn set_user(&self, user: &str) {
        user.clone_into(&mut self.user.borrow_mut());
    }

    /// Says whether it is this user's socket.
    pub(crate) fn is_of(&self, user: &str) -> bool {
        *self.user.borrow() == user
    }

    fn push(&self, budget: Budget, frame: Bytes) {
        let mut queue = self.queue.borrow_mut();
        if queue.end > End::Open {
            return;
        }
        queue.load(budget).frames += 1;
        queue.load(budget).bytes += frame.len();
        queue.frames.push_back((budget, frame));
        if let Some(body) = queue.body.take() {
            body.wake();
        }
    }

    fn close_slow(&self) {
        let mut queue = self.queue.borrow_mut();
        queue.frames.clear();
        (queue.broadcast, queue.answers, queue.joins) = Default::default();
        drop(queue);
        let message = "this connection does not read fast enough; reconnect and resume".to_owned();
        let error = ServerMessage::Error { code: ErrorCode::TooSlow, message, fatal: true, about: None };
        self.push(Budget::Answer, frame::message(&error));
        self.close(CloseCode::TooSlow, "too slow, resume");
    }

    fn advance(&self, end: End) {
        let mut queue = self.queue.borrow_mut();
        queue.end = queue.end.max(end);
        if let Some(body) = queue.body.take() {
            body.wake();
        }
        self.changed.notify_one();
    }
}

impl Queue {
    fn is_answered(&self) -> bool {
        self.answers.bytes + self.joins.bytes <= ANSWER_BYTES
    }

    fn load(&mut self, budget: Budget) -> &mut Load {
        match budget {
            Budget::Broadcast => &mut self.broadcast,
            Budget::Answer => &mut self.answers,
            Budget::Join => &mut self.joins,
        }
    }
}

/// The body of the upgrade's response: the slot's queue as actix drains it.
#[derive(Debug)]
pub(crate) struct SlotBody {
    pub(crate) slot: Rc<Slot>,
    /// The body in whose place this one is.
    #[expect(dead_code, reason = "its drop tells the reading half that the connection is gone")]
    pub(crate) replaced: BoxBody,
}

impl MessageBody for SlotBody {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let slot = &self.slot;
        let mut queue = slot.queue.borrow_mut();
        let Some((budget, frame)) = queue.frames.pop_front() else {
            if queue.end >= End::Ended {
                return Poll::Ready(None);
            }
            queue.body = Some(cx.waker().clone());
            return Poll::Pending;
        };
        let was_answered = queue.is_answered();
        queue.load(budget).frames -= 1;
        queue.load(budget).bytes -= frame.len();
        if !was_answered && queue.is_answered() {
            slot.changed.notify_one();
        }
        slot.metrics.sent(frame.len());
        Poll::Ready(Some(Ok(frame)))
    }
}

impl Drop for SlotBody {
    fn drop(&mut self) {
        self.slot.advance(End::Gone);
    }
}

#[cfg(test)]
mod tests;
