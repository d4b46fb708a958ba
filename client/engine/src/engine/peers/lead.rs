//! A leader's side of the links: it serves the other tabs from what it has, and asks the server for what it has not.

use std::collections::BTreeMap;

use tideboard_shared::{
    BoardId, Channel, ClientMessage, DeniedReason, Position, ServerMessage, TabId,
    message::{Snapshot, Subscribe},
};

use super::Engine;
use crate::{
    BoardStatus, ChannelStatus, Contents, Now, OpNo,
    peers::{Fate, Follower, Join, Joined, LeaderState, PeerBody, Seat, Standing},
    replica::{Progress, Replica},
};

impl Engine {
    pub(super) fn handle_join(&mut self, from: &TabId, join: Join, unended: &[OpNo], now: Now) {
        self.drop_follower(from);
        if self.peers.leading().is_some_and(|leading| unended.iter().any(|n| !leading.numbers.is_known(n.get()))) {
            self.read_storage();
        }
        let edits = self.edits.stored_edits();
        let outcomes = self.edits.outcomes_of(unended);
        let state = self.leader_state(now);
        let Some(leading) = self.peers.leading_mut() else { return };
        let subscriptions = BTreeMap::new();
        leading.followers.insert(from.clone(), Follower { join, subscriptions, waiting: BTreeMap::new() });
        let contents = Contents { edits, last_n: leading.numbers.known_through() };
        let joined = Joined { term: leading.term, to: from.clone(), join, state, contents, outcomes };
        self.tell(PeerBody::Joined(joined.into()));
        for n in self.edits.numbers_taken_back() {
            self.tell(PeerBody::TakenBack { n });
        }
    }

    pub(super) fn handle_here(&mut self, from: &TabId, join: Join, unended: &[OpNo]) {
        let Some(leading) = self.peers.leading() else { return };
        let term = leading.term;
        let is_unheard = unended.iter().any(|n| !leading.numbers.is_known(n.get()));
        if is_unheard || leading.followers.get(from).is_none_or(|follower| follower.join != join) {
            return self.tell(PeerBody::Rejoin { term, to: from.clone(), join });
        }
        self.tell(PeerBody::Lead { term });
        self.tell_ends(unended);
    }

    /// Says how edits ended of which a tab heard too late to hear of their end.
    fn tell_ends(&mut self, unended: &[OpNo]) {
        let Some(leading) = self.peers.leading() else { return };
        let is_over = |n: &OpNo| leading.numbers.is_known(n.get()) && self.edits.edit_of(*n).is_none();
        for n in unended.iter().copied().filter(is_over).collect::<Vec<_>>() {
            let (outcome, is_settled) = self.edits.end_of(n);
            if let Some(outcome) = outcome {
                self.peers.relay_at_once(outcome, &mut self.outputs);
            }
            if is_settled {
                self.tell(PeerBody::Settled { numbers: vec![n], fate: Fate::Unknown });
            }
        }
    }

    pub(super) fn drop_follower(&mut self, tab: &TabId) {
        let dropped = self.peers.leading_mut().and_then(|leading| leading.followers.remove(tab));
        for id in dropped.into_iter().flat_map(|follower| follower.subscriptions.into_values()) {
            self.subscriptions.remove(id);
        }
    }

    pub(super) fn handle_asks(&mut self, from: &TabId, seat: Seat, messages: Vec<ClientMessage>) {
        let Some(leading) = self.peers.leading() else { return };
        if leading.seat_of(from) != Some(seat) {
            return self.tell(PeerBody::Rejoin { term: leading.term, to: from.clone(), join: seat.join });
        }
        for message in messages {
            match message {
                ClientMessage::Subscribe(subscribe) => self.add_follower_subscription(from, subscribe),
                ClientMessage::Unsubscribe { channel } => self.remove_follower_subscription(from, &channel),
                ClientMessage::Request { .. } | ClientMessage::Publish { .. } | ClientMessage::Presence { .. } => {
                    self.send_frame(&[message]);
                }
                // Edits go another way, and the connection is the leader's own business.
                ClientMessage::Hello(_)
                | ClientMessage::Auth { .. }
                | ClientMessage::Submit(_)
                | ClientMessage::Ping { .. } => {}
            }
        }
    }

