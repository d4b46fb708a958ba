//! Stream subscriptions of one worker: who gets which points, how often, and what is left out.
//!
//! In: points and the time. Out: frames for slots, and when to look again. Never more than [`HELD_POINTS`] held for one
//! topic of one subscription; what is left out is announced by `thinned` in the next message. What a slot has no room for,
//! it keeps the latest of by itself.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, VecDeque},
    rc::Rc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use tideboard_shared::{Channel, Point, Priority, ServerMessage, Topic, message::Subscribe};

use super::{
    ReaderGuard, SessionKey, frame,
    slot::{IsThinned, Slot},
};

/// Most points held back for one topic of a subscription with `max_rate_hz`; the latest win.
pub(crate) const HELD_POINTS: usize = 64;
/// Most points held back for all topics of a subscription: fewer of each, but always the latest.
const HELD_POINTS_IN_ALL: usize = 16_384;
/// Slowest rate that is honoured: one message a minute.
const SLOWEST_HZ: f64 = 1.0 / 60.0;
/// Bytes that a topic takes beside its name and its points.
const TOPIC_BYTES: usize = 256;
/// Topics below which none is looked for that can be forgotten.
const FEW_TOPICS: usize = 64;

/// State of one topic of a subscription with a rate.
#[derive(Debug)]
struct Held {
    points: VecDeque<Point>,
    is_thinned: bool,
    last_sent: Instant,
}

/// Rate of a subscription, and what waits because of it. A topic is known as long as its last message forbids another.
#[derive(Debug)]
struct Rate {
    interval: Duration,
    topics: HashMap<Topic, Held>,
    /// Times at which topics may have something to send, each at least as early as it is due.
    due: BinaryHeap<Reverse<(Instant, Topic)>>,
    /// Topics that were left when those that can be forgotten were last looked for.
    left: usize,
    /// Bytes counted in the slot.
    bytes: usize,
}

#[derive(Debug)]
struct Subscription {
    slot: Rc<Slot>,
    rate: Option<Rate>,
    priority: Priority,
    _guard: ReaderGuard,
}

/// All stream subscriptions of one worker.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    exact: HashMap<Topic, Vec<Subscription>>,
    prefixes: HashMap<String, Vec<Subscription>>,
    offers: u64,
}

/// The two frames that a batch of points can be, each made when first needed.
struct Frames<'a> {
    topic: &'a Topic,
    points: &'a [Point],
    plain: Option<Bytes>,
    thinned: Option<Bytes>,
}

impl Frames<'_> {
    fn get(&mut self, is_thinned: IsThinned) -> Bytes {
        let frame = if is_thinned.0 { &mut self.thinned } else { &mut self.plain };
        frame.get_or_insert_with(|| stream_frame(self.topic, self.points.to_vec(), is_thinned)).clone()
    }
}

fn stream_frame(topic: &Topic, points: Vec<Point>, IsThinned(thinned): IsThinned) -> Bytes {
    frame::message(&ServerMessage::Stream { topic: topic.clone(), points, thinned })
}

impl Streams {
    /// Adds a subscription, or replaces the slot's earlier one to the same channel.
    pub(crate) fn join(&mut self, slot: &Rc<Slot>, request: &Subscribe, guard: ReaderGuard) {
        self.leave(slot.key(), &request.channel);
        let hz = request.max_rate_hz.filter(|hz| hz.is_finite() && *hz > 0.0);
        let subscription = Subscription {
            slot: Rc::clone(slot),
            rate: hz.map(|hz| Rate::new(Duration::from_secs_f64(1.0 / hz.max(SLOWEST_HZ)))),
            priority: request.priority.unwrap_or_default(),
            _guard: guard,
        };
        match &request.channel {
            Channel::Stream(topic) => self.exact.entry(topic.clone()).or_default().push(subscription),
            Channel::StreamPrefix(prefix) => self.prefixes.entry(prefix.clone()).or_default().push(subscription),
            Channel::Board(_) | Channel::Presence(_) | Channel::Notifications => {}
        }
    }

    /// Ends a subscription, if there is one.
    pub(crate) fn leave(&mut self, key: SessionKey, channel: &Channel) {
        match channel {
            Channel::Stream(topic) => {
                if let Some(readers) = self.exact.get_mut(topic) {
                    readers.retain(|reader| reader.slot.key() != key);
                    if readers.is_empty() {
                        self.exact.remove(topic);
                    }
                }
            }
            Channel::StreamPrefix(prefix) => {
                if let Some(readers) = self.prefixes.get_mut(prefix) {
                    readers.retain(|reader| reader.slot.key() != key);
                    if readers.is_empty() {
                        self.prefixes.remove(prefix);
                    }
                }
            }
            Channel::Board(_) | Channel::Presence(_) | Channel::Notifications => {}
        }
    }

