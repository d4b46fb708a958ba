//! The driver of every page: feeds its engine, does what it says, and lets its tabs talk to each other.

use std::time::Duration;

use tideboard_engine::{
    EditId, Input, OpNo, Output, PostError, PostId, Role, SocketEpoch, SocketEvent, StoreReply, StoreRequest,
};
use tideboard_shared::{Channel, OpId};

use crate::{
    browser::{Page, PageId},
    happening::Happening,
    invariant::{Checked, Invariant},
    sabotage::Mutation,
    world::World,
};

/// More than any input brings about.
const MOST_OUTPUTS: usize = 5_000;

impl World {
    pub(crate) fn open_page(&mut self, browser: usize, slot: usize) -> Checked {
        self.last_page += 1;
        let id = PageId(self.last_page);
        let page = Page::new((browser, &self.browsers[browser]), slot, self.now, &mut self.rng);
        self.pages.insert(id, page);
        self.drain(id)?;
        self.input(id, Input::Role(Role::Follower))?;
        self.input(id, Input::Online(self.browsers[browser].is_online))?;
        self.input(id, Input::Connect)?;
        let picked = self.rng.usize(..3);
        for board in crate::server::boards().enumerate().filter(|(at, _)| picked == 2 || picked == *at) {
            self.follow(id, board.1)?;
        }
        self.want_lock(id);
        Ok(())
    }

    pub(crate) fn follow(&mut self, id: PageId, board: tideboard_shared::BoardId) -> Checked {
        let Some(page) = self.pages.get_mut(&id) else { return Ok(()) };
        let wish = page.engine.subscribe(Channel::Board(board.clone()).into());
        page.follows.insert(board, wish);
        self.drain(id)
    }

    /// The page's process ends; some of its last wishes still reach the disk.
    pub(crate) fn kill_page(&mut self, id: PageId) {
        let Some(page) = self.pages.remove(&id) else { return };
        let carried_out = if self.rng.bool() { self.rng.u32(..4) } else { u32::MAX };
        self.ghosts.insert(id, (page.browser, carried_out));
        for link in self.network.of_page(id) {
            self.network.close(link);
            self.server.handle_closed(link);
        }
        self.release_lock(page.browser, id);
    }

    pub(crate) fn want_lock(&mut self, id: PageId) {
        let Some(browser) = self.pages.get(&id).map(|page| page.browser) else { return };
        self.browsers[browser].waiting.push_back(id);
        self.after(1, Happening::Grant(browser));
    }

    pub(crate) fn release_lock(&mut self, browser: usize, id: PageId) {
        let state = &mut self.browsers[browser];
        state.waiting.retain(|waiting| *waiting != id);
        if state.holder == Some(id) {
            state.holder = None;
            self.after(1, Happening::Grant(browser));
        }
    }

    pub(crate) fn grant(&mut self, browser: usize) -> Checked {
        let state = &mut self.browsers[browser];
        if self.sabotage == Some(Mutation::TwoLeaders)
            && state.holder.is_some()
            && let Some(second) = state.waiting.pop_front()
        {
            self.tell_role(second, Role::Leader);
        } else if state.holder.is_none()
            && let Some(next) = state.waiting.pop_front()
        {
            state.holder = Some(next);
            self.tell_role(next, Role::Leader);
        }
        Ok(())
    }

    fn steal_lock(&mut self, id: PageId, browser: usize) {
        let state = &mut self.browsers[browser];
        state.waiting.retain(|waiting| *waiting != id);
        if let Some(robbed) = state.holder.replace(id).filter(|robbed| *robbed != id) {
            let delay = self.rng.u64(1..3_000);
            self.after(delay, Happening::Input(robbed, Input::Role(Role::Follower).into()));
            self.want_lock(robbed);
        }
        self.tell_role(id, Role::Leader);
    }

    pub(crate) fn wake(&mut self, id: PageId) -> Checked {
        let is_due = self.pages.get(&id).is_some_and(|page| page.wake_at.is_some_and(|at| at <= self.now));
        if is_due { self.input(id, Input::Timeout) } else { Ok(()) }
    }

