//! Channels that the application wants to hear, and those that the server is asked for.
//!
//! In: requests by reference, plans by tab, the server's answers, what arrives. Out: one subscription a channel, as
//! wide as its widest request, in order of priority, no more than the server gives. Never: a channel that nobody wants,
//! or one asked for again that the server denied, until its request is renewed or the user's rights change.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use tideboard_shared::{Channel, DeniedReason, Rights, Topic, message::Subscribe};

use crate::{
    Now,
    config::{FeaturesConfig, SubscriptionsConfig},
};

mod channel;
mod metrics;
mod plan;
#[cfg(test)]
mod tests;

pub(crate) use channel::Ask;
pub use channel::{ChannelStatus, ChannelView};
pub(crate) use metrics::Arrival;
pub use metrics::{ChannelMetrics, Rate};
pub use plan::{Plan, PlanTab, PlanView};

use channel::ChannelState;
use plan::{PlanState, Standing};

/// Time after which a channel is asked for again that the server could not give.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// Names one request; dropping the last one of a channel leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct SubscriptionId(pub u64);

/// Names one plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct PlanId(pub u64);

/// All requests, and every channel that one of them is for.
#[derive(Debug)]
pub(crate) struct Subscriptions {
    config: SubscriptionsConfig,
    features: FeaturesConfig,
    requests: BTreeMap<SubscriptionId, Subscribe>,
    plans: BTreeMap<PlanId, PlanState>,
    channels: BTreeMap<Channel, ChannelState>,
    last_id: u64,
    last_order: u64,
    /// Channels whose request was renewed since the last [`Self::reconcile`].
    renewed: BTreeSet<Channel>,
    is_dirty: bool,
    /// The UI would show channels or plans otherwise than at the last [`Self::take_changed`].
    has_changed: bool,
    is_page_seen: bool,
    /// Time to ask again for channels that were not available.
    ask_again_at: Option<Duration>,
    /// Name and rights that the server last gave the user; `None` after a fresh token.
    known_as: Option<(String, Rights)>,
}

/// Consequences of requests that changed.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Changes {
    /// Channels that nobody wanted before.
    pub(crate) came: Vec<Channel>,
    /// Channels that nobody wants any more.
    pub(crate) left: Vec<Channel>,
    /// Channels to tell the server to stop, first.
    pub(crate) unsubscribe: Vec<Channel>,
    /// Channels to ask the server for, the most important first.
    pub(crate) ask: Vec<Ask>,
}

impl Subscriptions {
    pub(crate) fn new(config: SubscriptionsConfig, features: FeaturesConfig) -> Self {
        Self {
            config,
            features,
            requests: BTreeMap::new(),
            plans: BTreeMap::new(),
            channels: BTreeMap::new(),
            last_id: 0,
            last_order: 0,
            renewed: BTreeSet::new(),
            is_dirty: false,
            has_changed: false,
            is_page_seen: true,
            ask_again_at: None,
            known_as: None,
        }
    }

    pub(crate) fn add(&mut self, request: Subscribe) -> SubscriptionId {
        let id = SubscriptionId(self.next_id());
        self.has_changed = true;
        self.renew([request.channel.clone()]);
        self.requests.insert(id, request);
        id
    }

    pub(crate) fn remove(&mut self, id: SubscriptionId) {
        self.is_dirty |= self.requests.remove(&id).is_some();
        self.has_changed = true;
    }

    pub(crate) fn open_plan(&mut self, plan: Plan, now: Duration) -> PlanId {
        let id = PlanId(self.next_id());
        let mut state = PlanState::new(self.allowed(plan), &self.config);
        state.handle_seen(self.is_page_seen, now);
        self.plans.insert(id, state);
        self.has_changed = true;
        id
    }

    pub(crate) fn replace_plan(&mut self, id: PlanId, plan: Plan) {
        let plan = self.allowed(plan);
        if let Some(state) = self.plans.get_mut(&id) {
            state.replace(plan, &self.config);
            self.is_dirty = true;
            self.has_changed = true;
        }
    }