    /// Answers subscribe requests of other tabs as soon as there is something to answer with.
    pub(super) fn answer_waiting(&mut self) {
        self.reconcile();
        let Some(leading) = self.peers.leading() else { return };
        let term = leading.term;
        let waiting = leading
            .followers
            .iter()
            .flat_map(|(tab, follower)| follower.waiting.values().map(|subscribe| (tab.clone(), subscribe.clone())));
        for (tab, subscribe) in waiting.collect::<Vec<_>>() {
            let Some(messages) = self.answer_to(&subscribe) else { continue };
            if let Some(follower) = self.peers.leading_mut().and_then(|leading| leading.followers.get_mut(&tab)) {
                follower.waiting.remove(&subscribe.channel);
            }
            self.tell(PeerBody::Answer { term, to: tab, messages });
        }
    }

    /// Passes what is not about a board's log on to the tabs, if one wants it.
    pub(in super::super) fn relay(&mut self, message: &ServerMessage) {
        let Some(leading) = self.peers.leading_mut() else { return };
        let is_wanted = match message {
            ServerMessage::Stream { topic, .. } => {
                let carries = |channel: &Channel| match channel {
                    Channel::Stream(stream) => stream == topic,
                    Channel::StreamPrefix(prefix) => topic.as_str().starts_with(prefix.as_str()),
                    Channel::Board(_) | Channel::Presence(_) | Channel::Notifications => false,
                };
                leading.followers.values().any(|follower| follower.subscriptions.keys().any(carries))
            }
            ServerMessage::Presence { board, .. } => leading.is_wanted(&Channel::Presence(board.clone())),
            ServerMessage::Notification(_) => leading.is_wanted(&Channel::Notifications),
            ServerMessage::Denied { channel, .. } => channel.parse().is_ok_and(|channel| leading.is_wanted(&channel)),
            ServerMessage::Response(_) => !leading.followers.is_empty(),
            ServerMessage::Outcomes(_) => {
                return self.peers.relay_at_once(message.clone(), &mut self.outputs);
            }
            // Boards go by `relay_progress`, and each subscription is answered by `answer_waiting`.
            ServerMessage::Subscribed { .. } | ServerMessage::Snapshot(_) | ServerMessage::Updates { .. } => false,
            // The connection is the leader's own; how it stands is said by `tell_standing`.
            ServerMessage::Welcome(_)
            | ServerMessage::Ready { .. }
            | ServerMessage::Pong { .. }
            | ServerMessage::Draining { .. }
            | ServerMessage::Error { .. } => false,
        };
        if is_wanted {
            leading.relayed.push(message.clone());
        }
    }

    /// Passes what happened to a board on to the tabs that follow it, as the server would.
    pub(in super::super) fn relay_progress(&mut self, board: &BoardId, progress: &Progress) {
        let limit = self.peers.config.max_recent.get();
        let Some(leading) = self.peers.leading_mut() else { return };
        let Some(replica) = self.boards.get(board) else { return };
        if !leading.is_wanted(&Channel::Board(board.clone())) {
            return leading.events.forget(board);
        }
        if let Some(replaced) = &progress.replaced {
            leading.events.forget(board);
            leading.relayed.extend(whole(board, replica, replaced.is_new_log));
        } else if let Some(position) = replica.position()
            && !progress.events.is_empty()
        {
            leading.events.extend(board, progress, position, limit);
            let (check, events) = (position.check, progress.events.clone());
            leading.relayed.push(ServerMessage::Updates { board: board.clone(), check, events });
        }
    }

