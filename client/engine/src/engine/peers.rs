//! Follows the part that this tab plays: alone, leader, follower, and the ways between them. See `docs/tabs.md`.

use tideboard_shared::TabId;

use super::Engine;
use crate::{
    Contents, Input, Key, Now, Output, PeerMessage, Role, StoreRequest,
    edits::Source,
    peers::{Following, Leading, Part, PeerBody, PeerCommand, Receipt, Term},
};

mod follow;
mod lead;

impl Engine {
    /// Says whether messages flow, over whichever tab's socket.
    pub(super) fn is_live(&self) -> bool {
        self.connection.state().is_live()
    }

    /// Says whether another tab submits and settles the edits of this one.
    pub(super) fn is_follower(&self) -> bool {
        self.connection.is_following()
    }

    pub(super) fn tell(&mut self, body: PeerBody) {
        self.peers.tell(body, &mut self.outputs);
    }

    pub(super) fn handle_role(&mut self, role: Role, now: Now) {
        match (role, &self.peers.part) {
            (Role::Leader, Part::Alone | Part::Following(_)) => self.take_lead(now),
            (Role::Follower, Part::Alone | Part::Leading(_) | Part::Taking { .. }) => {
                self.step_down(now);
                self.join(now);
            }
            // Given to it anew: another may have led meanwhile without this one's noticing.
            (Role::Leader, Part::Leading(_)) => self.outputs.push(Output::Store(StoreRequest::Lead)),
            (Role::Leader, Part::Taking { .. }) | (Role::Follower, Part::Following(_)) => {}
        }
    }

    pub(super) fn handle_led(&mut self, term: Term, contents: Contents, now: Now) {
        if let Some(leading) = self.peers.leading_mut().filter(|leading| leading.term < term) {
            leading.term = term;
            self.peers.term = self.peers.term.max(Some(term));
            self.tell(PeerBody::Lead { term });
        }
        if !matches!(self.peers.part, Part::Taking { .. }) {
            return self.reconcile_edits(contents, now);
        }
        if Some(term) < self.peers.term {
            // Storage has given a later term to another tab, which leads already.
            self.step_down(now);
            self.reconcile_edits(contents, now);
            return self.join(now);
        }
        tracing::info!(term = term.0, "leads");
        self.peers.term = Some(term);
        self.peers.part = Part::Leading(Leading::new(term, contents.last_n).into());
        self.changed.extend([Key::Connection, Key::Sync]);
        self.tell(PeerBody::Lead { term });
        if self.is_follower() {
            self.connection.lead(now, &mut self.outputs);
        }
        self.reconcile_edits(contents, now);
        self.edits.doubt_numbered();
    }

    fn reconcile_edits(&mut self, contents: Contents, now: Now) {
        self.with_edits(|edits, cx| edits.reconcile(cx, contents, Source::Term, now));
    }

    pub(super) fn handle_told(&mut self, from: &TabId, message: PeerMessage, now: Now) {
        if self.peers.is_alone() || *from == self.peers.me.tab {
            return;
        }
        let count = self.peers.count();
        let receipt = self.peers.receive(from, message.life, message.no, now.mono);
        match receipt {
            Receipt::Repeated => return,
            Receipt::New | Receipt::NewlyHeard => self.drop_follower_of_before(from),
            Receipt::Next | Receipt::Missed => {
                if let Some(leading) = self.peers.leading_mut() {
                    // It lives, and tells its user itself.
                    leading.untold.remove(from);
                }
            }
        }
        if matches!(receipt, Receipt::Missed | Receipt::NewlyHeard) {
            self.handle_missed(from, now);
        }
        self.handle_body(from, message.body, now);
        if self.peers.count() != count {
            self.changed.insert(Key::Connection);
        }
    }

