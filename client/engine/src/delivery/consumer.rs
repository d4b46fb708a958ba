//! Items that wait for one consumer, and the times to hand them over.

use std::{rc::Rc, time::Duration};

use tideboard_shared::{
    Epoch, Position, Seq, UnixMs,
    message::{Event, Priority},
};

use super::{
    DeliveryOptions, DeliveryStatus, DeliveryView, Link,
    held::Held,
    item::{Body, Item, MissedWhy},
    policy::{Policy, Waiting},
    view::Fresh,
};
use crate::{Now, config::DeliveryConfig, subscriptions::Rate};

/// Place in a board's log up to which a consumer has been told.
#[derive(Debug)]
struct Seen {
    epoch: Epoch,
    seq: Seq,
}

/// Consumer with its waiting items.
#[derive(Debug)]
pub(super) struct Consumer {
    pub(super) options: DeliveryOptions,
    policy: Policy,
    stale_after: Option<Duration>,
    held: Held,
    is_paused: bool,
    /// Arrival of the oldest and the latest waiting item.
    waiting: Option<(Duration, Duration)>,
    last_delivered: Option<Duration>,
    /// A board: the last event that it was offered.
    seen: Option<Seen>,
    /// The connection was cut since the last arrival.
    was_cut: bool,
    is_stale: bool,
    /// Time at which the consumer becomes stale, unless something is heard.
    stale_at: Option<Duration>,
    /// Time at which the shown items were last known to match the server.
    fresh_at: Option<Duration>,
    received: u64,
    delivered: u64,
    /// Items that were not handed over one by one, with the number of them that the channel's metrics have yet to hear
    /// of.
    coalesced: u64,
    uncounted: u64,
    last_update: Option<UnixMs>,
    rate: Rate,
}

/// Items that are handed to a consumer at once.
#[derive(Debug)]
pub(crate) struct HandOver {
    pub(crate) items: Vec<Item>,
    /// Items that arrived, without those that say that others were missed.
    pub(crate) delivered: u64,
    /// Items that were not handed over one by one since the last time.
    pub(crate) coalesced: u64,
}

impl Consumer {
    pub(super) fn new(options: DeliveryOptions, seen: Option<Position>, config: &DeliveryConfig) -> Self {
        Self {
            policy: options.policy.unwrap_or_else(|| Policy::configured(config.strategy, config)),
            stale_after: options.stale_after.or(config.stale_after.map(|span| span.get())),
            options,
            held: Held::default(),
            is_paused: false,
            waiting: None,
            last_delivered: None,
            seen: seen.map(|Position { epoch, seq, .. }| Seen { epoch, seq }),
            was_cut: false,
            is_stale: false,
            stale_at: None,
            fresh_at: None,
            received: 0,
            delivered: 0,
            coalesced: 0,
            uncounted: 0,
            last_update: None,
            rate: Rate::default(),
        }
    }

    /// Takes in events that follow each other, the first after `base`; and a snapshot at `base` before them, if there
    /// was one.
    pub(super) fn offer_events(&mut self, epoch: &Epoch, base: Seq, events: &[Rc<Event>], is_new_log: bool, now: Now) {
        if let Some(seen) = &self.seen {
            let is_same_log = !is_new_log && seen.epoch == *epoch && seen.seq <= base;
            let why = if is_same_log { MissedWhy::Snapshot } else { MissedWhy::NewLog };
            let count = is_same_log.then(|| base.0 - seen.seq.0);
            if count != Some(0) {
                self.miss(count, why, Some(base), now);
            }
        }
        self.seen = Some(Seen { epoch: epoch.clone(), seq: base });
        for event in events {
            self.seen = Some(Seen { epoch: epoch.clone(), seq: event.seq });
            self.push(Body::Event(Rc::clone(event)));
        }
        self.note_arrival(events.len(), now);
    }

    /// Takes in what came through a stream or as a message. `is_gapless`: nothing was lost though the connection was
    /// cut.
    pub(super) fn offer(&mut self, bodies: Vec<Body>, is_gapless: bool, now: Now) {
        if std::mem::take(&mut self.was_cut) && !is_gapless {
            self.miss(None, MissedWhy::Outage, None, now);
        }
        let n = bodies.len();
        for body in bodies {
            self.push(body);
        }
        self.note_arrival(n, now);
    }

    /// The connection is gone. `was_current`: until now it had what is.
    pub(super) fn handle_lost(&mut self, is_board: bool, was_current: bool, now: Duration) {
        self.was_cut |= self.received > 0;
        if is_board && was_current {
            self.fresh_at = Some(now);
            self.stale_at = self.stale_after.map(|after| now.saturating_add(after));
        }
    }

    /// A board is what it is on the server again.
    pub(super) fn handle_current(&mut self) {
        self.stale_at = None;
        self.is_stale = false;
    }

