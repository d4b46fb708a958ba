//! Virtual time, and the queue of everything that is going to happen.

use std::{cell::Cell, collections::BTreeMap, time::Duration};

use tideboard_engine::{BoardStatus, Input, Role, SocketEvent};
use tideboard_shared::{BoardId, UnixMs};

use crate::{
    browser::{Browser, Page, PageId},
    happening::Happening,
    invariant::{Checked, Invariant},
    ledger::Ledger,
    network::Network,
    sabotage::Mutation,
    seen::Seen,
    server::Server,
    storm::Storm,
};

/// Length of the storm, and the longest that settling may take afterwards.
const STORM: Duration = Duration::from_secs(40);
const CALM: Duration = Duration::from_secs(300);
/// For how long after the storm the trace goes on: what has not settled by then shows in the verdict.
const TRACED: Duration = Duration::from_secs(20);
/// More than ever waits at once.
const MOST_WAITING: usize = 20_000;

pub(crate) struct World {
    pub(crate) rng: fastrand::Rng,
    pub(crate) storm: Storm,
    pub(crate) sabotage: Option<Mutation>,
    pub(crate) now: Duration,
    queue: BTreeMap<(Duration, u64), Happening>,
    scheduled: u64,
    pub(crate) browsers: Vec<Browser>,
    pub(crate) pages: BTreeMap<PageId, Page>,
    pub(crate) last_page: u64,
    /// Of pages that are gone: how many of their last wishes the disk still carries out.
    pub(crate) ghosts: BTreeMap<PageId, (usize, u32)>,
    pub(crate) server: Server,
    pub(crate) is_log_slow: bool,
    pub(crate) network: Network,
    pub(crate) ledger: Ledger,
    pub(crate) tags: u64,
    pub(crate) seen: Cell<Seen>,
    /// Set once the storm is over.
    pub(crate) is_over: bool,
    pub(crate) trace: Option<Vec<String>>,
}

