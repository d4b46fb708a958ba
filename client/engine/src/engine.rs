//! The run loop's one object: everything a client knows, and what it wants done next.
//!
//! # The contract
//! 1. Call a `handle_*` method, or one that changes something ([`Engine::apply`], [`Engine::subscribe`] …), with the time.
//! 2. Call [`Engine::poll_output`] until it says `None`, and do what each output says, in order.
//! 3. [`Output::Timeout`] says when to call [`Engine::handle_input`] with [`Input::Timeout`], unless something happens
//!    sooner. Each replaces the one before.
//!
//! Time may stand still between calls; it never runs backwards. The same calls in the same order give the same outputs.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    rc::Rc,
    time::Duration,
};

use tideboard_shared::{
    BoardId, Channel, ClientId, ClientMessage, ServerMessage, TabId, WireLimits, decode_server, encode_many,
    limits::MESSAGES_PER_FRAME, message::Subscribe,
};

use crate::io::SocketEvent;
use crate::{
    Config, EditId, Input, Key, Notice, Now, Output, Outputs, SendResult, StoreRequest, SubscriptionId, TimeoutReason,
    connection::{Change, Connection},
    optimistic::PendingEdits,
    replica::{Progress, Replica},
    streams::Streams,
    subscriptions::Subscriptions,
    sync::Lane,
};

mod edits;
mod reads;

/// Who this engine is.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The writer. With an outbox that survives a reload it must survive it too; without one it must be a fresh one.
    pub client: ClientId,
    /// The tab.
    pub tab: TabId,
    /// Version of the application's own data.
    pub schema: u32,
    /// Who the user is, where the server asks for it.
    pub token: Option<String>,
    /// Where random delays start from.
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
    boards: BTreeMap<BoardId, BoardState>,
    streams: Streams,
    /// The board of every edit without an end.
    edits: BTreeMap<EditId, BoardId>,
    last_edit: u64,
    notices: VecDeque<Notice>,
    last_notice: u64,
    storage_problem: Option<String>,
    last_synced_at: Option<tideboard_shared::UnixMs>,
    /// Messages of the application that wait for a connection.
    queued: VecDeque<ClientMessage>,
    outputs: Outputs,
    changed: BTreeSet<Key>,
    announced: Option<(Duration, TimeoutReason)>,
}

/// Everything about one board.
#[derive(Debug)]
struct BoardState {
    replica: Replica,
    pending: PendingEdits,
    lane: Lane,
}

impl Engine {
    /// An engine that has not connected yet; its first output reads the outbox.
    #[must_use]
    pub fn new(config: Config, identity: Identity) -> Self {
        let mut outputs = Outputs::default();
        outputs.push(Output::Store(StoreRequest::Load));
        Self {
            client: identity.client.clone(),
            rng: fastrand::Rng::with_seed(identity.seed),
            connection: Connection::new(config.connection.clone(), identity),
            subscriptions: Subscriptions::default(),
            boards: BTreeMap::new(),
            streams: Streams::new(config.streams.max_points),
            edits: BTreeMap::new(),
            last_edit: 0,
            notices: VecDeque::new(),
            last_notice: 0,
            storage_problem: None,
            last_synced_at: None,
            queued: VecDeque::new(),
            outputs,
            changed: BTreeSet::new(),
            announced: None,
            config,
        }
    }

