//! Connections between pages and the server.
//!
//! In: frames. Out: when each copy of one arrives. What a WebSocket can do: take its time; break at any frame, so that this
//! one and all behind it are lost, on either side and of whichever kind, while one side or both still hold it open. What it
//! cannot: lose a frame and go on, repeat one, or let one overtake another. Server and proxies in front of it can, for what
//! is sent to many or again: so single submits, outcomes and updates get lost, outcomes and updates overtake each other, and
//! a frame of any kind may come twice. Tabs hear of each other in the order in which each spoke, unless they sleep.
//! Never: a frame from a connection that is closed.

use std::{collections::BTreeMap, time::Duration};

use tideboard_engine::SocketEpoch;

use crate::{browser::PageId, storm::NetworkFaults};

/// Names one connection for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LinkId(pub(crate) u64);

/// Connection of a page to the server.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) browser: usize,
    pub(crate) page: PageId,
    /// Under which epoch that page's engine knows it.
    pub(crate) epoch: SocketEpoch,
    /// Takes frames, delivers none, and nobody is told.
    pub(crate) is_half_open: bool,
    /// Arrival of the last frame of each direction; later ones arrive no earlier.
    last: [Duration; 2],
}

/// Direction of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    ToServer,
    ToPage,
}

/// All connections that stand.
#[derive(Debug, Default)]
pub(crate) struct Network {
    links: BTreeMap<LinkId, Link>,
    last_id: u64,
}

impl Network {
    pub(crate) fn open(&mut self, browser: usize, page: PageId, epoch: SocketEpoch) -> LinkId {
        self.last_id += 1;
        let id = LinkId(self.last_id);
        self.links.insert(id, Link { browser, page, epoch, is_half_open: false, last: [Duration::ZERO; 2] });
        id
    }

    pub(crate) fn get(&self, id: LinkId) -> Option<&Link> {
        self.links.get(&id)
    }

    pub(crate) fn close(&mut self, id: LinkId) -> Option<Link> {
        self.links.remove(&id)
    }

    /// The connection that a page's engine knows under this epoch.
    pub(crate) fn find(&self, page: PageId, epoch: SocketEpoch) -> Option<LinkId> {
        self.links.iter().find(|(_, link)| link.page == page && link.epoch == epoch).map(|(id, _)| *id)
    }

    pub(crate) fn all(&self) -> Vec<LinkId> {
        self.links.keys().copied().collect()
    }

    pub(crate) fn of_browser(&self, browser: usize) -> Vec<LinkId> {
        self.links.iter().filter(|(_, link)| link.browser == browser).map(|(id, _)| *id).collect()
    }

    pub(crate) fn of_page(&self, page: PageId) -> Vec<LinkId> {
        self.links.iter().filter(|(_, link)| link.page == page).map(|(id, _)| *id).collect()
    }

    pub(crate) fn make_half_open(&mut self, id: LinkId) {
        if let Some(link) = self.links.get_mut(&id) {
            link.is_half_open = true;
        }
    }

    /// Returns the arrival of each copy of a frame; none when it is lost.
    pub(crate) fn arrivals(
        &mut self,
        (id, direction): (LinkId, Direction),
        frame: &str,
        now: Duration,
        faults: &NetworkFaults,
        rng: &mut fastrand::Rng,
    ) -> Vec<Duration> {
        let Some(link) = self.links.get_mut(&id).filter(|link| !link.is_half_open) else { return Vec::new() };
        let is = |kind: &str| frame.starts_with(&format!("{{\"type\":\"{kind}\""));
        let delay = Duration::from_millis(1 + rng.u64(0..=faults.delay_ms));
        let is_safe_to_lose = is("submit") || is("outcomes") || is("updates");
        if is_safe_to_lose && rng.f64() < faults.drop {
            return Vec::new();
        }
        let last = &mut link.last[usize::from(direction == Direction::ToPage)];
        // A frame that is overtaken does not hold up the ones behind it.
        if (is("updates") || is("outcomes")) && rng.f64() < faults.reorder {
            return vec![(now + delay * 3).max(*last)];
        }
        *last = (now + delay).max(*last);
        let copies = if rng.f64() < faults.duplicate { 2 } else { 1 };
        vec![*last; copies]
    }
}
