//! The tabs of one browser: who leads, and what they say to each other.
//!
//! In: what other tabs say, and what the locks tell. Out: this tab's role. Never: two tabs of one name, or two that
//! both believe for long that they lead.

use std::rc::Weak;

use futures_channel::oneshot;
use tideboard_engine::{Input, PeerMessage, Role};
use tideboard_shared::TabId;
use wasm_bindgen_futures::spawn_local;

use super::{
    Core, Driver, RealtimeError,
    channel::{Channel, ChannelMessage},
    identity,
    locks::{self, Lock},
};

/// Place of this tab among those of its browser.
#[derive(Debug)]
pub(super) struct Tabs {
    pub(super) tab: TabId,
    /// Of the storage that they share.
    name: String,
    /// Lock that keeps the tab's name for it.
    _named: Lock,
    lead: Option<Lock>,
    channel: Channel,
}

impl Tabs {
    /// Takes a place among the tabs that share a storage; `None` where a browser cannot tell its tabs apart.
    pub(super) async fn join(name: String, wanted: TabId, driver: Weak<Driver>) -> Option<Self> {
        if !locks::are_there() {
            return None;
        }
        let (tab, named) = take_name(wanted).await?;
        Self::of(name, tab, named, driver).await
    }

    /// Takes the place again that was left.
    pub(super) async fn rejoin(name: String, tab: TabId, driver: Weak<Driver>) -> Option<Self> {
        let (sender, granted) = oneshot::channel();
        let on_granted = || {
            let _ = sender.send(());
        };
        // A copy of this tab may have the name meanwhile.
        let named = Lock::wait(&name_of(&tab), on_granted, || {})?;
        granted.await.ok()?;
        Self::of(name, tab, named, driver).await
    }

    async fn of(name: String, tab: TabId, named: Lock, driver: Weak<Driver>) -> Option<Self> {
        let on_message = {
            let driver = driver.clone();
            move |message| {
                if let Some(driver) = driver.upgrade() {
                    driver.handle_message(message);
                }
            }
        };
        let channel = Channel::open(&name, on_message)?;
        let lead = Lock::if_free(&lead_of(&name), move || handle_lead_lost(&driver)).await;
        Some(Self { tab, name, _named: named, lead, channel })
    }

    fn role(&self) -> Role {
        if self.lead.is_some() { Role::Leader } else { Role::Follower }
    }
}

impl Driver {
    /// Speaks with the other tabs from now on.
    pub(super) fn set_tabs(&self, tabs: Tabs) {
        let is_away = {
            let core = self.core.borrow();
            core.is_over || core.is_asleep
        };
        if is_away {
            return self.core.borrow_mut().left_tabs = Some((tabs.name.clone(), tabs.tab.clone()));
        }
        let role = tabs.role();
        let replaced = {
            let mut core = self.core.borrow_mut();
            core.waiting.push_back(Input::Role(role));
            core.tabs.replace(tabs)
        };
        drop(replaced);
        if role == Role::Follower {
            self.wait_for_lead();
        }
        self.run();
    }

    /// Says something to the other tabs.
    pub(super) fn tell(&self, message: PeerMessage) {
        let core = self.core.borrow();
        if let Some(tabs) = &core.tabs {
            tabs.channel.say(&ChannelMessage::Peer { from: tabs.tab.clone(), message: message.into() });
        }
    }

    /// Tells the other tabs that the user has signed out.
    pub(super) fn tell_signed_out(&self) {
        if let Some(tabs) = &self.core.borrow().tabs {
            tabs.channel.say(&ChannelMessage::SignedOut);
        }
    }

    /// Takes the lead from a tab that does not answer.
    pub(super) fn take_lead(&self) {
        self.want_lead(Lock::steal);
    }

    /// Loses the lead as to another tab, and waits for it like one that never had it.
    #[cfg(feature = "devtools")]
    pub(super) fn lose_lead(&self) {
        handle_lead_lost(&self.this);
    }

    /// Leads as soon as nobody else does.
    fn wait_for_lead(&self) {
        self.want_lead(Lock::wait);
    }

    fn want_lead(&self, want: fn(&str, Granted, Lost) -> Option<Lock>) {
        let Some((name, before)) =
            self.core.borrow_mut().tabs.as_mut().map(|tabs| (lead_of(&tabs.name), tabs.lead.take()))
        else {
            return;
        };
        drop(before);
        let granted = self.this.clone();
        let on_granted: Granted = Box::new(move || {
            if let Some(driver) = granted.upgrade() {
                driver.input(Input::Role(Role::Leader));
            }
        });
        let lost = self.this.clone();
        let lock = want(&name, on_granted, Box::new(move || handle_lead_lost(&lost)));
        if let Some(tabs) = &mut self.core.borrow_mut().tabs {
            tabs.lead = lock;
        }
    }

    fn handle_message(&self, message: ChannelMessage) {
        match message {
            ChannelMessage::Peer { from, message } => self.input(Input::Told { from, message: *message }),
            ChannelMessage::SignedOut => self.end_signed_out(),
        }
    }

    /// The user has signed out elsewhere.
    pub(super) fn end_signed_out(&self) {
        let is_news = !self.core.borrow().is_over;
        if is_news {
            self.stop();
            self.close_storage();
            self.on_error.emit(RealtimeError::SignedOut);
        }
    }

    /// Goes back to the tabs that were left. `false` when none were, or the page sleeps.
    pub(super) fn return_to_tabs(&self, core: &mut Core) -> bool {
        if core.is_asleep {
            return false;
        }
        let Some((name, tab)) = core.left_tabs.take() else { return false };
        let this = self.this.clone();
        spawn_local(async move {
            let tabs = Tabs::rejoin(name, tab, this.clone()).await;
            if let (Some(driver), Some(tabs)) = (this.upgrade(), tabs) {
                driver.set_tabs(tabs);
            }
        });
        true
    }

    /// Leaves the other tabs: they go on without this one.
    pub(super) fn leave_tabs(&self) {
        self.input(Input::Leave);
        let tabs = {
            let mut core = self.core.borrow_mut();
            let tabs = core.tabs.take();
            if let Some(tabs) = &tabs {
                core.left_tabs = Some((tabs.name.clone(), tabs.tab.clone()));
            }
            tabs
        };
        drop(tabs);
    }
}

/// Called when a lock is granted.
type Granted = Box<dyn FnOnce()>;
/// Called when a lock is taken by force.
type Lost = Box<dyn FnOnce()>;

/// Follows another tab, which has taken the lead, and waits for it to end.
fn handle_lead_lost(driver: &Weak<Driver>) {
    if let Some(driver) = driver.upgrade() {
        driver.input(Input::Role(Role::Follower));
        driver.wait_for_lead();
    }
}

/// The wanted name, or another one where a copy of this tab has it.
async fn take_name(wanted: TabId) -> Option<(TabId, Lock)> {
    let take = async |tab: &TabId| Lock::if_free(&name_of(tab), || {}).await;
    if let Some(lock) = take(&wanted).await {
        return Some((wanted, lock));
    }
    let other = identity::fresh_tab();
    take(&other).await.map(|lock| (other, lock))
}

fn name_of(tab: &TabId) -> String {
    format!("tideboard tab {tab}")
}

fn lead_of(name: &str) -> String {
    format!("{name} lead")
}
