//! The run loop's one object: everything a client knows, and what it wants done next.
//!
//! # The contract
//! 1. Call a `handle_*` method, or one that changes something ([`Engine::apply`], [`Engine::subscribe`] …), with the
//!    time.
//! 2. Call [`Engine::poll_output`] until it says `None`, and do what each output says, in order.
//! 3. [`Output::Timeout`] says when to call [`Engine::handle_input`] with [`Input::Timeout`], unless something happens
//!    sooner. Each replaces the one before.
//!
//! Time may stand still between calls; it never runs backwards. The same calls in the same order give the same outputs.

use std::{collections::BTreeSet, time::Duration};

use serde::{Deserialize, Serialize};
use tideboard_shared::{AccessToken, ClientId, TabId, WireLimits, message::CloseCode};

use crate::io::SocketEvent;
use crate::{
    Config, Input, Key, Migrations, Now, Output, Outputs, StoreRequest, TimeoutReason,
    connection::{Change, Connection},
    delivery::Deliveries,
    devtools::Devtools,
    edits::Edits,
    inbox::Inbox,
    peers::{Author, PageLife, Peers},
    presence::Presence,
    replica::Boards,
    requests::Requests,
    streams::Streams,
    subscriptions::Subscriptions,
};

mod calls;
mod channels;
mod delivery;
mod edits;
mod messages;
mod opened;
mod peers;
mod refresh;
mod requests;
mod rest;
pub use calls::Call;
use messages::Queued;
use refresh::Refreshes;
use rest::Rest;

mod reads;

/// Names under which an engine speaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The writer. With an outbox that survives a reload it must survive it too; without one it must be a fresh one.
    pub client: ClientId,
    /// The tab.
    pub tab: TabId,
    /// Version of the application's own data.
    pub schema: u32,
    /// Credentials of the user, where the server asks for them.
    pub token: Option<AccessToken>,
    /// Seed of random delays.
    pub seed: u64,
}

/// A client's brain. See the module for how to run it.
#[derive(Debug)]
pub struct Engine {
    config: Config,
    client: ClientId,
    rng: fastrand::Rng,
    connection: Connection,
    subscriptions: Subscriptions,
    requests: Requests,
    deliveries: Deliveries,
    boards: Boards,
    edits: Edits,
    streams: Streams,
    presence: Presence,
    inbox: Inbox,
    peers: Peers,
    devtools: Devtools,
    rest: Rest,
    refreshes: Refreshes,
    /// Messages of the application that wait for a connection.
    queued: Queued,
    outputs: Outputs,
    changed: BTreeSet<Key>,
    announced: Option<(Duration, TimeoutReason)>,
}

impl Engine {
    /// An engine that has not connected yet; its first output reads the outbox.
    #[must_use]
    pub fn new(config: Config, identity: Identity) -> Self {
        Self::with_migrations(config, identity, Migrations::default())
    }

    /// An engine for an application whose stored edits have changed their shape since its first version.
    #[must_use]
    pub fn with_migrations(config: Config, mut identity: Identity, migrations: Migrations) -> Self {
        identity.schema = migrations.schema();
        let devtools = Devtools::new(&config, &identity);
        // A draw of its own, so that names of an earlier life of the tab are not used again.
        let life = PageLife(fastrand::Rng::with_seed(!identity.seed).u32(..));
        let mut outputs = Outputs::default();
        outputs.push(Output::Store(StoreRequest::Load));
        Self {
            client: identity.client.clone(),
            boards: Boards::new(config.updates.clone(), identity.client.clone()),
            requests: Requests::new(config.requests.clone(), &identity.tab, life),
            peers: Peers::new(config.tabs.clone(), Author { tab: identity.tab.clone(), life }),
            rng: fastrand::Rng::with_seed(identity.seed),
            connection: Connection::new(config.connection.clone(), identity),
            subscriptions: Subscriptions::new(config.subscriptions.clone(), config.features.clone()),
            deliveries: Deliveries::new(config.delivery.clone()),
            edits: Edits::new(migrations),
            streams: Streams::new(config.streams.clone()),
            presence: Presence::default(),
            inbox: Inbox::default(),
            devtools,
            rest: Rest::default(),
            refreshes: Refreshes::default(),
            queued: Queued::default(),
            outputs,
            changed: BTreeSet::new(),
            announced: None,
            config,
        }
    }

    fn run_handle_input(&mut self, input: Input, now: Now) {
        self.reconcile();
        let change = match input {
            Input::Socket { epoch, event } => {
                if !self.connection.is_current(epoch) {
                    return;
                }
                if matches!(event, SocketEvent::Closed { code, .. } if code == CloseCode::TooLarge.code()) {
                    self.handle_too_large(now);
                }
                let change = self.connection.handle_socket(&event, now, &mut self.rng, &mut self.outputs);
                if let SocketEvent::Frame(frame) = event {
                    self.handle_frame(&frame, now);
                } else {
                    self.changed.insert(Key::Connection);
                }
                change
            }
            Input::Stored(reply) => {
                self.handle_stored(reply, now);
                None
            }
            Input::Posted { id, result } => self.handle_posted(id, result, now),
            Input::Timeout => self.handle_timeout(now),
            Input::Frame => {
                self.handle_paint(now);
                None
            }
            Input::Opened(opened) => {
                self.handle_opened(*opened);
                None
            }
            Input::Storage(status) => {
                self.handle_storage(status);
                None
            }
            Input::Role(role) => {
                self.handle_role(role, now);
                None
            }
            Input::Told { from, message } => {
                self.handle_told(&from, message, now);
                None
            }
            Input::Leave => {
                self.handle_leave(now);
                None
            }
            command => {
                self.changed.insert(Key::Connection);
                self.handle_command(command, now)
            }
        };
        self.handle_change(change, now);
        self.update_rest(now);
        self.submit_all(now);
        self.tell_news(now);
        self.deliver_due(now);
    }