    /// Says how the connection stands, when that is news.
    pub(super) fn tell_standing(&mut self, now: Now) {
        let Some(leading) = self.peers.leading().filter(|leading| !leading.followers.is_empty()) else { return };
        let term = leading.term;
        let standing = self.standing();
        if leading.told.as_ref() != Some(&standing) {
            let state = self.leader_state(now).into();
            self.tell(PeerBody::State { term, state });
            if let Some(leading) = self.peers.leading_mut() {
                leading.told = Some(standing);
            }
        }
    }

    fn standing(&self) -> Standing {
        Standing {
            connection: self.connection.state().clone(),
            attempt: self.connection.attempt(),
            facts: self.connection.facts().clone(),
            is_polling: self.rest.is_working(),
            tabs: self.peers.count(),
        }
    }

    fn leader_state(&self, now: Now) -> LeaderState {
        let Standing { attempt, facts, is_polling, tabs, .. } = self.standing();
        LeaderState { connection: self.connection.state_for_others(now), attempt, facts, is_polling, tabs }
    }

    fn add_follower_subscription(&mut self, from: &TabId, subscribe: Subscribe) {
        let limit = self.limits().subscriptions;
        let channel = subscribe.channel.clone();
        let Some(leading) = self.peers.leading_mut() else { return };
        let Some(follower) = leading.followers.get_mut(from) else { return };
        if follower.subscriptions.len() >= limit && !follower.subscriptions.contains_key(&channel) {
            return;
        }
        let old = follower.subscriptions.remove(&channel);
        let is_there = self.subscriptions.view(&channel).is_some_and(|view| view.status == ChannelStatus::Active);
        if let Some(old) = old {
            self.subscriptions.remove(old);
        } else if is_there && matches!(channel, Channel::Presence(_)) {
            // Who is there is known to the server only.
            let wanted = self.subscriptions.wanted(&channel);
            self.send_subscribe(wanted.into_iter().collect());
        }
        let id = self.subscriptions.add(subscribe.clone());
        if let Some(follower) = self.peers.leading_mut().and_then(|leading| leading.followers.get_mut(from)) {
            follower.subscriptions.insert(channel.clone(), id);
            follower.waiting.insert(channel, subscribe.clone());
        }
        self.take_claims(&subscribe);
    }

    /// Asks the server whether the positions that a follower knows are in its history, where that is not known here: the
    /// board may have been put back while the tab slept.
    fn take_claims(&mut self, subscribe: &Subscribe) {
        let Channel::Board(board) = &subscribe.channel else { return };
        let replica = self.boards.open(board);
        let here = replica.position().cloned();
        let events = self.peers.leading().map(|leading| &leading.events);
        let mut is_news = false;
        for position in subscribe.since.iter().chain(&subscribe.seen) {
            let is_known =
                here.as_ref() == Some(position) || events.is_some_and(|events| events.contains(board, position));
            is_news |= !is_known && replica.claims_mut().add(position);
        }
        let view = self.subscriptions.view(&subscribe.channel);
        if is_news && view.is_some_and(|view| view.status == ChannelStatus::Active) {
            self.run_resync(board);
        }
    }

    fn remove_follower_subscription(&mut self, from: &TabId, channel: &Channel) {
        let Some(leading) = self.peers.leading_mut() else { return };
        let Some(follower) = leading.followers.get_mut(from) else { return };
        follower.waiting.remove(channel);
        if let Some(id) = follower.subscriptions.remove(channel) {
            self.subscriptions.remove(id);
        }
    }