    fn handle_body(&mut self, from: &TabId, body: PeerBody, now: Now) {
        match body {
            PeerBody::Join { join, unended } => self.handle_join(from, join, &unended, now),
            PeerBody::Here { seat, unended } => self.handle_here(from, seat.join, &unended),
            PeerBody::Leave => self.handle_tab_left(from, now),
            PeerBody::Ask { seat, messages } => self.handle_asks(from, seat, messages),
            PeerBody::Command { term, command } => self.handle_follower_command(term, command, now),
            PeerBody::Joined(joined) => self.handle_joined(from, *joined, now),
            PeerBody::Lead { term } => drop(self.believes(from, term, now)),
            PeerBody::Rejoin { term, to, join } => {
                let is_mine = to == self.peers.me.tab;
                if self.believes(from, term, now)
                    && self.peers.following().is_some_and(|following| is_mine && following.last_join() == Some(join))
                {
                    self.join(now);
                }
            }
            PeerBody::State { term, state } => {
                if self.is_heeded(from, term, now) {
                    self.handle_leader_state(*state, now);
                }
            }
            PeerBody::Relay { term, messages } => {
                if self.is_heeded(from, term, now) {
                    self.handle_relayed(messages, now);
                } else if self.is_follower() && self.peers.leader() == Some(from) {
                    self.handle_decided(&messages, now);
                }
            }
            PeerBody::Answer { term, to, messages } => {
                if self.is_heeded(from, term, now) && to == self.peers.me.tab {
                    self.handle_relayed(messages, now);
                }
            }
            PeerBody::Stored { edit, is_stored } => {
                self.with_edits(|edits, cx| edits.handle_told_stored(cx, *edit, is_stored, now));
            }
            PeerBody::Settled { numbers, fate } => {
                self.with_edits(|edits, cx| edits.handle_told_settled(cx, from, &numbers, fate));
            }
            PeerBody::TakenBack { n } => {
                self.with_edits(|edits, cx| edits.handle_told_taken_back(cx, n));
            }
        }
    }

    /// The page goes away or to sleep.
    pub(super) fn handle_leave(&mut self, now: Now) {
        if self.peers.is_alone() {
            return;
        }
        self.tell(PeerBody::Leave);
        self.step_down(now);
        let change = self.connection.handle_leader(None, now);
        self.handle_change(change, now);
    }

    pub(super) fn handle_peers_timeout(&mut self, now: Now) {
        for tab in self.peers.silent(now.mono) {
            self.forget_tab(&tab);
        }
        self.handle_heartbeat(now);
    }

    /// Says what this input has brought for the other tabs.
    pub(super) fn tell_news(&mut self, now: Now) {
        if self.peers.leading().is_some() {
            self.peers.tell_relayed(&mut self.outputs);
            self.tell_standing(now);
            self.answer_waiting();
        }
    }

    fn take_lead(&mut self, now: Now) {
        let before = self.peers.following_mut().and_then(|following| following.leader.take());
        if let Some(before) = before {
            // Dead or asleep: until it speaks again, what becomes of its edits is told here.
            self.forget_tab(&before);
        }
        self.peers.part = Part::Taking { beside: None };
        if self.is_follower() {
            let change = self.connection.handle_leader(None, now);
            self.handle_change(change, now);
        }
        self.outputs.push(Output::Store(StoreRequest::Lead));
    }

    /// Gives up the socket and whatever was done for others.
    fn step_down(&mut self, now: Now) {
        let followers = self.peers.leading_mut().map(|leading| std::mem::take(&mut leading.followers));
        for id in followers.into_iter().flatten().flat_map(|(_, follower)| follower.subscriptions.into_values()) {
            self.subscriptions.remove(id);
        }
        self.peers.part = Part::Following(Following::new(now.mono + self.peers.config.heartbeat.get()));
        // From here on another tab may submit what this one has not.
        self.edits.doubt_numbered();
        let change = self.connection.follow(&mut self.outputs);
        self.update_rest(now);
        self.changed.extend([Key::Connection, Key::Sync]);
        self.handle_change(change, now);
    }