    pub(crate) fn socket(&mut self, id: PageId, link: crate::network::LinkId, event: SocketEvent) -> Checked {
        let Some(mut epoch) = self.network.get(link).map(|link| link.epoch) else {
            return Ok(());
        };
        if matches!(event, SocketEvent::Closed { .. }) {
            self.network.close(link);
            if let Some(page) = self.pages.get_mut(&id) {
                page.sockets.remove(&epoch);
            }
        }
        if self.sabotage == Some(Mutation::StaleEpoch)
            && let Some(current) = self.pages.get(&id).and_then(|page| page.sockets.last())
        {
            epoch = *current;
        }
        self.input(id, Input::Socket { epoch, event })
    }

    pub(crate) fn input(&mut self, id: PageId, input: Input) -> Checked {
        let Some(page) = self.pages.get_mut(&id) else { return Ok(()) };
        if let Input::Role(role) = input {
            page.role = role;
        }
        let now = page.now(self.now, &self.browsers[page.browser]);
        let is_told_to_follow = matches!(input, Input::Role(Role::Follower) | Input::Leave);
        page.engine.handle_input(input, now);
        self.drain(id)?;
        self.check_lead(id, is_told_to_follow)?;
        self.check_page(id)
    }

    /// The driver's part of the run-loop contract.
    pub(crate) fn drain(&mut self, id: PageId) -> Checked {
        for count in 0.. {
            let Some(page) = self.pages.get_mut(&id) else { break };
            let Some(output) = page.engine.poll_output() else { break };
            Invariant::Bounded.holds(count < MOST_OUTPUTS, || format!("{id:?} does not come to rest: {output:?}"))?;
            self.carry_out(id, output)?;
        }
        if let Some(page) = self.pages.get_mut(&id) {
            page.note_names();
        }
        self.check_sockets(id)
    }

    fn carry_out(&mut self, id: PageId, output: Output) -> Checked {
        if let (Some(trace), Output::Send { .. } | Output::Ended { .. } | Output::TakeLead | Output::Store(_)) =
            (&mut self.trace, &output)
        {
            let text: String = format!("{output:?}").chars().take(900).collect();
            trace.push(format!("    {id:?} {text}"));
        }
        let Some(page) = self.pages.get_mut(&id) else { return Ok(()) };
        let browser = page.browser;
        match output {
            Output::OpenSocket(epoch) => {
                page.sockets.insert(epoch);
                let link = self.network.open(browser, id, epoch);
                let delay = 1 + self.rng.u64(..=self.storm.network.delay_ms);
                self.after(delay, Happening::Connect(link));
            }
            Output::CloseSocket(epoch) => {
                page.sockets.remove(&epoch);
                self.close_socket(id, epoch);
            }
            Output::Send { epoch, frame } => self.send_frame(id, epoch, frame)?,
            Output::Post { id: post, body, token } => self.send_post(id, post, body, token)?,
            Output::Store(request) => self.ask_disk(id, request)?,
            Output::Timeout(at, _) => {
                let at = page.origin + at;
                page.wake_at = Some(at);
                self.at(at, Happening::Wake(id));
            }
            Output::Ended { id: edit, end } => self.ended(id, edit, end)?,
            Output::Tell(message) => self.tell(id, message),
            Output::TakeLead => self.steal_lock(id, browser),
            Output::Undecodable(error) => {
                return Err(Invariant::NoPanic.broken(format!("a sound frame was not understood: {error}")));
            }
            Output::Message(_) | Output::Changed(_) | Output::Overdue(_) | Output::Refreshed { .. } => {}
            Output::Answered { .. } | Output::Deliver { .. } | Output::RequestFrame => {
                return Err(Invariant::NoPanic.broken(format!("nobody asked for {output:?}")));
            }
        }
        Ok(())
    }

    /// A request of a page is on its way to the disk, behind all that the page has asked before.
    fn ask_disk(&mut self, id: PageId, request: StoreRequest) -> Checked {
        let Some(page) = self.pages.get_mut(&id) else { return Ok(()) };
        let browser = page.browser;
        if let StoreRequest::Settle(numbers) = &request {
            let client = &self.browsers[browser].client;
            let shown = |board: &_| {
                let view = page.engine.board_view(board).filter(|_| page.follows.contains_key(board));
                view.map(|view| view.seq)
            };
            for n in numbers {
                let number = OpId { client: client.clone(), n: n.get() };
                self.ledger.check_forgetting(id, &number, &self.server, shown)?;
            }
        }
        let slowness = if self.browsers[browser].disk.is_slow { 4_000 } else { 8 };
        let at = (self.now + Duration::from_millis(1 + self.rng.u64(..slowness))).max(page.disk_at);
        page.disk_at = at;
        if let (Some(Mutation::SendBeforeDurable), StoreRequest::Append { id: edit, .. }) = (self.sabotage, &request) {
            let n = OpNo::after(self.browsers[browser].disk.contents().last_n);
            let reply = StoreReply::Appended { id: *edit, n };
            self.after(0, Happening::Input(id, Input::Stored(reply).into()));
        }
        self.at(at, Happening::Write(id, request));
        Ok(())
    }

