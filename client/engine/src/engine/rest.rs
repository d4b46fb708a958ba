//! Synchronisation over REST while the socket stays down.
//!
//! In: how long the connection has been down, answers to posts. Out: posts, one at a time, with what would have been
//! submitted and the positions of the boards. The answer holds the messages that a socket would have brought, and goes
//! the same way. Never: a post while the socket is live; its late answer is dropped, and the socket submits again what
//! was in it, which the server knows by its number.

use std::{collections::BTreeMap, time::Duration};

use tideboard_shared::{
    Channel, encode,
    message::{RealtimePost, RealtimeReply},
};

use super::Engine;
use crate::{
    ConnectionState, Key, Now, Output, PostError, PostId,
    connection::{Change, backoff::full_jitter},
    edits::Frames,
};

/// State of the way around a socket that is down.
#[derive(Debug, Default)]
pub(super) struct Rest {
    /// Since when a connection is wanted and there is none.
    down_since: Option<Duration>,
    in_flight: Option<InFlight>,
    last_id: u64,
    next_at: Duration,
    failures: u32,
    /// True if something new is to be submitted once the post in flight is answered.
    is_hurried: bool,
    /// True if the last post was answered, and the socket has been down since.
    is_working: bool,
}

#[derive(Debug)]
struct InFlight {
    id: PostId,
    deadline: Duration,
}

impl Rest {
    /// True if boards are synchronised this way now.
    pub(super) fn is_working(&self) -> bool {
        self.is_working
    }
}

impl Engine {
    /// Follows the connection: the way over REST begins and ends with its being down.
    pub(super) fn update_rest(&mut self, now: Now) {
        let is_down = match self.connection.state() {
            _ if self.is_follower() => false,
            ConnectionState::Connecting { .. }
            | ConnectionState::Greeting { .. }
            | ConnectionState::Backoff { .. }
            | ConnectionState::GaveUp { .. } => self.config.features.rest_fallback,
            ConnectionState::Idle
            | ConnectionState::Live { .. }
            | ConnectionState::NeedsAuth
            | ConnectionState::Offline
            | ConnectionState::Failed { .. }
            | ConnectionState::Closed
            | ConnectionState::Following => false,
        };
        if is_down {
            let since = *self.rest.down_since.get_or_insert(now.mono);
            self.rest.next_at = self.rest.next_at.max(since + self.config.sync.rest_after.get());
        } else if self.rest.down_since.take().is_some() {
            self.abandon_post();
            self.rest = Rest { last_id: self.rest.last_id, ..Rest::default() };
            self.changed.insert(Key::Sync);
        }
    }

    pub(super) fn rest_timeout(&self) -> Option<Duration> {
        self.rest.down_since?;
        Some(self.rest.in_flight.as_ref().map_or(self.rest.next_at, |flight| flight.deadline))
    }

    pub(super) fn handle_rest_timeout(&mut self, now: Now) {
        if self.rest_timeout().is_none_or(|at| at > now.mono) {
            return;
        }
        match &self.rest.in_flight {
            Some(_) => self.handle_post_failed(now),
            None => self.post(now),
        }
    }

    /// There is something to submit: do not wait for the next regular post.
    pub(super) fn hurry_rest(&mut self, now: Now) {
        if self.rest.in_flight.is_some() {
            self.rest.is_hurried = true;
        } else if self.rest.is_working {
            self.rest.next_at = self.rest.next_at.min(now.mono);
        }
    }

    /// Posts now, if this way is open; whether it is.
    pub(super) fn refresh_over_rest(&mut self, now: Now) -> bool {
        if self.rest.down_since.is_none() {
            return false;
        }
        if self.rest.in_flight.is_none() {
            self.post(now);
        }
        true
    }

    pub(super) fn handle_posted(&mut self, id: PostId, result: Result<String, PostError>, now: Now) -> Option<Change> {
        if self.rest.in_flight.as_ref().is_none_or(|flight| flight.id != id) {
            return None;
        }
        if result.as_ref().is_err_and(PostError::is_too_large) {
            self.handle_too_large(now);
        }
        let reply = result
            .map_err(|error| error.is_unauthorised())
            .and_then(|body| serde_json::from_str::<RealtimeReply>(&body).map_err(|_| false));
        match reply {
            Ok(reply) => self.handle_reply(reply, now),
            Err(is_unauthorised) => {
                self.handle_post_failed(now);
                if is_unauthorised {
                    return self.connection.handle_unauthorised(&mut self.outputs);
                }
            }
        }
        None
    }

    fn post(&mut self, now: Now) {
        let submit = self.ready_submits(Frames::OneForAll, now);
        let mut since = BTreeMap::new();
        let mut seen = BTreeMap::new();
        for channel in self.subscriptions.channels() {
            if let Channel::Board(board) = channel
                && let Some(replica) = self.boards.get_mut(board)
            {
                // What was held back until it is known which history the server has goes with the next one.
                self.rest.is_hurried |= replica.is_unanswered() && self.edits.has_waiting();
                replica.handle_subscribing();
                since.insert(channel.clone(), replica.since().cloned());
                let mut others = replica.ask_claims();
                others.extend(self.edits.furthest(board).cloned());
                if !others.is_empty() {
                    seen.insert(channel.clone(), others);
                }
            }
        }
        self.rest.last_id += 1;
        let id = PostId(self.rest.last_id);
        let deadline = now.mono + self.config.connection.connect_timeout.get();
        self.rest.in_flight = Some(InFlight { id, deadline });
        let body = encode(&RealtimePost { client: self.client.clone(), submit, since, seen });
        let token = self.connection.token().cloned();
        self.outputs.push(Output::Post { id, body, token });
    }

    fn handle_reply(&mut self, reply: RealtimeReply, now: Now) {
        self.rest.in_flight = None;
        self.rest.failures = 0;
        self.rest.is_working = true;
        for message in &reply.messages {
            self.handle_message(message, now);
        }
        // What the server did not answer is not in flight any more.
        self.edits.handle_lost();
        self.edits.handle_synced(now);
        for (id, replica) in self.boards.iter_mut() {
            replica.handle_polled();
            self.changed.insert(Key::Board(id.clone()));
        }
        let sync = &self.config.sync;
        self.rest.next_at = now.mono
            + match self.edits.has_waiting() {
                true if std::mem::take(&mut self.rest.is_hurried) => Duration::ZERO,
                true => sync.rest_interval.get(),
                false => sync.interval.get(),
            };
        self.changed.insert(Key::Sync);
    }

    fn handle_post_failed(&mut self, now: Now) {
        self.abandon_post();
        self.rest.failures += 1;
        self.rest.is_working = false;
        let sync = &self.config.sync;
        let base = sync.retry_base.get();
        let max = sync.retry_max.get();
        self.rest.next_at = now.mono + full_jitter(&mut self.rng, base, max, 2.0, self.rest.failures);
        self.changed.insert(Key::Sync);
    }

    /// Gives up on a post that is not answered. Its edits may or may not have arrived; they are submitted again.
    fn abandon_post(&mut self) {
        if self.rest.in_flight.take().is_some() {
            self.edits.handle_lost();
            if !self.connection.state().is_live() {
                self.boards.iter_mut().for_each(|(_, replica)| replica.handle_lost());
            }
        }
    }
}
