//! Faults that occur, and their repair.

use tideboard_engine::{Input, Role};
use tideboard_room::Submission;
use tideboard_shared::{Action, OnConflict, OpId, Operation, ServerMessage, message::CloseCode};

use crate::{
    browser::{Browser, PageId},
    happening::Happening,
    invariant::Checked,
    log::Condition,
    node::Node,
    server::{To, boards},
    world::World,
};

impl World {
    pub(crate) fn go_wrong(&mut self) -> Checked {
        let browser = self.rng.usize(..self.browsers.len());
        self.network_goes_wrong(browser)?;
        self.pages_go_wrong(browser)?;
        self.server_goes_wrong(browser)?;
        let disk = self.storm.disk;
        if self.chance(disk.full) {
            self.browsers[browser].disk.is_full = true;
            let pause = self.rng.u64(10..4_000);
            self.after(pause, Happening::DiskWorks(browser));
        }
        if self.chance(disk.slow) {
            self.browsers[browser].disk.is_slow = true;
            let pause = self.rng.u64(10..8_000);
            self.after(pause, Happening::DiskWorks(browser));
        }
        Ok(())
    }

    fn network_goes_wrong(&mut self, browser: usize) -> Checked {
        let faults = self.storm.network;
        let links = self.network.of_browser(browser);
        if self.chance(faults.disconnect) {
            links.iter().for_each(|link| self.cut(*link, 1006));
        }
        if self.chance(faults.half_open) {
            links.iter().for_each(|link| self.network.make_half_open(*link));
        }
        if self.chance(faults.partition) {
            self.browsers[browser].is_cut_off = true;
            links.iter().for_each(|link| self.network.make_half_open(*link));
            let pause = self.rng.u64(100..15_000);
            self.after(pause, Happening::Heal(browser));
        }
        if self.chance(faults.no_sockets) {
            self.browsers[browser].has_no_sockets = true;
            links.iter().for_each(|link| self.cut(*link, 1006));
            let pause = self.rng.u64(5_000..30_000);
            self.after(pause, Happening::Heal(browser));
        }
        if self.chance(faults.offline) && self.browsers[browser].is_online {
            self.browsers[browser].is_online = false;
            self.tell_pages(browser, &Input::Online(false))?;
            let pause = self.rng.u64(10..8_000);
            self.after(pause, Happening::Online(browser));
        }
        Ok(())
    }

    fn pages_go_wrong(&mut self, browser: usize) -> Checked {
        let faults = self.storm.page;
        let slot = self.rng.usize(..self.storm.tabs);
        let there = self.pages.iter().find(|(_, page)| page.browser == browser && page.slot == slot);
        let there = there.map(|(id, page)| (*id, page.is_frozen));
        match there {
            None if self.chance(faults.open) => self.open_page(browser, slot)?,
            Some((id, _)) if self.chance(faults.crash) => {
                self.kill_page(id);
                // Most often the tab is loaded again at once.
                if self.rng.u8(..4) > 0 {
                    self.open_page(browser, slot)?;
                }
            }
            Some((id, false)) if self.chance(faults.close) => {
                self.leave(id)?;
                self.kill_page(id);
            }
            Some((id, false)) if self.chance(faults.freeze) => {
                if self.rng.u8(..3) == 0 {
                    self.leave(id)?;
                }
                if let Some(page) = self.pages.get_mut(&id) {
                    page.is_frozen = true;
                    page.has_slept = true;
                }
                let pause = self.rng.u64(100..40_000);
                self.after(pause, Happening::Thaw(id));
            }
            _ => {}
        }
        if self.chance(faults.clock_jump) {
            self.browsers[browser].clock_offset_ms = self.rng.i64(-3_600_000..3_600_000);
        }
        Ok(())
    }

    /// The page says that it goes, and gives up the lock.
    fn leave(&mut self, id: PageId) -> Checked {
        self.input(id, Input::Leave)?;
        if let Some(browser) = self.pages.get(&id).map(|page| page.browser) {
            self.release_lock(browser, id);
        }
        Ok(())
    }

    fn server_goes_wrong(&mut self, browser: usize) -> Checked {
        let faults = self.storm.server;
        let node = self.rng.usize(..self.server.nodes.len());
        let Node { is_up, is_draining, life, .. } = self.server.nodes[node];
        if self.chance(faults.crash) && is_up {
            if self.chance(faults.new_log) {
                self.put_log_back()?;
            } else {
                self.crash_node(node)?;
            }
        }
        if self.chance(faults.restart) && is_up && !is_draining {
            self.server.nodes[node].is_draining = true;
            for link in self.server.links(node) {
                let draining = ServerMessage::Draining { reconnect_after_ms: 2_000 };
                self.send(To::Link(link), vec![draining])?;
                self.after(200, Happening::Close(link, CloseCode::Restart.code()));
            }
            self.after(400, Happening::Exit(node, life));
        }
        if self.chance(faults.log_failure) {
            match self.rng.u8(..3) {
                0 => self.server.log_condition = Condition::Full,
                1 => self.server.log_condition = Condition::Away,
                _ => self.is_log_slow = true,
            }
            let pause = self.rng.u64(10..3_000);
            self.after(pause, Happening::LogWorks);
        }
        if self.chance(faults.impostor) {
            self.impersonate(browser)?;
        }
        if self.chance(faults.expiry) {
            let client = self.browsers[browser].client.clone();
            let next = self.browsers[browser].token + 1;
            let acts = self.server.expire(&client, next);
            self.act(acts)?;
        }
        Ok(())
    }