    fn run_poll_output(&mut self) -> Option<Output> {
        self.reconcile();
        if let Some(output) = self.outputs.0.pop_front() {
            return Some(output);
        }
        if self.devtools.take_changed() {
            self.changed.insert(Key::Devtools);
        }
        if self.subscriptions.take_changed() {
            self.changed.insert(Key::Channels);
        }
        if !self.changed.is_empty() {
            return Some(Output::Changed(std::mem::take(&mut self.changed).into_iter().collect()));
        }
        let next = self.next_timeout();
        if next == self.announced {
            return None;
        }
        self.announced = next;
        next.map(|(at, reason)| Output::Timeout(at, reason))
    }

    fn handle_command(&mut self, command: Input, now: Now) -> Option<Change> {
        if self.is_follower() {
            self.follow_command(command, now);
            return None;
        }
        let Self { connection, outputs, subscriptions, .. } = self;
        match command {
            Input::Connect => connection.handle_connect(now, outputs),
            Input::Disconnect => return connection.handle_disconnect(outputs),
            Input::ReconnectNow => return connection.handle_reconnect_now(now, outputs),
            Input::Token(token) => {
                subscriptions.handle_token();
                connection.handle_token(token, now, outputs);
            }
            Input::Online(is_online) => connection.handle_online(is_online, now, outputs),
            Input::Visible => {
                subscriptions.handle_seen(true, now.mono);
                connection.handle_wake(now, outputs);
            }
            Input::Hidden => subscriptions.handle_seen(false, now.mono),
            Input::Socket { .. }
            | Input::Stored(_)
            | Input::Posted { .. }
            | Input::Timeout
            | Input::Frame
            | Input::Opened(_)
            | Input::Storage(_)
            | Input::Role(_)
            | Input::Told { .. }
            | Input::Leave => {}
        }
        None
    }

    fn handle_change(&mut self, change: Option<Change>, now: Now) {
        let Some(change) = change else { return };
        self.changed.extend([Key::Connection, Key::Sync]);
        match change {
            Change::Live => {
                self.update_rest(now);
                self.subscriptions.handle_live();
                self.reconcile();
                self.send_frame(&self.presence.introduction());
                let queued = self.queued.take();
                self.send_frame(&queued);
                self.send_queued_requests(now);
            }
            Change::Lost => {
                self.handle_deliveries_lost(now);
                self.subscriptions.handle_lost();
                self.handle_requests_lost();
                self.changed.extend(self.presence.handle_lost().into_iter().map(Key::Presence));
                self.edits.handle_lost();
                for (id, replica) in self.boards.iter_mut() {
                    replica.handle_lost();
                    self.changed.insert(Key::Board(id.clone()));
                }
            }
        }
        self.handle_refresh_change(change == Change::Live, now);
        self.submit_all(now);
    }

    fn handle_timeout(&mut self, now: Now) -> Option<Change> {
        self.announced = None;
        let before = self.connection.state().clone();
        let change = self.connection.handle_timeout(now, &mut self.rng, &mut self.outputs);
        if *self.connection.state() != before {
            self.changed.insert(Key::Connection);
        }
        for board in self.boards.overdue(now.mono) {
            self.run_resync(&board);
        }
        self.with_edits(|edits, cx| edits.handle_timeout(cx, now));
        self.handle_rest_timeout(now);
        self.handle_refresh_timeout(now);
        self.handle_requests_timeout(now);
        self.handle_deliveries_timeout(now);
        self.subscriptions.handle_timeout(now.mono);
        self.handle_peers_timeout(now);
        change
    }

    fn limits(&self) -> WireLimits {
        self.connection.facts().welcome.as_ref().map_or_else(WireLimits::default, |welcome| welcome.limits)
    }

    fn next_timeout(&self) -> Option<(Duration, TimeoutReason)> {
        let (gap, sync) =
            if self.is_live() { (self.boards.poll_timeout(), self.edits.submit_timeout()) } else { (None, None) };
        let gap = gap.map(|at| (at, TimeoutReason::Gap));
        let sync = sync.map(|at| (at, TimeoutReason::Sync));
        let overdue = self.edits.overdue_timeout().map(|at| (at, TimeoutReason::Operation));
        let rest = self.rest_timeout().map(|at| (at, TimeoutReason::Rest));
        let refresh = self.refresh_timeout().map(|at| (at, TimeoutReason::Refresh));
        let requests = self.requests.poll_timeout().map(|at| (at, TimeoutReason::Request));
        let plan = self.subscriptions.poll_timeout().map(|at| (at, TimeoutReason::Plan));
        let deliver = self.deliveries.due().map(|at| (at, TimeoutReason::Deliver));
        let stale = self.deliveries.stale_at().map(|at| (at, TimeoutReason::Stale));
        let peers = self.peers.poll_timeout().map(|at| (at, TimeoutReason::Peers));
        let all = [gap, sync, overdue, rest, refresh, requests, plan, deliver, stale, peers];
        self.connection.poll_timeout().into_iter().chain(all.into_iter().flatten()).min()
    }
}

#[cfg(test)]
mod tests;
