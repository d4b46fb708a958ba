//! Part of a tab among those of its browser, and its knowledge of the others. The protocol has a page: `docs/tabs.md`.
//!
//! In: the role that the driver gives this tab, messages of other tabs, time. Out: whom to believe, which messages were
//! missed, who is silent for too long. The tabs of one browser share one client id and one outbox, whose transactions
//! give out the numbers of edits and the terms of leaders. Every tab numbers what it says, so that whoever misses
//! something notices and asks anew. Never: a message that counts twice; a leader believed whose term is over.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tideboard_shared::{
    AccessToken, BoardId, Channel, ServerMessage, TabId,
    message::{Outcomes, Subscribe},
};

use crate::{Notice, Output, Outputs, SubscriptionId, config::TabsConfig, connection::Facts};

mod message;
mod numbers;
mod recent;

pub use message::PeerMessage;

pub(crate) use message::{Fate, Joined, LeaderState, PeerBody, PeerCommand};
pub(crate) use numbers::Numbers;
pub(crate) use recent::RecentEvents;

/// The part of one tab among those of its browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Talks to the server, for all tabs. Leads as soon as storage has given it a term.
    Leader,
    /// Talks to the leader.
    Follower,
}

/// Number that storage gives to a tab when it takes the lead, from 1, each higher than all before. Of two tabs that
/// both believe they lead, the one with the higher term is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Term(pub u64);

/// Number drawn when a page is loaded. Tells the page from earlier ones of the same tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageLife(pub u32);

/// Number of a follower's attempt to be taken in, from 1. Tells answers to it from answers to earlier attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Join(u32);

/// Number of a message within its page's life, from 1 and without holes, so that whoever misses one notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct MessageNo(u64);

impl MessageNo {
    pub(crate) const FIRST: Self = Self(1);

    fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// Place of a follower with the leader that has taken it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seat {
    pub(crate) term: Term,
    pub(crate) join: Join,
}

/// Page that made an edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// Tab that showed the page.
    pub tab: TabId,
    /// Life of the page.
    pub life: PageLife,
}

/// The manager of this tab's part.
#[derive(Debug)]
pub(crate) struct Peers {
    pub(crate) config: TabsConfig,
    pub(crate) me: Author,
    pub(crate) part: Part,
    /// Highest term heard of.
    pub(crate) term: Option<Term>,
    /// Attempts to join so far.
    joins: u32,
    /// Number of the next message.
    next_no: MessageNo,
    others: BTreeMap<TabId, Peer>,
}

/// State of this tab among the tabs of its browser.
#[derive(Debug)]
pub(crate) enum Part {
    /// The driver has not spoken of other tabs.
    Alone,
    /// To lead once storage has given it a term.
    Taking {
        /// Tab that leads meanwhile, if one was heard.
        beside: Option<TabId>,
    },
    Leading(Box<Leading>),
    Following(Following),
}

/// State of a leader.
#[derive(Debug)]
pub(crate) struct Leading {
    pub(crate) term: Term,
    pub(crate) followers: BTreeMap<TabId, Follower>,
    pub(crate) numbers: Numbers,
    /// Numbers up to here may have been submitted by an earlier leader.
    pub(crate) first_own: u64,
    pub(crate) events: RecentEvents,
    /// Notices that other tabs are to show to their users; shown here, should those tabs not be heard of again.
    pub(crate) untold: BTreeMap<TabId, VecDeque<Notice>>,
    /// For whoever wants it; said at the end of each input.
    pub(crate) relayed: Vec<ServerMessage>,
    /// Connection as it was when the followers were last told.
    pub(crate) told: Option<Standing>,
}

/// Connection of a leader, by the leader's own clock.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Standing {
    pub(crate) connection: crate::ConnectionState,
    pub(crate) attempt: u32,
    pub(crate) facts: Facts,
    pub(crate) is_polling: bool,
    pub(crate) tabs: usize,
}

/// A tab that was taken in.
#[derive(Debug)]
pub(crate) struct Follower {
    pub(crate) join: Join,
    pub(crate) subscriptions: BTreeMap<Channel, SubscriptionId>,
    /// Subscribe requests without an answer yet.
    pub(crate) waiting: BTreeMap<Channel, Subscribe>,
}

/// State of a follower.
#[derive(Debug)]
pub(crate) struct Following {
    /// Tab that is followed.
    pub(crate) leader: Option<TabId>,
    pub(crate) link: Link,
    /// Time to speak next.
    pub(crate) next_at: Duration,
    /// Since when the leader owes an answer.
    pub(crate) asked_at: Option<Duration>,
    /// A token that the leader was not told, because there was none.
    pub(crate) fresh_token: Option<AccessToken>,
    /// The leader's boards come over REST.
    pub(crate) is_polling: bool,
    /// Number of tabs, as the leader says.
    pub(crate) tabs: usize,
    /// Boards that were asked for though the leader has no connection.
    pub(crate) asked: BTreeSet<BoardId>,
}