    pub(crate) fn close_plan(&mut self, id: PlanId) {
        self.is_dirty |= self.plans.remove(&id).is_some();
        self.has_changed = true;
    }

    pub(crate) fn plan_view(&self, id: PlanId) -> Option<PlanView> {
        self.plans.get(&id).map(PlanState::view)
    }

    pub(crate) fn go_to(&mut self, id: PlanId, tab: Option<String>, now: Duration) {
        self.has_changed = true;
        if self.plans.get_mut(&id).is_some_and(|plan| plan.go_to(tab, now)) {
            self.handle_entered(id);
        }
    }

    pub(crate) fn pin(&mut self, id: PlanId, channel: Channel) {
        if let Some(plan) = self.plans.get_mut(&id) {
            plan.pin(channel.clone());
            self.has_changed = true;
            self.renew([channel]);
        }
    }

    pub(crate) fn unpin(&mut self, id: PlanId, channel: &Channel) {
        if let Some(plan) = self.plans.get_mut(&id) {
            plan.unpin(channel);
            self.is_dirty = true;
            self.has_changed = true;
        }
    }

    /// Lets denied channels be asked for again.
    pub(crate) fn renew(&mut self, channels: impl IntoIterator<Item = Channel>) {
        self.renewed.extend(channels);
        self.is_dirty = true;
    }

    pub(crate) fn handle_seen(&mut self, is_seen: bool, now: Duration) {
        self.is_page_seen = is_seen;
        for plan in self.plans.values_mut() {
            plan.handle_seen(is_seen, now);
        }
        self.is_dirty = true;
    }

    /// The token is another one; what the server says of the user next counts as news.
    pub(crate) fn handle_token(&mut self) {
        self.known_as = None;
    }

    /// The server said who the user is. What it denied to somebody else may be allowed now.
    pub(crate) fn handle_ready(&mut self, user: &str, rights: &Rights) {
        let is_known = |known: &(String, Rights)| known.0 == user && known.1 == *rights;
        if !self.known_as.as_ref().is_some_and(is_known) {
            self.known_as = Some((user.to_owned(), rights.clone()));
            let denied = self.denied().map(|(channel, _)| channel.clone()).collect::<Vec<_>>();
            self.renew(denied);
        }
    }

    /// The server is being asked for a channel apart from [`Self::reconcile`].
    pub(crate) fn handle_asked(&mut self, channel: &Channel) {
        if let Some(state) = self.channels.get_mut(channel) {
            state.handle_asked();
        }
    }

    pub(crate) fn handle_subscribed(&mut self, channel: &Channel) {
        if let Some(state) = self.channels.get_mut(channel) {
            state.handle_subscribed();
            self.has_changed = true;
        }
    }

    pub(crate) fn handle_denied(&mut self, channel: &Channel, reason: &DeniedReason, now: Duration) {
        if *reason == DeniedReason::Unavailable {
            self.ask_again_at.get_or_insert(now + ASK_AGAIN_AFTER);
        }
        if let Some(state) = self.channels.get_mut(channel) {
            state.handle_denied(reason);
            self.has_changed = true;
        }
    }

    /// There is a connection on which nothing was asked for yet.
    pub(crate) fn handle_live(&mut self) {
        self.is_dirty = true;
    }

    pub(crate) fn handle_lost(&mut self) {
        for state in self.channels.values_mut() {
            state.handle_lost();
        }
        self.is_dirty = true;
    }

