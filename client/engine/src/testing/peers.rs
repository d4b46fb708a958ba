use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use tideboard_shared::{Channel, TabId};

use super::{Bench, identity, main, snapshot, subscribed};
use crate::{Config, Engine, Identity, Input, MemoryOutbox, Now, PeerMessage, Role};

/// Several tabs of one browser: one disk, and messages that arrive in order, late at those that are frozen.
pub(crate) struct PeersBench {
    tabs: BTreeMap<usize, Tab>,
    disk: MemoryOutbox,
    now: Now,
    /// Tabs opened so far, so that each draws other numbers.
    opened: u64,
}

struct Tab {
    bench: Bench,
    /// Messages of others that the tab has not read.
    unread: VecDeque<(TabId, PeerMessage)>,
    is_frozen: bool,
}

impl PeersBench {
    /// No tab yet.
    pub(crate) fn empty() -> Self {
        Self { tabs: BTreeMap::new(), disk: MemoryOutbox::default(), now: Bench::new().now, opened: 0 }
    }

    /// As many tabs, of which the first leads, live, on a board with these entities at `seq` 40.
    pub(crate) fn live(count: usize, entities: Vec<tideboard_shared::Entity>) -> Self {
        let mut tabs = Self::empty();
        for at in 0..count {
            tabs.open(at);
        }
        tabs.input(0, Input::Role(Role::Leader));
        tabs.on(0, |bench| {
            bench.greet_current();
            bench.receive(&[subscribed(40, false), snapshot(40, 0, entities)]);
        });
        for at in 0..count {
            tabs.forget_sent(at);
        }
        tabs
    }

    /// Opens a tab that follows the board.
    pub(crate) fn open(&mut self, at: usize) {
        let tab = format!("tab{at}").parse().unwrap();
        self.opened += 1;
        let identity = Identity { tab, ..identity(100 + self.opened) };
        let mut bench = Bench::of(Engine::new(Config::default(), identity), self.disk.clone());
        bench.now = self.now;
        self.tabs.insert(at, Tab { bench, unread: VecDeque::new(), is_frozen: false });
        self.input(at, Input::Role(Role::Follower));
        self.input(at, Input::Connect);
        self.on(at, |bench| {
            bench.engine.subscribe(Channel::Board(main()).into());
        });
    }

    /// The tab's process ends.
    pub(crate) fn crash(&mut self, at: usize) {
        self.tabs.remove(&at);
    }

    /// From now on the tab reads nothing and its timers rest.
    pub(crate) fn freeze(&mut self, at: usize) {
        self.tabs.get_mut(&at).unwrap().is_frozen = true;
    }

    /// The tab goes on; a timer that was due comes first, then all that the others said meanwhile.
    pub(crate) fn thaw(&mut self, at: usize) {
        self.thaw_unread(at);
        self.deliver();
    }

    /// The tab goes on, but has read nothing yet.
    pub(crate) fn thaw_unread(&mut self, at: usize) {
        self.tabs.get_mut(&at).unwrap().is_frozen = false;
        self.run(at, |bench| bench.pass(Duration::ZERO));
    }

    /// Loses the messages that a tab has not read.
    pub(crate) fn lose_unread(&mut self, at: usize) {
        self.tabs.get_mut(&at).unwrap().unread.clear();
    }

    /// Makes every message that a tab has not read arrive twice.
    pub(crate) fn repeat_unread(&mut self, at: usize) {
        let unread = &mut self.tabs.get_mut(&at).unwrap().unread;
        *unread = unread.drain(..).flat_map(|message| [message.clone(), message]).collect();
    }

    pub(crate) fn input(&mut self, at: usize, input: Input) {
        self.on(at, |bench| bench.input(input));
    }

    /// Does something in a tab, and lets the others hear of it.
    pub(crate) fn on<T>(&mut self, at: usize, act: impl FnOnce(&mut Bench) -> T) -> T {
        let done = self.run(at, act);
        self.deliver();
        done
    }

    pub(crate) fn tab(&self, at: usize) -> &Bench {
        &self.tabs[&at].bench
    }

    pub(crate) fn disk(&self) -> &MemoryOutbox {
        &self.disk
    }

    pub(crate) fn forget_sent(&mut self, at: usize) {
        self.run(at, Bench::sent);
    }

    /// Lets time pass in all tabs that are not frozen.
    pub(crate) fn pass(&mut self, time: Duration) {
        let step = Duration::from_millis(100);
        let mut left = time;
        while !left.is_zero() {
            let step = step.min(left);
            left -= step;
            for at in self.tabs.keys().copied().collect::<Vec<_>>() {
                let is_frozen = self.tabs[&at].is_frozen;
                self.run(at, |bench| if is_frozen { bench.sleep(step) } else { bench.pass(step) });
            }
            self.now.mono += step;
            self.now.wall.0 += step.as_millis() as u64;
            self.deliver();
        }
    }

    fn run<T>(&mut self, at: usize, act: impl FnOnce(&mut Bench) -> T) -> T {
        let tab = self.tabs.get_mut(&at).unwrap();
        std::mem::swap(&mut self.disk, &mut tab.bench.disk);
        let done = act(&mut tab.bench);
        tab.bench.drain();
        std::mem::swap(&mut self.disk, &mut tab.bench.disk);
        let told = std::mem::take(&mut tab.bench.told);
        let from: TabId = format!("tab{at}").parse().unwrap();
        for message in told {
            // As a browser would pass it on.
            let text = serde_json::to_string(&message).unwrap();
            for (_, other) in self.tabs.iter_mut().filter(|(other, _)| **other != at) {
                other.unread.push_back((from.clone(), serde_json::from_str(&text).unwrap()));
            }
        }
        done
    }

    fn deliver(&mut self) {
        while let Some((at, (from, message))) = self.next_unread() {
            self.run(at, |bench| bench.input(Input::Told { from, message }));
        }
    }

    fn next_unread(&mut self) -> Option<(usize, (TabId, PeerMessage))> {
        let mut awake = self.tabs.iter_mut().filter(|(_, tab)| !tab.is_frozen);
        awake.find_map(|(at, tab)| Some((*at, tab.unread.pop_front()?)))
    }
}
