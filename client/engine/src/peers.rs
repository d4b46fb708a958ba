//! Which of a browser's tabs talks to the server, and what each knows of the others.
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
use tideboard_shared::{AccessToken, BoardId, Channel, OpResult, ServerMessage, TabId, message::Subscribe};

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
    /// It talks to the server, for all of them. It leads as soon as storage has given it a term.
    Leader,
    /// It talks to the leader.
    Follower,
}

/// Number that storage gives to a tab when it takes the lead, from 1, each higher than all before. Of two tabs that both
/// believe they lead, the one with the higher term is right.
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
    /// Its tab.
    pub tab: TabId,
    /// Its life.
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

/// What this tab is.
#[derive(Debug)]
pub(crate) enum Part {
    /// Nobody has spoken of other tabs.
    Alone,
    /// To lead once storage has given it a term.
    Taking,
    Leading(Box<Leading>),
    Following(Following),
}

/// What a leader knows.
#[derive(Debug)]
pub(crate) struct Leading {
    pub(crate) term: Term,
    pub(crate) followers: BTreeMap<TabId, Follower>,
    pub(crate) numbers: Numbers,
    /// Numbers up to here may have been submitted by an earlier leader.
    pub(crate) first_own: u64,
    pub(crate) events: RecentEvents,
    /// What other tabs are to tell their users; told here, should they not be heard of again.
    pub(crate) untold: BTreeMap<TabId, VecDeque<Notice>>,
    /// For whoever wants it; said at the end of each input.
    pub(crate) relayed: Vec<ServerMessage>,
    /// How the connection stood when it was last said.
    pub(crate) told: Option<Standing>,
}

/// How a leader's connection stands, by its own clock.
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
    pub(crate) wishes: BTreeMap<Channel, SubscriptionId>,
    /// Wishes that are not answered yet.
    pub(crate) waiting: BTreeMap<Channel, Subscribe>,
}

/// What a follower knows.
#[derive(Debug)]
pub(crate) struct Following {
    /// Whom it follows.
    pub(crate) leader: Option<TabId>,
    pub(crate) link: Link,
    /// When to speak next.
    pub(crate) next_at: Duration,
    /// Since when the leader owes an answer.
    pub(crate) asked_at: Option<Duration>,
    /// A token that the leader was not told, because there was none.
    pub(crate) fresh_token: Option<AccessToken>,
    /// Whether the leader's boards come over REST.
    pub(crate) is_polling: bool,
    /// How many tabs there are.
    pub(crate) tabs: usize,
    /// Boards that were asked for though the leader has no connection.
    pub(crate) asked: BTreeSet<BoardId>,
}

/// Stage of a follower's way into a leader's service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// Nothing was said yet to whoever leads now.
    Apart,
    /// The attempt is on its way.
    Joining(Join),
    /// The leader has taken this tab in.
    Joined(Seat),
}

/// What is known of another tab.
#[derive(Debug)]
struct Peer {
    life: PageLife,
    /// Highest number of its messages.
    last_no: MessageNo,
    heard: Duration,
}

/// How a message follows those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Receipt {
    /// It is the next.
    Next,
    /// It was there before.
    Repeated,
    /// Messages before it were missed.
    Missed,
    /// The tab was loaded anew, or is heard of for the first time; all it has said is here.
    New,
    /// The same, and it spoke before.
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

    /// Place with the leader, of a follower that was taken in.
    pub(crate) fn seat(&self) -> Option<Seat> {
        self.following()?.seat()
    }

    /// Number of the next attempt to join.
    pub(crate) fn next_join(&mut self) -> Join {
        self.joins += 1;
        Join(self.joins)
    }

    /// How many tabs there are, as far as is known.
    pub(crate) fn count(&self) -> usize {
        self.following().map_or(self.others.len() + 1, |following| following.tabs)
    }

    /// Whether a tab has been heard of lately, in the life that is meant.
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
    pub(crate) fn relay_outcome(&mut self, board: &BoardId, result: OpResult, outputs: &mut Outputs) {
        self.relay_at_once(ServerMessage::Outcomes { board: board.clone(), results: vec![result] }, outputs);
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
        let quietest = self.others.iter().min_by_key(|(_, peer)| peer.heard).map(|(tab, _)| tab.clone());
        if let Some(quietest) = quietest.filter(|_| self.others.len() >= self.config.max_tabs.get()) {
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
            Part::Alone | Part::Taking => None,
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

    /// Whether some other tab wants this channel.
    pub(crate) fn is_wanted(&self, channel: &Channel) -> bool {
        self.followers.values().any(|follower| follower.wishes.contains_key(channel))
    }
}

impl Following {
    /// One that knows no leader and has not spoken.
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
