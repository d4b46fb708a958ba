//! Channels that each tab of a dashboard needs, and those of them that are wanted as the user goes from tab to tab.
//!
//! In: a plan, the active tab, whether the page can be seen, time. Out: requests, each with how much it is meant. Who
//! only passes by a tab subscribes to nothing; a tab that was left stays for a while. Never: a request for a tab out of
//! sight, but for those that linger, are pinned, or are neighbours where that is asked for.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tideboard_shared::{
    Channel,
    message::{Priority, Subscribe},
};

use crate::config::SubscriptionsConfig;

/// Needs of each tab of a dashboard. A tab here is one of the page's own, not one of the browser's.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Plan {
    /// The tabs in the order in which they are shown, so that each knows its neighbours.
    pub tabs: Vec<PlanTab>,
    /// Wants nothing while the page is hidden. Default false.
    pub visible_only: bool,
    /// Time for which a tab has to be looked at before it counts. Default `subscriptions.debounce`.
    pub debounce: Option<Duration>,
    /// Time for which the channels of a tab that was left stay. Default `subscriptions.linger`.
    pub linger: Option<Duration>,
    /// Number of tabs on each side that are subscribed to as well. Default `subscriptions.prefetch`.
    pub prefetch: Option<usize>,
}

/// Needs of one tab.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanTab {
    /// Name of the tab.
    pub name: String,
    /// Channels, with their priorities and rates. `since` is not read.
    pub requests: Vec<Subscribe>,
}

/// A plan, as the UI shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlanView {
    /// The tab whose channels are wanted.
    pub active: Option<String>,
    /// The tab that will be the active one if the user stays there.
    pub next: Option<String>,
    /// Tabs that were left and whose channels are still there.
    pub lingering: Vec<String>,
    /// Channels that stay, whatever the tab.
    pub pinned: Vec<Channel>,
}

/// Urgency of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// Ends by itself soon.
    Lingering,
    /// Needed now.
    Wanted,
}

/// A plan and where the user is in it.
#[derive(Debug)]
pub(super) struct PlanState {
    plan: Plan,
    debounce: Duration,
    linger: Duration,
    prefetch: usize,
    prefetch_hz: f64,
    active: Option<String>,
    /// The tab the user went to, and when it becomes the active one.
    next: Option<(Duration, Option<String>)>,
    /// Tabs that were left, and until when they stay.
    lingering: BTreeMap<String, Duration>,
    pinned: BTreeSet<Channel>,
    sight: Sight,
}

/// Visibility of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sight {
    Seen,
    /// Until then the active tab lingers.
    Leaving(Duration),
    Hidden,
}

impl PlanState {
    pub(super) fn new(plan: Plan, config: &SubscriptionsConfig) -> Self {
        let mut state = Self {
            plan: Plan::default(),
            debounce: Duration::ZERO,
            linger: Duration::ZERO,
            prefetch: 0,
            prefetch_hz: f64::from(u32::from(config.prefetch_rate)),
            active: None,
            next: None,
            lingering: BTreeMap::new(),
            pinned: BTreeSet::new(),
            sight: Sight::Seen,
        };
        state.replace(plan, config);
        state
    }

    /// Other needs of the tabs; the user stays where he is.
    pub(super) fn replace(&mut self, plan: Plan, config: &SubscriptionsConfig) {
        self.debounce = plan.debounce.unwrap_or(config.debounce.get());
        self.linger = plan.linger.unwrap_or(config.linger.get());
        self.prefetch = plan.prefetch.unwrap_or(config.prefetch.get());
        self.lingering.retain(|name, _| plan.tabs.iter().any(|tab| tab.name == *name));
        self.plan = plan;
    }

    pub(super) fn view(&self) -> PlanView {
        PlanView {
            active: self.active.clone(),
            next: self.next.as_ref().and_then(|(_, tab)| tab.clone()),
            lingering: self.lingering.keys().cloned().collect(),
            pinned: self.pinned.iter().cloned().collect(),
        }
    }

    /// The user went to a tab. Whether it is the active one at once: the first is, and one that still lingers.
    pub(super) fn go_to(&mut self, tab: Option<String>, now: Duration) -> bool {
        self.next = None;
        if self.active == tab {
            return false;
        }
        let is_free = self.active.is_none() || tab.as_ref().is_some_and(|tab| self.lingering.contains_key(tab));
        if is_free || self.debounce.is_zero() {
            self.enter(tab, now);
            return true;
        }
        self.next = Some((now.saturating_add(self.debounce), tab));
        false
    }

