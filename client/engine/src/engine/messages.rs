//! Messages in and out: each to the manager whose business it is.

use std::rc::Rc;

use serde_json::value::RawValue;
use tideboard_shared::{BoardId, Channel, ClientMessage, ServerMessage, decode_server, encode, encode_frames};

use super::Engine;
use crate::{
    Key, Now, Output, SendResult,
    config::ConnectionConfig,
    replica::{Answer, Progress, Replica},
};

impl Engine {
    pub(super) fn run_send(&mut self, message: ClientMessage) -> SendResult {
        if let ClientMessage::Presence { board, state } = &message {
            if !self.config.features.presence || !self.presence.show(board, state) {
                return SendResult::Refused;
            }
            self.changed.insert(Key::Presence(board.clone()));
            if !self.is_live() {
                // The next connection is told the latest state of each board.
                return SendResult::Queued;
            }
        }
        let bytes = encode(&message).len();
        if bytes > self.limits().frame_bytes {
            return SendResult::Refused;
        }
        if self.is_live() {
            self.send_frame(&[message]);
            return SendResult::Sent;
        }
        self.queued.push(message, bytes, &self.config.connection)
    }

    pub(super) fn handle_frame(&mut self, frame: &str, now: Now) {
        let messages = match decode_server(frame) {
            Ok(messages) => messages,
            Err(error) => return self.outputs.push(Output::Undecodable(error)),
        };
        let sizes = message_bytes(frame);
        for (place, message) in messages.into_iter().enumerate() {
            match message {
                Ok(message) => {
                    let message = Rc::new(message);
                    self.note_channels(&message, sizes.get(place).copied().unwrap_or_default(), now);
                    self.handle_message(&message, now);
                    self.offer_message(&message, now);
                    self.outputs.push(Output::Message(message));
                }
                Err(error) => self.outputs.push(Output::Undecodable(error)),
            }
        }
    }

    pub(super) fn handle_message(&mut self, message: &ServerMessage, now: Now) {
        self.relay(message);
        match message {
            ServerMessage::Welcome(welcome) => {
                self.connection.handle_welcome(welcome, now);
                self.changed.insert(Key::Connection);
            }
            ServerMessage::Ready { session, user, rights } => {
                self.changed.insert(Key::Connection);
                self.handle_rights(user, rights);
                let change = self.connection.handle_ready(session, user, rights, now);
                self.handle_change(change, now);
            }
            ServerMessage::Pong { t, server_time } => {
                self.connection.handle_pong(*t, *server_time, now);
                self.changed.insert(Key::Connection);
            }
            ServerMessage::Draining { reconnect_after_ms } => self.connection.handle_draining(*reconnect_after_ms),
            ServerMessage::Error { code, .. } => self.connection.handle_error(*code),
            ServerMessage::Stream { topic, points, thinned } => self.handle_points(topic, points, *thinned, now),
            ServerMessage::Response(response) => self.handle_response(response),
            ServerMessage::Outcomes(outcomes) => {
                self.with_edits(|edits, cx| edits.handle_outcomes(cx, outcomes, now));
            }
            ServerMessage::Presence { board, joined, left, changed } => {
                if self.subscriptions.contains(&Channel::Presence(board.clone())) {
                    self.presence.handle_message(board, (joined, left, changed));
                    self.changed.insert(Key::Presence(board.clone()));
                }
            }
            ServerMessage::Notification(notification) => {
                self.inbox.handle(notification);
                self.changed.insert(Key::Notifications);
            }
            ServerMessage::Subscribed { channel, at, recovered, reset } => match channel.parse() {
                Ok(Channel::Board(board)) => {
                    // A board has a position always.
                    if let Some(at) = at {
                        let answer = Answer { at, is_recovered: *recovered, is_reset: *reset };
                        self.advance(&board, now, |replica| replica.handle_subscribed(&answer, now.mono));
                    }
                }
                Ok(channel) => self.note_refreshed(&channel),
                // A channel that this version does not know, so that it cannot have asked for it.
                Err(_) => {}
            },
            ServerMessage::Denied { channel, reason } => {
                if let Ok(Channel::Board(board)) = channel.parse() {
                    self.advance(&board, now, |replica| {
                        replica.handle_denied(reason);
                        Progress::default()
                    });
                }
            }
            ServerMessage::Snapshot(snapshot) => {
                self.advance(&snapshot.board, now, |replica| replica.handle_snapshot(snapshot, now.mono));
            }
            ServerMessage::Updates { board, check, events } => {
                self.advance(board, now, |replica| replica.handle_updates(events.clone(), *check, now.mono));
            }
        }
    }

    /// Lets the server's word move a board that is followed, and passes on how far it came.
    fn advance(&mut self, board: &BoardId, now: Now, act: impl FnOnce(&mut Replica) -> Progress) {
        let Some(replica) = self.followed(board) else { return };
        let progress = act(replica);
        self.offer_progress(board, &progress, now);
        self.handle_progress(board, &progress, now);
    }

    pub(super) fn send_frame(&mut self, messages: &[ClientMessage]) {
        if self.is_follower() {
            return self.ask_leader(messages);
        }
        let Some(epoch) = self.connection.live_epoch() else { return };
        for frame in encode_frames(messages, self.limits().frame_bytes) {
            self.outputs.push(Output::Send { epoch, frame });
        }
    }
}

/// Messages of the application that wait for a connection, first in first out.
#[derive(Debug, Default)]
pub(super) struct Queued {
    messages: Vec<ClientMessage>,
    bytes: usize,
}

impl Queued {
    fn push(&mut self, message: ClientMessage, bytes: usize, config: &ConnectionConfig) -> SendResult {
        let has_room = self.bytes + bytes <= config.max_queued_bytes.get();
        if !has_room || self.messages.len() >= config.max_queued.get() {
            return SendResult::Refused;
        }
        self.messages.push(message);
        self.bytes += bytes;
        SendResult::Queued
    }

    /// Empties the queue, for a connection that is live.
    pub(super) fn take(&mut self) -> Vec<ClientMessage> {
        std::mem::take(self).messages
    }
}

/// Bytes of each message of a frame.
fn message_bytes(frame: &str) -> Vec<usize> {
    if !frame.trim_start().starts_with('[') {
        return vec![frame.len()];
    }
    let parts: Vec<&RawValue> = serde_json::from_str(frame).unwrap_or_default();
    parts.into_iter().map(|part| part.get().len()).collect()
}