    pub(crate) fn handle_timeout(&mut self, now: Duration) {
        if self.ask_again_at.is_some_and(|at| at <= now) {
            self.ask_again_at = None;
            let is_unavailable = |(_, reason): &(&Channel, &DeniedReason)| **reason == DeniedReason::Unavailable;
            let unavailable: Vec<_> =
                self.denied().filter(is_unavailable).map(|(channel, _)| channel.clone()).collect();
            self.renew(unavailable);
        }
        let mut entered = Vec::new();
        for (id, plan) in &mut self.plans {
            let (is_changed, is_entered) = plan.handle_timeout(now);
            self.is_dirty |= is_changed;
            entered.extend(is_entered.then_some(*id));
        }
        for id in entered {
            self.handle_entered(id);
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Duration> {
        self.plans.values().filter_map(PlanState::poll_timeout).chain(self.ask_again_at).min()
    }

    /// Counts a message for every channel that carries it.
    pub(crate) fn note_arrival(&mut self, channels: &[Channel], arrival: Arrival, now: Now) {
        for channel in channels {
            if let Some(state) = self.channels.get_mut(channel) {
                state.note(arrival, now);
            }
        }
    }

    /// Counts what the application got from a channel, and what it did not get one by one.
    pub(crate) fn note_delivered(&mut self, channel: &Channel, delivered: u64, coalesced: u64) {
        if let Some(state) = self.channels.get_mut(channel) {
            state.metrics.delivered += delivered;
            state.metrics.coalesced += coalesced;
        }
    }

    /// Says whether the UI shows something else of channels and plans than at the last call.
    pub(crate) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.has_changed)
    }

    /// Says whether requests changed since the last [`Self::reconcile`].
    pub(crate) fn is_dirty(&self) -> bool {
        self.is_dirty
    }

    /// Compares what is wanted with what the server was asked for. Without a connection, nothing is said to it.
    pub(crate) fn reconcile(&mut self, limit: Option<usize>) -> Changes {
        self.is_dirty = false;
        self.has_changed = true;
        let mut changes = Changes::default();
        let wanted = self.wanted_now();
        let gone = self.channels.extract_if(.., |channel, _| !wanted.contains_key(channel));
        for (channel, state) in gone {
            changes.unsubscribe.extend(state.is_asked().then(|| channel.clone()));
            changes.left.push(channel);
        }
        let mut wanted: Vec<_> = wanted.into_iter().collect();
        wanted.sort_by_key(|(_, wanted)| wanted.place);
        for (channel, Wanted { request, standing, .. }) in wanted {
            let state = self.channels.entry(channel).or_insert_with_key(|channel| {
                self.last_order += 1;
                changes.came.push(channel.clone());
                ChannelState::new(request.clone(), standing, self.last_order)
            });
            state.wanted = request;
            state.standing = standing;
        }
        for channel in std::mem::take(&mut self.renewed) {
            if let Some(state) = self.channels.get_mut(&channel) {
                state.renew();
            }
        }
        if let Some(limit) = limit {
            self.ask(limit, &mut changes);
        }
        changes
    }

    /// Subscription to a channel; `None` for a channel that nobody wants, that was denied or left out.
    pub(crate) fn wanted(&self, channel: &Channel) -> Option<Subscribe> {
        self.channels.get(channel).filter(|state| state.may_ask()).map(|state| state.wanted.clone())
    }

    /// Every channel that the server is or may be asked for.
    pub(crate) fn channels(&self) -> impl Iterator<Item = &Channel> {
        self.channels.iter().filter(|(_, state)| state.may_ask()).map(|(channel, _)| channel)
    }

    pub(crate) fn contains(&self, channel: &Channel) -> bool {
        self.channels.contains_key(channel)
    }

    pub(crate) fn view(&self, channel: &Channel) -> Option<ChannelView> {
        self.channels.get(channel).map(ChannelState::view)
    }

    pub(crate) fn views(&self) -> impl Iterator<Item = ChannelView> {
        self.channels.values().map(ChannelState::view)
    }

    /// Channels that the server does not give to this user, and the reasons.
    pub(crate) fn denied(&self) -> impl Iterator<Item = (&Channel, &DeniedReason)> {
        self.channels.iter().filter_map(|(channel, state)| state.denied().map(|reason| (channel, reason)))
    }

