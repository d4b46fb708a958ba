//! Random browsers: tabs open, freeze, wake and die, the lead changes hands, sockets are cut, messages are lost.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use tideboard_room::{Reach, Whereabouts, testing::Solo};
use tideboard_shared::{
    Check, ClientMessage, Epoch, OpId, Position, decode_client,
    message::{Event, Submit},
};

use super::*;

const TABS: usize = 3;

/// Connection of a tab.
#[derive(Default)]
struct Link {
    to_server: VecDeque<ClientMessage>,
    to_tab: VecDeque<ServerMessage>,
    /// Set while the link gets what the board broadcasts.
    is_subscribed: bool,
}

struct World {
    tabs: PeersBench,
    server: Solo,
    links: BTreeMap<usize, Link>,
    rng: fastrand::Rng,
    open: BTreeSet<usize>,
    frozen: BTreeSet<usize>,
    /// Holder of the lock, and the tab that had it and does not know that it was stolen.
    holder: Option<usize>,
    robbed: BTreeSet<usize>,
    /// Texts that each were written by one edit.
    tags: Vec<String>,
    others: u64,
    has_rollbacks: bool,
    /// Edits that each tab's user has made there.
    made: BTreeMap<usize, Vec<EditId>>,
    trace: Vec<String>,
}

impl World {
    fn run(seed: u64) {
        let mut world = Self {
            tabs: PeersBench::empty(),
            server: Solo::new(main(), Epoch::from("e_1")),
            links: BTreeMap::new(),
            rng: fastrand::Rng::with_seed(seed),
            open: BTreeSet::new(),
            frozen: BTreeSet::new(),
            holder: None,
            robbed: BTreeSet::new(),
            tags: Vec::new(),
            others: 0,
            has_rollbacks: seed % 2 == 1,
            made: BTreeMap::new(),
            trace: Vec::new(),
        };
        let fields = serde_json::from_value(json!({"title": "old", "count": 0})).unwrap();
        world.others_submit([Action::Create { kind: "note".into(), fields }]);
        for _ in 0..250 {
            world.step();
        }
        world.calm_down();
        world.check(seed);
    }

    fn step(&mut self) {
        let at = self.rng.usize(..TABS);
        let is_awake = self.open.contains(&at) && !self.frozen.contains(&at);
        let choice = self.rng.u32(..100);
        self.trace.push(format!("{choice} at {at}, holder {:?}, frozen {:?}", self.holder, self.frozen));
        match choice {
            0..5 if !self.open.contains(&at) => {
                self.open.insert(at);
                self.tabs.open(at);
            }
            5..8 if self.open.contains(&at) => self.die(at),
            8..14 if is_awake => {
                self.frozen.insert(at);
                self.tabs.freeze(at);
            }
            14..22 if self.frozen.contains(&at) => self.wake(at),
            22..26 => self.elect(at),
            26..30 => {
                if let Some(robbed) = self.robbed.iter().copied().find(|at| !self.frozen.contains(at)) {
                    self.robbed.remove(&robbed);
                    self.tabs.input(robbed, Input::Role(Role::Follower));
                }
            }
            30..33 if is_awake => self.cut(at),
            33..36 => self.someone_else_edits(),
            36..52 if is_awake => self.edit(at),
            52..56 if is_awake => self.decide(at),
            56..60 => {
                let time = self.rng.u64(..8_000);
                self.let_pass(Duration::from_millis(time));
            }
            _ => {
                for _ in 0..self.rng.u32(..6) {
                    self.move_bytes();
                }
            }
        }
        self.collect();
    }

    fn die(&mut self, at: usize) {
        if self.rng.bool() && !self.frozen.contains(&at) {
            self.tabs.input(at, Input::Leave);
        }
        self.collect();
        self.tabs.crash(at);
        self.open.remove(&at);
        self.frozen.remove(&at);
        self.robbed.remove(&at);
        self.links.remove(&at);
        self.made.remove(&at);
        self.holder = self.holder.filter(|holder| *holder != at);
    }

    fn wake(&mut self, at: usize) {
        self.frozen.remove(&at);
        match self.rng.u32(..6) {
            0 => self.tabs.lose_unread(at),
            1 => self.tabs.repeat_unread(at),
            _ => {}
        }
        self.tabs.thaw(at);
    }

    /// The lock is granted when nobody has it, and stolen from a holder that sleeps.
    fn elect(&mut self, at: usize) {
        let is_free = self.holder.is_none_or(|holder| self.frozen.contains(&holder));
        if is_free && self.open.contains(&at) && !self.frozen.contains(&at) {
            self.robbed.extend(self.holder);
            self.robbed.remove(&at);
            self.holder = Some(at);
            self.tabs.input(at, Input::Role(Role::Leader));
        }
    }

