use std::{rc::Rc, time::Duration};

use tideboard_engine::{ChannelStatus, ChannelView, Plan, PlanTab, PlanView};
use tideboard_shared::{Channel, DeniedReason};
use yew::prelude::*;

use super::{cells::Slot, use_realtime, use_store_with};
use crate::{ByAddress, OpenPlan, Realtime};

/// Options of [`use_realtime_subscriptions`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UseRealtimeSubscriptionsOptions {
    /// Needs of each tab, in the order in which the tabs are shown.
    pub map: Vec<PlanTab>,
    /// Time for which a tab has to be looked at before it counts. Default `subscriptions.debounce`.
    pub debounce: Option<Duration>,
    /// Time for which the channels of a tab that was left stay. Default `subscriptions.linger`.
    pub linger: Option<Duration>,
    /// Number of tabs on each side that are subscribed to as well, slowly. Default `subscriptions.prefetch`.
    pub prefetch: Option<usize>,
    /// Wants nothing while the page is hidden. Default false.
    pub visible_only: bool,
}

/// Sums over all channels since each was first wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SubscriptionTotals {
    /// Events, points, presences and notifications that arrived.
    pub received: u64,
    /// Items that were handed on.
    pub delivered: u64,
    /// Items that were folded into later ones, or left out while a consumer was paused.
    pub coalesced: u64,
    /// Bytes of the messages.
    pub bytes: u64,
}

/// Handle of [`use_realtime_subscriptions`].
#[derive(Debug, Clone)]
pub struct UseRealtimeSubscriptionsHandle {
    realtime: Realtime,
    opened: Rc<Slot<OpenPlan>>,
    shown: Rc<Shown>,
}

impl UseRealtimeSubscriptionsHandle {
    /// The tab whose channels are wanted.
    #[must_use]
    pub fn active(&self) -> Option<&str> {
        self.shown.plan.active.as_deref()
    }

    /// The tab that will be the active one if the user stays there.
    #[must_use]
    pub fn next(&self) -> Option<&str> {
        self.shown.plan.next.as_deref()
    }

    /// Tabs that were left and whose channels are still there.
    #[must_use]
    pub fn lingering(&self) -> &[String] {
        &self.shown.plan.lingering
    }

    /// Channels that stay, whatever the tab.
    #[must_use]
    pub fn pinned(&self) -> &[Channel] {
        &self.shown.plan.pinned
    }

    /// Channels that the server does not send to this user, with its reason.
    #[must_use]
    pub fn denied(&self) -> Vec<(&Channel, &DeniedReason)> {
        self.shown.channels.iter().filter_map(|(channel, status)| Some((channel, why(status)?))).collect()
    }

    /// State of a channel; `None` when nobody wants it.
    #[must_use]
    pub fn status(&self, channel: &Channel) -> Option<&ChannelStatus> {
        self.shown.channels.iter().find(|(other, _)| other == channel).map(|(_, status)| status)
    }

    /// Every channel that anyone on the page wants: where it stands, and what came through it: how many and how many
    /// bytes were received, delivered, coalesced, how often and when last. Read at the call.
    #[must_use]
    pub fn by_channel(&self) -> Vec<ChannelView> {
        self.realtime.read(|reader| reader.channels())
    }

    /// Sums over all channels. Read at the call.
    #[must_use]
    pub fn metrics(&self) -> SubscriptionTotals {
        let mut totals = SubscriptionTotals::default();
        for ChannelView { metrics, .. } in self.by_channel() {
            totals.received += metrics.received;
            totals.delivered += metrics.delivered;
            totals.coalesced += metrics.coalesced;
            totals.bytes += metrics.bytes;
        }
        totals
    }

    /// Keeps a channel whatever the tab, as the plan asks for it, until [`Self::unpin`].
    pub fn pin(&self, channel: Channel) {
        if let Some(opened) = self.opened.get() {
            opened.pin(channel);
        }
    }

    /// Ends [`Self::pin`].
    pub fn unpin(&self, channel: &Channel) {
        if let Some(opened) = self.opened.get() {
            opened.unpin(channel);
        }
    }