    /// The channels that carry this stream.
    pub(crate) fn carriers(&self, topic: &Topic) -> Vec<Channel> {
        let exact = Channel::Stream(topic.clone());
        let exact = self.channels.contains_key(&exact).then_some(exact);
        let prefixes = self.channels.range(Channel::StreamPrefix(String::new())..).map(|(channel, _)| channel);
        let carries = |channel: &&Channel| match channel {
            Channel::StreamPrefix(prefix) => topic.as_str().starts_with(prefix.as_str()),
            Channel::Board(_) | Channel::Stream(_) | Channel::Presence(_) | Channel::Notifications => false,
        };
        exact.into_iter().chain(prefixes.filter(carries).cloned()).collect()
    }

    fn handle_entered(&mut self, id: PlanId) {
        let channels = self.plans.get(&id).into_iter().flat_map(PlanState::active_channels).cloned();
        let channels = channels.collect::<Vec<_>>();
        self.renew(channels);
    }

    /// Widest request for each channel: the most history, the highest rate, the highest priority.
    fn wanted_now(&self) -> BTreeMap<Channel, Wanted> {
        let direct = self.requests.values().map(|request| (request.clone(), Standing::Wanted));
        let planned = self.plans.values().flat_map(PlanState::requests);
        let allowed = direct.chain(planned).filter(|(request, _)| self.features.has_channel(&request.channel));
        let mut all: BTreeMap<Channel, Wanted> = BTreeMap::new();
        for (place, (request, standing)) in allowed.enumerate() {
            let request = sound(request);
            match all.get_mut(&request.channel) {
                Some(wanted) => wanted.widen(&request, standing),
                None => drop(all.insert(request.channel.clone(), Wanted { request, standing, place })),
            }
        }
        all
    }

    /// Asks for as many channels as the server gives: those needed now, by priority, the earliest first.
    fn ask(&mut self, limit: usize, changes: &mut Changes) {
        let has_room = !changes.unsubscribe.is_empty();
        let mut states: Vec<_> = self.channels.values_mut().collect();
        if has_room {
            let crowded_out = Some(&DeniedReason::TooManySubscriptions);
            for state in states.iter_mut().filter(|state| state.denied() == crowded_out) {
                state.renew();
            }
        }
        states.retain(|state| state.denied().is_none());
        states.sort_by_key(|state| (std::cmp::Reverse((state.standing, state.priority())), state.order));
        let fitting = limit.min(states.len());
        let (fit, rest) = states.split_at_mut(fitting);
        for state in rest {
            changes.unsubscribe.extend(state.leave_out(limit).then(|| state.wanted.channel.clone()));
        }
        changes.ask = fit.iter_mut().filter_map(|state| state.ask()).collect();
    }

    fn allowed(&self, plan: Plan) -> Plan {
        let prefetch = if self.features.prefetch { plan.prefetch } else { Some(0) };
        Plan { prefetch, ..plan }
    }

    fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }
}

/// A request without what no server takes: a rate has to be a positive number, and positions are the engine's business.
fn sound(request: Subscribe) -> Subscribe {
    Subscribe { since: None, max_rate_hz: request.max_rate_hz.filter(|hz| hz.is_finite() && *hz > 0.0), ..request }
}

/// Widest request for one channel.
#[derive(Debug)]
struct Wanted {
    request: Subscribe,
    standing: Standing,
    /// Place among all requests.
    place: usize,
}

impl Wanted {
    fn widen(&mut self, other: &Subscribe, standing: Standing) {
        let request = &mut self.request;
        request.history = request.history.max(other.history);
        // No limit is the widest request.
        request.max_rate_hz = request.max_rate_hz.zip(other.max_rate_hz).map(|(a, b)| a.max(b));
        if request.priority != other.priority {
            let [a, b] = [request.priority, other.priority].map(Option::unwrap_or_default);
            request.priority = Some(a.max(b));
        }
        self.standing = self.standing.max(standing);
    }
}
