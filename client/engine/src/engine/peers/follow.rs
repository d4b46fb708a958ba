//! A follower's side of the link: for it, the leader is the server.

use std::rc::Rc;

use tideboard_shared::{Channel, ClientMessage, ServerMessage, TabId};

use super::Engine;
use crate::{
    BoardStatus, ConnectionState, Input, Key, Now, Output,
    edits::Source,
    peers::{Heartbeat, Joined, LeaderState, PeerBody, PeerCommand, Seat},
    replica::Replica,
};

impl Engine {
    /// Asks whoever leads to be taken in, anew; what came over the link before counts as lost.
    pub(super) fn join(&mut self, now: Now) {
        let unended = self.edits.unended_numbers();
        let Some(join) = self.peers.start_join(now.mono) else { return };
        self.lose_leader(now);
        for (_, replica) in self.boards.iter_mut() {
            replica.await_answer();
        }
        self.tell(PeerBody::Join { join, unended });
    }

    /// Notes that no tab is known to have the connection.
    pub(super) fn lose_leader(&mut self, now: Now) {
        let change = self.connection.handle_leader(None, now);
        self.changed.extend([Key::Connection, Key::Sync]);
        self.handle_change(change, now);
    }

    pub(super) fn handle_heartbeat(&mut self, now: Now) {
        match self.peers.handle_heartbeat(now.mono) {
            None => {}
            Some(Heartbeat::Here(seat)) => {
                let unended = self.edits.unended_numbers();
                self.tell(PeerBody::Here { seat, unended });
            }
            Some(Heartbeat::Join) => self.join(now),
            Some(Heartbeat::TakeLead) => {
                self.outputs.push(Output::TakeLead);
                self.join(now);
            }
        }
    }

    pub(super) fn handle_joined(&mut self, from: &TabId, joined: Joined, now: Now) {
        let Joined { term, to, join, state, contents, outcomes } = joined;
        if to != self.peers.me.tab || !self.peers.take_seat(from, Seat { term, join }, now.mono) {
            self.believes(from, term, now);
            return;
        }
        for message in &outcomes {
            self.handle_message(message, now);
        }
        let last_n = contents.last_n;
        self.with_edits(|edits, cx| {
            edits.reconcile(cx, contents, Source::Leader, now);
            edits.tell_unheard(cx, last_n);
        });
        self.tell_wanted(&state);
        self.handle_leader_state(state, now);
    }

    pub(super) fn handle_leader_state(&mut self, state: LeaderState, now: Now) {
        let LeaderState { connection, attempt, facts, is_polling, tabs } = state;
        if let Some(following) = self.peers.following_mut() {
            following.is_polling = is_polling;
            following.tabs = tabs;
        }
        self.changed.extend([Key::Connection, Key::Sync]);
        let change = self.connection.handle_leader(Some((connection, attempt, facts)), now);
        if let (true, Some(user)) = (self.is_live(), self.connection.facts().user.clone()) {
            let rights = self.connection.facts().rights.clone();
            self.handle_rights(&user, &rights);
        }
        if change.is_some()
            && let Some(following) = self.peers.following_mut()
        {
            following.asked.clear();
        }
        self.handle_change(change, now);
        self.ask_for_stale_boards();
    }

    /// Handles messages that the leader passes on, as if they came from the server.
    pub(super) fn handle_relayed(&mut self, messages: Vec<ServerMessage>, now: Now) {
        for message in messages {
            if !self.is_for_me(&message) {
                continue;
            }
            let message = Rc::new(message);
            self.note_channels(&message, 0, now);
            self.handle_message(&message, now);
            self.offer_message(&message, now);
            self.outputs.push(Output::Message(message));
        }
        if self.is_live() {
            return;
        }
        // Without a connection nothing follows by itself.
        let is_polling = self.peers.following().is_some_and(|following| following.is_polling);
        for (id, replica) in self.boards.iter_mut() {
            if *replica.status() == BoardStatus::Live {
                if is_polling {
                    replica.handle_polled()
                } else {
                    replica.handle_lost()
                }
                self.changed.insert(Key::Board(id.clone()));
            }
        }
    }

    /// Handles what the server has decided, which holds for a tab as well that the leader has not taken in, or that is
    /// about to lead itself: the leader has told users of it, and nobody is to be told again.
    pub(super) fn handle_decided(&mut self, messages: &[ServerMessage], now: Now) {
        for message in messages.iter().filter(|message| matches!(message, ServerMessage::Outcomes { .. })) {
            self.handle_message(message, now);
        }
    }

