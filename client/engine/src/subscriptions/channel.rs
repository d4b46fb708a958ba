//! Status of one channel with the server.

use tideboard_shared::{
    Channel, DeniedReason,
    message::{Priority, Subscribe},
};

use super::{
    metrics::{Arrival, ChannelMetrics},
    plan::Standing,
};
use crate::Now;

/// Status of a channel with the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelStatus {
    /// Asked for, or about to be; nothing comes yet.
    Pending,
    /// The server sends it.
    Active,
    /// The server sends it, but nobody needs it any more; it ends by itself soon.
    Lingering,
    /// The server does not send it to this user. Asked again when its request is renewed or the user's rights change.
    Denied {
        /// Reason that the server gave.
        reason: DeniedReason,
    },
    /// More is wanted than the server gives to one connection, and this matters least.
    LeftOut {
        /// Most channels that the server gives.
        limit: usize,
    },
}

/// A channel, as the UI shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelView {
    /// The channel.
    pub channel: Channel,
    /// Status with the server.
    pub status: ChannelStatus,
    /// Highest priority that anyone gives it.
    pub priority: Priority,
    /// The most messages a second that anyone wants; `None` for no limit.
    pub max_rate_hz: Option<f64>,
    /// Counts of its messages.
    pub metrics: ChannelMetrics,
}

/// Last word between client and server about a channel.
#[derive(Debug, Clone, PartialEq)]
enum ChannelStage {
    Idle,
    Asked(Subscribe),
    Active(Subscribe),
    Denied(DeniedReason),
    LeftOut(usize),
}

/// A channel that somebody wants.
#[derive(Debug)]
pub(super) struct ChannelState {
    pub(super) wanted: Subscribe,
    pub(super) standing: Standing,
    /// Order of arrival among the channels.
    pub(super) order: u64,
    pub(super) metrics: ChannelMetrics,
    stage: ChannelStage,
}

impl ChannelState {
    pub(super) fn new(wanted: Subscribe, standing: Standing, order: u64) -> Self {
        Self { wanted, standing, order, metrics: ChannelMetrics::default(), stage: ChannelStage::Idle }
    }

    pub(super) fn view(&self) -> ChannelView {
        let status = match &self.stage {
            ChannelStage::Idle | ChannelStage::Asked(_) => ChannelStatus::Pending,
            ChannelStage::Active(_) if self.standing == Standing::Lingering => ChannelStatus::Lingering,
            ChannelStage::Active(_) => ChannelStatus::Active,
            ChannelStage::Denied(reason) => ChannelStatus::Denied { reason: reason.clone() },
            ChannelStage::LeftOut(limit) => ChannelStatus::LeftOut { limit: *limit },
        };
        ChannelView {
            channel: self.wanted.channel.clone(),
            status,
            priority: self.priority(),
            max_rate_hz: self.wanted.max_rate_hz,
            metrics: self.metrics,
        }
    }

    pub(super) fn priority(&self) -> Priority {
        self.wanted.priority.unwrap_or_default()
    }

    pub(super) fn denied(&self) -> Option<&DeniedReason> {
        match &self.stage {
            ChannelStage::Denied(reason) => Some(reason),
            _ => None,
        }
    }

    /// Says whether the server was asked for the channel on this connection.
    pub(super) fn is_asked(&self) -> bool {
        matches!(self.stage, ChannelStage::Asked(_) | ChannelStage::Active(_))
    }

    /// Says whether the server is or may be asked for the channel.
    pub(super) fn may_ask(&self) -> bool {
        !matches!(self.stage, ChannelStage::Denied(_) | ChannelStage::LeftOut(_))
    }

    pub(super) fn note(&mut self, arrival: Arrival, now: Now) {
        self.metrics.note(arrival, now);
    }

    pub(super) fn handle_asked(&mut self) {
        if !self.is_asked() {
            self.stage = ChannelStage::Asked(self.wanted.clone());
        }
    }

    pub(super) fn handle_subscribed(&mut self) {
        if let ChannelStage::Asked(asked) = &self.stage {
            self.stage = ChannelStage::Active(asked.clone());
        }
    }

    pub(super) fn handle_denied(&mut self, reason: &DeniedReason) {
        if self.is_asked() {
            self.stage = ChannelStage::Denied(reason.clone());
        }
    }

    /// The connection is gone, and with it all that was asked. What was denied stays so.
    pub(super) fn handle_lost(&mut self) {
        if self.denied().is_none() {
            self.stage = ChannelStage::Idle;
        }
    }

    /// Makes a denied channel one that may be asked for again.
    pub(super) fn renew(&mut self) {
        if self.denied().is_some() {
            self.stage = ChannelStage::Idle;
        }
    }

    /// Leaves out a channel that does not fit. Says whether the server has to be told.
    pub(super) fn leave_out(&mut self, limit: usize) -> bool {
        let was_asked = self.is_asked();
        self.stage = ChannelStage::LeftOut(limit);
        was_asked
    }

    /// Request that makes the server send what is wanted; `None` when it does already.
    pub(super) fn ask(&mut self) -> Option<Ask> {
        let wanted = &self.wanted;
        match &mut self.stage {
            ChannelStage::Denied(_) => None,
            ChannelStage::Idle | ChannelStage::LeftOut(_) => {
                self.stage = ChannelStage::Asked(wanted.clone());
                Some(Ask { subscribe: wanted.clone(), is_new: true })
            }
            ChannelStage::Asked(asked) | ChannelStage::Active(asked) => {
                let is_longer = wanted.history > asked.history;
                if !is_longer && wanted.priority == asked.priority && wanted.max_rate_hz == asked.max_rate_hz {
                    return None;
                }
                // History that is there already is not sent again.
                let history = if is_longer { wanted.history } else { asked.history };
                *asked = Subscribe { history, ..wanted.clone() };
                let history = if is_longer { wanted.history } else { None };
                Some(Ask { subscribe: Subscribe { history, ..wanted.clone() }, is_new: false })
            }
        }
    }
}

/// A message to the server about one channel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ask {
    pub(crate) subscribe: Subscribe,
    /// The channel starts, rather than going on with other settings.
    pub(crate) is_new: bool,
}