    pub(super) fn pin(&mut self, channel: Channel) {
        self.pinned.insert(channel);
    }

    pub(super) fn unpin(&mut self, channel: &Channel) {
        self.pinned.remove(channel);
    }

    pub(super) fn handle_seen(&mut self, is_seen: bool, now: Duration) {
        self.sight = match (is_seen, self.sight) {
            (true, _) => Sight::Seen,
            (false, Sight::Seen) => Sight::Leaving(now.saturating_add(self.linger)),
            (false, sight) => sight,
        };
    }

    /// Handles all that was due. Says whether requests changed, and whether another tab is active now.
    pub(super) fn handle_timeout(&mut self, now: Duration) -> (bool, bool) {
        let before = self.lingering.len();
        self.lingering.retain(|_, until| *until > now);
        let mut is_changed = self.lingering.len() < before;
        if matches!(self.sight, Sight::Leaving(until) if until <= now) {
            self.sight = Sight::Hidden;
            is_changed = true;
        }
        match self.next.take_if(|(at, _)| *at <= now) {
            Some((_, tab)) => {
                self.enter(tab, now);
                (true, true)
            }
            None => (is_changed, false),
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Duration> {
        let leaving = match self.sight {
            Sight::Leaving(until) => Some(until),
            Sight::Seen | Sight::Hidden => None,
        };
        let next = self.next.as_ref().map(|(at, _)| *at);
        self.lingering.values().copied().chain(leaving).chain(next).min()
    }

    /// The channels of the active tab.
    pub(super) fn active_channels(&self) -> impl Iterator<Item = &Channel> {
        let active = self.active.as_deref().and_then(|name| self.tab(name));
        active.into_iter().flat_map(|tab| &tab.requests).map(|request| &request.channel)
    }

    /// All requests of the plan as it stands now.
    pub(super) fn requests(&self) -> Vec<(Subscribe, Standing)> {
        let mut all = Vec::new();
        let sight = if self.plan.visible_only { self.sight } else { Sight::Seen };
        let standing = if sight == Sight::Seen { Standing::Wanted } else { Standing::Lingering };
        if sight != Sight::Hidden {
            let active = self.active.as_deref().and_then(|name| self.tab(name));
            all.extend(active.into_iter().flat_map(|tab| &tab.requests).map(|request| (request.clone(), standing)));
            all.extend(self.neighbours().flat_map(|tab| &tab.requests).map(|request| (self.ahead(request), standing)));
            let left = self.lingering.keys().filter_map(|name| self.tab(name));
            all.extend(left.flat_map(|tab| &tab.requests).map(|request| (request.clone(), Standing::Lingering)));
        }
        for channel in &self.pinned {
            let planned =
                self.plan.tabs.iter().flat_map(|tab| &tab.requests).filter(|request| request.channel == *channel);
            let before = all.len();
            all.extend(planned.map(|request| (request.clone(), Standing::Wanted)));
            if all.len() == before {
                all.push((channel.clone().into(), Standing::Wanted));
            }
        }
        all
    }

    fn enter(&mut self, tab: Option<String>, now: Duration) {
        if let Some(tab) = &tab {
            self.lingering.remove(tab);
        }
        if let Some(left) = std::mem::replace(&mut self.active, tab)
            && !self.linger.is_zero()
        {
            self.lingering.insert(left, now.saturating_add(self.linger));
        }
    }

    fn tab(&self, name: &str) -> Option<&PlanTab> {
        self.plan.tabs.iter().find(|tab| tab.name == name)
    }

    fn neighbours(&self) -> impl Iterator<Item = &PlanTab> {
        let place = self.plan.tabs.iter().position(|tab| Some(&tab.name) == self.active.as_ref());
        let near = move |at: usize| place.is_some_and(|place| place != at && place.abs_diff(at) <= self.prefetch);
        self.plan.tabs.iter().enumerate().filter(move |(at, _)| near(*at)).map(|(_, tab)| tab)
    }

    /// A request of a tab that the user may go to next.
    fn ahead(&self, request: &Subscribe) -> Subscribe {
        let max_rate_hz = request.max_rate_hz.map_or(self.prefetch_hz, |hz| hz.min(self.prefetch_hz));
        Subscribe { priority: Some(Priority::Low), max_rate_hz: Some(max_rate_hz), ..request.clone() }
    }
}