    /// Takes in what happened. Never fails: bad input is ignored or becomes an output.
    pub fn handle_input(&mut self, input: Input, now: Now) {
        let change = match input {
            Input::Socket { epoch, event } => {
                if !self.connection.is_current(epoch) {
                    return;
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
                self.handle_stored(reply);
                None
            }
            Input::Timeout => self.handle_timeout(now),
            command => {
                self.changed.insert(Key::Connection);
                self.handle_command(command, now)
            }
        };
        self.handle_change(change, now);
        self.submit_all(now);
    }

    /// The next thing to do. Call until `None` after every change.
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Output> {
        if let Some(output) = self.outputs.0.pop_front() {
            return Some(output);
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

    /// Starts hearing about a channel. Take the wish back with [`Self::unsubscribe`].
    pub fn subscribe(&mut self, wish: Subscribe) -> SubscriptionId {
        if let Channel::Board(board) = &wish.channel {
            self.board_mut(board);
            self.changed.insert(Key::Board(board.clone()));
        }
        let (id, to_send) = self.subscriptions.add(wish);
        if let Some(subscribe) = to_send {
            self.send_subscribe(vec![subscribe]);
        }
        id
    }

    /// Takes a wish back; the channel is left when it was the last one for it.
    pub fn unsubscribe(&mut self, id: SubscriptionId) {
        let Some(channel) = self.subscriptions.remove(id) else { return };
        let subscriptions = &self.subscriptions;
        self.streams.retain(|topic| subscriptions.wants_stream(topic));
        if let Channel::Board(board) = &channel {
            self.board_mut(board).replica.handle_lost();
            self.drop_applied(board);
            self.changed.insert(Key::Board(board.clone()));
        }
        self.send_frame(&[ClientMessage::Unsubscribe { channel }]);
    }

    /// Sends a message of the application's own: `publish`, `presence` or `request`.
    ///
    /// While there is no connection it waits, first in first out, up to `connection.max_queued`.
    pub fn send(&mut self, message: ClientMessage) -> SendResult {
        if self.connection.live_epoch().is_some() {
            self.send_frame(&[message]);
            return SendResult::Sent;
        }
        if self.queued.len() >= self.config.connection.max_queued {
            return SendResult::Refused;
        }
        self.queued.push_back(message);
        SendResult::Queued
    }

    fn handle_command(&mut self, command: Input, now: Now) -> Option<Change> {
        let Self { connection, outputs, .. } = self;
        match command {
            Input::Connect => connection.handle_connect(now, outputs),
            Input::Disconnect => return connection.handle_disconnect(outputs),
            Input::ReconnectNow => return connection.handle_reconnect_now(now, outputs),
            Input::Token(token) => connection.handle_token(token, now, outputs),
            Input::Online(is_online) => connection.handle_online(is_online, now, outputs),
            Input::Visible => connection.handle_wake(now, outputs),
            Input::Socket { .. } | Input::Stored(_) | Input::Timeout => {}
        }
        None
    }

    fn handle_change(&mut self, change: Option<Change>, now: Now) {
        let Some(change) = change else { return };
        self.changed.extend([Key::Connection, Key::Sync]);
        match change {
            Change::Live => {
                let wanted = self.subscriptions.channels().filter_map(|c| self.subscriptions.wanted(c)).collect();
                self.send_subscribe(wanted);
                let queued = Vec::from(std::mem::take(&mut self.queued));
                self.send_frame(&queued);
            }
            Change::Lost => {
                for (id, board) in &mut self.boards {
                    board.replica.handle_lost();
                    board.lane.handle_lost();
                    self.changed.insert(Key::Board(id.clone()));
                }
            }
        }
        self.submit_all(now);
    }

    fn handle_timeout(&mut self, now: Now) -> Option<Change> {
        self.announced = None;
        let before = self.connection.state().clone();
        let change = self.connection.handle_timeout(now, &mut self.rng, &mut self.outputs);
        if *self.connection.state() != before {
            self.changed.insert(Key::Connection);
        }
        let mut overdue = Vec::new();
        for (id, board) in &mut self.boards {
            board.lane.handle_timeout(now.mono);
            if board.replica.is_overdue(now.mono) {
                overdue.push(id.clone());
            }
        }
        for board in overdue {
            self.resync(&board);
        }
        change
    }

    fn handle_frame(&mut self, frame: &str, now: Now) {
        let messages = match decode_server(frame) {
            Ok(messages) => messages,
            Err(error) => return self.outputs.push(Output::Undecodable(error)),
        };
        for message in messages {
            match message {
                Ok(message) => {
                    self.handle_message(&message, now);
                    self.outputs.push(Output::Message(Rc::new(message)));
                }
                Err(error) => self.outputs.push(Output::Undecodable(error)),
            }
        }
    }

    fn handle_message(&mut self, message: &ServerMessage, now: Now) {
        match message {
            ServerMessage::Welcome(welcome) => {
                self.connection.handle_welcome(welcome, now);
                self.changed.insert(Key::Connection);
            }
            ServerMessage::Ready { session, user, rights } => {
                self.changed.insert(Key::Connection);
                let change = self.connection.handle_ready(session, user, rights, now);
                self.handle_change(change, now);
            }
            ServerMessage::Pong { t, server_time } => {
                self.connection.handle_pong(*t, *server_time, now);
                self.changed.insert(Key::Connection);
            }
            ServerMessage::Draining { reconnect_after_ms } => self.connection.handle_draining(*reconnect_after_ms),
            ServerMessage::Error { code, .. } => self.connection.handle_error(*code),
            ServerMessage::Stream { topic, points, thinned } if self.subscriptions.wants_stream(topic) => {
                self.streams.handle_points(topic, points, *thinned);
                self.changed.insert(Key::Stream(topic.clone()));
            }
            ServerMessage::Outcomes { board, results } => self.handle_outcomes(board, results, now),
            message => self.handle_board_message(message, now),
        }
    }

    fn handle_board_message(&mut self, message: &ServerMessage, now: Now) {
        let (board, progress) = match message {
            ServerMessage::Subscribed { channel, epoch, seq, recovered } => {
                let Ok(Channel::Board(board)) = channel.parse() else { return };
                let Some(state) = self.followed(&board) else { return };
                let is_same_log = state.replica.position().is_some_and(|position| position.epoch == *epoch);
                state.replica.handle_subscribed(*seq, *recovered, now.mono);
                let needs_resync = *recovered && !is_same_log;
                (board, Progress { needs_resync, ..Progress::default() })
            }
            ServerMessage::Denied { channel, reason } => {
                let Ok(Channel::Board(board)) = channel.parse() else { return };
                let Some(state) = self.followed(&board) else { return };
                state.replica.handle_denied(reason);
                (board, Progress::default())
            }
            ServerMessage::Snapshot(snapshot) => {
                let Some(state) = self.followed(&snapshot.board) else { return };
                (snapshot.board.clone(), state.replica.handle_snapshot(snapshot, now.mono))
            }
            ServerMessage::Updates { board, events } => {
                let Some(state) = self.followed(board) else { return };
                (board.clone(), state.replica.handle_updates(events.clone(), now.mono))
            }
            _ => return,
        };
        self.handle_progress(&board, progress);
    }

    /// The board, while someone is subscribed to it: what comes later is of no use.
    fn followed(&mut self, board: &BoardId) -> Option<&mut BoardState> {
        let is_followed = self.subscriptions.contains(&Channel::Board(board.clone()));
        self.boards.get_mut(board).filter(|_| is_followed)
    }

    /// Asks for a board again, from where it stands.
    fn resync(&mut self, board: &BoardId) {
        if let Some(wanted) = self.subscriptions.wanted(&Channel::Board(board.clone())) {
            self.send_subscribe(vec![wanted]);
        }
    }

    fn send_subscribe(&mut self, mut wanted: Vec<Subscribe>) {
        if self.connection.live_epoch().is_none() {
            return;
        }
        for subscribe in &mut wanted {
            if let Channel::Board(board) = &subscribe.channel {
                let replica = &mut self.board_mut(board).replica;
                replica.handle_subscribing();
                subscribe.since = replica.position().cloned();
                self.changed.insert(Key::Board(board.clone()));
            }
        }
        let messages: Vec<_> = wanted.into_iter().map(ClientMessage::Subscribe).collect();
        self.send_frame(&messages);
    }

    fn send_frame(&mut self, messages: &[ClientMessage]) {
        let Some(epoch) = self.connection.live_epoch() else { return };
        for messages in messages.chunks(MESSAGES_PER_FRAME) {
            self.outputs.push(Output::Send { epoch, frame: encode_many(messages) });
        }
    }

    fn board_mut(&mut self, board: &BoardId) -> &mut BoardState {
        let config = &self.config.updates;
        self.boards.entry(board.clone()).or_insert_with(|| BoardState {
            replica: Replica::new(config.clone()),
            pending: PendingEdits::default(),
            lane: Lane::default(),
        })
    }

    fn limits(&self) -> WireLimits {
        self.connection.facts().welcome.as_ref().map_or_else(WireLimits::default, |welcome| welcome.limits)
    }

    fn next_timeout(&self) -> Option<(Duration, TimeoutReason)> {
        let is_live = self.connection.live_epoch().is_some();
        let boards = self.boards.values().filter(|_| is_live).flat_map(|board| {
            let gap = board.replica.poll_timeout().map(|at| (at, TimeoutReason::Gap));
            let sync = board.lane.poll_timeout().map(|at| (at, TimeoutReason::Sync));
            gap.into_iter().chain(sync)
        });
        boards.chain(self.connection.poll_timeout()).min()
    }
}

#[cfg(test)]
mod tests;
