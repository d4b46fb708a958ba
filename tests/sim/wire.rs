//! The way between pages and the server: frames, posts and their answers.

use std::time::Duration;

use tideboard_engine::{Input, PostId, SocketEpoch, SocketEvent};
use tideboard_shared::{
    AccessToken, ClientMessage, OpId, ServerMessage, decode_client, encode, encode_many,
    message::{Outcomes, RealtimePost, RealtimeReply, Submit},
};

use crate::{
    browser::PageId,
    happening::Happening,
    invariant::{Checked, Invariant},
    network::{Direction, LinkId},
    sabotage::Mutation,
    server::To,
    world::World,
};

impl World {
    pub(crate) fn connect(&mut self, link: LinkId) -> Checked {
        let Some(browser) = self.network.get(link).map(|link| &self.browsers[link.browser]) else { return Ok(()) };
        if browser.is_cut_off || browser.has_no_sockets {
            // Never answered.
            return Ok(());
        }
        let is_online = browser.is_online;
        let node = self.some_node();
        if !self.server.nodes[node].is_up || self.server.nodes[node].is_draining || !is_online {
            self.cut(link, 1006);
            return Ok(());
        }
        self.deliver(link, self.now + Duration::from_millis(1), SocketEvent::Opened);
        let welcome = self.server.handle_opened(node, link, self.server_now());
        self.act(vec![welcome])
    }

    pub(crate) fn frame(&mut self, link: LinkId, frame: &str) -> Checked {
        if self.network.get(link).is_none_or(|link| link.is_half_open) {
            return Ok(());
        }
        let acts = self.server.handle_frame(link, frame, self.server_now())?;
        self.act(acts)
    }

    pub(crate) fn send_frame(&mut self, id: PageId, epoch: SocketEpoch, mut frame: String) -> Checked {
        let Some(link) = self.network.find(id, epoch) else { return Ok(()) };
        if frame.contains("\"submit\"") {
            let mut messages: Vec<_> = decode_client(&frame).into_iter().flatten().flatten().collect();
            for message in &mut messages {
                if let ClientMessage::Submit(submit) = message {
                    self.sabotage_submit(id, submit);
                    self.check_submit(id, submit)?;
                }
            }
            if self.sabotage.is_some() {
                frame = encode_many(&messages);
            }
        }
        for at in self.arrivals(link, Direction::ToServer, &frame) {
            self.at(at, Happening::Frame(link, frame.clone()));
        }
        Ok(())
    }

    pub(crate) fn send_post(&mut self, id: PageId, post: PostId, body: String, token: Option<AccessToken>) -> Checked {
        let mut posted: RealtimePost = serde_json::from_str(&body).expect("the engine writes sound posts");
        for submit in &mut posted.submit {
            self.sabotage_submit(id, submit);
            self.check_submit(id, submit)?;
        }
        let body = if self.sabotage.is_some() { encode(&posted) } else { body };
        let Some(browser) = self.pages.get(&id).map(|page| &self.browsers[page.browser]) else { return Ok(()) };
        if browser.is_cut_off || !browser.is_online {
            self.post_failed(id, post, None);
            return Ok(());
        }
        let delay = 1 + self.rng.u64(..=self.storm.network.delay_ms);
        self.after(delay, Happening::Post(id, post, body, token));
        Ok(())
    }

    pub(crate) fn post(&mut self, page: PageId, id: PostId, body: &str, token: Option<&AccessToken>) -> Checked {
        let node = self.some_node();
        if !self.server.nodes[node].is_up || self.chance(self.storm.network.post_loss) {
            self.post_failed(page, id, None);
            return Ok(());
        }
        match self.server.handle_post(node, (page, id), body, token) {
            Ok(job) => self.go_on_with(job)?,
            Err(status) => self.post_failed(page, id, Some(status)),
        }
        Ok(())
    }

    /// Lets the server go on with a post, and answers it when that was all.
    fn go_on_with(&mut self, job: u64) -> Checked {
        if let Some(acts) = self.server.advance(job, self.server_now())? {
            return self.act(acts);
        }
        let Some(job) = self.server.jobs.remove(&job) else { return Ok(()) };
        if self.chance(self.storm.network.post_loss) {
            self.post_failed(job.page, job.id, None);
            return Ok(());
        }
        let reply = RealtimeReply { server_time: self.wall(), messages: job.messages };
        let posted = Input::Posted { id: job.id, result: Ok(encode(&reply)) };
        let delay = 1 + self.rng.u64(..=self.storm.network.delay_ms);
        self.after(delay, Happening::Input(job.page, posted.into()));
        Ok(())
    }