    /// Another machine writes under a browser's client id: a thief goes on with its numbers, a copy of its profile uses
    /// one of them again.
    fn impersonate(&mut self, browser: usize) -> Checked {
        let boards: Vec<_> = boards().collect();
        let board = &boards[self.rng.usize(..boards.len())];
        let node = self.rng.usize(..self.server.nodes.len());
        let Browser { client, key, .. } = &self.browsers[browser];
        let log = self.server.log(board);
        let of_client = log.events.iter().rev().find(|event| event.op.id.client == *client);
        let Some(before) = of_client.filter(|_| log.lives == 0 && self.server.nodes[node].is_up) else { return Ok(()) };
        let is_thief = self.rng.bool();
        let id = OpId { client: client.clone(), n: before.op.id.n + u64::from(is_thief) };
        let owner = if is_thief { "thief" } else { key.expose() }.into();
        let action = Action::set([("title", "an impostor's")]);
        let op = Operation { id, action, on_conflict: OnConflict::Overwrite, ..before.op.as_ref().clone() };
        let user = "impostor".to_owned();
        let submission = Submission { client: client.clone(), owner, user, settled_through: 0, ops: vec![op.into()] };
        let acts = self.server.handle_impostor(node, board, submission, self.server_now())?;
        self.act(acts)
    }

    pub(crate) fn crash_node(&mut self, node: usize) -> Checked {
        let links = self.server.links(node);
        let jobs = self.server.crash(node);
        for log in self.server.logs.values_mut() {
            log.crash();
        }
        for job in jobs {
            self.post_failed(job.page, job.id, None);
        }
        for link in links {
            self.cut(link, 1006);
        }
        let pause = self.rng.u64(10..4_000);
        self.after(pause, Happening::Start(node));
        Ok(())
    }

    /// All nodes are stopped, and an operator puts an older copy of the log in its place.
    fn put_log_back(&mut self) -> Checked {
        for node in 0..self.server.nodes.len() {
            if self.server.nodes[node].is_up {
                self.crash_node(node)?;
            }
        }
        self.forget_tasks();
        let lost = self.rng.usize(..6);
        self.server.logs.values_mut().for_each(|log| log.put_back(lost));
        Ok(())
    }

    pub(crate) fn heal(&mut self, happening: &Happening) {
        match happening {
            Happening::Heal(browser) => {
                self.browsers[*browser].is_cut_off = false;
                self.browsers[*browser].has_no_sockets = false;
            }
            Happening::DiskWorks(browser) => {
                self.browsers[*browser].disk.is_full = false;
                self.browsers[*browser].disk.is_slow = false;
            }
            Happening::LogWorks => {
                self.server.log_condition = Condition::Sound;
                self.is_log_slow = false;
            }
            _ => {}
        }
    }

    pub(crate) fn online(&mut self, browser: usize) -> Checked {
        self.browsers[browser].is_online = true;
        self.tell_pages(browser, &Input::Online(true))
    }

    pub(crate) fn thaw(&mut self, id: PageId) -> Checked {
        let Some(page) = self.pages.get_mut(&id).filter(|page| page.is_frozen) else { return Ok(()) };
        page.is_frozen = false;
        let mut backlog = std::mem::take(&mut page.backlog);
        let has_left = page.role == Role::Leader
            && self.browsers[page.browser].holder != Some(id)
            && !self.browsers[page.browser].waiting.contains(&id);
        if self.chance(self.storm.page.amnesia) {
            let is_told = |happening: &Happening| matches!(happening, Happening::Input(_, input) if matches!(**input, Input::Told { .. }));
            backlog.retain(|happening| !is_told(happening));
        }
        if self.rng.bool() {
            // Timers may come first.
            backlog.sort_by_key(|happening| !matches!(happening, Happening::Wake(_)));
        }
        for happening in backlog {
            self.at(self.now, happening);
        }
        if has_left {
            self.tell_role(id, Role::Follower);
        }
        let is_waiting = self.pages.get(&id).is_some_and(|page| {
            let state = &self.browsers[page.browser];
            state.holder == Some(id) || state.waiting.contains(&id)
        });
        if !is_waiting {
            self.want_lock(id);
        }
        self.after(1, Happening::Input(id, Input::Visible.into()));
        Ok(())
    }

    /// The user signs in anew, in one of the tabs.
    pub(crate) fn sign_in(&mut self, browser: usize) -> Checked {
        self.browsers[browser].is_signing_in = false;
        let awake: Vec<_> = self.awake_pages(browser);
        let Some(id) = self.rng.choice(awake) else { return Ok(()) };
        self.browsers[browser].token += 1;
        let token = self.browsers[browser].token();
        self.input(id, Input::Token(token))
    }

    pub(crate) fn awake_pages(&self, browser: usize) -> Vec<PageId> {
        let is_it =
            |(id, page): (&PageId, &crate::browser::Page)| (page.browser == browser && !page.is_frozen).then_some(*id);
        self.pages.iter().filter_map(is_it).collect()
    }

    fn tell_pages(&mut self, browser: usize, input: &Input) -> Checked {
        for id in self.pages.keys().copied().collect::<Vec<_>>() {
            if self.pages.get(&id).is_some_and(|page| page.browser == browser) {
                self.after(1, Happening::Input(id, input.clone().into()));
            }
        }
        Ok(())
    }
}