    fn cut(&mut self, at: usize) {
        if self.links.remove(&at).is_some() {
            self.tabs.on(at, |bench| bench.cut());
        }
    }

    fn someone_else_edits(&mut self) {
        let count = self.rng.usize(1..4);
        let numbers = (self.others + 1..).take(count);
        let action = |n| if self.rng.bool() { set("title", format!("other {n}")) } else { add(0) };
        let actions: Vec<_> = numbers.map(action).collect();
        self.others_submit(actions);
    }

    fn others_submit(&mut self, actions: impl IntoIterator<Item = Action>) {
        let base = self.server.state().seq();
        let mut ops = Vec::new();
        for action in actions {
            self.others += 1;
            ops.push(Operation { base, ..op(&format!("them/{}", self.others), "n", action) });
        }
        self.submit(None, "them", Submit { board: main(), epoch: None, seen: vec![], settled_through: 0, ops });
    }

    /// Submits to the server: the outcomes go to the author, what was applied to all who have subscribed.
    fn submit(&mut self, author: Option<usize>, client: &str, submit: Submit) {
        for message in self.server.submit(&client.parse().unwrap(), client, submit) {
            let is_for_all = matches!(message, ServerMessage::Updates { .. });
            for (at, link) in &mut self.links {
                let hears_it = if is_for_all { link.is_subscribed } else { author == Some(*at) };
                if hears_it {
                    link.to_tab.push_back(message.clone());
                }
            }
        }
    }

    fn edit(&mut self, at: usize) {
        let tag = format!("tag{}", self.tags.len());
        let action = match self.rng.u32(..3) {
            0 => set("title", tag.as_str()),
            _ => Action::SetAdd { field: "tags".into(), value: json!(tag) },
        };
        use ConflictStrategy::{Ask, LocalWins, RemoteWins};
        let strategy = [RemoteWins, LocalWins, Ask][self.rng.usize(..3)];
        let made = self.tabs.on(at, |bench| {
            let made = bench.engine.apply(Edit { strategy, ..edit("n", action) }, bench.now);
            bench.drain();
            made.ok()
        });
        if let Some(id) = made {
            self.tags.push(tag);
            self.made.entry(at).or_default().push(id);
        }
    }

    /// Does something of all that a user does about edits.
    fn decide(&mut self, at: usize) {
        let choice = self.rng.u32(..4);
        let mine = self.made.get(&at).filter(|_| self.has_rollbacks).cloned().unwrap_or_default();
        let mine = self.rng.choice(mine);
        self.tabs.on(at, |bench| {
            let conflict = bench.engine.conflicts().first().map(|view| view.id);
            let refused = bench.engine.refused().next().map(|(id, _)| id);
            match (choice, conflict, refused) {
                (0, Some(id), _) => drop(bench.engine.resolve(id, crate::Choice::Mine, bench.now)),
                (1, Some(id), _) => drop(bench.engine.resolve(id, crate::Choice::Theirs, bench.now)),
                (2, _, Some(id)) => drop(bench.engine.discard(id)),
                _ => drop(mine.map(|id| bench.engine.rollback(id, bench.now))),
            }
        });
    }

    /// Time passes; a tab that finds the leader silent steals the lock.
    fn let_pass(&mut self, time: Duration) {
        self.tabs.pass(time);
        for at in self.open.clone() {
            let is_silent = self.tabs.on(at, |bench| std::mem::take(&mut bench.takes) > 0);
            if is_silent && !self.frozen.contains(&at) {
                self.robbed.extend(self.holder.filter(|holder| *holder != at));
                self.robbed.remove(&at);
                self.holder = Some(at);
                self.tabs.input(at, Input::Role(Role::Leader));
            }
        }
    }

    /// Moves one message one step, on each link.
    fn move_bytes(&mut self) {
        for at in self.links.keys().copied().collect::<Vec<_>>() {
            if let Some(message) = self.links.get_mut(&at).and_then(|link| link.to_server.pop_front()) {
                self.serve(at, message);
            }
            if !self.frozen.contains(&at)
                && let Some(message) = self.links.get_mut(&at).and_then(|link| link.to_tab.pop_front())
            {
                self.tabs.on(at, |bench| bench.receive(&[message]));
            }
            self.collect();
        }
    }

    fn serve(&mut self, at: usize, message: ClientMessage) {
        let link = self.links.get_mut(&at).unwrap();
        match message {
            ClientMessage::Hello(_) => link.to_tab.extend([welcome(), ready()]),
            ClientMessage::Subscribe(subscribe) => {
                link.is_subscribed = true;
                link.to_tab.extend(self.server.subscribe(&"me".parse().unwrap(), subscribe.since));
            }
            ClientMessage::Unsubscribe { .. } => link.is_subscribed = false,
            ClientMessage::Submit(submit) => self.submit(Some(at), "me", submit),
            ClientMessage::Ping { t } => link.to_tab.push_back(ServerMessage::Pong { t, server_time: t }),
            _ => {}
        }
    }

