//! Virtual time, and the queue of everything that is going to happen.

use std::{collections::BTreeMap, time::Duration};

use tideboard_engine::{Input, Output, SocketEpoch, SocketEvent, StoreReply, StoreRequest};
use tideboard_shared::{ServerMessage, UnixMs, encode};

use crate::{
    check::{Ledger, check_quiet, check_replica, is_quiet},
    client::SimClient,
    faults::Faults,
    network::{Direction, Link, LinkId, Network},
    server::{Reply, Server},
};

const CLIENTS: usize = 4;
/// How long things go wrong, and how long everything may take to settle afterwards.
const STORM: Duration = Duration::from_secs(40);
const CALM: Duration = Duration::from_secs(180);

/// Something that is going to happen.
#[derive(Debug)]
enum Happening {
    /// An engine asked to be called.
    Wake { client: usize, page: u64 },
    /// The disk carries out a wish of a page.
    Disk { client: usize, page: u64, request: StoreRequest },
    /// The disk's answer arrives.
    Stored { client: usize, page: u64, reply: StoreReply },
    /// A connection attempt reaches the server.
    Connect { link: LinkId },
    /// A frame reaches the server.
    ToServer { link: LinkId, frame: String },
    /// Something reaches a client's socket.
    ToClient { client: usize, page: u64, link: LinkId, epoch: SocketEpoch, event: SocketEvent },
    /// The batch under way reaches the disk.
    Commit { life: u64 },
    /// The user does something, and something may go wrong.
    Step,
    /// The server comes back.
    ServerUp,
    /// The log takes writes again.
    LogWorks,
    /// A machine has a network again.
    Online { client: usize, page: u64 },
}

pub(crate) struct World {
    seed: u64,
    rng: fastrand::Rng,
    faults: Faults,
    now: Duration,
    queue: BTreeMap<(Duration, u64), Happening>,
    scheduled: u64,
    clients: Vec<SimClient>,
    server: Server,
    /// Rises with every crash of the server.
    life: u64,
    network: Network,
    ledger: Ledger,
    trace: Option<Vec<String>>,
}

