use std::rc::Rc;

use tideboard_engine::{ChannelStatus, ChannelView};
use tideboard_shared::{Channel, DeniedReason};

use super::Shown;
use crate::{OpenPlan, Realtime, slot::Slot};

/// What came through all channels since each was first wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SubscriptionTotals {
    /// Events, points, presences and notifications that arrived.
    pub received: u64,
    /// Those that were handed on.
    pub delivered: u64,
    /// Those that were folded into later ones, or left out while a consumer was paused.
    pub coalesced: u64,
    /// Bytes of the messages.
    pub bytes: u64,
}

/// What [`super::use_realtime_subscriptions`] returns.
#[derive(Debug, Clone)]
pub struct UseRealtimeSubscriptionsHandle {
    pub(super) realtime: Realtime,
    pub(super) opened: Rc<Slot<OpenPlan>>,
    pub(super) shown: Rc<Shown>,
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

    /// Where a channel stands; `None` when nobody wants it.
    #[must_use]
    pub fn status(&self, channel: &Channel) -> Option<&ChannelStatus> {
        self.shown.channels.iter().find(|(other, _)| other == channel).map(|(_, status)| status)
    }

    /// Every channel that anyone on the page wants: where it stands, and what came through it: how many and how many bytes
    /// were received, delivered, coalesced, how often and when last. Read at the call.
    #[must_use]
    pub fn by_channel(&self) -> Vec<ChannelView> {
        self.realtime.read(|reader| reader.channels()).0
    }

    /// What came through all of them together. Read at the call.
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

    /// Keeps a channel whatever the tab, as the plan wishes it, until [`Self::unpin`].
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