    pub(super) fn pause(&mut self) {
        self.is_paused = true;
    }

    /// Goes on; what was missed is due at once.
    pub(super) fn resume(&mut self, now: Duration) -> Option<HandOver> {
        self.is_paused = false;
        self.hand_over(Some(now))
    }

    /// Says whether the consumer became stale.
    pub(super) fn handle_timeout(&mut self, now: Duration) -> bool {
        let is_due = self.stale_at.take_if(|at| *at <= now).is_some();
        self.is_stale |= is_due;
        is_due
    }

    pub(super) fn stale_at(&self) -> Option<Duration> {
        self.stale_at
    }

    /// Time at which the waiting items are due; `None` when nothing waits, or nothing forces a hand-over.
    pub(super) fn due(&self, config: &DeliveryConfig) -> Option<Duration> {
        if self.is_paused || self.held.is_empty() {
            return None;
        }
        let (since, until) = self.waiting?;
        if self.options.priority == Priority::Critical || self.held.len() >= config.max_held.get() {
            return Some(since);
        }
        let waiting = Waiting { len: self.held.len(), since, until, last: self.last_delivered };
        Some(self.policy.due(waiting, config.frame_timeout.get()))
    }

    /// Says whether the consumer waits for a frame to be painted.
    pub(super) fn wants_frame(&self) -> bool {
        self.policy == Policy::Raf && !self.is_paused && !self.held.is_empty()
    }

    /// Takes all waiting items. `now` is `None` for the last time.
    pub(super) fn hand_over(&mut self, now: Option<Duration>) -> Option<HandOver> {
        self.waiting = None;
        let items = self.held.take();
        if items.is_empty() {
            return None;
        }
        self.last_delivered = now;
        let delivered = items.iter().filter(|item| item.stands_for > 0).count() as u64;
        self.delivered += delivered;
        Some(HandOver { items, delivered, coalesced: std::mem::take(&mut self.uncounted) })
    }

    pub(super) fn view(&self, link: Link) -> DeliveryView {
        let is_current = link == Link::Live;
        let is_board = self.options.source.board().is_some();
        let status = match link {
            Link::Denied(reason) => DeliveryStatus::Error { reason },
            _ if self.is_paused => DeliveryStatus::Paused,
            Link::Polled => DeliveryStatus::Polled,
            Link::Loading => DeliveryStatus::Loading,
            Link::Live | Link::CatchingUp if !is_board && self.received == 0 => DeliveryStatus::Loading,
            Link::Live if self.is_stale && !is_board => DeliveryStatus::Stale,
            Link::Live => DeliveryStatus::Live,
            Link::CatchingUp => DeliveryStatus::CatchingUp,
            Link::Cut if !is_board && self.received == 0 => DeliveryStatus::Loading,
            Link::Cut if self.is_stale || self.stale_at.is_none() => DeliveryStatus::Stale,
            Link::Cut => DeliveryStatus::CatchingUp,
        };
        let fresh_at = if is_board && is_current { Fresh::Now } else { self.fresh_at.map_or(Fresh::Never, Fresh::At) };
        DeliveryView {
            status,
            held: self.held.len(),
            left_out: self.held.left_out(),
            received: self.received,
            delivered: self.delivered,
            coalesced: self.coalesced,
            last_update: self.last_update,
            rate: self.rate,
            fresh_at,
        }
    }

    /// Leaves out what is more than a paused consumer may hold.
    pub(super) fn shrink(&mut self, config: &DeliveryConfig) {
        if self.is_paused {
            let left_out = self.held.shrink(config.max_missed.get());
            self.coalesced += left_out;
            self.uncounted += left_out;
        }
    }

    fn push(&mut self, body: Body) {
        let DeliveryOptions { dedup, merge, .. } = &self.options;
        let is_folded = self.held.push(Item::new(body), dedup.as_ref(), merge.as_ref());
        self.received += 1;
        self.coalesced += u64::from(is_folded);
        self.uncounted += u64::from(is_folded);
    }

    fn miss(&mut self, count: Option<u64>, why: MissedWhy, through: Option<Seq>, now: Now) {
        self.held.push_missed(Item::missed(count, why, through));
        self.note_waiting(now.mono);
    }

    fn note_arrival(&mut self, n: usize, now: Now) {
        self.is_stale = false;
        self.fresh_at = Some(now.mono);
        let is_board = self.options.source.board().is_some();
        self.stale_at = match self.stale_after {
            Some(after) if !is_board => Some(now.mono.saturating_add(after)),
            _ => None,
        };
        if n > 0 {
            self.last_update = Some(now.wall);
            self.rate.note(n, now.mono);
            self.note_waiting(now.mono);
        }
    }

    fn note_waiting(&mut self, now: Duration) {
        self.waiting = Some((self.waiting.map_or(now, |(since, _)| since), now));
    }
}
