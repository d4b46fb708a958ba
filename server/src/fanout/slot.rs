//! Place of one socket on its worker: frames that wait to be sent, and channels that it subscribed to.
//!
//! In: frames from the worker's loop and from the session. Out: bytes to the response body, in order. Never more bytes
//! than the connection's [`Budget`]; who falls behind is told so and closed (board updates) or thinned (streams).

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashMap, VecDeque},
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use bytes::Bytes;
use tideboard_shared::{
    Channel, Point, Priority, ServerMessage, Topic,
    message::{CloseCode, ErrorCode, Subscribe},
};
use tokio::sync::Notify;

use super::{
    SessionKey, Ticket, frame,
    held::{FRAME_OVERHEAD, HeldMessage},
};
use crate::metrics::Metrics;

/// Parts of a connection's bytes: how much may wait before what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget(usize);

impl Budget {
    /// Budget of `bytes` in all, each frame's payload and overhead.
    pub(crate) fn new(bytes: usize) -> Self {
        Self(bytes)
    }

    /// While answers of more than this wait to be read, nothing more is read from the socket.
    pub(crate) fn answers(self) -> usize {
        self.0 / 4
    }

    /// Broadcasts of more than this close the connection, long before what it has asked for would.
    pub(crate) fn broadcasts(self) -> usize {
        self.0 / 4
    }

    /// Stream points wait only up to here, behind broadcasts; beyond, each topic's latest one alone.
    pub(crate) fn streams(self, priority: Priority) -> usize {
        let medium = self.0 / 16;
        match priority {
            Priority::Low => medium / 4,
            Priority::Medium => medium,
            Priority::High => medium * 2,
            Priority::Critical => medium * 3,
        }
    }
}

/// Way in which a frame came to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Sent to all readers of a channel.
    Broadcast,
    /// Answer to what this socket said.
    Answer,
    /// First message of a subscription.
    Join,
}

/// Frame that waits for the socket.
#[derive(Debug)]
enum Frame {
    Encoded(Bytes),
    Held(Box<HeldMessage>),
}

impl Frame {
    /// Bytes that it takes while it waits.
    fn bytes(&self) -> usize {
        match self {
            Self::Encoded(frame) => FRAME_OVERHEAD + frame.len(),
            Self::Held(message) => message.bytes(),
        }
    }
}

/// Tells whether points were left out since a topic's last message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IsThinned(pub(crate) bool);

/// Latest point of a topic of which points were left out, until the socket reads again.
#[derive(Debug, Clone, Copy)]
struct Late {
    point: Point,
    priority: Priority,
}

#[derive(Debug, Default)]
struct Queue {
    frames: VecDeque<(Kind, Frame)>,
    /// Bytes that wait, by kind.
    broadcasts: usize,
    answers: usize,
    joins: usize,
    late: BTreeMap<Topic, Late>,
    late_bytes: usize,
    /// Answer to the latest ping, the only one that RFC 6455 (§5.5.3) asks for. It overtakes what waits.
    pong: Option<Bytes>,
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
    budget: Budget,
    queue: RefCell<Queue>,
    requests: RefCell<HashMap<Channel, (Ticket, Subscribe)>>,
    next_ticket: Cell<u64>,
    settled: Cell<u64>,
    user: RefCell<String>,
    /// Number of the last stream message that was offered to this socket, so that two subscriptions give it once.
    pub(crate) last_offer: Cell<u64>,
    /// Bytes of stream points and marks that are held back for this socket's rates.
    held_back: Cell<usize>,
    /// Wakes the session when something about the slot changed.
    changed: Notify,
    metrics: Arc<Metrics>,
}

impl Slot {
    /// Slot of an open connection, for which `bytes` may wait.
    pub(crate) fn new(key: SessionKey, bytes: usize, metrics: Arc<Metrics>) -> Self {
        Self {
            key,
            budget: Budget::new(bytes),
            queue: RefCell::default(),
            requests: RefCell::default(),
            next_ticket: Cell::new(1),
            settled: Cell::new(0),
            user: RefCell::default(),
            last_offer: Cell::new(0),
            held_back: Cell::new(0),
            changed: Notify::new(),
            metrics,
        }
    }

    pub(crate) fn key(&self) -> SessionKey {
        self.key
    }

    /// Queues an answer to what this socket said.
    pub(crate) fn answer(&self, frame: Bytes) {
        self.push(Kind::Answer, Frame::Encoded(frame));
    }

    /// Queues what a new subscription gets first.
    pub(crate) fn join(&self, message: HeldMessage) {
        self.push(Kind::Join, Frame::Held(Box::new(message)));
    }

    /// Queues the answer to a ping, in the place of one that was not sent yet.
    pub(crate) fn pong(&self, frame: Bytes) {
        let mut queue = self.queue.borrow_mut();
        if queue.end == End::Open {
            queue.pong = Some(frame);
            queue.wake();
        }
    }

    /// Queues something that must not be left out; closes a socket that does not keep up.
    pub(crate) fn broadcast(&self, frame: Bytes) {
        self.push(Kind::Broadcast, Frame::Encoded(frame));
        let is_behind = self.queue.borrow().broadcasts > self.budget.broadcasts();
        if is_behind {
            self.close_slow();
        }
    }