impl World {
    pub(crate) fn new(seed: u64, faults: Faults) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let clients = (0..CLIENTS).map(|index| SimClient::new(index, &mut rng)).collect();
        Self {
            seed,
            rng,
            faults,
            now: Duration::ZERO,
            queue: BTreeMap::new(),
            scheduled: 0,
            clients,
            server: Server::new(),
            life: 0,
            network: Network::default(),
            ledger: Ledger::default(),
            trace: None,
        }
    }

    /// Runs to the end; the number of edits applied.
    pub(crate) fn run(mut self) -> u64 {
        let seed = self.seed;
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.live()));
        outcome.unwrap_or_else(|panic| {
            eprintln!("seed {seed} failed; replay this test with TIDEBOARD_SIM_SEED={seed}");
            std::panic::resume_unwind(panic)
        })
    }

    /// Runs to the end; everything that happened, a line each.
    pub(crate) fn run_traced(mut self) -> Vec<String> {
        self.trace = Some(Vec::new());
        self.live();
        self.trace.take().unwrap_or_default()
    }

    fn live(&mut self) -> u64 {
        for client in 0..CLIENTS {
            self.clients[client].start(self.now);
            self.drain(client);
        }
        self.schedule(Duration::from_millis(50), Happening::Step);
        while self.now < STORM && self.advance() {}
        self.calm_down();
        let deadline = self.now + CALM;
        while !self.is_quiet() {
            assert!(self.now < deadline, "not quiet {CALM:?} after the storm: {}", self.unrest());
            assert!(self.advance(), "nothing is going to happen, and it is not quiet: {}", self.unrest());
        }
        for client in &self.clients {
            check_quiet(client, &self.server);
        }
        self.ledger.check_told();
        self.ledger.applied()
    }

    /// Ends all faults, and every connection that may have suffered from them.
    fn calm_down(&mut self) {
        self.faults = Faults::none();
        self.server.is_log_failing = false;
        if !self.server.is_up {
            self.server.start();
        }
        for client in 0..CLIENTS {
            for link in self.network.of(client) {
                self.cut(link);
            }
            self.clients[client].is_online = true;
            self.input(client, Input::Online(true));
        }
    }

    /// Lets the next thing happen; `false` when nothing will.
    fn advance(&mut self) -> bool {
        let Some(((at, _), happening)) = self.queue.pop_first() else { return false };
        self.now = self.now.max(at);
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:?} {happening:?}", self.now));
        }
        self.happen(happening);
        if self.server.has_work() {
            let replies = self.server.begin_batch(self.wall());
            self.reply(replies);
            let delay = Duration::from_millis(self.rng.u64(1..40));
            self.schedule(delay, Happening::Commit { life: self.life });
        }
        self.ledger.check_log(&self.server);
        true
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Wake { client, page } if self.clients[client].page == page => {
                self.input(client, Input::Timeout);
            }
            Happening::Disk { client, page, request } if self.clients[client].page == page => {
                if let Some(reply) = self.clients[client].store(request) {
                    self.schedule(Duration::from_millis(1), Happening::Stored { client, page, reply });
                }
            }
            Happening::Stored { client, page, reply } if self.clients[client].page == page => {
                self.input(client, Input::Stored(reply));
            }
            Happening::Connect { link } => self.connect(link),
            Happening::ToServer { link, frame } if self.server.is_up && self.network.get(link).is_some() => {
                let replies = self.server.handle_frame(link, &frame, self.wall());
                self.reply(replies);
            }
            // Also for a socket that was replaced since: the engine has to ignore it.
            Happening::ToClient { client, page, link, epoch, event } if self.clients[client].page == page => {
                if matches!(event, SocketEvent::Closed { .. }) {
                    self.network.close(link);
                }
                self.input(client, Input::Socket { epoch, event });
            }
            Happening::Commit { life } if life == self.life => {
                let replies = self.server.end_batch();
                self.reply(replies);
            }
            Happening::Step => self.step(),
            Happening::ServerUp if !self.server.is_up => self.server.start(),
            Happening::LogWorks => self.server.is_log_failing = false,
            Happening::Online { client, page } if self.clients[client].page == page => {
                self.clients[client].is_online = true;
                self.input(client, Input::Online(true));
            }
            // What was meant for a page, process or connection that is gone.
            _ => {}
        }
    }

    fn step(&mut self) {
        if self.now >= STORM {
            return;
        }
        let client = self.rng.usize(..CLIENTS);
        let page = self.clients[client].page;
        if let Some(made) = self.clients[client].edit(self.now, &mut self.rng) {
            self.ledger.note_made(client, page, made);
        }
        self.drain(client);
        self.go_wrong();
        let pause = Duration::from_millis(self.rng.u64(1..250));
        self.schedule(pause, Happening::Step);
    }

    fn go_wrong(&mut self) {
        let faults = self.faults;
        let client = self.rng.usize(..CLIENTS);
        let page = self.clients[client].page;
        if self.chance(faults.disconnect) {
            for link in self.network.of(client) {
                self.cut(link);
            }
        }
        if self.chance(faults.half_open) {
            for link in self.network.of(client) {
                self.network.make_half_open(link);
            }
        }
        if self.chance(faults.offline) && self.clients[client].is_online {
            self.clients[client].is_online = false;
            self.input(client, Input::Online(false));
            let pause = Duration::from_millis(self.rng.u64(10..8_000));
            self.schedule(pause, Happening::Online { client, page });
        }
        if self.chance(faults.client_crash) {
            self.reload(client);
        }
        if self.chance(faults.clock_jump) {
            self.clients[client].clock_offset_ms = self.rng.i64(-3_600_000..3_600_000);
        }
        if self.chance(faults.log_failure) {
            self.server.is_log_failing = true;
            let pause = Duration::from_millis(self.rng.u64(10..3_000));
            self.schedule(pause, Happening::LogWorks);
        }
        if self.chance(faults.server_crash) && self.server.is_up {
            self.crash_server();
        }
    }

    fn crash_server(&mut self) {
        let is_committed = self.rng.bool();
        self.server.crash(is_committed);
        self.life += 1;
        for client in 0..CLIENTS {
            for link in self.network.of(client) {
                self.cut(link);
            }
        }
        let pause = Duration::from_millis(self.rng.u64(10..4_000));
        self.schedule(pause, Happening::ServerUp);
    }

    fn reload(&mut self, client: usize) {
        for link in self.network.of(client) {
            self.network.close(link);
            self.server.handle_closed(link);
        }
        self.clients[client].reload(&mut self.rng);
        self.clients[client].start(self.now);
        self.drain(client);
    }

    /// Ends a connection for both sides; the client learns of it a little later.
    fn cut(&mut self, link: LinkId) {
        self.server.handle_closed(link);
        self.network.make_half_open(link);
        let closed = SocketEvent::Closed { code: 1006, reason: String::new() };
        self.deliver(link, self.now + Duration::from_millis(1), closed);
    }

    fn connect(&mut self, link: LinkId) {
        let Some(client) = self.network.get(link).map(|link| link.client) else { return };
        if !self.server.is_up || !self.clients[client].is_online {
            return self.cut(link);
        }
        self.deliver(link, self.now + Duration::from_millis(1), SocketEvent::Opened);
        let replies = self.server.handle_opened(link, self.wall());
        self.reply(replies);
    }

    fn input(&mut self, client: usize, input: Input) {
        let now = self.clients[client].now(self.now);
        self.clients[client].engine.handle_input(input, now);
        self.drain(client);
        check_replica(&self.clients[client], &self.server);
    }

    /// The driver's part of the run-loop contract.
    fn drain(&mut self, client: usize) {
        let page = self.clients[client].page;
        while let Some(output) = self.clients[client].engine.poll_output() {
            match output {
                Output::OpenSocket(epoch) => {
                    self.check_one_socket(client);
                    let link = self.network.open(client, epoch);
                    let delay = Duration::from_millis(1 + self.rng.u64(..=self.faults.delay_ms));
                    self.schedule(delay, Happening::Connect { link });
                }
                Output::CloseSocket(epoch) => {
                    if let Some(link) = self.network.find(client, epoch) {
                        self.network.close(link);
                        self.server.handle_closed(link);
                    }
                }
                Output::Send { epoch, frame } => {
                    let Some(link) = self.network.find(client, epoch) else { continue };
                    for at in self.arrivals(link, Direction::ToServer, &frame) {
                        self.schedule_at(at, Happening::ToServer { link, frame: frame.clone() });
                    }
                }
                Output::Store(request) => {
                    self.schedule(Duration::from_millis(2), Happening::Disk { client, page, request });
                }
                Output::Timeout(at, _) => self.schedule_at(at, Happening::Wake { client, page }),
                Output::Ended { id, end } => {
                    self.ledger.note_ended(client, page, id, &end, &self.server);
                    // This user does not try again what was refused.
                    self.clients[client].engine.discard(id);
                }
                Output::Undecodable(error) => panic!("a sound frame was not understood: {error}"),
                Output::Message(_) | Output::Changed(_) | Output::Overdue(_) => {}
                // One tab a browser: there is nobody to tell.
                Output::Tell(_) => {}
                Output::Post { .. }
                | Output::TakeLead
                | Output::Refreshed { .. }
                | Output::Answered { .. }
                | Output::Deliver { .. }
                | Output::RequestFrame => panic!("nobody asked for this"),
            }
        }
    }

    /// A client opens a socket only after the one before it is closed or broken.
    fn check_one_socket(&self, client: usize) {
        let is_broken = |id| self.network.get(id).is_none_or(|link| link.is_half_open);
        assert!(self.network.of(client).into_iter().all(is_broken), "client {client} opens a second socket");
    }

    fn reply(&mut self, replies: Vec<Reply>) {
        for (link, message) in replies {
            self.send_to_client(link, &message);
        }
    }

    fn send_to_client(&mut self, link: LinkId, message: &ServerMessage) {
        let frame = encode(message);
        for at in self.arrivals(link, Direction::ToClient, &frame) {
            self.deliver(link, at, SocketEvent::Frame(frame.clone()));
        }
    }

    fn deliver(&mut self, link: LinkId, at: Duration, event: SocketEvent) {
        let Some(&Link { client, epoch, .. }) = self.network.get(link) else { return };
        let page = self.clients[client].page;
        self.schedule_at(at, Happening::ToClient { client, page, link, epoch, event });
    }

    fn arrivals(&mut self, link: LinkId, direction: Direction, frame: &str) -> Vec<Duration> {
        self.network.arrivals(link, direction, frame, self.now, &self.faults, &mut self.rng)
    }

    fn is_quiet(&self) -> bool {
        self.clients.iter().all(|client| is_quiet(client, &self.server))
    }

    fn unrest(&self) -> String {
        let of = |client: &SimClient| {
            let (connection, sync) = (client.engine.connection_view().state, client.engine.sync_view());
            format!("{connection:?} {sync:?} {:?}", client.engine.board_view(&crate::server::board()))
        };
        self.clients.iter().map(of).collect::<Vec<_>>().join("\n")
    }

    fn wall(&self) -> UnixMs {
        UnixMs(1_700_000_000_000 + self.now.as_millis() as u64)
    }

    fn chance(&mut self, chance: f64) -> bool {
        self.rng.f64() < chance
    }

    fn schedule(&mut self, after: Duration, happening: Happening) {
        self.schedule_at(self.now + after, happening);
    }

    fn schedule_at(&mut self, at: Duration, happening: Happening) {
        self.scheduled += 1;
        self.queue.insert((at.max(self.now), self.scheduled), happening);
    }
}
