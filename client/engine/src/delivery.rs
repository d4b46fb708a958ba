//! Hands arrivals to consumers: not faster than each wants them, in order, with nothing lost in silence.
//!
//! In: events of boards as they are applied, new points of streams, messages, frames that are painted, time. Out: items
//! for each consumer. A board event is handed over exactly once, in order, or counted in a [`Missed`] at its place:
//! when the server could not resume, or when a consumer was paused for longer than it may hold. Without a [`KeyFn`] or
//! a [`FoldFn`], which the application gives, nothing is folded. Never: more than `delivery.max_missed` items for a
//! paused consumer.

use std::{collections::BTreeMap, rc::Rc, time::Duration};

use serde::{Deserialize, Serialize};
use tideboard_shared::{
    BoardId, Channel, Epoch, Point, Position, Seq, ServerMessage, ServerMessageType, Topic,
    message::{Event, Priority},
};

use crate::{Now, config::DeliveryConfig};

mod consumer;
mod held;
mod item;
mod policy;
#[cfg(test)]
mod tests;
mod view;

use consumer::Consumer;
pub(crate) use consumer::HandOver;
pub(crate) use item::carried;
pub use item::{Body, FoldFn, Item, KeyFn, Missed, MissedWhy};
pub use policy::Policy;
pub use view::{DeliveryStatus, DeliveryView};

/// Names one consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DeliveryId(pub u64);

/// Source of a consumer's items.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A channel: a board's events, the new points of streams, or presences and notifications as messages.
    ///
    /// It has to be subscribed to beside the consumer.
    Channel(Channel),
    /// Every message of a type.
    Messages(ServerMessageType),
}

impl Source {
    /// The board whose events these are.
    #[must_use]
    pub fn board(&self) -> Option<&BoardId> {
        match self {
            Self::Channel(Channel::Board(board)) => Some(board),
            Self::Channel(_) | Self::Messages(_) => None,
        }
    }
}

/// Options of a consumer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeliveryOptions {
    /// Source of its items.
    pub source: Source,
    /// Time at which it gets them. Default `delivery.strategy`.
    pub policy: Option<Policy>,
    /// `critical` gets everything at once, whatever the policy. Among several that are due, the higher goes first.
    pub priority: Priority,
    /// Key of an item. Of the items in one hand-over with the same key, the latest stands for all. Default none.
    #[serde(skip)]
    pub dedup: Option<KeyFn>,
    /// Result of items that would replace each other. Default the latest.
    #[serde(skip)]
    pub merge: Option<FoldFn>,
    /// Without news for so long it is stale. A live board never is; one that was cut off is, after so long. Default
    /// `delivery.stale_after`.
    pub stale_after: Option<Duration>,
}

impl DeliveryOptions {
    /// A consumer of the usual kind.
    #[must_use]
    pub fn new(source: Source) -> Self {
        let priority = Priority::default();
        Self { source, policy: None, priority, dedup: None, merge: None, stale_after: None }
    }

    /// Copy of these options as data, without functions.
    pub(crate) fn without_functions(&self) -> Self {
        Self { dedup: None, merge: None, ..self.clone() }
    }
}

/// Error of opening a consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// As many are open as may be. Free again when one is closed.
    #[error("{limit} consumers are open, which is the most")]
    TooMany {
        /// Most consumers that may be open.
        limit: usize,
    },
}

/// Relation between the items of a consumer and the server's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Link {
    Loading,
    Live,
    CatchingUp,
    Polled,
    Cut,
    Denied(String),
}

/// All consumers.
#[derive(Debug)]
pub(crate) struct Deliveries {
    config: DeliveryConfig,
    open: BTreeMap<DeliveryId, Consumer>,
    by_source: BTreeMap<Source, Vec<DeliveryId>>,
    last_id: u64,
    is_frame_requested: bool,
}

