//! State that every connection and request can reach.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use tideboard_shared::{Durability, WireLimits, message::Status};

use crate::{
    auth::Auth, bus::Bus, config::Config, fanout::Fanout, history::History, live::Live, metrics::Metrics, rooms::Rooms,
};

/// The server's version, as `welcome` and the status say it.
pub(crate) const BUILD: &str = env!("CARGO_PKG_VERSION");

/// State of one server. Shared by all of its threads.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) limits: WireLimits,
    pub(crate) durability: Durability,
    pub(crate) auth: Auth,
    pub(crate) rooms: Rooms,
    pub(crate) history: History,
    pub(crate) live: Live,
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) fanout: Arc<Fanout>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) started: Instant,
    pub(crate) draining: AtomicBool,
}

impl App {
    /// Says whether the server is going away.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Status as `GET /api/realtime` gives it.
    pub(crate) fn status(&self) -> Status {
        Status {
            status: if self.is_draining() { "draining" } else { "ok" }.to_owned(),
            build: BUILD.to_owned(),
            uptime_s: self.started.elapsed().as_secs(),
            connections: self.metrics.connections(),
            boards: self.rooms.count(),
            durability: self.durability,
        }
    }
}
