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
    auth::Auth, bus::Bus, config::Config, fanout::Fanout, history::History, live::Live, log::Log, metrics::Metrics,
    rooms::Rooms,
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
    pub(crate) log: Arc<dyn Log>,
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

    /// Reason why the server cannot do its work at the moment, if there is one.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.log.trouble().or_else(|| self.live.trouble())
    }

    /// Status as `GET /api/realtime` gives it.
    pub(crate) fn status(&self) -> Status {
        let why = self.trouble();
        let status = match &why {
            _ if self.is_draining() => "draining",
            Some(_) => "not_ready",
            None => "ok",
        };
        Status {
            status: status.to_owned(),
            why,
            build: BUILD.to_owned(),
            uptime_s: self.started.elapsed().as_secs(),
            connections: self.metrics.connections(),
            boards: self.rooms.count(),
            durability: self.durability,
        }
    }
}