/// Stage of a follower's way into a leader's service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// The tab has said nothing yet to whoever leads now.
    Apart,
    /// The attempt is on its way.
    Joining(Join),
    /// The leader has taken this tab in.
    Joined(Seat),
}

/// Act of a follower whose time to speak has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heartbeat {
    /// Says that it is there.
    Here(Seat),
    /// Tries once more to be taken in.
    Join,
    /// Takes the lead from a leader that has been silent for too long, and tries to join whoever leads by then.
    TakeLead,
}

/// Another tab, as far as it is known here.
#[derive(Debug)]
struct Peer {
    life: PageLife,
    /// Highest number of its messages.
    last_no: MessageNo,
    heard: Duration,
}

/// Place of a message among those that its tab sent before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Receipt {
    /// Next message, without a hole.
    Next,
    /// Message that was here before.
    Repeated,
    /// Messages before it were missed.
    Missed,
    /// The tab was loaded anew, or is heard of for the first time; all it has said is here.
    New,
    /// Message of a page that is heard of for the first time but has spoken before, so that something was missed.
    NewlyHeard,
}

impl Peers {
    pub(crate) fn new(config: TabsConfig, me: Author) -> Self {
        Self { config, me, part: Part::Alone, term: None, joins: 0, next_no: MessageNo::FIRST, others: BTreeMap::new() }
    }

    pub(crate) fn is_alone(&self) -> bool {
        matches!(self.part, Part::Alone)
    }

    pub(crate) fn leading(&self) -> Option<&Leading> {
        match &self.part {
            Part::Leading(leading) => Some(leading),
            _ => None,
        }
    }

    pub(crate) fn leading_mut(&mut self) -> Option<&mut Leading> {
        match &mut self.part {
            Part::Leading(leading) => Some(leading),
            _ => None,
        }
    }

    pub(crate) fn following(&self) -> Option<&Following> {
        match &self.part {
            Part::Following(following) => Some(following),
            _ => None,
        }
    }

    pub(crate) fn following_mut(&mut self) -> Option<&mut Following> {
        match &mut self.part {
            Part::Following(following) => Some(following),
            _ => None,
        }
    }

    /// Another tab that leads, as far as this one knows.
    pub(crate) fn leader(&self) -> Option<&TabId> {
        match &self.part {
            Part::Following(Following { leader, .. }) | Part::Taking { beside: leader } => leader.as_ref(),
            Part::Alone | Part::Leading(_) => None,
        }
    }

    /// Place with the leader, of a follower that was taken in.
    pub(crate) fn seat(&self) -> Option<Seat> {
        self.following()?.seat()
    }

    /// Begins a follower's next attempt to join whoever leads.
    pub(crate) fn start_join(&mut self, now: Duration) -> Option<Join> {
        let Part::Following(following) = &mut self.part else { return None };
        self.joins += 1;
        let join = Join(self.joins);
        following.link = Link::Joining(join);
        following.next_at = now + self.config.heartbeat.get();
        following.asked_at.get_or_insert(now);
        Some(join)
    }

    /// Takes the place that a leader gives. `false` for an answer that is not awaited.
    pub(crate) fn take_seat(&mut self, leader: &TabId, seat: Seat, now: Duration) -> bool {
        let Part::Following(following) = &mut self.part else { return false };
        if following.link != Link::Joining(seat.join) || Some(seat.term) < self.term {
            return false;
        }
        following.leader = Some(leader.clone());
        following.link = Link::Joined(seat);
        following.asked_at = None;
        following.next_at = now + self.config.heartbeat.get();
        following.asked.clear();
        self.term = Some(seat.term);
        true
    }

    /// Act of a follower whose time to speak has come.
    pub(crate) fn handle_heartbeat(&mut self, now: Duration) -> Option<Heartbeat> {
        let Part::Following(following) = &mut self.part else { return None };
        if now < following.next_at {
            return None;
        }
        let heartbeat = self.config.heartbeat.get();
        if now - following.next_at >= heartbeat {
            // It was this tab that slept: the answer may lie here unread.
            following.asked_at = None;
        }
        if following.asked_at.is_some_and(|at| at + self.config.leader_timeout.get() <= now) {
            following.asked_at = None;
            following.leader = None;
            following.link = Link::Apart;
            return Some(Heartbeat::TakeLead);
        }
        let Link::Joined(seat) = following.link else { return Some(Heartbeat::Join) };
        following.next_at = now + heartbeat;
        following.asked_at.get_or_insert(now);
        Some(Heartbeat::Here(seat))
    }

    /// Number of tabs, as far as is known.
    pub(crate) fn count(&self) -> usize {
        self.following().map_or(self.others.len() + 1, |following| following.tabs)
    }

    /// Says whether the page that made an edit has been heard of lately.
    pub(crate) fn is_alive(&self, author: &Author) -> bool {
        self.others.get(&author.tab).is_some_and(|peer| peer.life == author.life)
    }