    /// Hands points, at least one, to everyone who wants them, at once or later. When to call [`Self::flush`] for the
    /// latter.
    pub(crate) fn publish(&mut self, topic: &Topic, points: &[Point], now: Instant) -> Option<Instant> {
        let latest = *points.last()?;
        self.offers += 1;
        let offer = self.offers;
        let mut frames = Frames { topic, points, plain: None, thinned: None };
        let mut next = None;
        let mut give = |readers: &mut Vec<Subscription>| {
            for reader in readers {
                // A socket that subscribed to the topic and to a prefix of it gets the points once, by the topic's
                // settings.
                if reader.slot.last_offer.replace(offer) != offer {
                    next = next.into_iter().chain(reader.publish(&mut frames, latest, now)).min();
                }
            }
        };
        if let Some(readers) = self.exact.get_mut(topic) {
            give(readers);
        }
        let name = topic.as_str();
        for end in 0..=name.len() {
            if let Some(prefix) = name.get(..end)
                && let Some(readers) = self.prefixes.get_mut(prefix)
            {
                give(readers);
            }
        }
        next
    }

    /// Sends what is due. When to call again.
    pub(crate) fn flush(&mut self, now: Instant) -> Option<Instant> {
        let all = self.exact.values_mut().chain(self.prefixes.values_mut()).flatten();
        all.filter_map(|reader| reader.flush(now)).min()
    }
}

impl Subscription {
    fn publish(&mut self, frames: &mut Frames<'_>, latest: Point, now: Instant) -> Option<Instant> {
        let Some(rate) = &mut self.rate else {
            self.slot.offer(frames.topic, latest, self.priority, |is_thinned| frames.get(is_thinned));
            return None;
        };
        if rate.is_free(frames.topic, now) {
            self.slot.offer(frames.topic, latest, self.priority, |is_thinned| frames.get(is_thinned));
            self.slot.release(rate.forget_free(now));
            self.slot.hold_back(rate.sent(frames.topic, now));
            return None;
        }
        rate.hold(frames.topic, frames.points)
    }

    fn flush(&mut self, now: Instant) -> Option<Instant> {
        let rate = self.rate.as_mut()?;
        while let Some((topic, points, is_thinned)) = rate.take_due(now) {
            let Some(latest) = points.last().copied() else { continue };
            self.slot.offer(&topic, latest, self.priority, |is_late| {
                stream_frame(&topic, points, IsThinned(is_thinned.0 || is_late.0))
            });
        }
        rate.next_due()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(rate) = &self.rate {
            self.slot.release(rate.bytes);
        }
    }
}

impl Rate {
    fn new(interval: Duration) -> Self {
        Self { interval, topics: HashMap::new(), due: BinaryHeap::new(), left: FEW_TOPICS, bytes: 0 }
    }

    /// Says whether points of this topic may be sent at once.
    fn is_free(&self, topic: &Topic, now: Instant) -> bool {
        self.topics.get(topic).is_none_or(|held| held.points.is_empty() && held.last_sent + self.interval <= now)
    }

    /// Notes that a free topic was sent. Returns the bytes that this takes.
    fn sent(&mut self, topic: &Topic, now: Instant) -> usize {
        if let Some(held) = self.topics.get_mut(topic) {
            held.last_sent = now;
            return 0;
        }
        let held = Held { points: VecDeque::new(), is_thinned: false, last_sent: now };
        self.topics.insert(topic.clone(), held);
        let more = topic_bytes(topic);
        self.bytes += more;
        more
    }

    /// Holds points of a topic that is not free. Returns when they are due.
    fn hold(&mut self, topic: &Topic, points: &[Point]) -> Option<Instant> {
        let most = (HELD_POINTS_IN_ALL / self.topics.len().max(1)).clamp(1, HELD_POINTS);
        let held = self.topics.get_mut(topic)?;
        let due = held.last_sent + self.interval;
        if held.points.is_empty() {
            self.due.push(Reverse((due, topic.clone())));
        }
        held.points.extend(points);
        let excess = held.points.len().saturating_sub(most);
        held.points.drain(..excess);
        held.is_thinned |= excess > 0;
        Some(due)
    }

    /// Takes the points of one topic that are due, with whether some before them were left out.
    fn take_due(&mut self, now: Instant) -> Option<(Topic, Vec<Point>, IsThinned)> {
        if self.next_due()? > now {
            return None;
        }
        let Reverse((_, topic)) = self.due.pop()?;
        let held = self.topics.get_mut(&topic)?;
        held.last_sent = now;
        let points = held.points.drain(..).collect();
        let is_thinned = IsThinned(std::mem::take(&mut held.is_thinned));
        Some((topic, points, is_thinned))
    }

    fn next_due(&self) -> Option<Instant> {
        self.due.peek().map(|Reverse((due, _))| *due)
    }

    /// Forgets topics that are free, when there are many more than last time. Returns the bytes that they took.
    fn forget_free(&mut self, now: Instant) -> usize {
        if self.topics.len() < self.left * 2 {
            return 0;
        }
        let before = self.bytes;
        let interval = self.interval;
        let gone = self.topics.extract_if(|_, held| held.points.is_empty() && held.last_sent + interval <= now);
        self.bytes -= gone.map(|(topic, _)| topic_bytes(&topic)).sum::<usize>();
        self.left = self.topics.len().max(FEW_TOPICS);
        before - self.bytes
    }
}

/// Bytes that a known topic takes, with its share of the points.
fn topic_bytes(topic: &Topic) -> usize {
    TOPIC_BYTES + topic.as_str().len()
}

#[cfg(test)]
mod tests;
