//! Stream subscriptions of one worker: who gets which points, how often, and what is left out.
//!
//! In: points and the time. Out: frames for slots, and when to look again. Never more than [`HELD_POINTS`] held for one
//! topic of one subscription; what is left out is announced by `thinned` in the next message.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    rc::Rc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use tideboard_shared::{Channel, Point, Priority, ServerMessage, Topic, message::Subscribe};

use super::{ReaderGuard, SessionKey, frame, slot::Slot};

/// Most points held back for one topic of a subscription with `max_rate_hz`; the latest win.
pub(crate) const HELD_POINTS: usize = 64;
/// Most topics for which one subscription holds points or a mark of thinning.
const HELD_TOPICS: usize = 256;
/// Slowest rate that is honoured: one message a minute.
const SLOWEST_HZ: f64 = 1.0 / 60.0;

/// Points and marks that wait for one topic of one subscription.
#[derive(Debug, Default)]
struct Held {
    points: VecDeque<Point>,
    is_thinned: bool,
    due: Option<Instant>,
    last_sent: Option<Instant>,
}

#[derive(Debug)]
struct Subscription {
    slot: Rc<Slot>,
    interval: Option<Duration>,
    priority: Priority,
    held: HashMap<Topic, Held>,
    _guard: ReaderGuard,
}

/// All stream subscriptions of one worker.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    exact: HashMap<Topic, Vec<Subscription>>,
    prefixes: BTreeMap<String, Vec<Subscription>>,
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
    fn get(&mut self, is_thinned: bool) -> Bytes {
        let slot = if is_thinned { &mut self.thinned } else { &mut self.plain };
        slot.get_or_insert_with(|| stream_frame(self.topic, self.points.to_vec(), is_thinned)).clone()
    }
}

fn stream_frame(topic: &Topic, points: Vec<Point>, thinned: bool) -> Bytes {
    frame::message(&ServerMessage::Stream { topic: topic.clone(), points, thinned })
}

impl Streams {
    /// Adds a subscription, or replaces the slot's earlier one to the same channel.
    pub(crate) fn join(&mut self, slot: &Rc<Slot>, request: &Subscribe, guard: ReaderGuard) {
        self.leave(slot.key(), &request.channel);
        let interval = request.max_rate_hz.filter(|hz| hz.is_finite() && *hz > 0.0);
        let subscription = Subscription {
            slot: Rc::clone(slot),
            interval: interval.map(|hz| Duration::from_secs_f64(1.0 / hz.max(SLOWEST_HZ))),
            priority: request.priority.unwrap_or_default(),
            held: HashMap::new(),
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

    /// Hands points to everyone who wants them, at once or later. When to call [`Self::flush`] for the latter.
    pub(crate) fn publish(&mut self, topic: &Topic, points: &[Point], now: Instant) -> Option<Instant> {
        self.offers += 1;
        let offer = self.offers;
        let mut frames = Frames { topic, points, plain: None, thinned: None };
        // A socket that subscribed to the topic and to a prefix of it gets the points once, by the topic's settings.
        let exact = self.exact.get_mut(topic).into_iter().flatten();
        let prefixed = self.prefixes.iter_mut().filter(|(prefix, _)| topic.as_str().starts_with(prefix.as_str()));
        exact
            .chain(prefixed.flat_map(|(_, readers)| readers))
            .filter(|reader| reader.slot.last_offer.replace(offer) != offer)
            .filter_map(|reader| reader.publish(&mut frames, now))
            .min()
    }

    /// Sends what is due. When to call again.
    pub(crate) fn flush(&mut self, now: Instant) -> Option<Instant> {
        let all = self.exact.values_mut().chain(self.prefixes.values_mut()).flatten();
        all.filter_map(|reader| reader.flush(now)).min()
    }
}

impl Subscription {
    fn publish(&mut self, frames: &mut Frames<'_>, now: Instant) -> Option<Instant> {
        let Some(interval) = self.interval else {
            let is_thinned = self.held.get(frames.topic).is_some_and(|held| held.is_thinned);
            let is_sent = self.slot.offer(frames.get(is_thinned), self.priority);
            match (is_sent, is_thinned) {
                (true, true) => drop(self.held.remove(frames.topic)),
                (false, false) => {
                    if let Some(held) = self.held(frames.topic) {
                        held.is_thinned = true;
                    }
                }
                (true, false) | (false, true) => {}
            }
            return None;
        };
        let held = self.held(frames.topic)?;
        held.points.extend(frames.points);
        let excess = held.points.len().saturating_sub(HELD_POINTS);
        held.points.drain(..excess);
        held.is_thinned |= excess > 0;
        let due = held.last_sent.map_or(now, |sent| sent + interval);
        held.due = Some(due);
        if due <= now { self.flush(now) } else { Some(due) }
    }

    fn flush(&mut self, now: Instant) -> Option<Instant> {
        let mut next = None;
        for (topic, held) in &mut self.held {
            let Some(due) = held.due else { continue };
            if due > now {
                next = Some(next.map_or(due, |next: Instant| next.min(due)));
                continue;
            }
            held.due = None;
            held.last_sent = Some(now);
            let points = held.points.drain(..).collect();
            held.is_thinned = !self.slot.offer(stream_frame(topic, points, held.is_thinned), self.priority);
        }
        next
    }

    /// The place for this topic. When there are too many, one that holds nothing gives way; points for it are left out
    /// while there is none.
    fn held(&mut self, topic: &Topic) -> Option<&mut Held> {
        if self.held.len() >= HELD_TOPICS && !self.held.contains_key(topic) {
            self.held.retain(|_, held| held.due.is_some() || held.is_thinned);
            if self.held.len() >= HELD_TOPICS {
                return None;
            }
        }
        Some(self.held.entry(topic.clone()).or_default())
    }
}

#[cfg(test)]
mod tests;