    fn close_socket(&mut self, id: PageId, epoch: SocketEpoch) {
        if let Some(link) = self.network.find(id, epoch) {
            if self.sabotage == Some(Mutation::StaleEpoch) {
                // Its last word still comes, after that of the next.
                let closed = SocketEvent::Closed { code: 1000, reason: String::new() };
                self.after(3_000, Happening::Socket(id, link, closed));
            } else {
                self.network.close(link);
            }
            self.server.handle_closed(link);
        }
    }

    /// Says something to all other tabs of the browser, in order.
    fn tell(&mut self, id: PageId, message: tideboard_engine::PeerMessage) {
        if self.sabotage == Some(Mutation::TwoLeaders) {
            return;
        }
        let Some(Page { browser, slot, .. }) = self.pages.get(&id) else { return };
        let browser = *browser;
        let from: tideboard_shared::TabId = format!("tab{slot}").parse().expect("a tab id");
        let at = self.now + Duration::from_millis(self.rng.u64(1..10));
        let Some(page) = self.pages.get_mut(&id) else { return };
        let at = at.max(page.told_at);
        page.told_at = at;
        let others: Vec<_> = self
            .pages
            .iter()
            .filter(|(other, page)| **other != id && page.browser == browser)
            .map(|(other, _)| *other)
            .collect();
        for other in others {
            let copies = if self.chance(self.storm.page.mumble) { self.rng.usize(..2) * 2 } else { 1 };
            for _ in 0..copies {
                let told = Input::Told { from: from.clone(), message: message.clone() };
                self.at(at, Happening::Input(other, told.into()));
            }
        }
    }

    /// The disk carries out a wish.
    pub(crate) fn write(&mut self, id: PageId, request: StoreRequest) -> Checked {
        let browser = match (self.pages.get(&id), self.ghosts.get_mut(&id)) {
            (Some(page), _) => page.browser,
            (None, Some((browser, left))) if *left > 0 => {
                *left -= 1;
                *browser
            }
            _ => return Ok(()),
        };
        let edit: Option<EditId> = match &request {
            StoreRequest::Append { id, .. } => Some(*id),
            _ => None,
        };
        let is_read = matches!(request, StoreRequest::Load | StoreRequest::Lead);
        let is_settle = match &request {
            StoreRequest::Settle(numbers) => numbers.last().copied().map(OpNo::get),
            _ => None,
        };
        if matches!(request, StoreRequest::Lead) {
            self.browsers[browser].newest_leader = Some(id);
        }
        let (mut reply, mut written) = self.browsers[browser].disk.handle(request);
        self.sabotage_disk(browser, (is_read, is_settle), &mut reply, &mut written);
        self.ledger.note_written((id, edit), written, &self.server)?;
        let is_told =
            self.sabotage != Some(Mutation::SendBeforeDurable) || !matches!(reply, Some(StoreReply::Appended { .. }));
        if let Some(reply) = reply.filter(|_| is_told) {
            self.after(1, Happening::Input(id, Input::Stored(reply).into()));
        }
        Ok(())
    }

    fn ended(&mut self, id: PageId, edit: EditId, end: tideboard_engine::EditEnd) -> Checked {
        let Some(page) = self.pages.get_mut(&id) else { return Ok(()) };
        let client = self.browsers[page.browser].client.clone();
        let named = page.names.get(&edit).map(|n| OpId { client, n: *n });
        if let (tideboard_engine::EditEnd::Applied { .. }, Some(number)) = (&end, &named) {
            let followed = page.follows.keys().map(|board| (board.clone(), number.n));
            page.awaited.extend(followed);
        }
        self.ledger.note_ended((id, edit), end, named, &self.server)
    }

    pub(crate) fn post_failed(&mut self, page: PageId, id: PostId, status: Option<u16>) {
        let delay = self.rng.u64(1..300);
        let posted = Input::Posted { id, result: Err(PostError { status }) };
        self.after(delay, Happening::Input(page, posted.into()));
    }
}