    /// Another tab said something that did not arrive.
    fn handle_missed(&mut self, from: &TabId, now: Now) {
        self.read_storage();
        if let Some(leading) = self.peers.leading() {
            let term = leading.term;
            if let Some(follower) = leading.followers.get(from) {
                let join = follower.join;
                self.drop_follower(from);
                self.tell(PeerBody::Rejoin { term, to: from.clone(), join });
            }
        } else if self.peers.following().is_some_and(|following| following.leader.as_ref() == Some(from)) {
            self.join(now);
        }
    }

    fn handle_tab_left(&mut self, tab: &TabId, now: Now) {
        self.forget_tab(tab);
        let next_at = now.mono + self.peers.config.heartbeat.get();
        let Some(following) = self.peers.following_mut().filter(|following| following.leader.as_ref() == Some(tab))
        else {
            return;
        };
        *following = Following { asked_at: Some(now.mono), ..Following::new(next_at) };
        self.lose_leader(now);
    }

    /// A tab is gone: nothing is done for it any more, and what it was to tell its user is told here.
    fn forget_tab(&mut self, tab: &TabId) {
        self.peers.forget(tab);
        self.drop_follower_of_before(tab);
        self.changed.insert(Key::Connection);
    }

    /// The page that a tab showed is gone.
    fn drop_follower_of_before(&mut self, tab: &TabId) {
        self.drop_follower(tab);
        let untold = self.peers.leading_mut().and_then(|leading| leading.untold.remove(tab));
        for notice in untold.into_iter().flatten() {
            self.show_notice(notice);
        }
        if self.peers.leading().is_some() {
            // It may have written what it could not tell any more.
            self.read_storage();
        }
    }

    fn handle_follower_command(&mut self, term: Term, command: PeerCommand, now: Now) {
        if self.peers.leading().is_none_or(|leading| leading.term != term) {
            return;
        }
        let input = match command {
            PeerCommand::Connect => Input::Connect,
            PeerCommand::Disconnect => Input::Disconnect,
            PeerCommand::ReconnectNow => Input::ReconnectNow,
            PeerCommand::Token(token) => Input::Token(token),
            PeerCommand::Wake => {
                self.connection.handle_wake(now, &mut self.outputs);
                self.changed.insert(Key::Connection);
                return;
            }
        };
        self.changed.insert(Key::Connection);
        let change = self.handle_command(input, now);
        self.handle_change(change, now);
    }

    /// Says whether a message is from the tab that leads; if that is news, acts upon it.
    fn believes(&mut self, from: &TabId, term: Term, now: Now) -> bool {
        let is_outranked = match &self.peers.part {
            // Two with one term can only be when storage is not shared; then one has to go as well.
            Part::Leading(leading) => term == leading.term && *from < self.peers.me.tab,
            _ => false,
        };
        if Some(term) < self.peers.term || is_outranked {
            if let Some(leading) = self.peers.leading() {
                let term = leading.term;
                self.tell(PeerBody::Lead { term });
            }
            return false;
        }
        let is_news = Some(term) > self.peers.term;
        self.peers.term = Some(term);
        match &mut self.peers.part {
            Part::Alone => return false,
            Part::Taking { beside } => {
                *beside = Some(from.clone());
                return false;
            }
            Part::Leading(_) => {
                tracing::info!(term = term.0, leader = %from, "steps down");
                self.step_down(now);
            }
            Part::Following(_) => {}
        }
        let Some(following) = self.peers.following_mut() else { return false };
        if is_news || following.leader.as_ref() != Some(from) {
            following.leader = Some(from.clone());
            following.asked_at = None;
            self.join(now);
        } else {
            following.asked_at = None;
        }
        true
    }

    /// Says whether a message is from the leader that has taken this tab in.
    fn is_heeded(&mut self, from: &TabId, term: Term, now: Now) -> bool {
        self.believes(from, term, now) && self.peers.seat().is_some()
    }
}