    /// Asks again for a channel that the server denied.
    pub fn renew(&self, channel: Channel) {
        self.realtime.renew(channel);
    }
}

impl PartialEq for UseRealtimeSubscriptionsHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.opened, &other.opened) && self.shown == other.shown
    }
}

fn why(status: &ChannelStatus) -> Option<&DeniedReason> {
    match status {
        ChannelStatus::Denied { reason } => Some(reason),
        ChannelStatus::LeftOut { .. } => Some(&DeniedReason::TooManySubscriptions),
        ChannelStatus::Pending | ChannelStatus::Active | ChannelStatus::Lingering => None,
    }
}

/// Follows the user from tab to tab of a dashboard: only what is looked at is subscribed to.
///
/// ```no_run
/// use tideboard_client::hooks::{UseRealtimeSubscriptionsOptions, use_realtime_subscriptions};
/// use tideboard_engine::PlanTab;
/// use tideboard_shared::Channel;
/// use yew::prelude::*;
///
/// #[component]
/// fn Tabs() -> Html {
///     let tab = use_state(|| "orders");
///     let needs = |name: &str, channel: &str| PlanTab {
///         name: name.to_owned(),
///         requests: vec![channel.parse::<Channel>().expect("a channel").into()],
///     };
///     let map = vec![needs("orders", "board:main"), needs("machine", "stream:host.*")];
///     let options = UseRealtimeSubscriptionsOptions { map, ..Default::default() };
///     let subscriptions = use_realtime_subscriptions(Some(*tab), options);
///     let onclick = move |_| tab.set("machine");
///     html! { <button {onclick}>{ format!("{} channels denied", subscriptions.denied().len()) }</button> }
/// }
/// ```
///
/// | option | default | |
/// |---|---|---|
/// | `map` | none | what each tab needs: channels with priorities and rates |
/// | `debounce` | `subscriptions.debounce` | who only passes by a tab subscribes to nothing |
/// | `linger` | `subscriptions.linger` | coming back soon costs nothing |
/// | `prefetch` | `subscriptions.prefetch` | neighbouring tabs, slowly and last |
/// | `visible_only` | false | nothing while the page is hidden |
///
/// Returns a [`UseRealtimeSubscriptionsHandle`]; renders when the active tab, or where a channel stands, changes, not
/// for what comes through. Nothing fails: what the server denies shows in `denied()`.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_realtime_subscriptions(
    active_tab: Option<&'static str>,
    options: UseRealtimeSubscriptionsOptions,
) -> UseRealtimeSubscriptionsHandle {
    let realtime = use_realtime();
    let plan = plan(options);
    let opened = {
        let plan = plan.clone();
        use_memo(realtime.clone(), move |realtime| Slot::new(Some(realtime.open_plan(plan))))
    };
    use_effect_with(ByAddress::of(&opened), |opened| {
        let opened = Rc::clone(&opened.0);
        move || opened.close()
    });
    use_effect_with((ByAddress::of(&opened), plan), |(opened, plan)| {
        if let Some(opened) = opened.get() {
            opened.replace(plan.clone());
        }
    });
    use_effect_with((ByAddress::of(&opened), active_tab), |(opened, tab)| {
        if let Some(opened) = opened.get() {
            opened.set_active_tab(*tab);
        }
    });
    let shown = use_store_with(opened.get().map(|opened| opened.id()), |reader, plan| {
        let view = plan.and_then(|plan| reader.plan(plan)).unwrap_or_default();
        let channels = reader.channels().into_iter().map(|view| (view.channel, view.status)).collect();
        Shown { plan: view, channels }
    });
    UseRealtimeSubscriptionsHandle { realtime, opened, shown }
}

/// Facts that cause a render.
#[derive(Debug, Clone, PartialEq)]
struct Shown {
    plan: PlanView,
    channels: Vec<(Channel, ChannelStatus)>,
}

fn plan(options: UseRealtimeSubscriptionsOptions) -> Plan {
    let UseRealtimeSubscriptionsOptions { map, debounce, linger, prefetch, visible_only } = options;
    Plan { tabs: map, visible_only, debounce, linger, prefetch }
}