    /// Queues stream points. While the socket is behind, only the latest is kept, and sent once it reads again. `frame`
    /// makes the frame; it is told whether points were left out since the last one.
    pub(crate) fn offer(
        &self,
        topic: &Topic,
        latest: Point,
        priority: Priority,
        frame: impl FnOnce(IsThinned) -> Bytes,
    ) {
        let bound = self.budget.streams(priority);
        let queue = self.queue.borrow();
        let is_thinned = IsThinned(queue.late.contains_key(topic));
        let waiting = queue.broadcasts;
        drop(queue);
        if waiting <= bound {
            let frame = Frame::Encoded(frame(is_thinned));
            // One frame alone may be larger.
            if waiting == 0 || waiting + frame.bytes() <= bound {
                self.queue.borrow_mut().forget_late(topic);
                return self.push(Kind::Broadcast, frame);
            }
        }
        if self.bytes() > self.budget.0 {
            return self.close_slow();
        }
        self.queue.borrow_mut().keep_late(topic, Late { point: latest, priority });
    }

    /// Counts bytes that are held back for this socket elsewhere; closes it when they are too many.
    pub(crate) fn hold_back(&self, bytes: usize) {
        self.held_back.set(self.held_back.get() + bytes);
        if self.bytes() > self.budget.0 {
            self.close_slow();
        }
    }

    /// Takes back what was counted by [`Self::hold_back`].
    pub(crate) fn release(&self, bytes: usize) {
        self.held_back.set(self.held_back.get() - bytes);
    }

    /// Queues the close frame; nothing follows it.
    pub(crate) fn close(&self, code: CloseCode, reason: &str) {
        self.close_with(frame::close(code, reason));
    }

    /// Queues this close frame; nothing follows it.
    pub(crate) fn close_with(&self, frame: Bytes) {
        self.queue_frame(Kind::Answer, Frame::Encoded(frame));
        let mut queue = self.queue.borrow_mut();
        queue.late.clear();
        queue.late_bytes = 0;
        drop(queue);
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
        let queue = self.queue.borrow();
        queue.answers + queue.joins <= self.budget.answers()
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

    /// Queues a frame; closes a socket for which more than its budget waits already. One frame alone may be larger.
    fn push(&self, kind: Kind, frame: Frame) {
        if self.bytes() > self.budget.0 {
            return self.close_slow();
        }
        self.queue_frame(kind, frame);
    }

    /// Bytes that wait for the socket in all.
    fn bytes(&self) -> usize {
        self.queue.borrow().bytes() + self.held_back.get()
    }

    fn queue_frame(&self, kind: Kind, frame: Frame) {
        let mut queue = self.queue.borrow_mut();
        if queue.end > End::Open {
            return;
        }
        *queue.load(kind) += frame.bytes();
        queue.frames.push_back((kind, frame));
        queue.wake();
    }

    fn close_slow(&self) {
        let mut queue = self.queue.borrow_mut();
        if queue.end > End::Open {
            return;
        }
        *queue = Queue { body: queue.body.take(), ..Queue::default() };
        drop(queue);
        let message = "this connection does not read fast enough; reconnect and resume".to_owned();
        let error = ServerMessage::Error { code: ErrorCode::TooSlow, message, fatal: true, about: None };
        self.queue_frame(Kind::Answer, Frame::Encoded(frame::message(&error)));
        self.close(CloseCode::TooSlow, "too slow, resume");
    }

    fn advance(&self, end: End) {
        let mut queue = self.queue.borrow_mut();
        queue.end = queue.end.max(end);
        queue.wake();
        self.changed.notify_one();
    }
}

impl Queue {
    fn bytes(&self) -> usize {
        self.broadcasts + self.answers + self.joins + self.late_bytes
    }

    fn keep_late(&mut self, topic: &Topic, late: Late) {
        if self.end == End::Open && self.late.insert(topic.clone(), late).is_none() {
            self.late_bytes += late_bytes(topic);
        }
    }

    fn forget_late(&mut self, topic: &Topic) {
        if self.late.remove(topic).is_some() {
            self.late_bytes -= late_bytes(topic);
        }
    }

    /// Queues late values as far as there is room for stream points.
    fn bring_late(&mut self, budget: Budget) {
        while let Some((topic, late)) = self.late.first_key_value() {
            if self.broadcasts > budget.streams(late.priority) {
                return;
            }
            let topic = topic.clone();
            let points = vec![late.point];
            self.forget_late(&topic);
            let frame = Frame::Encoded(frame::message(&ServerMessage::Stream { topic, points, thinned: true }));
            self.broadcasts += frame.bytes();
            self.frames.push_back((Kind::Broadcast, frame));
        }
    }

    fn load(&mut self, kind: Kind) -> &mut usize {
        match kind {
            Kind::Broadcast => &mut self.broadcasts,
            Kind::Answer => &mut self.answers,
            Kind::Join => &mut self.joins,
        }
    }

    fn wake(&mut self) {
        if let Some(body) = self.body.take() {
            body.wake();
        }
    }
}

/// Bytes that a late value takes.
fn late_bytes(topic: &Topic) -> usize {
    FRAME_OVERHEAD + topic.as_str().len()
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
        let was_answered = slot.is_answered();
        let mut queue = slot.queue.borrow_mut();
        queue.bring_late(slot.budget);
        let frame = if let Some(pong) = queue.pong.take() {
            pong
        } else if let Some((kind, frame)) = queue.frames.pop_front() {
            *queue.load(kind) -= frame.bytes();
            drop(queue);
            if !was_answered && slot.is_answered() {
                slot.changed.notify_one();
            }
            match frame {
                Frame::Encoded(frame) => frame,
                Frame::Held(message) => message.encode(),
            }
        } else {
            if queue.end >= End::Ended {
                return Poll::Ready(None);
            }
            queue.body = Some(cx.waker().clone());
            return Poll::Pending;
        };
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