impl Deliveries {
    pub(crate) fn new(config: DeliveryConfig) -> Self {
        Self { config, open: BTreeMap::new(), by_source: BTreeMap::new(), last_id: 0, is_frame_requested: false }
    }

    /// The name of the next consumer that is opened.
    pub(crate) fn next_id(&self) -> DeliveryId {
        DeliveryId(self.last_id + 1)
    }

    /// `seen`: how far a board has come, so that what follows is handed over.
    pub(crate) fn open(&mut self, options: DeliveryOptions, seen: Option<Position>) -> Result<DeliveryId, OpenError> {
        let limit = self.config.max_open.get();
        if self.open.len() >= limit {
            return Err(OpenError::TooMany { limit });
        }
        let id = self.next_id();
        self.last_id = id.0;
        self.by_source.entry(options.source.clone()).or_default().push(id);
        self.open.insert(id, Consumer::new(options, seen, &self.config));
        Ok(id)
    }

    /// Closes a consumer; what still waits for it.
    pub(crate) fn close(&mut self, id: DeliveryId) -> Option<HandOver> {
        let mut consumer = self.open.remove(&id)?;
        if let Some(ids) = self.by_source.get_mut(&consumer.options.source) {
            ids.retain(|other| *other != id);
            if ids.is_empty() {
                self.by_source.remove(&consumer.options.source);
            }
        }
        consumer.hand_over(None)
    }

    pub(crate) fn pause(&mut self, id: DeliveryId) {
        if let Some(consumer) = self.open.get_mut(&id) {
            consumer.pause();
            consumer.shrink(&self.config);
        }
    }

    pub(crate) fn resume(&mut self, id: DeliveryId, now: Duration) -> Option<HandOver> {
        self.open.get_mut(&id).and_then(|consumer| consumer.resume(now))
    }

    pub(crate) fn source(&self, id: DeliveryId) -> Option<&Source> {
        self.open.get(&id).map(|consumer| &consumer.options.source)
    }

    pub(crate) fn view(&self, id: DeliveryId, link: Link) -> Option<DeliveryView> {
        self.open.get(&id).map(|consumer| consumer.view(link))
    }

    /// Says whether somebody gets what comes from a source.
    pub(crate) fn has(&self, source: &Source) -> bool {
        self.by_source.contains_key(source)
    }

    /// A board went from `base` on, in one log, by these events. Returns who gets them.
    pub(crate) fn offer_events(&mut self, board: &BoardId, advance: &Advance, now: Now) -> Vec<DeliveryId> {
        let Advance { epoch, base, events, is_new_log } = advance;
        let source = Source::Channel(Channel::Board(board.clone()));
        self.each(&source, |consumer| consumer.offer_events(epoch, *base, events, *is_new_log, now))
    }

    /// New points of a stream came; `is_gapless` when they follow those before without a hole. Returns who gets them.
    pub(crate) fn offer_points(
        &mut self,
        topic: &Topic,
        points: &[Point],
        is_gapless: bool,
        now: Now,
    ) -> Vec<DeliveryId> {
        if self.open.is_empty() {
            return Vec::new();
        }
        let prefixes = self.by_source.range(Source::Channel(Channel::StreamPrefix(String::new()))..);
        let carries = |source: &&Source| match source {
            Source::Channel(Channel::StreamPrefix(prefix)) => topic.as_str().starts_with(prefix.as_str()),
            Source::Channel(_) | Source::Messages(_) => false,
        };
        let mut sources: Vec<_> = prefixes.map(|(source, _)| source).filter(carries).cloned().collect();
        sources.push(Source::Channel(Channel::Stream(topic.clone())));
        let body = |point: &Point| Body::Point { topic: topic.clone(), point: *point };
        let offer = |consumer: &mut Consumer| consumer.offer(points.iter().map(body).collect(), is_gapless, now);
        sources.iter().flat_map(|source| self.each(source, offer)).collect()
    }

