//! Guards of what an application has opened at the engine: dropping one closes it.
//!
//! Never: a guard that keeps the driver alive.

use std::rc::Weak;

use tideboard_engine::{DeliveryId, FoldFn, KeyFn, Plan, PlanId};
use tideboard_shared::Channel;

use super::Driver;

/// A consumer of what arrives. Dropping it closes it, and nothing more is handed over.
#[derive(Debug)]
#[must_use = "dropping it closes the consumer at once"]
pub struct OpenDelivery {
    pub(super) driver: Weak<Driver>,
    pub(super) id: DeliveryId,
    /// Functions that the engine runs for it, so that their last handles are not the engine's.
    pub(super) _functions: (Option<KeyFn>, Option<FoldFn>),
}

impl OpenDelivery {
    /// Id for [`tideboard_engine::Reader::delivery`].
    #[must_use]
    pub fn id(&self) -> DeliveryId {
        self.id
    }

    /// Keeps what arrives until [`Self::resume`], up to `delivery.max_missed`; more is counted.
    pub fn pause(&self) {
        if let Some(driver) = self.driver.upgrade() {
            driver.call(|core, _| core.engine.pause_delivery(self.id));
        }
    }

    /// Ends [`Self::pause`]: what was missed is handed over at once.
    pub fn resume(&self) {
        if let Some(driver) = self.driver.upgrade() {
            driver.call(|core, now| core.engine.resume_delivery(self.id, now));
        }
    }
}

impl Drop for OpenDelivery {
    fn drop(&mut self) {
        let Some(driver) = self.driver.upgrade() else { return };
        let on_items = driver.core.borrow_mut().replies.deliveries.remove(&self.id);
        drop(on_items);
        driver.call(|core, _| core.engine.close_delivery(self.id));
    }
}

/// Needs of the tabs of a page, and the tab where the user is. Dropping it takes all of them back, at once.
#[derive(Debug)]
#[must_use = "dropping it closes the plan at once"]
pub struct OpenPlan {
    pub(super) driver: Weak<Driver>,
    pub(super) id: PlanId,
}

impl OpenPlan {
    /// Id for [`tideboard_engine::Reader::plan`].
    #[must_use]
    pub fn id(&self) -> PlanId {
        self.id
    }

    /// Other needs of the tabs; the user stays in the same one.
    pub fn replace(&self, plan: Plan) {
        if let Some(driver) = self.driver.upgrade() {
            driver.call(|core, _| core.engine.replace_plan(self.id, plan));
        }
    }

    /// The user went to a tab, or to none. It counts after the plan's `debounce`; the first, and one that still
    /// lingers, at once.
    pub fn set_active_tab(&self, tab: Option<&str>) {
        if let Some(driver) = self.driver.upgrade() {
            driver.call(|core, now| core.engine.set_active_tab(self.id, tab.map(str::to_owned), now));
        }
    }

    /// Keeps a channel whatever the tab, as the plan asks for it.
    pub fn pin(&self, channel: Channel) {
        if let Some(driver) = self.driver.upgrade() {
            driver.call(|core, _| core.engine.pin(self.id, channel));
        }
    }

    /// Ends [`Self::pin`].
    pub fn unpin(&self, channel: &Channel) {
        if let Some(driver) = self.driver.upgrade() {
            driver.call(|core, _| core.engine.unpin(self.id, channel.clone()));
        }
    }
}

impl Drop for OpenPlan {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.upgrade() {
            driver.call(|core, _| core.engine.close_plan(self.id));
        }
    }
}