    /// Collects the acts of the tabs on their sockets.
    fn collect(&mut self) {
        for at in self.open.clone() {
            let (opened, closed, sent) = self.tabs.on(at, |bench| (bench.opened(), bench.closed(), bench.sent()));
            if !closed.is_empty() {
                self.links.remove(&at);
            }
            if !opened.is_empty() {
                self.links.insert(at, Link::default());
                self.tabs.on(at, |bench| bench.open_current());
                return self.collect();
            }
            if let Some(link) = self.links.get_mut(&at) {
                let messages = sent.iter().flat_map(|frame| decode_client(frame).unwrap());
                link.to_server.extend(messages.map(|message| message.unwrap()));
            }
        }
    }

    fn calm_down(&mut self) {
        for at in self.frozen.clone() {
            self.wake(at);
        }
        for at in 0..2 {
            if self.open.insert(at) {
                self.tabs.open(at);
            }
        }
        for at in std::mem::take(&mut self.robbed) {
            self.tabs.input(at, Input::Role(Role::Follower));
        }
        if self.holder.is_none() {
            self.elect(0);
        }
        for _ in 0..60 {
            self.let_pass(Duration::from_secs(1));
            for at in std::mem::take(&mut self.robbed) {
                self.tabs.input(at, Input::Role(Role::Follower));
            }
            self.collect();
            for _ in 0..20 {
                self.move_bytes();
            }
            for at in self.open.clone() {
                self.tabs.on(at, |bench| {
                    for view in bench.engine.conflicts() {
                        let _ = bench.engine.resolve(view.id, crate::Choice::Theirs, bench.now);
                    }
                    let refused: Vec<_> = bench.engine.refused().map(|(id, _)| id).collect();
                    for id in refused {
                        bench.engine.discard(id);
                    }
                });
            }
        }
    }

    fn check(&self, seed: u64) {
        let state = |at: &usize| {
            let engine = &self.tabs.tab(*at).engine;
            let view = engine.sync_view();
            let live = engine.board_view(&main()).unwrap().status == BoardStatus::Live;
            (engine.connection_view().is_leader, live, view.pending, view.conflicts, view.refused)
        };
        let context =
            || format!("seed {seed}: {:?}\n{}", self.open.iter().map(state).collect::<Vec<_>>(), self.trace.join("\n"));
        let room = self.server.state();
        let start = Position { seq: Seq::ZERO, check: Check::EMPTY, ..room.position() };
        let known = Whereabouts { since: Some(start), seen: vec![] };
        let missed = room.subscribe(&known, &"them".parse().unwrap(), Reach::End);
        let events: Vec<_> = missed.into_iter().flat_map(events_of).collect();
        let mut ids = BTreeSet::new();
        for event in &events {
            let id: &OpId = &event.op.id;
            assert!(ids.insert(id.clone()), "{id} twice; {}", context());
        }
        for tag in &self.tags {
            let text = json!(tag);
            let writes = |event: &&Event| match &event.op.action {
                // What takes an edit back may write an older text again.
                Action::Patch { set, .. } => !self.has_rollbacks && set.values().any(|value| *value == text),
                Action::SetAdd { value, .. } => *value == text,
                _ => false,
            };
            let times = events.iter().filter(writes).count();
            assert!(times <= 1, "{tag} was applied {times} times; {}", context());
        }
        for at in &self.open {
            let (is_leader, live, pending, conflicts, refused) = state(at);
            assert_eq!((is_leader, live), (self.holder == Some(*at), true), "tab {at}; {}", context());
            assert_eq!((pending, conflicts, refused), (0, 0, 0), "tab {at}; {}", context());
            let shown = self.tabs.tab(*at).engine.entity_view(&main(), &"n".into()).unwrap().entity;
            let decided = self.server.state().board().entity(&"n".into()).unwrap();
            assert_eq!(shown.fields, decided.fields, "tab {at}; {}", context());
        }
        assert!(self.tabs.disk().is_empty(), "{:?}; {}", self.tabs.disk(), context());
    }
}

#[test]
fn every_edit_is_applied_once_and_all_tabs_agree_whatever_happens_to_them() {
    let seeds = std::env::var("TIDEBOARD_TABS_SEED").ok().and_then(|seed| seed.parse().ok());
    for seed in seeds.map_or(0..200, |seed: u64| seed..seed + 1) {
        World::run(seed);
    }
}

fn events_of(message: ServerMessage) -> Vec<Event> {
    match message {
        ServerMessage::Updates { events, .. } => events,
        _ => Vec::new(),
    }
}
