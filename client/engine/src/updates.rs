//! Orders a board's events and hides the network's mess from everything above.
//!
//! In: events in any order, repeated, with holes. Out: each event once, by ascending `seq`.
//! A hole older than `gap_timeout`, or more than `max_held` events behind it, means that the board has to be asked for
//! again. Never reads a clock.

use std::{collections::BTreeMap, time::Duration};

use tideboard_shared::{Seq, message::Event};

use crate::config::UpdatesConfig;

/// Puts one board's events in order.
#[derive(Debug)]
pub struct Orderer {
    config: UpdatesConfig,
    /// The last event handed out; `None` while a snapshot is awaited, so that all events are held.
    last: Option<Seq>,
    held: BTreeMap<Seq, Event>,
    hole_since: Option<Duration>,
}

impl Orderer {
    pub(crate) fn new(config: UpdatesConfig) -> Self {
        Self { config, last: None, held: BTreeMap::new(), hole_since: None }
    }

    /// Holds all events until [`Self::start_at`].
    pub(crate) fn suspend(&mut self) {
        self.last = None;
        self.held.clear();
        self.hole_since = None;
    }

    /// True if all events are held.
    pub(crate) fn is_suspended(&self) -> bool {
        self.last.is_none()
    }

    /// Continues after `seq`; returns held events that follow it.
    pub(crate) fn start_at(&mut self, seq: Seq, now: Duration) -> Vec<Event> {
        self.last = Some(seq);
        self.held = self.held.split_off(&seq.next());
        self.release(Vec::new(), now)
    }

    /// Forgets what waits behind a hole: the connection that would have filled it is gone.
    pub(crate) fn forget_held(&mut self) {
        self.held.clear();
        self.hole_since = None;
    }

    /// Takes events in, hands those out that are next.
    pub(crate) fn handle_events(&mut self, events: Vec<Event>, now: Duration) -> Vec<Event> {
        let mut ready = Vec::with_capacity(events.len());
        for event in events {
            match self.last {
                Some(last) if event.seq <= last => {}
                Some(last) if event.seq == last.next() => {
                    self.last = Some(event.seq);
                    ready.push(event);
                }
                _ => {
                    self.held.insert(event.seq, event);
                }
            }
        }
        self.release(ready, now)
    }

    /// True if a hole has been open for too long, or too much waits behind it.
    #[must_use]
    pub fn is_overdue(&self, now: Duration) -> bool {
        self.held.len() > self.config.max_held.get() || self.poll_timeout().is_some_and(|at| at <= now)
    }

    /// Time at which the hole, if there is one, becomes overdue.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.hole_since.map(|since| since + self.config.gap_timeout.get())
    }

    fn release(&mut self, mut ready: Vec<Event>, now: Duration) -> Vec<Event> {
        while let (Some(last), Some(first)) = (self.last, self.held.first_entry()) {
            match *first.key() {
                seq if seq <= last => drop(first.remove()),
                seq if seq == last.next() => {
                    self.last = Some(seq);
                    ready.push(first.remove());
                }
                _ => break,
            }
        }
        if self.held.is_empty() || self.last.is_none() {
            self.hole_since = None;
        } else {
            self.hole_since.get_or_insert(now);
        }
        ready
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tideboard_shared::{Action, Operation, UnixMs};

    use super::*;

    fn event(seq: u64) -> Event {
        let op = Operation {
            id: format!("c/{seq}").parse().unwrap(),
            entity: "e".into(),
            base: Seq(0),
            action: Action::Remove,
            on_conflict: Default::default(),
            again: false,
        };
        Event { seq: Seq(seq), by: "ann".into(), at: UnixMs(0), op: Arc::new(op) }
    }

    fn seqs(events: &[Event]) -> Vec<u64> {
        events.iter().map(|event| event.seq.0).collect()
    }

    fn handle(orderer: &mut Orderer, these: &[u64], at: u64) -> Vec<u64> {
        let events = these.iter().copied().map(event).collect();
        seqs(&orderer.handle_events(events, Duration::from_millis(at)))
    }

    #[test]
    fn each_event_comes_out_once_in_order_whatever_the_network_does() {
        let mut orderer = Orderer::new(UpdatesConfig::default());
        orderer.start_at(Seq(10), Duration::ZERO);
        assert_eq!(handle(&mut orderer, &[11, 11, 10, 3], 0), [11]);
        assert_eq!(handle(&mut orderer, &[14, 13], 0), [0; 0]);
        assert_eq!(handle(&mut orderer, &[12, 13], 0), [12, 13, 14]);
        assert_eq!(orderer.poll_timeout(), None);
    }

    #[test]
    fn a_hole_is_overdue_after_the_gap_timeout_and_not_before() {
        let mut orderer = Orderer::new(UpdatesConfig::default());
        orderer.start_at(Seq(0), Duration::ZERO);
        assert_eq!(handle(&mut orderer, &[2], 500), [0; 0]);
        assert_eq!(handle(&mut orderer, &[3], 900), [0; 0]);
        assert!(!orderer.is_overdue(Duration::from_millis(2_499)));
        assert!(orderer.is_overdue(Duration::from_millis(2_500)));
        assert_eq!(handle(&mut orderer, &[1], 2_600), [1, 2, 3]);
        assert!(!orderer.is_overdue(Duration::from_secs(100)));
    }

    #[test]
    fn no_more_than_max_held_events_wait_behind_a_hole() {
        let mut orderer = Orderer::new(UpdatesConfig { max_held: crate::config::count(3), ..UpdatesConfig::default() });
        orderer.start_at(Seq(0), Duration::ZERO);
        handle(&mut orderer, &[2, 3, 4], 0);
        assert!(!orderer.is_overdue(Duration::ZERO));
        handle(&mut orderer, &[5], 0);
        assert!(orderer.is_overdue(Duration::ZERO));
    }

    #[test]
    fn events_that_overtake_a_snapshot_wait_for_it() {
        let mut orderer = Orderer::new(UpdatesConfig::default());
        orderer.suspend();
        assert_eq!(handle(&mut orderer, &[41, 42, 43], 0), [0; 0]);
        assert_eq!(orderer.poll_timeout(), None);
        assert_eq!(seqs(&orderer.start_at(Seq(41), Duration::ZERO)), [42, 43]);
    }
}