    /// Answer that the server would give to a subscription; `None` while that is not known.
    fn answer_to(&self, subscribe: &Subscribe) -> Option<Vec<ServerMessage>> {
        let channel = &subscribe.channel;
        let denied = |reason: DeniedReason| Some(vec![ServerMessage::Denied { channel: channel.to_string(), reason }]);
        let is_there = match self.subscriptions.view(channel)?.status {
            ChannelStatus::Denied { reason } => return denied(reason),
            ChannelStatus::LeftOut { .. } => return denied(DeniedReason::TooManySubscriptions),
            ChannelStatus::Active | ChannelStatus::Lingering => true,
            ChannelStatus::Pending => false,
        };
        if let Channel::Board(board) = channel {
            let replica = self.boards.get(board)?;
            let known = || subscribe.since.iter().chain(&subscribe.seen);
            return match (self.is_live(), replica.status()) {
                (true, BoardStatus::Live) if known().any(|position| replica.claims().is_waiting(position)) => None,
                (true, BoardStatus::Live) if known().any(|position| replica.claims().is_refuted(position)) => {
                    Some(whole(board, replica, true))
                }
                (true, BoardStatus::Live) => self.resume(board, replica, subscribe.since.as_ref()),
                (true, _) => None,
                (false, _) => replica.is_loaded().then(|| whole(board, replica, false)),
            };
        }
        let is_answered = is_there && self.is_live();
        is_answered.then(|| [subscribed(channel)].into_iter().chain(self.history(subscribe)).collect())
    }

    /// The events since a position, or the whole board.
    fn resume(&self, board: &BoardId, replica: &Replica, since: Option<&Position>) -> Option<Vec<ServerMessage>> {
        let position = replica.position()?;
        let since = since.filter(|since| since.epoch == position.epoch);
        let events = since.and_then(|since| self.peers.leading()?.events.between(board, since.seq, position.seq));
        let Some(events) = events else { return Some(whole(board, replica, false)) };
        let channel = Channel::Board(board.clone()).to_string();
        let at = Some(position.clone());
        let mut messages = vec![ServerMessage::Subscribed { channel, at, recovered: true, reset: false }];
        if !events.is_empty() {
            messages.push(ServerMessage::Updates { board: board.clone(), check: position.check, events });
        }
        Some(messages)
    }

    /// Missed part of a channel, as far as it is known here: points of streams, members of boards.
    fn history(&self, subscribe: &Subscribe) -> Vec<ServerMessage> {
        let limit = subscribe.history.unwrap_or_default() as usize;
        let rings = match &subscribe.channel {
            Channel::Stream(topic) => self.streams.get(topic).map(|ring| (topic, ring)).into_iter().collect(),
            Channel::StreamPrefix(prefix) => self.streams.with_prefix(prefix).collect(),
            Channel::Presence(board) => {
                let joined = self.presence.members(board);
                return vec![ServerMessage::Presence { board: board.clone(), joined, left: vec![], changed: vec![] }];
            }
            Channel::Board(_) | Channel::Notifications => Vec::new(),
        };
        let message = |(topic, ring): (&tideboard_shared::Topic, &crate::streams::Ring)| {
            let points: Vec<_> = ring.points().iter().rev().take(limit).rev().copied().collect();
            let thinned = ring.is_thinned();
            (!points.is_empty()).then(|| ServerMessage::Stream { topic: topic.clone(), points, thinned })
        };
        rings.into_iter().filter_map(message).collect()
    }
}

fn subscribed(channel: &Channel) -> ServerMessage {
    ServerMessage::Subscribed { channel: channel.to_string(), at: None, recovered: false, reset: false }
}

/// A whole board, as the server would send it; nothing before there is one. `reset`: it is of another history.
fn whole(board: &BoardId, replica: &Replica, reset: bool) -> Vec<ServerMessage> {
    let Some(position) = replica.position() else { return Vec::new() };
    let snapshot = Snapshot {
        board: board.clone(),
        epoch: position.epoch.clone(),
        seq: position.seq,
        check: position.check,
        last_n: replica.last_n(),
        part: 1,
        last: true,
        entities: replica.board().entities().cloned().collect(),
    };
    let channel = Channel::Board(board.clone()).to_string();
    let subscribed = ServerMessage::Subscribed { channel, at: Some(position.clone()), recovered: false, reset };
    vec![subscribed, ServerMessage::Snapshot(snapshot)]
}