    /// Keeps a user's decision about the connection for the day when this tab leads, and tells it to the tab that does.
    pub(in super::super) fn follow_command(&mut self, command: Input, now: Now) {
        let command = match command {
            Input::Connect => {
                self.connection.want(true);
                PeerCommand::Connect
            }
            Input::Disconnect => {
                self.connection.want(false);
                PeerCommand::Disconnect
            }
            Input::ReconnectNow => {
                self.connection.want(true);
                PeerCommand::ReconnectNow
            }
            Input::Token(token) => {
                self.connection.keep_token(token.clone());
                PeerCommand::Token(token)
            }
            Input::Online(is_online) => {
                self.connection.note_online(is_online);
                PeerCommand::Wake
            }
            Input::Visible => {
                self.subscriptions.handle_seen(true, now.mono);
                PeerCommand::Wake
            }
            Input::Hidden => return self.subscriptions.handle_seen(false, now.mono),
            Input::Socket { .. }
            | Input::Stored(_)
            | Input::Posted { .. }
            | Input::Timeout
            | Input::Frame
            | Input::Opened(_)
            | Input::Storage(_)
            | Input::Role(_)
            | Input::Told { .. }
            | Input::Leave => return,
        };
        if let Some(seat) = self.peers.seat() {
            self.tell(PeerBody::Command { term: seat.term, command });
        } else if let PeerCommand::Token(token) = command
            && let Some(following) = self.peers.following_mut()
        {
            following.fresh_token = Some(token);
        }
    }

    /// Says to the leader what would be said to the server.
    pub(in super::super) fn ask_leader(&mut self, messages: &[ClientMessage]) {
        if let Some(seat) = self.peers.seat()
            && !messages.is_empty()
        {
            self.tell(PeerBody::Ask { seat, messages: messages.to_vec() });
        }
    }

    /// While the leader has no connection: asks it for boards that it may know all the same.
    pub(in super::super) fn ask_for_stale_boards(&mut self) {
        if self.is_live() || self.peers.seat().is_none() {
            return;
        }
        let mut messages = Vec::new();
        for channel in self.subscriptions.channels() {
            let Channel::Board(board) = channel else { continue };
            let is_loaded = |replica: &Replica| replica.is_loaded() && !replica.is_awaiting_answer();
            let is_loaded = self.boards.get(board).is_some_and(is_loaded);
            let is_asked = self.peers.following_mut().is_some_and(|following| !following.asked.insert(board.clone()));
            if !is_loaded && !is_asked {
                messages.extend(self.subscriptions.wanted(channel).map(ClientMessage::Subscribe));
            }
        }
        self.ask_leader(&messages);
    }

    /// Tells the leader of decisions that the user made while nobody led.
    fn tell_wanted(&mut self, state: &LeaderState) {
        let Some(Seat { term, .. }) = self.peers.seat() else { return };
        let token = self.peers.following_mut().and_then(|following| following.fresh_token.take());
        if let Some(token) = token
            && state.connection == ConnectionState::NeedsAuth
        {
            self.tell(PeerBody::Command { term, command: PeerCommand::Token(token) });
        }
        if state.connection == ConnectionState::Idle && self.connection.is_wanted() {
            self.tell(PeerBody::Command { term, command: PeerCommand::Connect });
        }
    }

    fn is_for_me(&self, message: &ServerMessage) -> bool {
        let is_wanted = |channel| self.subscriptions.contains(&channel);
        match message {
            ServerMessage::Outcomes(_) | ServerMessage::Response(_) => true,
            ServerMessage::Subscribed { channel, .. } | ServerMessage::Denied { channel, .. } => {
                channel.parse().is_ok_and(is_wanted)
            }
            ServerMessage::Snapshot(snapshot) => is_wanted(Channel::Board(snapshot.board.clone())),
            ServerMessage::Updates { board, .. } => is_wanted(Channel::Board(board.clone())),
            ServerMessage::Stream { topic, .. } => !self.subscriptions.carriers(topic).is_empty(),
            ServerMessage::Presence { board, .. } => is_wanted(Channel::Presence(board.clone())),
            ServerMessage::Notification(_) => is_wanted(Channel::Notifications),
            ServerMessage::Welcome(_)
            | ServerMessage::Ready { .. }
            | ServerMessage::Pong { .. }
            | ServerMessage::Draining { .. }
            | ServerMessage::Error { .. } => false,
        }
    }
}