    /// A node that a browser reaches next.
    fn some_node(&mut self) -> usize {
        self.rng.usize(..self.server.nodes.len())
    }

    pub(crate) fn send(&mut self, to: To, messages: Vec<ServerMessage>) -> Checked {
        match to {
            To::Post(number) => {
                if let Some(job) = self.server.jobs.get_mut(&number) {
                    job.messages.extend(messages);
                    return self.go_on_with(number);
                }
            }
            To::Link(link) => {
                for message in messages {
                    let frame = encode(&message);
                    for at in self.arrivals(link, Direction::ToPage, &frame) {
                        self.deliver(link, at, SocketEvent::Frame(frame.clone()));
                    }
                }
            }
        }
        Ok(())
    }

    pub(crate) fn deliver(&mut self, link: LinkId, at: Duration, event: SocketEvent) {
        if let Some(page) = self.network.get(link).map(|link| link.page) {
            self.at(at, Happening::Socket(page, link, event));
        }
    }

    fn arrivals(&mut self, link: LinkId, direction: Direction, frame: &str) -> Vec<Duration> {
        if self.chance(self.storm.network.tear) {
            self.network.make_half_open(link);
            if self.rng.bool() {
                let delay = self.rng.u64(1..5_000);
                self.after(delay, Happening::Close(link, 1006));
            }
        }
        self.network.arrivals((link, direction), frame, self.now, &self.storm.network, &mut self.rng)
    }

    /// Checks that answers speak only of durable rows.
    pub(crate) fn check_answer(&self, messages: &[ServerMessage]) -> Checked {
        let durable = |is_so: bool, what: &dyn Fn() -> String| Invariant::DurableBeforeTold.holds(is_so, what);
        for message in messages {
            match message {
                ServerMessage::Outcomes(Outcomes { board, results, .. }) => {
                    let log = self.server.log(board);
                    for result in results {
                        durable(log.bears_out(result), &|| format!("{result:?} is told; the log does not say so"))?;
                    }
                }
                ServerMessage::Updates { board, events, .. } => {
                    let seq = self.server.log(board).seq();
                    for event in events {
                        durable(event.seq <= seq, &|| format!("{} is told, the log ends at {seq}", event.seq))?;
                    }
                }
                ServerMessage::Snapshot(snapshot) => {
                    let seq = self.server.log(&snapshot.board).seq();
                    durable(snapshot.seq <= seq, &|| format!("{} is shown, the log ends at {seq}", snapshot.seq))?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn check_submit(&mut self, id: PageId, submit: &Submit) -> Checked {
        for op in &submit.ops {
            self.ledger.note_submitted(op)?;
        }
        let Some(page) = self.pages.get(&id) else { return Ok(()) };
        let browser = &self.browsers[page.browser];
        // Of what storage could not take, a page knows what it was told.
        let is_here = |n: u64| page.engine.pending_edits().iter().any(|view| view.op.id.n == n);
        let is_taken_back = |n: u64| self.ledger.is_taken_back(&OpId { client: browser.client.clone(), n });
        let is_known = |n: u64| (browser.disk.rows().contains_key(&n) || is_here(n)) && !is_taken_back(n);
        let log = self.server.log(&submit.board);
        self.ledger.check_settled((&browser.client, &submit.board), submit.settled_through, log, is_known)?;
        self.ledger.forget_open(&browser.client, &submit.board, submit.settled_through);
        Ok(())
    }

    fn sabotage_submit(&self, id: PageId, submit: &mut Submit) {
        match self.sabotage {
            Some(Mutation::NewestBase) => {
                let view = self.pages.get(&id).and_then(|page| page.engine.board_view(&submit.board));
                let seq = view.map(|view| view.seq).unwrap_or_default();
                submit.ops.iter_mut().for_each(|op| op.base = op.base.max(seq));
            }
            Some(Mutation::ForgetTooEarly) => {
                submit.settled_through = submit.ops.last().map_or(submit.settled_through, |op| op.id.n);
            }
            _ => {}
        }
    }
}