    /// A message came. Returns who gets it.
    pub(crate) fn offer_message(
        &mut self,
        message: &Rc<ServerMessage>,
        channel: Option<&Channel>,
        now: Now,
    ) -> Vec<DeliveryId> {
        if self.open.is_empty() {
            return Vec::new();
        }
        let kind = Source::Messages(message.message_type());
        let sources = channel.cloned().map(Source::Channel).into_iter().chain([kind]);
        let offer = |consumer: &mut Consumer| consumer.offer(vec![Body::Message(Rc::clone(message))], false, now);
        sources.flat_map(|source| self.each(&source, offer)).collect()
    }

    /// The connection is gone.
    pub(crate) fn handle_lost(&mut self, is_live: impl Fn(&BoardId) -> bool, now: Duration) {
        for consumer in self.open.values_mut() {
            let board = consumer.options.source.board().cloned();
            consumer.handle_lost(board.is_some(), board.as_ref().is_some_and(&is_live), now);
        }
    }

    /// A board is what it is on the server.
    pub(crate) fn handle_current(&mut self, board: &BoardId) {
        self.each(&Source::Channel(Channel::Board(board.clone())), Consumer::handle_current);
    }

    /// A frame is about to be painted: what waits for it.
    pub(crate) fn handle_frame(&mut self, now: Duration) -> Vec<(DeliveryId, HandOver)> {
        self.is_frame_requested = false;
        self.hand_over(|consumer, _| consumer.wants_frame(), now)
    }

    /// Takes the items that are due.
    pub(crate) fn hand_over_due(&mut self, now: Duration) -> Vec<(DeliveryId, HandOver)> {
        self.hand_over(|consumer, config| consumer.due(config).is_some_and(|at| at <= now), now)
    }

    /// Consumers that became stale.
    pub(crate) fn handle_timeout(&mut self, now: Duration) -> Vec<DeliveryId> {
        let became_stale = |(id, consumer): (&DeliveryId, &mut Consumer)| consumer.handle_timeout(now).then_some(*id);
        self.open.iter_mut().filter_map(became_stale).collect()
    }

    /// Says whether a frame has to be requested.
    pub(crate) fn request_frame(&mut self) -> bool {
        let is_new = !self.is_frame_requested && self.open.values().any(Consumer::wants_frame);
        self.is_frame_requested |= is_new;
        is_new
    }

    pub(crate) fn due(&self) -> Option<Duration> {
        self.open.values().filter_map(|consumer| consumer.due(&self.config)).min()
    }

    pub(crate) fn stale_at(&self) -> Option<Duration> {
        self.open.values().filter_map(Consumer::stale_at).min()
    }

    fn each(&mut self, source: &Source, act: impl Fn(&mut Consumer)) -> Vec<DeliveryId> {
        let ids = self.by_source.get(source).cloned().unwrap_or_default();
        for id in &ids {
            if let Some(consumer) = self.open.get_mut(id) {
                act(consumer);
                consumer.shrink(&self.config);
            }
        }
        ids
    }

    fn hand_over(
        &mut self,
        is_due: impl Fn(&Consumer, &DeliveryConfig) -> bool,
        now: Duration,
    ) -> Vec<(DeliveryId, HandOver)> {
        let Self { open, config, .. } = self;
        let due = open.iter_mut().filter(|(_, consumer)| is_due(consumer, config));
        let mut due: Vec<_> = due.map(|(id, consumer)| (*id, consumer)).collect();
        crate::sort::sort_few(&mut due, |(id, consumer)| (std::cmp::Reverse(consumer.options.priority), *id));
        due.into_iter().filter_map(|(id, consumer)| Some((id, consumer.hand_over(Some(now))?))).collect()
    }
}

/// Way of a board from one position to the next.
#[derive(Debug)]
pub(crate) struct Advance {
    pub(crate) epoch: Epoch,
    /// Position before the events; higher than the one before them when a snapshot brought the board there.
    pub(crate) base: Seq,
    pub(crate) events: Vec<Rc<Event>>,
    pub(crate) is_new_log: bool,
}
