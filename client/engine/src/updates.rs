//! Orders a board's events and hides the network's mess from everything above.
//!
//! In: events in any order, repeated, with holes, and the log's check at the last of each message. Out: each event once,
//! by ascending `seq`.
//! A hole older than `gap_timeout`, or more than `max_held` events behind it, means that the board has to be asked for
//! again. Never reads a clock.

use std::{collections::BTreeMap, time::Duration};

use tideboard_shared::{Check, Seq, message::Event};

use crate::config::UpdatesConfig;

/// Event in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Ordered {
    /// The event.
    pub event: Event,
    /// Check of the log with it; known of the last event of a message.
    pub check: Option<Check>,
}

/// Puts one board's events in order.
#[derive(Debug)]
pub struct Orderer {
    config: UpdatesConfig,
    /// The last event handed out; `None` while a snapshot is awaited, so that all events are held.
    last: Option<Seq>,
    held: BTreeMap<Seq, Ordered>,
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
    pub(crate) fn start_at(&mut self, seq: Seq, now: Duration) -> Vec<Ordered> {
        self.last = Some(seq);
        self.held = self.held.split_off(&seq.next());
        self.release(Vec::new(), now)
    }

    /// Forgets what waits behind a hole: the connection that would have filled it is gone.
    pub(crate) fn forget_held(&mut self) {
        self.held.clear();
        self.hole_since = None;
    }

    /// Takes the events of a message in, hands those out that are next. `check` is the log's with the last of them.
    pub(crate) fn handle_events(&mut self, events: Vec<Event>, check: Check, now: Duration) -> Vec<Ordered> {
        let mut ready = Vec::with_capacity(events.len());
        let end = events.last().map(|event| event.seq);
        for event in events {
            let seq = event.seq;
            let check = if Some(seq) == end { Some(check) } else { None };
            match self.last {
                Some(last) if seq <= last => {}
                Some(last) if seq == last.next() => {
                    self.last = Some(seq);
                    ready.push(Ordered { event, check });
                }
                _ => {
                    let held = self.held.entry(seq).or_insert(Ordered { event, check: None });
                    held.check = held.check.or(check);
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

    fn release(&mut self, mut ready: Vec<Ordered>, now: Duration) -> Vec<Ordered> {
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
        };
        Event { seq: Seq(seq), by: "ann".into(), at: UnixMs(0), op: Arc::new(op) }
    }

    fn seqs(events: &[Ordered]) -> Vec<u64> {
        events.iter().map(|ordered| ordered.event.seq.0).collect()
    }

    fn handle(orderer: &mut Orderer, these: &[u64], at: u64) -> Vec<u64> {
        let events = these.iter().copied().map(event).collect();
        seqs(&orderer.handle_events(events, Check::EMPTY, Duration::from_millis(at)))
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
    fn the_last_event_that_comes_out_has_its_check_however_messages_overlap() {
        let mut orderer = Orderer::new(UpdatesConfig::default());
        orderer.start_at(Seq(0), Duration::ZERO);
        let [one, other] = ["00000000000000aa", "00000000000000bb"].map(|check| check.parse::<Check>().unwrap());
        orderer.handle_events(vec![event(2), event(3)], one, Duration::ZERO);
        orderer.handle_events(vec![event(3), event(4), event(5)], other, Duration::ZERO);
        let out = orderer.handle_events(vec![event(1)], Check::EMPTY, Duration::ZERO);
        let checks: Vec<_> = out.iter().map(|ordered| ordered.check).collect();
        assert_eq!(checks, [Some(Check::EMPTY), None, Some(one), None, Some(other)]);
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