impl World {
    pub(crate) fn new(seed: u64, storm: Storm, sabotage: Option<Mutation>) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let browsers = (0..storm.browsers).map(|index| Browser::new(index, &mut rng)).collect();
        let server = Server::new(storm.nodes, sabotage);
        let mut ledger = Ledger::default();
        ledger.has_ways_back = seed % 2 == 1;
        Self {
            rng,
            storm,
            sabotage,
            now: Duration::from_secs(1),
            queue: BTreeMap::new(),
            scheduled: 0,
            browsers,
            pages: BTreeMap::new(),
            last_page: 0,
            ghosts: BTreeMap::new(),
            server,
            is_log_slow: false,
            network: Network::default(),
            ledger,
            tags: 0,
            seen: Cell::default(),
            is_over: false,
            trace: None,
        }
    }

    /// Runs to the end; what was seen of it.
    pub(crate) fn run(&mut self) -> Checked<Seen> {
        for browser in 0..self.browsers.len() {
            self.open_page(browser, 0)?;
        }
        self.after(50, Happening::Step);
        while self.now < STORM && self.advance()? {}
        self.calm_down()?;
        let deadline = self.now + CALM;
        while !self.is_quiet() {
            if self.now >= deadline {
                self.check_ends()?;
                return Err(Invariant::Quiet.broken(format!("not quiet {CALM:?} after the storm: {}", self.unrest())));
            }
            let is_going_on = self.advance()?;
            Invariant::Quiet.holds(is_going_on, || format!("nothing is going to happen: {}", self.unrest()))?;
        }
        self.check_quiet()?;
        Ok(Seen { edits: self.ledger.applied(), ..self.seen.get() } + self.ledger.ends_told())
    }

    /// Lets the next thing happen; `false` when nothing will.
    fn advance(&mut self) -> Checked<bool> {
        let Some(((at, _), happening)) = self.queue.pop_first() else { return Ok(false) };
        self.now = self.now.max(at);
        if let Some(trace) = self.trace.as_mut().filter(|_| self.now < STORM + TRACED) {
            let text: String = format!("{happening:?}").chars().take(900).collect();
            trace.push(format!("{:?} {text}", self.now));
        }
        self.happen(happening)?;
        for (board, log) in &self.server.logs {
            self.ledger.check_log(board, &log.chronicle)?;
        }
        Invariant::Bounded
            .holds(self.queue.len() < MOST_WAITING, || format!("{} things wait to happen", self.queue.len()))?;
        Ok(true)
    }

    fn happen(&mut self, happening: Happening) -> Checked {
        if let Some(page) = happening.page() {
            let Some(page) = self.pages.get_mut(&page) else { return Ok(()) };
            if page.is_frozen {
                page.backlog.push(happening);
                return Ok(());
            }
        }
        match happening {
            Happening::Wake(page) => self.wake(page),
            Happening::Input(page, input) => self.input(page, *input),
            Happening::Socket(page, link, event) => self.socket(page, link, event),
            Happening::Write(page, request) => self.write(page, request),
            Happening::Grant(browser) => self.grant(browser),
            Happening::Connect(link) => self.connect(link),
            Happening::Frame(link, frame) => self.frame(link, &frame),
            Happening::Post(page, id, body, token) => self.post(page, id, &body, token.as_ref()),
            Happening::Close(link, code) => {
                self.cut(link, code);
                Ok(())
            }
            Happening::Log(place, task) => self.reach_log(place, task),
            Happening::LogSays(place, input) => self.tell_board(&place, *input),
            Happening::WakeBoard(place) => self.tell_board(&place, tideboard_room::Input::Timeout),
            Happening::Step => self.step(),
            Happening::Thaw(page) => self.thaw(page),
            Happening::Online(browser) => self.online(browser),
            Happening::SignIn(browser) => self.sign_in(browser),
            Happening::Exit(node, life) if life == self.server.nodes[node].life => self.crash_node(node),
            Happening::Start(node) => {
                self.server.nodes[node].start();
                Ok(())
            }
            happening => {
                self.heal(&happening);
                Ok(())
            }
        }
    }

    fn step(&mut self) -> Checked {
        let pause = if self.is_over {
            self.tidy_up()?;
            500
        } else {
            self.use_page()?;
            self.go_wrong()?;
            self.rng.u64(1..250)
        };
        self.after(pause, Happening::Step);
        Ok(())
    }

    /// Ends all faults, and every connection that may have suffered from them.
    fn calm_down(&mut self) -> Checked {
        self.storm = self.storm.over();
        self.is_over = true;
        self.heal(&Happening::LogWorks);
        for node in 0..self.server.nodes.len() {
            if self.server.nodes[node].is_draining {
                self.crash_node(node)?;
            }
            self.server.nodes[node].start();
        }
        for browser in 0..self.browsers.len() {
            self.heal(&Happening::Heal(browser));
            self.heal(&Happening::DiskWorks(browser));
            if !self.pages.values().any(|page| page.browser == browser) {
                self.open_page(browser, 0)?;
            }
            self.online(browser)?;
        }
        for page in self.pages.keys().copied().collect::<Vec<_>>() {
            self.thaw(page)?;
        }
        for link in self.network.all() {
            self.cut(link, 1006);
        }
        Ok(())
    }

    fn is_quiet(&self) -> bool {
        self.is_over
            && self.pages.values().all(|page| self.is_settled(page))
            && self.browsers.iter().all(|browser| browser.disk.rows().is_empty())
            && self.check_ends().is_ok()
            && !self.queue.values().any(Happening::is_of_browser)
    }

    /// Says whether a page has no work left, and shows the server's board.
    fn is_settled(&self, page: &Page) -> bool {
        let sync = page.engine.sync_view();
        let is_current = |board: &BoardId| {
            let seq = self.server.log(board).seq();
            let view = page.engine.board_view(board);
            view.is_some_and(|view| view.status == BoardStatus::Live && view.seq == seq && view.pending == 0)
        };
        sync.pending + sync.conflicts + sync.refused == 0 && page.follows.keys().all(is_current)
    }

    /// Describes all that is not settled.
    fn unrest(&self) -> String {
        let of = |(id, page): (&PageId, &Page)| {
            let connection = page.engine.connection_view().state;
            let sync = page.engine.sync_view();
            let boards: Vec<_> = page.follows.keys().map(|board| page.engine.board_view(board)).collect();
            let sync = format!("{} pending, {} conflicts, {} refused", sync.pending, sync.conflicts, sync.refused);
            let edits = page.engine.pending_edits();
            format!("{id:?} of {} as {:?}: {connection:?}; {sync}; {boards:?} {edits:?}", page.browser, page.role)
        };
        let pages = self.pages.iter().filter(|(_, page)| !self.is_settled(page)).map(of);
        let full = self.browsers.iter().filter(|browser| !browser.disk.rows().is_empty());
        let rows = full.map(|browser| format!("{}: {:?}", browser.client, browser.disk.rows()));
        pages.chain(rows).collect::<Vec<_>>().join("; ")
    }

    /// Loses the tasks on their way to the log.
    pub(crate) fn forget_tasks(&mut self) {
        self.queue.retain(|_, happening| !matches!(happening, Happening::Log(..)));
    }

    /// Lets a page hear of its part.
    pub(crate) fn tell_role(&mut self, page: PageId, role: Role) {
        let delay = self.rng.u64(1..20);
        self.after(delay, Happening::Input(page, Input::Role(role).into()));
    }

    /// Ends a connection for both sides; the page learns of it a little later.
    pub(crate) fn cut(&mut self, link: crate::network::LinkId, code: u16) {
        self.server.handle_closed(link);
        let Some(page) = self.network.get(link).map(|link| link.page) else { return };
        self.network.make_half_open(link);
        self.after(1, Happening::Socket(page, link, SocketEvent::Closed { code, reason: String::new() }));
    }

    pub(crate) fn wall(&self) -> UnixMs {
        UnixMs(1_700_000_000_000 + self.now.as_millis() as u64)
    }

    pub(crate) fn chance(&mut self, chance: f64) -> bool {
        chance > 0.0 && self.rng.f64() < chance
    }

    pub(crate) fn after(&mut self, ms: u64, happening: Happening) {
        self.at(self.now + Duration::from_millis(ms), happening);
    }

    pub(crate) fn at(&mut self, at: Duration, happening: Happening) {
        self.scheduled += 1;
        self.queue.insert((at.max(self.now), self.scheduled), happening);
    }
}