    /// The next message of this tab.
    pub(crate) fn message(&mut self, body: PeerBody) -> PeerMessage {
        let no = self.next_no;
        self.next_no = no.next();
        PeerMessage { life: self.me.life, no, body }
    }

    /// Says something to all other tabs, if there are any.
    pub(crate) fn tell(&mut self, body: PeerBody, outputs: &mut Outputs) {
        if !self.is_alone() {
            let message = self.message(body);
            outputs.push(Output::Tell(message));
        }
    }

    /// Passes on that an edit came to an end that no outcome has told.
    pub(crate) fn relay_outcome(&mut self, outcomes: Outcomes, outputs: &mut Outputs) {
        self.relay_at_once(ServerMessage::Outcomes(outcomes), outputs);
    }

    /// Passes a message on before storage forgets an edit: should this tab end here, the others know what became of it.
    pub(crate) fn relay_at_once(&mut self, message: ServerMessage, outputs: &mut Outputs) {
        if self.count() > 1
            && let Some(leading) = self.leading_mut()
        {
            leading.relayed.push(message);
            self.tell_relayed(outputs);
        }
    }

    /// Says what was to be passed on.
    pub(crate) fn tell_relayed(&mut self, outputs: &mut Outputs) {
        let Some(leading) = self.leading_mut() else { return };
        if leading.relayed.is_empty() {
            return;
        }
        let term = leading.term;
        let messages = std::mem::take(&mut leading.relayed);
        self.tell(PeerBody::Relay { term, messages }, outputs);
    }

    /// Notes a message, whatever it says.
    pub(crate) fn receive(&mut self, from: &TabId, life: PageLife, no: MessageNo, now: Duration) -> Receipt {
        if let Some(peer) = self.others.get_mut(from).filter(|peer| peer.life == life) {
            peer.heard = now;
            let receipt = match no {
                no if no <= peer.last_no => Receipt::Repeated,
                no if no == peer.last_no.next() => Receipt::Next,
                _ => Receipt::Missed,
            };
            peer.last_no = peer.last_no.max(no);
            return receipt;
        }
        if self.others.len() >= self.config.max_tabs.get()
            && let Some(quietest) = self.others.iter().min_by_key(|(_, peer)| peer.heard).map(|(tab, _)| tab.clone())
        {
            self.others.remove(&quietest);
        }
        self.others.insert(from.clone(), Peer { life, last_no: no, heard: now });
        if no == MessageNo::FIRST { Receipt::New } else { Receipt::NewlyHeard }
    }

    pub(crate) fn forget(&mut self, tab: &TabId) {
        self.others.remove(tab);
    }

    /// Peers that have been silent for too long.
    pub(crate) fn silent(&self, now: Duration) -> Vec<TabId> {
        let limit = self.config.forget_after.get();
        let is_silent = |peer: &Peer| peer.heard.saturating_add(limit) <= now;
        self.others.iter().filter(|(_, peer)| is_silent(peer)).map(|(tab, _)| tab.clone()).collect()
    }

    pub(crate) fn poll_timeout(&self) -> Option<Duration> {
        let forget_at =
            self.others.values().map(|peer| peer.heard.saturating_add(self.config.forget_after.get())).min();
        match &self.part {
            Part::Alone | Part::Taking { .. } => None,
            Part::Leading(_) => forget_at,
            Part::Following(following) => Some(following.next_at),
        }
    }
}

impl Leading {
    pub(crate) fn new(term: Term, last_n: u64) -> Self {
        Self {
            term,
            followers: BTreeMap::new(),
            numbers: Numbers::start(last_n),
            first_own: last_n,
            events: RecentEvents::default(),
            untold: BTreeMap::new(),
            relayed: Vec::new(),
            told: None,
        }
    }

    /// Place that was given to a follower.
    pub(crate) fn seat_of(&self, tab: &TabId) -> Option<Seat> {
        let join = self.followers.get(tab)?.join;
        Some(Seat { term: self.term, join })
    }

    /// Says whether some other tab wants this channel.
    pub(crate) fn is_wanted(&self, channel: &Channel) -> bool {
        self.followers.values().any(|follower| follower.subscriptions.contains_key(channel))
    }
}

impl Following {
    /// Follower that knows no leader and has not spoken.
    pub(crate) fn new(next_at: Duration) -> Self {
        Self {
            leader: None,
            link: Link::Apart,
            next_at,
            asked_at: None,
            fresh_token: None,
            is_polling: false,
            tabs: 1,
            asked: BTreeSet::new(),
        }
    }

    /// Latest attempt to join that an answer may be on its way to.
    pub(crate) fn last_join(&self) -> Option<Join> {
        match self.link {
            Link::Apart => None,
            Link::Joining(join) | Link::Joined(Seat { join, .. }) => Some(join),
        }
    }

    fn seat(&self) -> Option<Seat> {
        match self.link {
            Link::Joined(seat) => Some(seat),
            Link::Apart | Link::Joining(_) => None,
        }
    }
}
